import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Random } from '../random.ts';
import type { Fate } from './troubles.ts';

/** One call to an outside system on its way there and back. */
export type Call<T> = {
  system: string;
  operation: string;
  /** How long the caller waits before it gives an answer up, milliseconds. */
  patienceMs: number;
  /** What the call does once it has arrived; may throw a `Fault`, which is then the answer. */
  arrive: () => T | Promise<T>;
};

/** A usual way to Route 53 or DynamoDB and half of it back, milliseconds. */
const SHORTEST_MS = 3;
const LONGEST_MS = 60;

/** What becomes of a call, and when: see `carry`. Times are milliseconds. */
export type Course = { fate?: Fate; lateMs?: number; slowMs?: number };

/**
 * Carries out a call that meets `fate`:
 * - none: it arrives and is answered within a fraction of a second;
 * - `slow`: the same, but barely within the caller's patience, or after `slowMs`, which may be longer than the caller waits;
 * - `lost`: it never arrives; `answer-lost`: it arrives and the answer does not; `late`: it arrives long after it was given up;
 * - any fault code: that is the answer, and nothing is done.
 */
export const moveAddress = async <T>(
  clock: VirtualClock,
  random: Random,
  call: Call<T>,
  { fate, lateMs = 0, slowMs }: Course,
): Promise<T> => {
  const fault = (code: Exclude<Fate, 'answer-lost' | 'late' | 'slow'>, words: string) =>
    new Fault(code, call.system, call.operation, words);
  const thereMs = random.between(SHORTEST_MS, LONGEST_MS);
  switch (fate) {
    case undefined: {
      await clock.sleep(thereMs);
      const answer = await outcomeOf(call.arrive);
      await clock.sleep(random.between(SHORTEST_MS, LONGEST_MS));
      return answered(answer);
    }
    case 'slow': {
      const allMs = slowMs ?? random.between(Math.floor(call.patienceMs / 4), call.patienceMs - 1);
      const partMs = random.between(0, allMs);
      if (allMs >= call.patienceMs) return moveAddress(clock, random, call, { fate: 'late', lateMs: partMs });
      await clock.sleep(partMs);
      const answer = await outcomeOf(call.arrive);
      await clock.sleep(allMs - partMs);
      return answered(answer);
    }
    case 'lost':
      await clock.sleep(call.patienceMs);
      throw fault('lost', 'it never arrived');
    case 'answer-lost':
      await clock.sleep(thereMs);
      await outcomeOf(call.arrive);
      await clock.sleep(call.patienceMs - thereMs);
      throw fault('lost', 'its answer was lost');
    case 'late':
      void clock.sleep(call.patienceMs + lateMs).then(() => outcomeOf(call.arrive));
      await clock.sleep(call.patienceMs);
      throw fault('lost', 'it is late');
    default:
      await clock.sleep(thereMs);
      throw fault(fate, `the simulated ${call.system} says ${fate}`);
  }
};

type Outcome<T> = { value: T } | { fault: Fault };

/** No time passes in here: what arrives does its work at that moment. */
const outcomeOf = async <T>(work: () => T | Promise<T>): Promise<Outcome<T>> => {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
};

const answered = <T>(outcome: Outcome<T>): T => {
  if ('fault' in outcome) throw outcome.fault;
  return outcome.value;
};
