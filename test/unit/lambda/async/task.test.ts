import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { newBell } from '../../../../lambda/async/bell.ts';
import { runTask } from '../../../../lambda/async/task.ts';

test('a task runs again after each run, until the signal, and a run that fails ends nothing', async () => {
  const clock = virtualClock(0);
  const stop = new AbortController();
  const ranMs: number[] = [];
  const defects: unknown[] = [];
  const run = async () => {
    ranMs.push(clock.now());
    await clock.sleep(500);
    if (ranMs.length === 2) throw new Error('the second');
  };
  const over = runTask(clock, { everyMs: 1000, run }, stop.signal, (error) => defects.push(error));
  await clock.runUntil(4500);
  stop.abort();
  await over;
  assert.deepEqual(ranMs, [1000, 2500, 4000]);
  assert.deepEqual(
    defects.map((error) => (error as Error).message),
    ['the second'],
  );
});

test('a task that is woken runs at once, and its wait ends with the signal', async () => {
  const clock = virtualClock(0);
  const stop = new AbortController();
  const ranMs: number[] = [];
  const bell = newBell();
  const run = async () => {
    bell.reset();
    ranMs.push(clock.now());
  };
  const over = runTask(clock, { everyMs: 1000, run, woken: bell }, stop.signal, (error) => {
    throw error;
  });
  await clock.runUntil(300);
  bell.ring();
  await clock.runUntil(1400);
  stop.abort();
  await over;
  assert.equal(clock.now(), 1400);
  assert.deepEqual(ranMs, [300, 1300]);
});

test('a task that is woken again and again runs no more often than it says, and once more for the last time', async () => {
  const clock = virtualClock(0);
  const stop = new AbortController();
  const ranMs: number[] = [];
  const woken = newBell();
  const run = async () => {
    woken.reset();
    ranMs.push(clock.now());
  };
  const over = runTask(clock, { everyMs: 1000, leastMs: 100, run, woken }, stop.signal, (error) => {
    throw error;
  });
  for (let ms = 300; ms <= 450; ms += 5) {
    await clock.runUntil(ms);
    woken.ring();
  }
  await clock.runUntil(1000);
  stop.abort();
  await over;
  assert.deepEqual(ranMs, [300, 400, 500]);
});

test('a task whose signal has come before it began does not wait for its first run', async () => {
  const clock = virtualClock(0);
  const run = () => Promise.reject(new Error('it ran'));
  await runTask(clock, { everyMs: 1000, run, woken: newBell() }, AbortSignal.abort(), (error) => {
    throw error;
  });
  assert.equal(clock.now(), 0);
});
