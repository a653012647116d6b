import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { handler } from '../../../lambda/dead-man.ts';

/** What the function prints when it is called with this. */
const printed = async (t: TestContext, event: unknown) => {
  const lines: string[] = [];
  t.mock.method(console, 'log', (line: string) => lines.push(line));
  assert.equal(await handler(event), null);
  t.mock.restoreAll();
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0] ?? '') as { event: string; heartbeat: unknown; at: string };
};

test('a heartbeat is printed as it came, with the time', async (t) => {
  const heartbeat = { deployment: 'main', roundsDecided: 6 };
  const line = await printed(t, heartbeat);
  assert.deepEqual([line.event, line.heartbeat], ['heartbeat', heartbeat]);
  assert.ok(Math.abs(Date.parse(line.at) - Date.now()) < 60_000);
});

test('whatever it is called with, it is called, and says little of it', async (t) => {
  for (const event of [undefined, null, 7, '', [], {}]) await printed(t, event);
  const { heartbeat } = await printed(t, { text: 'x'.repeat(100_000) });
  assert.ok(String(heartbeat).length < 1100);
});
