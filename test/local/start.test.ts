import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

const start = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [START, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('npm start', () => {
  test('--help says what there is, and does nothing', () => {
    const { status, stdout, stderr } = start('--help');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Runs Switchover on this machine/);
  });

  test('with a flag it does not know, ends with 2, the usage, and last the flag', () => {
    const { status, stdout, stderr } = start('--prot', '80');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /--port N/);
    assert.match(stderr, /\nExpected a known option, received --prot\.[^\n]*\n$/);
  });

  test('with a directory that is no assembly, ends with 1 and one line', () => {
    const { status, stdout, stderr } = start('--assembly', fileURLToPath(new URL('.', import.meta.url)));
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^Expected --assembly to name a directory made by "cdk synth", found no .*manifest\.json\.\n$/,
    );
  });
});
