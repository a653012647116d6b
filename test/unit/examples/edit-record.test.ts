import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OPERATOR } from '../../../local/credentials.ts';
import { batch, list, simple, start } from '../local/route53-fixture.ts';

const SCRIPT = fileURLToPath(new URL('../../../examples/edit-record.ts', import.meta.url));

const run = (...args: string[]): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    );
  });

test('a record is edited by hand in the local cloud, its TTL kept', async (t) => {
  const { gateway, operator } = await start();
  const dir = mkdtempSync(join(tmpdir(), 'switchover-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const running = { pid: process.pid, region: 'eu-west-2', aws: gateway.url, operator: OPERATOR };
  writeFileSync(join(dir, 'running.json'), JSON.stringify(running));
  await operator.send(batch([['CREATE', simple('www.example.com', 'A', 33, '127.0.0.2')]]));
  const { code, out } = await run('www.example.com', '127.0.0.9', dir);
  assert.deepEqual([code, out], [0, 'www.example.com A was 127.0.0.2, and is 127.0.0.9 now.\n']);
  const { ResourceRecordSets = [] } = await operator.send(list());
  assert.equal(ResourceRecordSets.find(({ Type }) => Type === 'A')?.TTL, 33);
  const again = await run('www.example.com', '127.0.0.9', dir);
  assert.match(again.out, /was 127\.0\.0\.9/);
  assert.match((await run('www.example.net', '127.0.0.9', dir)).out, /Expected a name in a zone/);
});

test('what cannot be done is told in a sentence', async () => {
  assert.deepEqual((await run('www.example.com')).code, 1);
  const { code, out } = await run('www.example.com', '127.0.0.9', join(tmpdir(), 'no-such-cloud'));
  assert.equal(code, 1);
  assert.match(out, /^No local cloud is running on /);
});
