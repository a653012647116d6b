import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from '../../../bin/progress.ts';

const watched = (isTTY: boolean) => {
  const said: string[] = [];
  return { said, progress: progressOn({ isTTY, write: (text: string) => said.push(text) }) };
};

test('a terminal is told after a second, and is clean again at the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { said, progress } = watched(true);
  let done = 0;
  let finish = (_: string) => {};
  const work = progress(() => `${done} done`, new Promise<string>((resolve) => (finish = resolve)));
  t.mock.timers.tick(999);
  assert.deepEqual(said, []);
  done = 3;
  t.mock.timers.tick(1001);
  finish('answer');
  assert.equal(await work, 'answer');
  assert.deepEqual(said, ['\r\u001b[2K3 done: 1 s', '\r\u001b[2K3 done: 2 s', '\r\u001b[2K']);
  t.mock.timers.tick(5000);
  assert.equal(said.length, 3);
});

test('nothing is said of what is quick, nor where nobody watches', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const quick = watched(true);
  await assert.rejects(quick.progress('x', Promise.reject(new Error('as it was'))), /as it was/);
  const piped = watched(false);
  const work = piped.progress('x', new Promise<void>((resolve) => setImmediate(resolve)));
  t.mock.timers.tick(5000);
  await work;
  assert.deepEqual([quick.said, piped.said], [[], []]);
});
