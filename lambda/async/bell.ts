import { OVER } from './deadline.ts';

/** Ends the wait of whoever listens. */
export type Bell = {
  ring(): void;
  /** Aborted when it was rung since the last `reset`. */
  signal(): AbortSignal;
  reset(): void;
};

export const newBell = (): Bell => {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(OVER),
    signal: () => rung.signal,
    reset: () => {
      rung = new AbortController();
    },
  };
};
