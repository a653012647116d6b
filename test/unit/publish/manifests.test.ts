import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FLOORS, PACKAGES } from '../../../lib/packages.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { MANIFESTS } from '../../../publish/manifests.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('a package', () => {
  for (const [key, manifest] of Object.entries(MANIFESTS)) {
    test(`${manifest.name} brings no Node along, and is not of another version than the repository`, () => {
      const wants = Object.keys({
        ...('dependencies' in manifest && manifest.dependencies),
        ...('peerDependencies' in manifest && manifest.peerDependencies),
      });
      assert.deepEqual(
        wants.filter((name) => /^node(-|$)/.test(name)),
        [],
      );
      assert.ok(!('optionalDependencies' in manifest));
      assert.equal(manifest.version, packageJson.version);
    });

    test(`${manifest.name} says in its README no command that a stranger could answer`, () => {
      assert.doesNotMatch(read(`publish/${key}.md`), /\bnpx\b|npm (create|init|exec)/);
    });
  }

  test('the repository itself cannot be published by a slip', () => {
    assert.equal(packageJson.private, true);
  });

  test('what is tested is what is told: the oldest Node and CDK', () => {
    for (const page of ['docs/packages.md', 'docs/decisions/0017-what-is-published.md']) {
      assert.ok(read(page).includes(`Node ${FLOORS.node}`), page);
      assert.ok(read(page).includes(`aws-cdk-lib ${FLOORS['aws-cdk-lib'].replace(/\.0$/, '')}`), page);
    }
    for (const name of Object.values(PACKAGES))
      assert.ok(read('docs/packages.md').includes(`\`${name}\``), name);
  });
});

/** Processor time of one run, ms; the least of three, since others may work on this machine. */
const processorMs = (...args: string[]): number => {
  const told = "process.on('exit', () => process.stderr.write(JSON.stringify(process.cpuUsage())))";
  const run = (): number => {
    const { stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(told)}`, 'bin/switchover.ts', ...args],
      { cwd: ROOT, encoding: 'utf8' },
    );
    const { user, system } = JSON.parse(stderr) as { user: number; system: number };
    return (user + system) / 1000;
  };
  return Math.min(run(), run(), run());
};

test('help and version are answered within a quarter of a second of processor', () => {
  for (const word of ['help', '--version']) {
    const ms = processorMs(word);
    assert.ok(ms < 250, `${word}: ${ms} ms`);
  }
});

test('the newest heading of the changelog is the version, and says how to upgrade', () => {
  const [, newest = ''] = read('CHANGELOG.md').split(/^## /m);
  assert.equal(newest.split(/[ \n]/)[0], packageJson.version);
  assert.match(newest, /^Upgrading from \d+\.\d+\.\d+/m);
});

/** What a person reads: the pages, but for those about work on this repository, and every text of the programs. */
const toldTo = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, exclude: ['node_modules', 'dist', 'docs/contributing.md'] });

test('no page and no message tells a command that a stranger could answer where nothing is installed', () => {
  const told = ['*.md', 'docs/**/*.md', 'bin/**/*.ts', 'local/*.ts', 'lib/**/*.ts', 'lambda/**/*.ts'].flatMap(
    toldTo,
  );
  assert.ok(told.length > 100);
  for (const path of told) {
    const commands = [...read(path).matchAll(/[`"](npx (?!node )[^`"]*|npm (?:create|exec|x) [^`"]*)/g)];
    const allowed = ['npx aws-cdk@latest', 'npx', 'npm create'];
    assert.deepEqual(
      commands.map(([, command = '']) => command).filter((command) => !allowed.includes(command.trim())),
      [],
      path,
    );
  }
});
