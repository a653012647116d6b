import { Fault } from '../core/base/fault.ts';
import { answered, changesWithin, fullBuckets, refusedCall, take } from '../core/zone/rate-limit.ts';
import type { Clock, Pacer } from '../ports.ts';

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
