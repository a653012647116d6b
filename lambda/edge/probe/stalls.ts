/** How often the event loop is looked at, milliseconds: the shortest stall seen, at about 1 ms of CPU a second. */
const EVERY_MS = 20;
/** A timer is a few milliseconds late on a healthy machine too; so much lateness is not held against it. */
const NOISE_MS = 10;

/** Watches how long this process could not attend to its sockets: a busy event loop, or no CPU given to it. */
export type Stalls = {
  /** Milliseconds lost since the watch began, a stall that is still going on included. */
  lostMs(): number;
  stop(): void;
};

export const watchStalls = (): Stalls => {
  let lost = 0;
  let seenAt = performance.now();
  const lateness = () => {
    const late = performance.now() - seenAt - EVERY_MS;
    return late > NOISE_MS ? late : 0;
  };
  const timer = setInterval(() => {
    lost += lateness();
    seenAt = performance.now();
  }, EVERY_MS);
  return { lostMs: () => lost + lateness(), stop: () => clearInterval(timer) };
};
