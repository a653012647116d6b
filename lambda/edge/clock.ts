/** The only source of time in `lambda/`: tests and the simulator bring their own. */
export type Clock = {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since some moment, on a clock that nobody sets: what `now` gains or loses beside it is a jump. */
  steady(): number;
  /** Resolves after `ms` milliseconds, or at once (without error) when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/**
 * What `work` comes to. Its failure is handed to `otherwise`, and so is what `late` makes once `limitMs` have passed: then the
 * signal of `work` is aborted, and whatever still becomes of it is heard by nobody.
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
      done.abort();
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

/** Sleeps for a time in which the process runs: after a stop its timers come before the answers that have waited for it. */
const pass = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs -= SLICE_MS) {
    await clock.sleep(Math.min(leftMs, SLICE_MS), signal);
  }
};
