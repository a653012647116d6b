import { answered, changesWithin, fullBuckets, refusedCall, take } from './core/buckets.ts';
import { Fault } from './core/fault.ts';
import type { Clock } from './edge/clock.ts';

/** Keeps what one process asks of Route 53 within the account's limits, so that it is not throttled in the middle of its work. */
export type Pacer = {
  /** Waits until a request with so many changes (none for one that reads) is within the limits, and counts it. */
  spend(changes: number): Promise<void>;
  /** The request with so many changes was answered, or is not made after all; once for each that spent any. */
  answered(changes: number): void;
  /** How many changes could be sent within `withinMs`. */
  within(withinMs: number): number;
  /** The answer was that Route 53 throttles, to a request with so many changes: other processes of the account ask, too. */
  throttled(changes: number): void;
};

/** `sharers`: the controllers of the deployment, which share the account's limits and do not hear of each other. */
export const newPacer = (clock: Clock, sharers = 1): Pacer => {
  let buckets = fullBuckets(clock.steady(), sharers);
  return {
    async spend(changes) {
      const taken = take(buckets, clock.steady(), changes);
      buckets = taken.buckets;
      if (taken.waitMs > 0) await clock.sleep(taken.waitMs);
    },
    answered: (changes) => {
      buckets = answered(buckets, clock.steady(), changes);
    },
    within: (withinMs) => changesWithin(buckets, clock.steady(), withinMs),
    throttled: (changes) => {
      buckets = refusedCall(buckets, clock.steady(), changes);
    },
  };
};

/**
 * Makes one call with so many changes as soon as the limits allow, once, and counts what its answer tells of them. A `Fault`
 * is answered; anything else is a defect, and thrown.
 */
export const paced = async <T>(
  pacer: Pacer | undefined,
  changes: number,
  call: () => Promise<T>,
): Promise<{ value?: T; fault?: Fault }> => {
  await pacer?.spend(changes);
  try {
    const value = await call();
    pacer?.answered(changes);
    return { value };
  } catch (error) {
    pacer?.answered(changes);
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'throttled') pacer?.throttled(changes);
    return { fault: error };
  }
};
