import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockDirectory } from '../../../local/lock.ts';
import { StorageTrouble, storageReason, storing } from '../../../local/storage.ts';

/** Takes every write for one that no longer fits on the disk. */
const FULL = '/dev/full';
const skip = process.platform !== 'linux';
const program = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

describe('a full disk is told in a sentence', { skip }, () => {
  for (const [path, ...args] of [
    ['bin/switchover.ts', 'help'],
    ['bin/switchover.ts', '--version'],
    ['local/start.ts', '--help'],
  ] as const)
    test(`by ${path} ${args.join(' ')}, which was to write there`, () => {
      const full = openSync(FULL, 'w');
      const { status, stderr } = spawnSync(process.execPath, [program(path), ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      const says = 'Cannot write standard output: the disk is full; make room there (ENOSPC).\n';
      assert.deepEqual([status, stderr], [1, says]);
    });
});

describe('what is thrown from nowhere', () => {
  const stopping = JSON.stringify(new URL('../../../local/stopping.ts', import.meta.url).href);
  const thrown = (error: string) => {
    const code = `const { stopping } = await import(${stopping}); stopping(); setInterval(() => {}, 1000);
      setTimeout(() => { throw ${error}; }, 1);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, stderr };
  };

  test('because the disk is full ends it in a sentence, though something waits for ever', () => {
    const error =
      "Object.assign(new Error('IO error: /x.log: No space left on device'), { code: 'LEVEL_IO_ERROR' })";
    const { status, stderr } = thrown(error);
    assert.equal(status, 1);
    assert.match(stderr, /^Cannot go on: the disk is full; make room there \(ENOSPC\)\. [^\n]*\n$/);
  });

  test('because of a mistake of ours keeps its trace', () => {
    const { status, stderr } = thrown("new TypeError('a mistake')");
    assert.equal(status, 1);
    assert.match(stderr, /^TypeError: a mistake\n +at /);
  });
});

test('what the place is to blame for is told, and everything else is a defect', () => {
  assert.equal(
    storing('x', () => 7),
    7,
  );
  assert.throws(
    () => storing('/nowhere/at/all', () => openSync('/nowhere/at/all', 'w')),
    (error) =>
      error instanceof StorageTrouble &&
      error.message === 'Cannot write /nowhere/at/all: nothing can be made there (ENOENT).',
  );
  const mistake = new TypeError('a mistake');
  const defect = (): never => {
    throw mistake;
  };
  assert.throws(() => storing('x', defect), mistake);
  assert.equal(
    storageReason(new Error('write x: no space left on device')),
    'the disk is full; make room there (ENOSPC)',
  );
  assert.equal(storageReason(undefined), undefined);
});

test('the root of the disk is no place for what is kept, and nothing is written there', async () => {
  await assert.rejects(lockDirectory('/'), /name a directory of its own, received \/, the root of the disk/);
  assert.equal(existsSync('/lock'), false);
});
