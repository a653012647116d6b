/** How often the event loop is looked at, milliseconds: the shortest stall seen, at about 1 ms of CPU a second. */
const EVERY_MS = 20;
/** A timer is a few milliseconds late on a healthy machine too; so much lateness is not held against it. */
const NOISE_MS = 10;

/** Watches how long this process could not attend to its sockets: a busy event loop, or no CPU given to it. */
export type Stalls = {
  /** Milliseconds lost since the watch began, a stall that is still going on included. */
  lostMs(): number;
  /**
   * Runs what reads or judges the bytes of a server. The time it takes is not lost: else a server that sends without end
   * would be given time for the very trouble that it makes, and silent servers beside it too. Calls do not nest.
   */
  ours<T>(run: () => T): T;
  /**
   * The same for a connection whose bytes Node itself reads, without a call of ours. `look` is called each time that
   * the loop is looked at, and says what they are reckoned to have taken so far, in milliseconds of CPU. Returns what
   * ends it.
   */
  follow(look: () => number): () => void;
  stop(): void;
};

type Followed = { look: () => number; takenMs: number };

const usedCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

export const watchStalls = (): Stalls => {
  let lost = 0;
  let oursMs = 0;
  let seenAt = performance.now();
  let [usedMs, unseenCpuMs] = [0, 0];
  const followed = new Set<Followed>();
  const lateness = () => {
    const late = performance.now() - seenAt - EVERY_MS - oursMs;
    return late > NOISE_MS ? late : 0;
  };
  const isQuiet = () => followed.size === 0 && unseenCpuMs === 0;
  const reckon = (each: Followed) => {
    const takenMs = each.look();
    unseenCpuMs += takenMs - each.takenMs;
    each.takenMs = takenMs;
  };
  /** A prober that gets a tenth of a core is held back while it reads, so this is a share of the time that passed. */
  const unseenMs = (): number => {
    if (isQuiet()) return 0;
    const nowUsedMs = usedCpuMs();
    for (const each of followed) reckon(each);
    const share = unseenCpuMs / Math.max(nowUsedMs - usedMs, 1);
    unseenCpuMs = 0;
    usedMs = nowUsedMs;
    return Math.min(share, 1) * (performance.now() - seenAt);
  };
  const lookAtLoop = () => {
    oursMs += unseenMs();
    lost += lateness();
    oursMs = 0;
    seenAt = performance.now();
  };
  const timer = setInterval(lookAtLoop, EVERY_MS);
  const ours = <T>(run: () => T): T => {
    const startedAt = performance.now();
    try {
      return run();
    } finally {
      oursMs += performance.now() - startedAt;
    }
  };
  const follow = (look: () => number) => {
    if (isQuiet()) usedMs = usedCpuMs();
    const each = { look, takenMs: look() };
    followed.add(each);
    return () => {
      if (followed.delete(each)) reckon(each);
    };
  };
  return { lostMs: () => lost + lateness(), ours, follow, stop: () => clearInterval(timer) };
};

/** Runs something later, unless what is returned is called before. */
export const later = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
