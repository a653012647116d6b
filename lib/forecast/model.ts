import type { Site } from '../../lambda/core/site/site.ts';
import { BUSY, oldShare, RESOLVERS } from './resolvers.ts';

/**
 * What a failure of the primary costs a site's visitors, second by second, and what a TTL costs everybody else.
 *
 *     detection -> decision -> publication -> the answer leaves resolvers' caches -> it leaves clients' caches
 *
 * The first three are stages that every visitor waits for; the last two differ from visitor to visitor. Detection follows
 * from the rules of lambda/core/evidence/judge.ts and lambda/controller/term.ts without a guess. What resolvers keep follows from renewal
 * theory, and `npm run bench -- resolvers` holds it against five of them. All else is in `ASSUMPTIONS`, each number with its
 * source. Times are seconds, shares are of visitors, 0 to 1.
 */

/** How the primary dies: connections are refused; nothing answers (machine off, cable cut); it answers with an error. */
export const FAILURES = ['refused', 'silent', 'status'] as const;
export type Failure = (typeof FAILURES)[number];

/** `readdress` is modelled for an Elastic IP; hosts of one subnet wait for the name servers' answer as well. */
export const LEVERS = ['record', 'dual', 'readdress'] as const;
export type Lever = (typeof LEVERS)[number];

export type Plan = Pick<Site, 'ttlSeconds' | 'failuresToDown' | 'downForSeconds' | 'confirmEverySeconds'> & {
  intervalSeconds: number;
  /** The whole time that a probe gives a silent server. */
  timeoutSeconds: number;
  vantageCount: number;
  lever: Lever;
  failure: Failure;
};

type Range = readonly [from: number, to: number];

/** What no rule of ours decides. A range means: anything in it, equally likely. */
export const ASSUMPTIONS = {
  /** An Invoke of the prober there and back, and a probe that is answered at once. Assumed; within one region it is less. */
  askSeconds: 0.3,
  /** Listing the zone, saving the intent, sending the batch. Assumed: each call takes well under a second as a rule. */
  decisionSeconds: [0.5, 3] as Range,
  /**
   * From acceptance until the name server that is asked answers with it: "generally within 60 seconds" (GetChange in
   * @aws-sdk/client-route-53 3.1169). No SLA, and nothing is said of its shape; days on which it takes longer are left out.
   */
  publicationSeconds: [0, 60] as Range,
  /** `dual`: the gate asks the zone's name servers for its role "every few seconds". As specified, not measured. */
  gateSeconds: [0, 5] as Range,
  /** `readdress`: until an Elastic IP that was moved is reached at its new place. Assumed; no documented figure was found. */
  addressSeconds: [1, 10] as Range,
  /**
   * Resolvers that keep answers longer than they may: 8.74 % of 8,524 (Bhowmick et al., "TTL Violation of DNS Resolvers in the
   * Wild", PAM 2023). Taken as the share of visitors, which is a guess: one resolver serves ten of them or ten million.
   */
  stretchingShare: 0.0874,
  /** To what they stretch: floors of 300 to 3,600 s are common in public configurations; every ratio equally likely. Assumed. */
  stretchedSeconds: [300, 3600] as Range,
  /** Chromium holds what the system's resolver said for 60 s whatever its TTL (`kCacheEntryTTLSeconds` in net/dns). */
  clientSeconds: 60,
  /** Page loads by visitors who loaded one within the last `clientSeconds` and so hold an answer. Assumed. */
  midVisitShare: 0.5,
  /**
   * Mean life of a connection to a server that answers with errors (nginx closes idle ones after 75 s). A server that is gone
   * takes its connections along, so this counts for failure `status` alone. Assumed.
   */
  connectionSeconds: 75,
};
export type Assumptions = typeof ASSUMPTIONS;

/** Takes anything from `from` to `to`, equally likely. */
export type Stage = { name: string; from: number; to: number };

