import { type Handed, laterHealths } from '../evidence/handover.ts';
import type { TargetHealth } from '../site/health.ts';
import type { Step } from './step.ts';

/**
 * What a controller begins with apart from the stored state. `gap`: nobody has looked for long. `handed`: noted
 * healths. `blindRounds`: of the last full looks in a row, those that too few vantages could make.
 */
export type Left = {
  gap: boolean;
  lastRoundMs: number;
  handed: Handed[string] | undefined;
  blindRounds: number;
};

/** A controller goes on where its predecessor stopped. After a gap nothing is known of any server. */
export const resumed =
  ({ gap, lastRoundMs, handed }: Left): Step =>
  (state) => {
    const known = gap ? {} : laterHealths(state.targets, handed);
    const targets = Object.entries(known).map(([key, target]) => {
      const freshMs = target.lapsed === undefined ? Math.max(target.freshMs, lastRoundMs) : target.freshMs;
      return [key, { ...target, freshMs }] as const;
    });
    return { ...state, targets: Object.fromEntries(targets) };
  };

/**
 * The clock was set: what was noted by the old time is moved, so that no span of time is longer or shorter than it was.
 */
export const clockSet =
  (byMs: number): Step =>
  (state) => ({
    ...state,
    targets: Object.fromEntries(Object.entries(state.targets).map(([key, one]) => [key, moved(one, byMs)])),
  });

const moved = (target: TargetHealth, byMs: number): TargetHealth => ({
  ...target,
  sinceMs: target.sinceMs + byMs,
  freshMs: target.freshMs + byMs,
  ...(target.firstMs !== undefined && { firstMs: target.firstMs + byMs }),
  ...(target.streak !== undefined && {
    streak: {
      ...target.streak,
      firstMs: target.streak.firstMs + byMs,
      lastMs: target.streak.lastMs + byMs,
    },
  }),
});
