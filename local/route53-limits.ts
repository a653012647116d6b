/** A token bucket that holds `burst` tokens and regains `perSecond`. */
type Bucket = { tokens: number; at: number };

/** The account's buckets by name: `all`, `change`, and one for each action. Immutable; times are milliseconds. */
export type Buckets = Readonly<Record<string, Bucket>>;

/** Route 53's defaults (facts: R53G-26 throttling-api-requests, full table read). */
const SIZES: Record<string, { burst: number; perSecond: number }> = {
  all: { burst: 50, perSecond: 10 },
  change: { burst: 1500, perSecond: 100 },
};
const ACTION_SIZE = { burst: 50, perSecond: 10 };

const CHANGE_TOKENS: Record<string, number> = { CREATE: 1, DELETE: 1, UPSERT: 2 };

/** What a batch costs in the bucket `change`. */
export const changeTokens = (actions: readonly string[]): number =>
  actions.reduce((sum, action) => sum + (CHANGE_TOKENS[action] ?? 0), 0);

/**
 * Pays for one call of `action`, or undefined when any bucket is short: the call is then throttled and costs nothing.
 * A bucket that has not been used is full.
 */
export const payFor = (
  buckets: Buckets,
  now: number,
  action: string,
  tokens: number,
): Buckets | undefined => {
  const costs: Record<string, number> = { all: 1, [action]: 1, ...(tokens > 0 ? { change: tokens } : {}) };
  const paid = Object.entries(costs).map(([name, cost]) => {
    const { burst, perSecond } = SIZES[name] ?? ACTION_SIZE;
    const { tokens: had, at } = buckets[name] ?? { tokens: burst, at: now };
    const have = Math.min(burst, had + (Math.max(0, now - at) / 1000) * perSecond);
    return [name, { tokens: have - cost, at: now }] as const;
  });
  return paid.some(([, bucket]) => bucket.tokens < 0)
    ? undefined
    : { ...buckets, ...Object.fromEntries(paid) };
};
