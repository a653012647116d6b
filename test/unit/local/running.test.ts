import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Ready } from '../../../local/events.ts';
import { readRunning, tellRunning } from '../../../local/running.ts';

const state = mkdtempSync(join(tmpdir(), 'switchover-running-'));
after(() => rmSync(state, { recursive: true }));

const ready: Ready = {
  event: 'ready',
  dns: '127.0.0.1:8053',
  aws: 'http://127.0.0.1:4566',
  state,
  zones: {},
  functions: { controller: 'demo-controller', console: 'demo-console', status: 'demo-status', probers: {} },
  operator: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
};

test('a local cloud says where it is for as long as it runs', () => {
  assert.equal(readRunning(state), undefined);
  const undo = tellRunning(ready, 'eu-west-2');
  const { aws, dns, functions, operator } = ready;
  assert.deepEqual(readRunning(state), {
    pid: process.pid,
    region: 'eu-west-2',
    aws,
    dns,
    functions,
    operator,
  });
  undo();
  assert.equal(readRunning(state), undefined);
});

test('what was left by one that was killed, or written in half, is nobody', () => {
  const leave = (text: string) => writeFileSync(join(state, 'running.json'), text);
  // No process has this number: it is above what any kernel gives out.
  leave(JSON.stringify({ ...ready, pid: 2 ** 30, region: 'eu-west-2' }));
  assert.equal(readRunning(state), undefined);
  leave('{"pid":');
  assert.equal(readRunning(state), undefined);
});