/**
 * From the failure to the verdict, exactly. The next interval round comes after 0 to `intervalSeconds`
 * (a twentieth sooner on average, see lambda/core/evidence/jitter.ts, which is left out); it ends after an answer
 * or the probe's timeout, and, with several vantages, only calls the others. Confirmation rounds start then, and each
 * `confirmEverySeconds`, without waiting for one another. The server is down at the end of the first round that is the
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
  const stage = (name: string, [from, to]: Range): Stage => ({ name, from, to });
  const decided = [detection(plan, given.askSeconds), stage('decision', given.decisionSeconds)];
  if (plan.lever === 'readdress') return [...decided, stage('address', given.addressSeconds)];
  const published = [...decided, stage('publication', given.publicationSeconds)];
  return plan.lever === 'dual' ? [...published, stage('gate', given.gateSeconds)] : published;
};

/** Shares by second; before the first entry everybody, after the last nobody. */
type Curve = number[];
const curve = (seconds: number, at: (second: number) => number): Curve =>
  Array.from({ length: seconds }, (_, second) => at(second));
const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);
const total = (curves: Curve[]): Curve => curves[0]!.map((_, i) => sum(curves.map((one) => one[i]!)));
const times = (factor: number, a: Curve): Curve => a.map((value) => factor * value);
const minus = (a: Curve, b: Curve): Curve => total([a, times(-1, b)]);
const mix = (a: Curve, b: Curve, share: number): Curve => total([times(1 - share, a), times(share, b)]);

/** The share of asks with the old answer, at resolvers that keep to TTLs and at those that stretch them, to five floors. */
const resolverCurves = (ttlSeconds: number, asksPerSecond: number, given: Assumptions, seconds: number) => {
  const [least, most] = given.stretchedSeconds;
  const floors = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => least * (most / least) ** part);
  const old = (ttl: number) => curve(seconds, (i) => oldShare(RESOLVERS.plain(ttl), asksPerSecond, i + 0.5));
  const stretched = total(floors.map((floor) => old(Math.max(ttlSeconds, floor))));
  return { kept: old(ttlSeconds), stretched: times(1 / floors.length, stretched) };
};

/** The same for visitors in mid-visit: a client asked up to `clientSeconds` ago, a connection was opened before that. */
const heldByClients = (old: Curve, { failure }: Plan, given: Assumptions): Curve => {
  const at = (shares: Curve, second: number): number => (second < 0 ? 1 : shares[second]!);
  const midway = (shares: Curve, i: number): number => (at(shares, i) + at(shares, i - 1)) / 2;
  let window = given.clientSeconds;
  const held = old.map((_, i) => {
    window += midway(old, i) - midway(old, i - given.clientSeconds);
    return window / given.clientSeconds;
  });
  if (failure !== 'status') return held;
  const stays = Math.exp(-1 / given.connectionSeconds);
  let connected = 1;
  return held.map((_, i) => {
    connected = stays * connected + (1 - stays) * midway(held, i);
    return connected;
  });
};

/**
 * Of visitors with an old answer, the share that it leads to the dead server once the switch is made. `dual`: the answer names
 * both servers; who finds the first refused goes on to the other at once, who finds it silent (20 to 130 s) or answering with
 * an error does not, and half of them try it first. `readdress`: the old answer is the new one.
 */
const misled = ({ lever, failure }: Plan): number =>
  lever === 'record' ? 1 : lever === 'dual' && failure !== 'refused' ? 0.5 : 0;

/** Why a visitor is still sent to the dead server, in the order in which one reason gives way to the next. */
export type Cause = 'undetected' | 'undecided' | 'unpublished' | 'resolvers' | 'clients' | 'stretched';

export type Forecast = {
  stages: Stage[];
  /** By second after the failure: the share of visitors who are sent to the dead server. */
  share: number[];
  /** The parts of `share`. `unpublished` is whatever comes after the decision, `stretched` what stretching adds to the TTL. */
  causes: Record<Cause, number[]>;
  /** For which the average visitor is sent there. */
  lostSeconds: number;
};

