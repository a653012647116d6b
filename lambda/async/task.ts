import type { Clock } from '../ports.ts';

/** Work that is done again and again along with everything else. */
export type Task = {
  /** From the end of one run to the beginning of the next, milliseconds. */
  everyMs: number;
  /** A run that fails is told of and does not end the task. `signal`: nothing new is to be begun. */
  run(signal: AbortSignal): Promise<void>;
  /** Answers a signal that ends the wait for the next run at once. */
  woken?(): AbortSignal;
  /** However often it is woken: from the end of one run to the beginning of the next at least, milliseconds. */
  leastMs?: number;
};

/** Runs the task until the signal. What a run throws goes to `onDefect`. */
export const runTask = async (
  clock: Clock,
  { everyMs, run, woken, leastMs = 0 }: Task,
  signal: AbortSignal,
  onDefect: (error: unknown) => void,
): Promise<void> => {
  for (let endedMs = Number.NEGATIVE_INFINITY; ; endedMs = clock.steady()) {
    await clock.sleep(everyMs, woken === undefined ? signal : AbortSignal.any([woken(), signal]));
    const leftMs = leastMs - (clock.steady() - endedMs);
    if (leftMs > 0) await clock.sleep(leftMs, signal);
    if (signal.aborted) return;
    try {
      await run(signal);
    } catch (error) {
      onDefect(error);
    }
  }
};
