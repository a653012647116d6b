import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../../lambda/ports.ts';
import { startScheduler } from '../../../local/scheduler.ts';

const START = Date.parse('2026-11-22T18:59:43.250Z');

/** A clock that moves only when told, and wakes its sleepers then. */
const handClock = () => {
  let now = START;
  /** What was added to the wall clock by setting it. */
  let setMs = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock: Clock = {
    now: () => now + setMs,
    steady: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const advance = async (ms: number): Promise<void> => {
    now += ms;
    for (const sleeper of sleepers) {
      if (sleeper.at > now) continue;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise((done) => setImmediate(done));
  };
  const set = (ms: number): void => {
    setMs += ms;
  };
  return { clock, advance, set };
};

const minute = {
  name: 'main-minute',
  rateSeconds: 60,
  input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
};

const start = (tickSeconds: number, schedules = [minute]) => {
  const { clock, advance, set } = handClock();
  const sent: string[] = [];
  const scheduler = startScheduler(schedules, tickSeconds, clock, (schedule, payload) =>
    sent.push(`${schedule.name} ${JSON.parse(payload).scheduledTime}`),
  );
  return { sent, advance, set, scheduler };
};

describe('the scheduler', () => {
  test('invokes at once and then each tick, with the time as AWS writes it', async () => {
    const { sent, advance } = start(60);
    assert.deepEqual(sent, ['main-minute 2026-11-22T18:59:43Z']);
    await advance(59_999);
    assert.equal(sent.length, 1);
    await advance(1);
    assert.deepEqual(sent.slice(1), ['main-minute 2026-11-22T19:00:43Z']);
  });

  test('keeps milliseconds where the tick has them', async () => {
    const { sent, advance } = start(0.5);
    await advance(500);
    assert.deepEqual(sent, ['main-minute 2026-11-22T18:59:43.250Z', 'main-minute 2026-11-22T18:59:43.750Z']);
  });

  test('does not make up for ticks missed while the machine slept', async () => {
    const { sent, advance } = start(60);
    await advance(3_600_000);
    assert.equal(sent.length, 2);
    await advance(60_000);
    assert.deepEqual(sent.slice(1), ['main-minute 2026-11-22T19:59:43Z', 'main-minute 2026-11-22T20:00:43Z']);
  });

  test('goes on each tick when the clock is set, back or ahead, with the time that is shown then', async () => {
    const { sent, advance, set } = start(60);
    set(-600_000);
    for (let tick = 0; tick < 2; tick += 1) await advance(60_000);
    assert.deepEqual(sent.slice(1), ['main-minute 2026-11-22T18:50:43Z', 'main-minute 2026-11-22T18:51:43Z']);
    set(3_600_000);
    await advance(60_000);
    assert.deepEqual(sent.slice(3), ['main-minute 2026-11-22T19:52:43Z']);
    set(5_000);
    await advance(60_000);
    assert.deepEqual(sent.slice(4), ['main-minute 2026-11-22T19:53:43Z']);
  });

  test('keeps each schedule to its own rate', async () => {
    const { sent, advance } = start(1, [minute, { ...minute, name: 'hourly', rateSeconds: 3600 }]);
    for (let second = 0; second < 60; second += 1) await advance(1000);
    assert.equal(sent.filter((line) => line.startsWith('hourly')).length, 2);
    assert.equal(sent.filter((line) => line.startsWith('main-minute')).length, 61);
  });

  test('invokes no more once stopped', async () => {
    const { sent, advance, scheduler } = start(60);
    scheduler.stop();
    await advance(120_000);
    assert.equal(sent.length, 1);
  });
});
