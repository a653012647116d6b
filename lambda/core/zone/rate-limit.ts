/** A token bucket; it may be in debt, for what was taken in advance. */
type Bucket = { tokens: number; atMs: number };

/**
 * What an account may ask of Route 53, as far as one process has used it up. What comes back is dealt out to `sharers`
 * controllers, in equal parts. `underway` are the change tokens of calls that are not answered yet.
 */
export type Buckets = { requests: Bucket; changes: Bucket; underway: number; sharers: number };

/**
 * Route 53's limits for an account ("API request throttling"): 10 requests a second with a burst of 50, of all kinds and of each
 * kind, so that all kinds together is the one that counts here; and 100 change tokens a second with a burst of 1,500, a CREATE or
 * DELETE one each. `spare` is what we never take: half a second's worth, since of two requests the first may arrive later
 * than it was sent and the second may not, and the bucket has then had less time to fill than we waited.
 */
const SIZES = {
  requests: { burst: 50, perSecond: 10, spare: 5 },
  changes: { burst: 1500, perSecond: 100, spare: 50 },
} as const;

type Kind = keyof typeof SIZES;

const burst = (kind: Kind): number => SIZES[kind].burst - SIZES[kind].spare;

export const fullBuckets = (nowMs: number, sharers = 1): Buckets => ({
  requests: { tokens: burst('requests'), atMs: nowMs },
  changes: { tokens: burst('changes'), atMs: nowMs },
  underway: 0,
  sharers,
});

/** A full bucket regains nothing until a large batch has arrived, which may take a while: at the latest when it is answered. */
const filled = (buckets: Buckets, kind: Kind, nowMs: number): number => {
  const { tokens, atMs } = buckets[kind];
  const room = kind === 'changes' ? burst(kind) - buckets.underway : burst(kind);
  return Math.min(room, tokens + Math.max(0, nowMs - atMs) * perMs(buckets, kind));
};

const perMs = ({ sharers }: Buckets, kind: Kind): number => SIZES[kind].perSecond / sharers / 1000;

/** Takes one request and so many changes, in advance if need be; `waitMs` is the time until they are there. */
export const take = (
  buckets: Buckets,
  nowMs: number,
  changes: number,
): { buckets: Buckets; waitMs: number } => {
  const left = {
    requests: filled(buckets, 'requests', nowMs) - 1,
    changes: filled(buckets, 'changes', nowMs) - changes,
  };
  // A millisecond more, so that rounding never makes it too early.
  const waitFor = (kind: Kind) => (left[kind] >= 0 ? 0 : 1 + Math.ceil(-left[kind] / perMs(buckets, kind)));
  return {
    buckets: {
      ...buckets,
      requests: { tokens: left.requests, atMs: nowMs },
      changes: { tokens: left.changes, atMs: nowMs },
      underway: buckets.underway + changes,
    },
    // What takes no change tokens does not wait for those who took some in advance.
    waitMs: Math.max(waitFor('requests'), changes > 0 ? waitFor('changes') : 0),
  };
};

/** A call with so many changes was answered, whatever the answer, or is not made after all. */
export const answered = (buckets: Buckets, nowMs: number, changes: number): Buckets => ({
  ...buckets,
  changes: { tokens: filled(buckets, 'changes', nowMs), atMs: nowMs },
  underway: buckets.underway - changes,
});

/**
 * Route 53 throttled a call with so many changes, for which we had taken tokens: others of the account ask, too. A refused
 * call takes nothing. It proves that the account had fewer tokens than that, or no request left, and not which; so we go on
 * with half of them, and without a request in hand.
 */
export const refusedCall = (buckets: Buckets, nowMs: number, changes: number): Buckets => ({
  ...buckets,
  requests: { tokens: Math.min(0, filled(buckets, 'requests', nowMs)), atMs: nowMs },
  changes: { tokens: Math.min(changes / 2, filled(buckets, 'changes', nowMs) + changes), atMs: nowMs },
});

/** The change tokens that are there within `withinMs`. */
export const changesWithin = (buckets: Buckets, nowMs: number, withinMs: number): number =>
  Math.max(0, filled(buckets, 'changes', nowMs) + withinMs * perMs(buckets, 'changes'));
