import type { Clock } from '../../../lambda/ports.ts';

type Sleeper = { atMs: number; order: number; wake: () => void };

/** Time that passes only when the test says so, and then in order: nobody waits, and no run differs from another. */
export type VirtualClock = Clock & {
  /** Runs everything due until `ms`, jumping from one wake-up to the next. */
  runUntil(ms: number): Promise<void>;
  /** A clock that shows a different time: a controller on a machine whose clock is wrong. */
  skewed(skewMs: number): Clock;
};

/** Lets every promise that can settle without time passing settle. */
const settleAll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const virtualClock = (startMs: number): VirtualClock => {
  let nowMs = startMs;
  let order = 0;
  const sleepers: Sleeper[] = [];
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { atMs: nowMs + Math.max(0, ms), order: order++, wake: resolve };
      sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          const at = sleepers.indexOf(sleeper);
          if (at >= 0) sleepers.splice(at, 1);
          resolve();
        },
        { once: true },
      );
    });
  const next = (): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const s of sleepers) {
      if (first === undefined || s.atMs < first.atMs || (s.atMs === first.atMs && s.order < first.order))
        first = s;
    }
    return first;
  };
  return {
    now: () => nowMs,
    steady: () => nowMs,
    sleep,
    skewed: (skewMs) => ({ now: () => nowMs + skewMs, steady: () => nowMs, sleep }),
    async runUntil(ms) {
      for (;;) {
        await settleAll();
        const sleeper = next();
        if (sleeper === undefined || sleeper.atMs > ms) break;
        sleepers.splice(sleepers.indexOf(sleeper), 1);
        nowMs = Math.max(nowMs, sleeper.atMs);
        sleeper.wake();
      }
      nowMs = Math.max(nowMs, ms);
      await settleAll();
    },
  };
};
