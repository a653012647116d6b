import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetHealth } from '../../../../../lambda/core/site/health.ts';
import { emptyState } from '../../../../../lambda/core/state/site-state.ts';
import { clockSet, resumed } from '../../../../../lambda/core/steps/observed.ts';

const up: TargetHealth = { health: 'up', sinceMs: 1000, address: '192.0.2.1', freshMs: 5000 };
const state = { ...emptyState(), targets: { primary: up, standby: { ...up, lapsed: true as const } } };

test('a successor takes for fresh what the last round saw, and not what that round could not see', () => {
  const { targets } = resumed({ gap: false, lastRoundMs: 9000, handed: undefined, blindRounds: 0 })(state);
  assert.equal(targets.primary?.freshMs, 9000);
  assert.equal(targets.standby?.freshMs, 5000);
});

test('what the predecessor noted later than it stored counts', () => {
  const down: TargetHealth = { ...up, health: 'down', sinceMs: 8000, freshMs: 8000 };
  const { targets } = resumed({ gap: false, lastRoundMs: 9000, handed: { primary: down }, blindRounds: 0 })(
    state,
  );
  assert.equal(targets.primary?.health, 'down');
});

test('after a gap nothing is known', () => {
  assert.deepEqual(
    resumed({ gap: true, lastRoundMs: 9000, handed: { primary: up }, blindRounds: 0 })(state).targets,
    {},
  );
});

test('a clock that is set leaves every span of time as long as it was', () => {
  const streak = { verdict: 'failed' as const, count: 2, firstMs: 6000, lastMs: 8000 };
  const { targets } = clockSet(-3000)({ ...state, targets: { primary: { ...up, firstMs: 900, streak } } });
  assert.deepEqual(targets.primary, {
    ...up,
    sinceMs: -2000,
    firstMs: -2100,
    freshMs: 2000,
    streak: { ...streak, firstMs: 3000, lastMs: 5000 },
  });
});
