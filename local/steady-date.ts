/**
 * The clock of the local cloud and of its functions. AWS's clocks are not set back by minutes, and much rests on that: an event of the
 * schedule that is no later than the last one is left alone. So ours never goes back, whatever becomes of the machine's.
 */
export type SteadyClock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** What a process that joins must begin with, see `join`. */
  offsetMs(): number;
  /** Takes over how far another process of ours has come. */
  join(offsetMs: number): void;
  /** Goes on from `ms` if it was not there yet. Answers by how much it was behind, milliseconds; 0 when it was not. */
  goOnFrom(ms: number): number;
};

/** `wall` may be set; `steady` is since some moment that all processes of this machine have in common. Both in milliseconds. */
export const steadyClock = (wall: () => number, steady: () => number): SteadyClock => {
  let offsetMs = Number.NEGATIVE_INFINITY;
  const join = (other: number): void => {
    offsetMs = Math.max(offsetMs, other);
  };
  // Set ahead, or woken from sleep, it follows the machine's.
  const follow = (): void => join(wall() - steady());
  follow();
  const now = (): number => {
    follow();
    return Math.floor(offsetMs + steady());
  };
  return {
    now,
    goOnFrom: (ms) => {
      const behindMs = Math.max(0, ms - now());
      join(offsetMs + behindMs);
      return behindMs;
    },
    offsetMs: () => {
      follow();
      return offsetMs;
    },
    join,
  };
};

const NS_IN_MS = 1_000_000;

let installed: SteadyClock | undefined;

/** The clock of this process, once it was installed. */
export const installedClock = (): SteadyClock | undefined => installed;

/** From here on `Date` in this process shows a steady clock. */
export const installSteadyDate = (): SteadyClock => {
  const { now: wall } = Date;
  const clock = steadyClock(wall.bind(Date), () => Number(process.hrtime.bigint()) / NS_IN_MS);
  Date.now = clock.now;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, asked) =>
      Reflect.construct(target, given.length === 0 ? [clock.now()] : given, asked),
    apply: (target) => new target(clock.now()).toString(),
  });
  installed = clock;
  return clock;
};
