import type { Site } from '../../lambda/core/site.ts';

/**
 * What a failure of the primary costs the visitors of a site, second by second, and what a TTL costs everybody else.
 *
 *     detection -> decision -> publication -> the answer leaves resolvers' caches -> it leaves clients' caches
 *
 * The first three are stages that every visitor waits for; the last two differ from visitor to visitor. Detection follows
 * from the rules of lambda/core/judge.ts and lambda/tenure.ts without a guess. What resolvers keep follows from renewal
 * theory, and `npm run bench -- resolvers` holds it against five of them. Everything else is in `ASSUMPTIONS`, a number and its
 * source each. All times are seconds, all shares are of visitors, 0 to 1.
 */

/** How the primary dies: connections are refused; nothing answers (machine off, cable cut); it answers with an error. */
export const FAILURES = ['refused', 'silent', 'status'] as const;
export type Failure = (typeof FAILURES)[number];

/** `record` is what this version does. `dual` and `readdress` are modelled as they are meant to be, and not built. */
export const LEVERS = ['record', 'dual', 'readdress'] as const;
export type Lever = (typeof LEVERS)[number];

export type Plan = Pick<Site, 'ttlSeconds' | 'failuresToDown' | 'downForSeconds' | 'confirmEverySeconds'> & {
  intervalSeconds: number;
  /** Of a probe: the whole time a silent server is given. */
  timeoutSeconds: number;
  vantageCount: number;
  lever: Lever;
  failure: Failure;
};

type Range = readonly [from: number, to: number];

/** Where no rule of ours decides. A range means: anything in it, equally likely. */
export const ASSUMPTIONS = {
  /** An Invoke of the prober there and back, and a probe that is answered at once. Assumed; within one region it is less. */
  askSeconds: 0.3,
  /** Listing the zone, saving the intent, sending the batch: "under 3 s normally". Assumed from the calls it makes. */
  decisionSeconds: [0.5, 3] as Range,
  /**
   * From acceptance until the name server that is asked answers with it: "generally within 60 seconds" (doc comment of
   * GetChange, @aws-sdk/client-route-53 3.1169), no SLA, nothing on its shape. Days on which it takes longer are left out.
   */
  publicationSeconds: [0, 60] as Range,
  /** `dual`: the gate asks for its role "every few seconds". As specified, not built. */
  gateSeconds: [0, 5] as Range,
  /** `readdress`: until an Elastic IP that was moved is reached at its new place. Assumed, nothing documented was found. */
  addressSeconds: [1, 10] as Range,
  /**
   * Resolvers that keep answers longer than they may: 8.74 % of 8,524 (Bhowmick et al., "TTL Violation of DNS Resolvers in
   * the Wild", PAM 2023). Taken as the share of visitors, which is a guess: a resolver may serve ten or ten million.
   */
  stretchingShare: 0.0874,
  /** To what they stretch: floors of 300 to 3,600 s are common in public configurations; each doubling equally likely. Assumed. */
  stretchedSeconds: [300, 3600] as Range,
  /** Chromium holds what the system's resolver said for 60 s whatever its TTL (`kCacheEntryTTLSeconds`, net/dns). */
  clientSeconds: 60,
  /** Page loads by visitors who loaded one within the last `clientSeconds` and so hold an answer. Assumed. */
  midVisitShare: 0.5,
  /**
   * Mean life of a connection that stays open on a server that answers with errors (nginx's `keepalive_timeout` is 75 s). A dead
   * server's connections are gone with it, so this counts for failure `status` alone. Assumed.
   */
  connectionSeconds: 75,
};
export type Assumptions = typeof ASSUMPTIONS;

/** Takes anything from `from` to `to`, equally likely. */
export type Stage = { name: 'detection' | 'decision' | 'publication' | 'gate' | 'address'; from: number; to: number };

/**
 * From the failure to the verdict, exactly: the next interval round comes after 0 to `intervalSeconds`; it ends after an answer
 * or the probe's timeout, and with several vantages only calls the others. Confirmation rounds start then, and each
 * `confirmEverySeconds` without waiting for one another. The server is down with the end of the first round that is the
 * `failuresToDown`th and starts `downForSeconds` after the first that failed. A lone vantage is a quorum: its first round counts.
 */
