/**
 * How often a site moved by itself. Too often is more than two moves in thirty minutes, in any direction; the next one then
 * waits five minutes, and each further one twice as long, up to four hours. Thirty quiet minutes, in which nothing would have
 * moved it, forget it all. Load that kills whichever server carries it must not swing for ever.
 */
export type Damping = {
  /** Moves by itself within the last thirty minutes, milliseconds. */
  movesMs: number[];
  /** Waits sat out since it was last quiet. */
  waits: number;
  /** The last time it moved, or would have moved but for the wait. */
  lastDueMs: number;
};

export const calm: Damping = { movesMs: [], waits: 0, lastDueMs: 0 };

const WINDOW_MS = 30 * 60_000;
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 4 * 3_600_000;
const MOVES_ALLOWED = 2;

const current = (damping: Damping, nowMs: number): Damping =>
  nowMs - damping.lastDueMs >= WINDOW_MS
    ? calm
    : { ...damping, movesMs: damping.movesMs.filter((at) => nowMs - at < WINDOW_MS) };

/** When the next move by itself may be made: `nowMs` or earlier means now. */
export const mayMoveAt = (damping: Damping, nowMs: number): number => {
  const { movesMs, waits } = current(damping, nowMs);
  if (waits === 0 && movesMs.length <= MOVES_ALLOWED) return nowMs;
  const lastMoveMs = Math.max(...damping.movesMs, 0);
  return lastMoveMs + Math.min(FIRST_WAIT_MS * 2 ** waits, LONGEST_WAIT_MS);
};

/** After a move by itself at `nowMs`. */
export const afterMove = (damping: Damping, nowMs: number): Damping => {
  const { movesMs, waits } = current(damping, nowMs);
  const sat = waits > 0 || movesMs.length > MOVES_ALLOWED;
  return { movesMs: [...movesMs, nowMs], waits: sat ? waits + 1 : 0, lastDueMs: nowMs };
};

/** After a move was due at `nowMs` and had to wait: this is not a quiet time. */
export const afterWaiting = (damping: Damping, nowMs: number): Damping => ({ ...damping, lastDueMs: nowMs });
