/**
 * Who tells an announcement, and until when nobody else does. It is saved before anything is published, so that of two
 * controllers that overlap one tells it. It ends by itself: what a controller that died meant to tell, the next one
 * does.
 */
export type Claim = { by: string; untilMs: number };

/** So long an announcement is one controller's to tell, milliseconds. */
export const CLAIM_MS = 15_000;
/** A claim is made again before a message when less of it is left: a save may take 2 s, and a message 8 s. */
const NEEDED_MS = 10_000;

type Claimable = { claim?: Claim };

/** Whether `by` has claimed it, for as long as a message may take. */
export const hasClaim = ({ claim }: Claimable, by: string, nowMs: number): boolean =>
  claim !== undefined && claim.by === by && claim.untilMs - nowMs >= NEEDED_MS;

/**
 * Another one's claim in force. One that ends later than any may was made by a clock that is wrong, and keeps nobody.
 */
export const isKept = ({ claim }: Claimable, by: string, nowMs: number): boolean =>
  claim !== undefined && claim.by !== by && claim.untilMs > nowMs && claim.untilMs - nowMs <= CLAIM_MS;

/**
 * The state with its notices claimed by `by`, but for what is so already, or claimed by another one, or is not meant: what waits for
 * something must not wait for the end of a claim as well.
 */
export const withClaims = <N extends Claimable, S extends { outbox: N[] }>(
  state: S,
  by: string,
  nowMs: number,
  isMeant: (one: S['outbox'][number]) => boolean = () => true,
): S => {
  const isFree = (one: N) => !hasClaim(one, by, nowMs) && !isKept(one, by, nowMs) && isMeant(one);
  if (!state.outbox.some(isFree)) return state;
  const claim = { by, untilMs: nowMs + CLAIM_MS };
  return { ...state, outbox: state.outbox.map((one) => (isFree(one) ? { ...one, claim } : one)) };
};
