import type { Announcement } from './announcement.ts';

/**
 * Who tells what is owed, and until when nobody else does. It is saved before anything is published, so that of two controllers that
 * overlap one tells it. It ends by itself: what a controller that died meant to tell, the next one does.
 */
export type Claim = { by: string; untilMs: number };

/** So long what is owed is one controller's to tell, milliseconds. */
export const CLAIM_MS = 15_000;
/** A claim is made anew before a message when less of it is left: a save may take 2 s, and a message 8 s. */
const NEEDED_MS = 10_000;

type Owing = { owed: Announcement[]; telling?: Claim };

/** Whether `by` has claimed what is owed, for as long as a message may take. */
export const hasClaim = ({ telling }: Owing, by: string, nowMs: number): boolean =>
  telling !== undefined && telling.by === by && telling.untilMs - nowMs >= NEEDED_MS;

/** Another one's claim in force. One that ends later than any may was made by a clock that is wrong, and keeps nobody. */
const isKept = ({ telling }: Owing, by: string, nowMs: number): boolean =>
  telling !== undefined &&
  telling.by !== by &&
  telling.untilMs > nowMs &&
  telling.untilMs - nowMs <= CLAIM_MS;

/** The state with what it owes claimed by `by`, unless that is so already, nothing is owed, or another one's claim is in force. */
export const withClaim = <S extends Owing>(state: S, by: string, nowMs: number): S =>
  state.owed.length === 0 || hasClaim(state, by, nowMs) || isKept(state, by, nowMs)
    ? state
    : { ...state, telling: { by, untilMs: nowMs + CLAIM_MS } };

/** The state without what was told; the last claim goes with the last that was owed. */
export const withoutOwed = <S extends Owing>(state: S, told: Set<string>): S => {
  const owed = state.owed.filter(({ id }) => !told.has(id));
  if (owed.length > 0) return { ...state, owed };
  const { telling: _, ...rest } = state;
  return { ...(rest as S), owed };
};
