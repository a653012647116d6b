import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../../local/start.ts', import.meta.url));

const start = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [START, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
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

describe('a state directory', () => {
  const home = mkdtempSync(join(tmpdir(), 'start-'));
  after(() => rmSync(home, { recursive: true }));
  test('with a directory in the place of a file, or a moment with which nothing could go on, ends with 1 and one sentence', () => {
    mkdirSync(join(home, 'mail.jsonl'));
    const directory = start('--state', home, '--port', '0', '--dns-port', '0');
    rmSync(join(home, 'mail.jsonl'), { recursive: true });
    writeFileSync(join(home, 'clock.json'), '{"at":"+275760-09-13T00:00:00.000Z"}');
    const moment = start('--state', home, '--port', '0', '--dns-port', '0');
    for (const [{ status, stdout, stderr }, name] of [
      [directory, 'mail.jsonl'],
      [moment, 'clock.json'],
    ] as const) {
      assert.deepEqual([status, stdout, stderr.split('\n').length], [1, '', 2], stderr);
      assert.ok(stderr.startsWith(`Expected ${join(home, name)} to be `), stderr);
    }
  });
});

describe('--state', { skip: process.platform !== 'linux' }, () => {
  const home = mkdtempSync(join(tmpdir(), 'start-'));
  after(() => rmSync(home, { recursive: true }));
  const made = (name: string, make: (path: string) => void): string => {
    make(join(home, name));
    return join(home, name);
  };
  const rows: [what: string, dir: string, says: RegExp][] = [
    ['that is a file', made('file', (path) => writeFileSync(path, 'precious')), /is a file \(ENOTDIR\)/],
    ['below a file', join(home, 'file', 'state'), /is a file \(ENOTDIR\)/],
    ['a link in a circle', made('circle', (path) => symlinkSync(path, path)), /in a circle there \(ELOOP\)/],
    ['a link that leads nowhere', made('gone', (path) => symlinkSync('/nowhere/at/all', path)), /\(EEXIST\)/],
    ['where nothing can be made', '/proc/x', /nothing can be made there \(ENOENT\)/],
    ['of a name that is too long', join(home, 'x'.repeat(300)), /too long \(ENAMETOOLONG\)/],
  ];
  for (const [what, dir, says] of rows)
    test(`${what} ends at once, in one sentence`, () => {
      const { status, stdout, stderr } = start('--state', dir, '--port', '0', '--dns-port', '0');
      assert.deepEqual([status, stdout, stderr.split('\n').length], [1, '', 2], stderr);
      assert.match(stderr, /^Expected --state to name a directory that can be written, received /);
      assert.match(stderr, says);
    });
});
