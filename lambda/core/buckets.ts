/** A token bucket; it may be in debt, for what was taken in advance. */
type Bucket = { tokens: number; atMs: number };

/** What an account may ask of Route 53, as far as one process has used it up. */
export type Buckets = { requests: Bucket; changes: Bucket };

/**
 * Route 53's limits for an account ("API request throttling"): 10 requests a second with a burst of 50, of all kinds and of each
 * kind, so that all kinds together is the one that counts here; and 100 change tokens a second with a burst of 1,500, a CREATE or
 * DELETE one each.
 */
const SIZES = {
  requests: { burst: 50, perSecond: 10 },
  changes: { burst: 1500, perSecond: 100 },
} as const;

export const fullBuckets = (nowMs: number): Buckets => ({
  requests: { tokens: SIZES.requests.burst, atMs: nowMs },
  changes: { tokens: SIZES.changes.burst, atMs: nowMs },
});

const filled = ({ tokens, atMs }: Bucket, kind: keyof Buckets, nowMs: number): number => {
  const { burst, perSecond } = SIZES[kind];
  return Math.min(burst, tokens + (Math.max(0, nowMs - atMs) / 1000) * perSecond);
};

/** Takes one request and so many changes, in advance if need be; `waitMs` is the time until they are there. */
export const take = (
  buckets: Buckets,
  nowMs: number,
  changes: number,
): { buckets: Buckets; waitMs: number } => {
  const left = {
    requests: filled(buckets.requests, 'requests', nowMs) - 1,
    changes: filled(buckets.changes, 'changes', nowMs) - changes,
  };
  // A millisecond more, so that rounding never makes it too early.
  const waitFor = (kind: keyof Buckets) =>
    left[kind] >= 0 ? 0 : 1 + Math.ceil((-left[kind] / SIZES[kind].perSecond) * 1000);
  return {
    buckets: {
      requests: { tokens: left.requests, atMs: nowMs },
      changes: { tokens: left.changes, atMs: nowMs },
    },
    // What takes no change tokens does not wait for those who took some in advance.
    waitMs: Math.max(waitFor('requests'), changes > 0 ? waitFor('changes') : 0),
  };
};

/** Route 53 throttled: others have used up what we took for ours. */
export const emptied = ({ requests, changes }: Buckets, nowMs: number): Buckets => ({
  requests: { tokens: Math.min(0, filled(requests, 'requests', nowMs)), atMs: nowMs },
  changes: { tokens: Math.min(0, filled(changes, 'changes', nowMs)), atMs: nowMs },
});

/** The change tokens that are there within `withinMs`. */
export const changesWithin = ({ changes }: Buckets, nowMs: number, withinMs: number): number =>
  Math.max(0, filled(changes, 'changes', nowMs) + (withinMs / 1000) * SIZES.changes.perSecond);
