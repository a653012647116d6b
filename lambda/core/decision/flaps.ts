/** How often a server's health turned lately, as far as people are told of it. */
export type Flaps = {
  /** Turns that were told apart within the last ten minutes, milliseconds; while it flaps the last one. */
  turnsMs: number[];
  /** It was told that the server comes and goes: since its first turn, with all its turns. */
  flapping?: { sinceMs: number; turns: number };
};

/** A server that has stayed as it is for so long flaps no more. */
export const STEADY_MS = 10 * 60_000;
/** Two outages within that time are told apart, as two moves of a site are allowed. A third one is flapping. */
const TURNS_APART = 4;

/** A time that is still to come was noted by a clock that is wrong. */
const recent = (turnsMs: readonly number[], nowMs: number): number[] =>
  turnsMs.filter((atMs) => atMs <= nowMs && nowMs - atMs < STEADY_MS);

/**
 * After a turn at `nowMs`. A server that does not serve and comes and goes must not fill a mailbox: more than four turns within ten
 * minutes are told as one message, and the next one comes when it has been steady for ten minutes.
 */
export const afterTurn = (before: Flaps | undefined, nowMs: number): Flaps => {
  const { turnsMs = [], flapping } = before ?? {};
  if (flapping !== undefined)
    return { turnsMs: [nowMs], flapping: { ...flapping, turns: flapping.turns + 1 } };
  const turns = [...recent(turnsMs, nowMs), nowMs];
  if (turns.length <= TURNS_APART) return { turnsMs: turns };
  return { turnsMs: [nowMs], flapping: { sinceMs: turns[0] ?? nowMs, turns: turns.length } };
};

/** Whether nothing of it matters any more. */
export const isSteady = ({ turnsMs }: Flaps, nowMs: number): boolean => recent(turnsMs, nowMs).length === 0;
