/**
 * What resolvers keep of an answer, and what they ask for in a month. It follows from renewal theory; `npm run bench -- resolvers` holds it
 * against five of them. Times are seconds.
 */

/**
 * How long a resolver keeps an answer, by its own clock of whole seconds: asked when that has moved on by `renewsAt` since the
 * fetch, it fetches anew but still gives what it has; from `endsAt` on the asker waits for the new answer.
 */
export type Keeping = { renewsAt: number; endsAt: number };
const until = (seconds: number): Keeping => ({ renewsAt: seconds, endsAt: seconds });

/** Resolvers as Debian 12 ships them, measured by `npm run bench -- resolvers`; the forecast reckons with `plain`. */
export const RESOLVERS = {
  plain: until,
  /** Gives an answer away with TTL 0 in its last second. */
  unbound: (ttl: number) => until(ttl + 1),
  /** `prefetch 2 9` is its default: from 2 s left, if the TTL is at least 9 s. */
  bind: (ttl: number): Keeping => ({ renewsAt: ttl >= 9 ? ttl - 2 : ttl, endsAt: ttl }),
  dnsmasq: until,
  /** Module `predict` of Debian's configuration: from 5 s and a hundredth of the TTL left. */
  knot: (ttl: number): Keeping => ({ renewsAt: ttl - 5 - Math.floor(ttl / 100), endsAt: ttl + 1 }),
  pdns: until,
};

/** The same as ages. A clock of whole seconds moves early, by the part of a second that had passed when the answer came. */
const agesOf = ({ renewsAt, endsAt }: Keeping, asksPerSecond: number) => {
  // Fetches come an exponential time after a tick; this is the mean of its fractional part.
  const early = 1 / asksPerSecond - 1 / Math.expm1(asksPerSecond);
  return { renews: Math.max(0, renewsAt - early), ends: Math.max(0, endsAt - early) };
};

/** How often a resolver that is asked at Poisson times fetches: once in the time it keeps an answer and waits for an ask. */
export const fetchesPerSecond = (keeping: Keeping, asksPerSecond: number): number =>
  1 / (agesOf(keeping, asksPerSecond).renews + 1 / asksPerSecond);

/**
 * The share of asks that get the old answer `seconds` after the name servers changed: those that meet an answer fetched before.
 * Any stretch of time holds a fetch with the density above; its answer is still given if it is young enough, or if it is about
 * to end and nobody asked since it could be renewed.
 */
export const oldShare = (keeping: Keeping, asksPerSecond: number, seconds: number): number => {
  const { renews, ends } = agesOf(keeping, asksPerSecond);
  if (seconds >= ends) return 0;
  const unasked = (age: number): number => Math.exp(-asksPerSecond * Math.max(0, age - renews));
  const young = Math.max(0, renews - seconds);
  const renewable = (unasked(seconds) - unasked(ends)) / asksPerSecond;
  return fetchesPerSecond(keeping, asksPerSecond) * (young + renewable);
};

/** Who asks for a site: so many resolvers, each so often (what browsers hold they do not ask for). */
export type Audience = { name: string; resolvers: number; asksPerSecond: number };
/** Asks a second at a resolver with many clients. */
export const BUSY = 1;
export const AUDIENCES: Audience[] = [
  { name: 'small', resolvers: 200, asksPerSecond: 1 / 600 },
  { name: 'medium', resolvers: 2000, asksPerSecond: 1 / 60 },
  { name: 'large', resolvers: 10_000, asksPerSecond: BUSY },
];

const MONTH_SECONDS = 730 * 3600;
/**
 * Queries a month for one name on the zone. Each is a fetch that somebody's resolver makes and a visitor waits for.
 * `recordTypes`: 1, or 2 with IPv6; that there is no such record is kept for 900 s whatever the TTL, and not counted.
 */
export const queriesPerMonth = (
  ttlSeconds: number,
  { resolvers, asksPerSecond }: Audience,
  recordTypes = 1,
) => resolvers * recordTypes * fetchesPerSecond(RESOLVERS.plain(ttlSeconds), asksPerSecond) * MONTH_SECONDS;
/** Route 53's price of standard queries up to a thousand million a month, US dollars; from price summaries, not from a bill. */
export const dollarsOf = (queries: number): number => (queries * 0.4) / 1e6;