export const detection = (plan: Plan, askSeconds: number): Stage => {
  const lasts = askSeconds + (plan.failure === 'silent' ? plan.timeoutSeconds : 0);
  const isLone = plan.vantageCount === 1;
  const start = (round: number): number =>
    isLone && round === 0 ? 0 : lasts + (isLone ? round - 1 : round) * plan.confirmEverySeconds;
  let last = plan.failuresToDown - 1;
  while (start(last) - start(0) < plan.downForSeconds - 1e-9) last += 1;
  const from = start(last) + lasts;
  return { name: 'detection', from, to: from + plan.intervalSeconds };
};

/** What every visitor waits for, one after the other. */
export const stagesOf = (plan: Plan, given: Assumptions = ASSUMPTIONS): Stage[] => {
  const stage = (name: Stage['name'], [from, to]: Range): Stage => ({ name, from, to });
  const decided = [detection(plan, given.askSeconds), stage('decision', given.decisionSeconds)];
  if (plan.lever === 'readdress') return [...decided, stage('address', given.addressSeconds)];
  const published = [...decided, stage('publication', given.publicationSeconds)];
  return plan.lever === 'dual' ? [...published, stage('gate', given.gateSeconds)] : published;
};

/**
 * How long a resolver keeps an answer, on its own clock of whole seconds: asked when the clock has moved on by `renewsAt` since
 * the fetch it fetches anew, but still gives what it has; from `endsAt` the asker waits for the new answer.
 */
export type Keeping = { renewsAt: number; endsAt: number };
const until = (seconds: number): Keeping => ({ renewsAt: seconds, endsAt: seconds });

/** Resolvers as Debian 12 ships them, measured by `npm run bench -- resolvers`; `plain` is what the forecast reckons with. */
export const RESOLVERS = {
  plain: until,
  /** Gives an answer with TTL 0 in its last second. */
  unbound: (ttl: number) => until(ttl + 1),
  /** `prefetch 2 9`, its default. */
  bind: (ttl: number): Keeping => ({ renewsAt: ttl >= 9 ? ttl - 2 : ttl, endsAt: ttl }),
  dnsmasq: until,
  /** Module `predict` of Debian's configuration: with 5 s and a hundredth of the TTL left (`is_expiring`). */
  knot: (ttl: number): Keeping => ({ renewsAt: ttl - 5 - Math.floor(ttl / 100), endsAt: ttl + 1 }),
  pdns: until,
};

/** Ages in seconds rather than ticks: a clock of whole seconds moves early by the part of a second in which the fetch was made. */
const ages = ({ renewsAt, endsAt }: Keeping, asksPerSecond: number) => {
  // Fetches come an exponential time after a tick: the mean of its fractional part.
  const early = 1 / asksPerSecond - 1 / Math.expm1(asksPerSecond);
  return { renews: Math.max(0, renewsAt - early), ends: Math.max(0, endsAt - early) };
};

/** How often a resolver that is asked at Poisson times fetches: once in the time it keeps an answer and waits to be asked again. */
export const fetchesPerSecond = (keeping: Keeping, asksPerSecond: number): number =>
  1 / (ages(keeping, asksPerSecond).renews + 1 / asksPerSecond);

/**
 * The share of asks that get the old answer `seconds` after the name servers changed: those that meet an answer fetched before.
 * Fetches come at the rate above, so one lies in any stretch of time with that density; it is still given if it is young
 * enough, and if nobody asked since it began to renew.
 */
export const oldShare = (keeping: Keeping, asksPerSecond: number, seconds: number): number => {
  const { renews, ends } = ages(keeping, asksPerSecond);
  if (seconds >= ends) return 0;
  const unasked = (age: number): number => Math.exp(-asksPerSecond * Math.max(0, age - renews));
  const young = Math.max(0, renews - seconds);
  return fetchesPerSecond(keeping, asksPerSecond) * (young + (unasked(seconds) - unasked(ends)) / asksPerSecond);
};
