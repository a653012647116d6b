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
 * What `work` comes to, or the error that `late` makes once `limitMs` have passed, whatever becomes of it then; its signal is
 * aborted at that time, and nothing that it still throws is heard of.
 */
export const within = async <Output>(
  clock: Clock,
  limitMs: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> => {
  const [over, done] = [new AbortController(), new AbortController()];
  const givenUp = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true });
  });
  void clock.sleep(limitMs, done.signal).then(() => {
    if (!done.signal.aborted) over.abort(late());
  });
  try {
    return await Promise.race([work(over.signal), givenUp]);
  } finally {
    done.abort();
  }
};
