import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS } from '../../../../../fixtures/virtual/world.ts';
import { nextDueMs } from '../../../../../lambda/core/evidence/jitter.ts';

const INTERVAL_MS = 10_000;
const DAY_MS = 86_400_000;

const roundsOf = (deployment: string, intervalMs: number, fromMs: number, untilMs: number): number[] => {
  const rounds: number[] = [];
  for (let at = nextDueMs(deployment, intervalMs, fromMs); at < untilMs; ) {
    rounds.push(at);
    at = nextDueMs(deployment, intervalMs, at);
  }
  return rounds;
};

const day = roundsOf('main', INTERVAL_MS, START_MS, START_MS + DAY_MS);

describe('interval rounds', () => {
  test('are never more than an interval apart, and never less than nine tenths', () => {
    for (const intervalMs of [1_000, 5_000, 10_000, 60_000]) {
      const rounds = roundsOf('main', intervalMs, START_MS, START_MS + 2_000 * intervalMs);
      const gaps = rounds.slice(1).map((at, index) => at - (rounds[index] as number));
      assert.ok(Math.max(...gaps) <= intervalMs + 1, `${Math.max(...gaps)}`);
      assert.ok(Math.min(...gaps) >= 0.9 * intervalMs - 1, `${Math.min(...gaps)}`);
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / intervalMs;
      assert.ok(Math.abs(mean - 0.95) < 0.002, `${mean}`);
    }
  });

  test('are the same for every controller, whenever it asks', () => {
    for (const at of day.slice(0, 500)) {
      assert.equal(nextDueMs('main', INTERVAL_MS, at - 1), at);
      assert.equal(nextDueMs('main', INTERVAL_MS, at - 4_000), at);
    }
    const other = new Set(roundsOf('other', INTERVAL_MS, START_MS, START_MS + DAY_MS));
    assert.ok(day.filter((at) => other.has(at)).length < 20, 'another deployment looks at other times');
  });

  /**
   * The longest wait, in seconds, for a round that meets a server which is down for `downMs` of each `periodMs`: over a day,
   * and whatever the phase. A grid of ten seconds would wait for ever.
   */
  const longestWaitS = (periodMs: number, downMs: number): number => {
    let longest = 0;
    for (let phaseMs = 0; phaseMs < periodMs; phaseMs += periodMs / 20) {
      const met = day.filter((at) => (((at - phaseMs) % periodMs) + periodMs) % periodMs < downMs);
      for (const [index, at] of [...met, START_MS + DAY_MS].entries())
        longest = Math.max(longest, at - (met[index - 1] ?? START_MS));
    }
    return longest / 1000;
  };

  test('find a server that fails in step with the interval, whatever its phase, within six minutes', () => {
    assert.ok(longestWaitS(10_000, 5_000) < 300);
    assert.ok(longestWaitS(10_000, 2_000) < 360);
    for (const multiple of [2, 3, 6]) assert.ok(longestWaitS(multiple * 10_000, multiple * 2_000) < 360);
  });

  test('find one that fails in step with their own mean gap too, within the hour', () => {
    assert.ok(longestWaitS(9_500, 4_750) < 3_600);
  });
});
