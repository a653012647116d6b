import { fingerprint } from '../base/fingerprint.ts';

/**
 * When interval rounds are due. A fixed grid would always meet a server that fails in step with it at the same moment of that
 * step, and never find out. So the phase wanders: round `n` is due at
 *
 *     interval x (0.95 n + wander(n))
 *
 * where `wander` leads in a straight line from one share of an interval to another within `LEG` rounds. Each gap lies between
 * 0.9 and 1 of an interval: a failure is never met later than a grid would. Nothing in it is by chance, so controllers that
 * follow one another need not tell each other when the next round is due; each deployment has a phase of its own.
 */
const MEAN_GAP = 0.95;
const LEG = 20;

/** From 0 to 1. The number comes first: what follows it stirs the hash, whose last character hardly changes it. */
const share = (deployment: string, leg: number): number =>
  Number.parseInt(fingerprint(`${leg} phase of ${deployment}`), 16) / 2 ** 32;

const dueIntervals = (deployment: string, n: number): number => {
  const leg = Math.floor(n / LEG);
  const along = n / LEG - leg;
  return MEAN_GAP * n + share(deployment, leg) * (1 - along) + share(deployment, leg + 1) * along;
};

/** Interval rounds in so many intervals, on average. */
export const ROUNDS_PER_INTERVAL = 1 / MEAN_GAP;

/** The first interval round that is due after `afterMs`; milliseconds since 1970. */
export const nextDueMs = (deployment: string, intervalMs: number, afterMs: number): number => {
  for (let n = Math.floor((afterMs / intervalMs - 1) / MEAN_GAP); ; n += 1) {
    const dueMs = Math.round(intervalMs * dueIntervals(deployment, n));
    if (dueMs > afterMs) return dueMs;
  }
};

/** EventBridge Scheduler starts a controller each minute. */
const STARTED_EVERY_MS = 60_000;

/** Whether one look by each controller, as it starts, is all that is asked for while all is well. */
export const looksOnce = (intervalSeconds: number): boolean => intervalSeconds * 1000 >= STARTED_EVERY_MS;

/** When what was looked at then is due again, where each controller looks once: with the next one. */
export const nextStart = (lookMs: number): number => lookMs + STARTED_EVERY_MS;
