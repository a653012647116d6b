import type { Clock } from '../ports.ts';
import type { Bell } from './bell.ts';

/** Work that is done again and again along with everything else. */
export type Task = {
  /** From the end of one run to the beginning of the next, milliseconds. */
  everyMs: number;
  /** A run that fails is told of and does not end the task. `signal`: nothing new is to be begun. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends the wait for the next run at once when it is rung, as it is at the end. */
  woken?: Bell;
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
  // Rung at the end, so that each wait listens to one signal: one made of two costs as much as a small run.
  if (woken !== undefined) signal.addEventListener('abort', () => woken.ring(), { once: true });
  for (let endedMs = Number.NEGATIVE_INFINITY; !signal.aborted; endedMs = clock.steady()) {
    await clock.sleep(everyMs, woken?.signal() ?? signal);
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
