/** How often the event loop is looked at, milliseconds: the shortest stall seen, at about 1 ms of CPU a second. */
const EVERY_MS = 20;
/** A timer is a few milliseconds late on a healthy machine too; so much lateness is not held against it. */
const NOISE_MS = 10;

/** Watches how long this process could not attend to its sockets: a busy event loop, or no CPU given to it. */
export type Stalls = {
  /** Milliseconds lost since the watch began, a stall that is still going on included. */
  lostMs(): number;
  /**
   * Runs what reads the bytes of a server. The time it takes is not lost: else a server that sends without end would be given time
   * for the very trouble that it makes, and silent servers beside it too.
   */
  ours(run: () => void): void;
  stop(): void;
};

export const watchStalls = (): Stalls => {
  let lost = 0;
  let oursMs = 0;
  let seenAt = performance.now();
  const lateness = () => {
    const late = performance.now() - seenAt - EVERY_MS - oursMs;
    return late > NOISE_MS ? late : 0;
  };
  const timer = setInterval(() => {
    lost += lateness();
    oursMs = 0;
    seenAt = performance.now();
  }, EVERY_MS);
  const ours = (run: () => void) => {
    const startedAt = performance.now();
    run();
    oursMs += performance.now() - startedAt;
  };
  return { lostMs: () => lost + lateness(), ours, stop: () => clearInterval(timer) };
};

/** Runs something later, unless what is returned is called before. */
export const later = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
