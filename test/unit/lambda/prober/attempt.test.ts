import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { breakOff, limitAttempt, onBreakOff, startAttempt } from '../../../../lambda/prober/attempt.ts';
import { watchStalls } from '../../../../lambda/prober/stalls.ts';
import { observe, requestOf, TIMEOUT_MS } from './probing.ts';
import { ok, serve } from './servers.ts';

/** Keeps this process from attending to anything. */
const stall = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** A course with a limit, on timers that the test moves, and with stalls that the test makes up. */
const limited = (t: TestContext, timeoutMs: number) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 5_000;
  let lostMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const attempt = startAttempt();
  attempt.phase = 'response';
  const lift = limitAttempt(attempt, timeoutMs, { lostMs: () => lostMs });
  const pass = async (ms: number, lost = 0) => {
    nowMs += ms;
    lostMs += lost;
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
    return attempt.brokenOff;
  };
  return { attempt, lift, pass };
};

test('without a stall the time is as long as it was given', async (t) => {
  const { pass } = limited(t, 1_000);
  assert.equal(await pass(990), undefined);
  assert.equal(await pass(10), 'timeout-response');
});

test('what has arrived when the time is up is read first', async (t) => {
  const { attempt, pass } = limited(t, 1_000);
  const passing = pass(1_000);
  assert.equal(attempt.brokenOff, undefined);
  assert.equal(await passing, 'timeout-response');
});

test('a stall of less than a twentieth changes nothing', async (t) => {
  const { pass } = limited(t, 1_000);
  assert.equal(await pass(1_000, 50), 'timeout-response');
});

test('time lost to a stall is given back, and a silent server is then found to be silent', async (t) => {
  const { pass } = limited(t, 1_000);
  assert.equal(await pass(1_000, 400), undefined);
  assert.equal(await pass(390), undefined);
  assert.equal(await pass(10), 'timeout-response');
});

test('a probe that loses more than its whole time is starved', async (t) => {
  const { pass } = limited(t, 1_000);
  assert.equal(await pass(1_000, 900), undefined);
  assert.equal(await pass(900, 800), 'starved');
});

test('a stall longer than its whole time leaves a probe the rest of it', async (t) => {
  const { pass } = limited(t, 1_000);
  assert.equal(await pass(9_000, 8_800), undefined);
  assert.equal(await pass(790), undefined);
  assert.equal(await pass(10), 'timeout-response');
});

test('a lifted limit breaks nothing off', async (t) => {
  const { lift, pass } = limited(t, 1_000);
  lift();
  assert.equal(await pass(5_000), undefined);
});

test('the first reason to break off stands, and none counts once the course is over', () => {
  const attempt = startAttempt();
  let cancelled = 0;
  onBreakOff(attempt, () => {
    cancelled += 1;
  });
  breakOff(attempt, 'batch-deadline');
  breakOff(attempt, 'starved');
  assert.deepEqual([attempt.brokenOff, cancelled], ['batch-deadline', 1]);
  onBreakOff(attempt, () => {
    cancelled += 1;
  });
  assert.equal(cancelled, 2, 'what is waited for after the break is broken off at once');
  const other = { ...startAttempt(), over: true };
  breakOff(other, 'starved');
  assert.equal(other.brokenOff, undefined);
});

test('stalls are measured, while they last and afterwards', async () => {
  const stalls = watchStalls();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const before = stalls.lostMs();
  stall(400);
  const during = stalls.lostMs() - before;
  await new Promise((resolve) => setTimeout(resolve, 30));
  const after = stalls.lostMs() - before;
  stalls.stop();
  assert.ok(during > 340 && after > 340, `${during} and ${after} ms`);
});

/** Works for so long, as a parser does. */
const work = (cpuMs: number): void => {
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  const until = used() + cpuMs * 1_000;
  while (used() < until);
};

for (const [what, share, isLost] of [
  ['none', 0, true],
  ['all', 1, false],
] as const) {
  test(`of a stall in which Node reads bytes for us, ${what} of the time was theirs`, async () => {
    const stalls = watchStalls();
    let readMs = 0;
    const unfollow = stalls.follow(() => readMs);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const before = stalls.lostMs();
    work(300);
    readMs += 300 * share;
    await new Promise((resolve) => setTimeout(resolve, 30));
    const lostMs = stalls.lostMs() - before;
    unfollow();
    stalls.stop();
    assert.ok(isLost ? lostMs > 240 : lostMs < 150, `${lostMs} ms were lost`);
  });
}

test('an answer that came while we were stalled counts', async (t) => {
  const { port } = await serve(t, ok('ok'));
  const probing = observe(requestOf(port));
  // The server lives in this process, so both sides stand still; the timer is due before a byte has been read.
  setImmediate(() => stall(TIMEOUT_MS + 200));
  const observation = await probing;
  assert.equal(observation.code, 'ok', observation.detail);
});

test('a silent server is found to be silent by a prober that was stalled', async (t) => {
  const { port } = await serve(t, () => {});
  const probing = observe(requestOf(port));
  setTimeout(() => stall(150), 20);
  const observation = await probing;
  assert.equal(observation.code, 'timeout-response', observation.detail);
  assert.ok(observation.phases.totalMs >= TIMEOUT_MS + 100, JSON.stringify(observation.phases));
});
