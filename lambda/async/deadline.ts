import type { Clock } from '../ports.ts';
import { orUndefined } from './or-fault.ts';

/** Why a sleep is ended early. Without a reason of ours each abort makes an error, with a stack that nobody reads. */
export const OVER = 'over';

/**
 * What `work` comes to. Its failure is handed to `otherwise`, and so is what `late` makes once `limitMs` have passed:
 * then the signal of `work` is aborted, and whatever still becomes of it is heard by nobody.
 */
export const within = <Output>(
  clock: Clock,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Output>,
  { late, otherwise }: { late: () => Error; otherwise: (error: unknown) => Output },
): Promise<Output> =>
  new Promise((resolve, reject) => {
    const [over, done] = [new AbortController(), new AbortController()];
    const end = (output: () => Output): void => {
      done.abort(OVER);
      try {
        resolve(output());
      } catch (error) {
        reject(error);
      }
    };
    void pass(clock, limitMs, done.signal).then(() => {
      if (done.signal.aborted) return;
      const error = late();
      over.abort(error);
      end(() => otherwise(error));
    });
    work(over.signal).then(
      (output) => end(() => output),
      (error: unknown) => end(() => otherwise(error)),
    );
  });

/** Of a stop, however long, no more than this counts. */
const SLICE_MS = 1000;

/**
 * Sleeps for a time in which the process runs: after a stop its timers come before the answers that have waited for it.
 */
const pass = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs -= SLICE_MS) {
    await clock.sleep(Math.min(leftMs, SLICE_MS), signal);
  }
};

/** Ends with `work`, or after `ms` milliseconds if that takes longer; answers whether it came to its end. */
export const soon = async (clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> => {
  const isOver = new AbortController();
  const ended = work.then(() => true);
  const late = clock.sleep(ms, isOver.signal).then(() => false);
  try {
    return await Promise.race([ended, late]);
  } finally {
    isOver.abort(OVER);
  }
};

/** What `work` comes to within `ms` milliseconds; undefined where it takes longer, or the outside kept it from it. */
export const inTime = async <T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> => {
  const found = orUndefined(work);
  return (await soon(clock, ms, found)) ? found : undefined;
};
