/** `init` as a person meets it: over a terminal, which `script` of util-linux gives to it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ownServers } from './package-inside.ts';

const root = mkdtempSync(join(tmpdir(), 'switchover-init-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Answers questions in turn, each once it is asked; `undefined` ends the input. Resolves with the code and all that was shown. */
const converse = async (folder: string, turns: [asked: string, typed: string | undefined][]) => {
  const command = `${process.execPath} bin/switchover.ts init ${folder}`;
  const { CI: _ci, ...env } = process.env;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env });
  let [shown, from] = ['', 0];
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; shown: string }>();
  const next = (): void => {
    const [turn] = turns;
    const at = turn === undefined ? -1 : shown.indexOf(turn[0], from);
    if (turn === undefined || at < 0) return;
    from = at + turn[0].length;
    turns.shift();
    child.stdin.write(turn[1] === undefined ? '\u0004' : `${turn[1]}\r`);
  };
  child.stdout.on('data', (data) => {
    shown += data;
    next();
  });
  child.on('close', (code) => resolve({ code, shown }));
  return promise;
};

test('it asks, says what it sees at once, asks again what will not do, and writes', async () => {
  const { port } = await ownServers(['127.0.0.65', '127.0.0.66']);
  const folder = join(root, 'shop');
  const { code, shown } = await converse(folder, [
    ['The page to watch', 'www.shop.test'],
    ['Expected a URL with a host name', `http://www.shop.test:${port}/`],
    ['The address of the primary server', '127.0.0.65'],
    ['The address of the backup server', '127.0.0.65'],
    ['Expected another server than the primary', '192.0.2.20'],
    // Only one of them is on this machine: which is the slip is not known, so both are asked for again.
    ['The address of the primary server', '127.0.0.65'],
    ['The address of the backup server', '127.0.0.67'],
    ['The zone at Route 53', '127.0.0.72'],
    ['Expected a zone such as', ''],
    ['Who is told', 'ops@shop.test'],
    ['The AWS region', 'eu-west-2'],
    ['What it may cost', ''],
  ]);
  assert.equal(code, 0, shown);
  const seen = [
    'primary at 127.0.0.65: passed',
    'standby at 127.0.0.67: failed, the server refused the connection',
  ];
  const asked = ['The address of the backup server', 'The zone at Route 53'];
  for (const [index, text] of seen.entries())
    assert.ok(shown.indexOf(text) > 0 && shown.indexOf(text) < shown.indexOf(asked[index] ?? ''), text);
  const written = readFileSync(join(folder, 'switchover.config.ts'), 'utf8');
  assert.match(written, /homeRegion: 'eu-west-2'/);
  assert.match(
    written,
    /zones: \[\{ name: 'dyn\.shop\.test' \}\]/,
    'what is proposed is taken by an empty line',
  );
});

test('an input that ends writes nothing', async () => {
  const folder = join(root, 'none');
  const { code, shown } = await converse(folder, [
    ['The page to watch', 'https://www.shop.test/'],
    ['The address of the primary server', undefined],
  ]);
  assert.equal(code, 1);
  assert.match(shown, /The input ended before the last question; nothing was written\./);
  assert.ok(!existsSync(folder));
});