/** The whole course of one failure of the primary, for an audience whose resolvers are each asked so often. */
export const forecast = (plan: Plan, asksPerSecond = BUSY, given: Assumptions = ASSUMPTIONS): Forecast => {
  const stages = stagesOf(plan, given);
  // The chances that the first stage, the first two, … end in second 0, 1, 2, …
  const ends: number[][] = [];
  for (const stage of stages) ends.push(convolve(ends.at(-1) ?? [1], chances(stage)));
  const switched = ends.at(-1)!;
  const seconds = Math.ceil(Math.max(plan.ttlSeconds, given.stretchedSeconds[1])) + given.clientSeconds + 600;
  const { kept, stretched } = resolverCurves(plan.ttlSeconds, asksPerSecond, given, seconds);
  const answered = mix(kept, stretched, given.stretchingShare);
  const used = mix(answered, heldByClients(answered, plan, given), given.midVisitShare);
  const before = (end: number[]): Curve => notYet(end, switched.length + seconds - 1);
  const after = (old: Curve): Curve => times(misled(plan), convolve(switched, old));
  const causes: Record<Cause, Curve> = {
    undetected: before(ends[0]!),
    undecided: minus(before(ends[1]!), before(ends[0]!)),
    unpublished: minus(before(switched), before(ends[1]!)),
    resolvers: after(kept),
    clients: after(minus(used, answered)),
    stretched: after(minus(answered, kept)),
  };
  const share = total(Object.values(causes));
  return { stages, share, causes, lostSeconds: sum(share) };
};

/** The seconds that the average visitor loses to one cause. */
export const lostTo = ({ causes }: Forecast, cause: Cause): number => sum(causes[cause]);
/** The first second in which no more than this share of the visitors are sent to the dead server. */
export const secondsUntil = ({ share }: Forecast, left: number): number =>
  share.findIndex((now) => now <= left);

/** The chances that a stage takes 0, 1, 2, … seconds, of the same mean as the stage. */
const chances = ({ from, to }: Stage): number[] => {
  const found = curve(Math.floor(to) + 2, () => 0);
  const parts = 50 * Math.ceil(to - from + 1);
  for (let part = 0; part < parts; part += 1) {
    const at = from + ((part + 0.5) / parts) * (to - from);
    const over = at - Math.floor(at);
    found[Math.floor(at)]! += (1 - over) / parts;
    found[Math.floor(at) + 1]! += over / parts;
  }
  return found;
};

/** One after the other: the chances, or shares, of a sum. */
const convolve = (a: Curve, b: Curve): Curve => {
  const sums = curve(a.length + b.length - 1, () => 0);
  for (const [i, left] of a.entries()) {
    if (left > 0) for (let j = 0; j < b.length; j += 1) sums[i + j]! += left * b[j]!;
  }
  return sums;
};

/** The chance that something ends later than in second 0, 1, 2, … */
const notYet = (ends: number[], length: number): Curve => {
  let left = 1;
  return curve(length, (i) => {
    left = Math.max(0, left - (ends[i] ?? 0));
    return left;
  });
};

/** Less than a tenth of what a failure costs whatever the TTL is not felt; more than half of it dominates. */
const FELT = { from: 0.1, to: 0.5 };

/**
 * The TTLs that make sense for a plan, seconds: below `from` nothing is gained that a visitor would feel, and resolvers and name
 * servers pay for it; above `to` a failure is felt for as long as it is because of the TTL. Infinite where nobody waits for it.
 */
export const sensibleTtls = (plan: Plan, given: Assumptions = ASSUMPTIONS): { from: number; to: number } => {
  const stages = sum(stagesOf(plan, given).map(({ from, to }) => (from + to) / 2));
  const held = given.clientSeconds / 2 + (plan.failure === 'status' ? given.connectionSeconds : 0);
  const whatever = stages + misled(plan) * given.midVisitShare * held;
  // A busy resolver that keeps to TTLs gives an old answer for half the TTL on average.
  const costing = (part: number) => (part * whatever) / (misled(plan) * (1 - given.stretchingShare) * 0.5);
  return { from: costing(FELT.from), to: costing(FELT.to) };
};
