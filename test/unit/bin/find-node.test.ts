import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');

/** A clone after `npm ci`, with the packages of Node that are named. */
const cloneWith = (t: TestContext, packages: string[]): string => {
  const root = mkdtempSync(join(tmpdir(), 'switchover-find-node-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'bin'));
  for (const file of ['find-node.cjs', 'node-version.cjs'])
    cpSync(join(ROOT, 'bin', file), join(root, 'bin', file));
  for (const name of packages) {
    const home = join(root, 'node_modules', name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, bin: { node: 'bin/node' } }));
    symlinkSync(process.execPath, join(home, 'bin', 'node'));
  }
  return root;
};
const find = (root: string) =>
  spawnSync(process.execPath, [join(root, 'bin/find-node.cjs')], { encoding: 'utf8' });
const linkIn = (root: string) => join(root, 'node_modules/.bin/node');

for (const name of [
  `node-${process.platform}-${process.arch}`,
  `node-bin-${process.platform}-${process.arch}`,
]) {
  test(`${name} is linked where scripts look, once`, (t) => {
    const root = cloneWith(t, ['node-sunos-sparc', name]);
    for (const time of ['first', 'second'])
      assert.deepEqual([find(root).status, find(root).stderr], [0, ''], `the ${time} time`);
    const said = execFileSync(linkIn(root), ['-p', 'process.version'], { encoding: 'utf8' });
    assert.equal(said.trim(), process.version);
  });
}

test('without a package for this machine nothing is linked, and a Node that is new enough does', (t) => {
  const root = cloneWith(t, ['node-sunos-sparc']);
  assert.equal(find(root).status, 0);
  assert.equal(existsSync(linkIn(root)), false);
});

// `env`, since a shell remembers where it found `node` the first time.
test('each script that runs TypeScript finds Node 24 first, and so does the CDK', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts))
    if (/\bnode .*\.ts\b/.test(command))
      assert.equal(scripts[`pre${name}`], 'node bin/find-node.cjs', `${name}: ${command}`);
  assert.match(readFileSync(join(ROOT, 'cdk.json'), 'utf8'), /"app": "node bin\/find-node\.cjs && env node /);
});
