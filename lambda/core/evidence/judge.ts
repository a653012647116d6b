import type { BrowserHello } from '../probe/browser-hello.ts';
import type { Observation, Outcome } from '../probe/request.ts';
import type { Glimpse, Health, TargetHealth } from '../site/health.ts';
import { quorum, type Site } from '../site/site.ts';

/** What one vantage saw of one target in one round; several addresses of one server are one sighting. */
export type Sighting = {
  outcome: Outcome;
  code: string;
  detail: string;
  status?: number;
  totalMs: number;
  /** The parts of that time, as far as the probe got. */
  phases?: Omit<Observation['phases'], 'totalMs'>;
  /** From when until when the certificate that was shown is valid, milliseconds; of several, the one that ends first. */
  certificateStartsMs?: number;
  certificateExpiresMs?: number;
  /** The authority whose certificate that is, if it is not the server's own. */
  certificateAuthority?: string;
  /** What came of a hello as large as a browser's; of several, one that failed. */
  browserHello?: BrowserHello;
};

/** One round's look at one site. A target is a server at the address it is judged by (see `targets.ts`). */
export type Look = {
  /** Start of the round, milliseconds. */
  startMs: number;
  /** Whether all configured vantages were called. */
  full: boolean;
  /** Vantage, then target key. A vantage that was not called is not here. */
  sightings: Record<string, Record<string, Sighting>>;
  /** Of targets that are up or down although this look does not say so: what did (see `withDeciding`). */
  deciding?: Record<string, Deciding>;
};

/** The round that turned a target up or down, and what each vantage saw of it then. */
export type Deciding = { health: Health; startMs: number; seen: Record<string, Glimpse> };

/** `passed` and `failed` need more than half of all configured vantages; without that there is no verdict. */
export type Verdict = 'passed' | 'failed' | 'none';

/** The three times an interval after which evidence is no longer fresh (design: "a gap of three intervals"). */
export const STALE_INTERVALS = 3;

export const unseen = (address: string, nowMs: number): TargetHealth => ({
  health: 'unknown',
  sinceMs: nowMs,
  address,
  freshMs: nowMs,
});

/** The verdict on `key` from one look. */
export const verdictOn = (look: Look, key: string, vantageCount: number): Verdict => {
  const seen = Object.values(look.sightings).map((byTarget) => byTarget[key]?.outcome ?? 'unknown');
  const count = (outcome: Outcome) => seen.filter((o) => o === outcome).length;
  if (count('passed') >= quorum(vantageCount)) return 'passed';
  return count('failed') >= quorum(vantageCount) ? 'failed' : 'none';
};

/**
 * The health of one target after one look:
 *
 *     health   verdict   health afterwards
 *     up       passed    up, fresh
 *     up       none      up; fresh if it was a single vantage's pass
 *     up       failed    down, once `failuresToDown` in a row span `downForSeconds`
 *     down     failed    down, fresh
 *     down     passed    up, once `successesToUp` are in a row
 *     unknown  passed    up, likewise; failed: down, likewise
 *     any      none      unknown, once nothing kept it fresh for three intervals
 *
 * Worked example: failuresToDown 3, downForSeconds 10, confirmEverySeconds 2. Failed verdicts of rounds that start at 0, 2,
 * 4, 6, 8 and 10 s: the third comes at 4 s, but only the one of 10 s spans ten seconds, so the server is down then.
 */
export const judgeTarget = (
  stored: TargetHealth,
  key: string,
  look: Look,
  rules: { site: Site; vantageCount: number; intervalSeconds: number },
): TargetHealth => {
  const { site } = rules;
  const verdict = verdictOn(look, key, rules.vantageCount);
  const staleMs = STALE_INTERVALS * rules.intervalSeconds * 1000;
  // What nothing has confirmed for so long is not known any more; what speaks against it goes on counting.
  const stale = stored.health !== 'unknown' && look.startMs - stored.freshMs > staleMs;
  const before = stale ? { ...unseen(stored.address, look.startMs), ...streakOf(stored) } : stored;
  const agrees =
    (before.health === 'up' && verdict === 'passed') || (before.health === 'down' && verdict === 'failed');
  if (agrees) return { ...without(before, 'streak', 'lapsed'), freshMs: look.startMs };
  if (verdict === 'none') {
    const glimpsed = Object.values(look.sightings).some((byTarget) => byTarget[key]?.outcome === 'passed');
    if (before.health === 'up' && glimpsed && !look.full) {
      return { ...without(before, 'lapsed'), freshMs: look.startMs };
    }
    return look.full ? { ...before, lapsed: true } : before;
  }
  const goesOn =
    before.streak?.verdict === verdict && isRecent(before.streak.lastMs, look.startMs, staleMs)
      ? before.streak
      : { verdict, count: 0, firstMs: look.startMs, lastMs: look.startMs };
  const streak = { ...goesOn, count: goesOn.count + 1, lastMs: look.startMs };
  const turned =
    verdict === 'passed'
      ? streak.count >= site.successesToUp
      : streak.count >= site.failuresToDown && streak.lastMs - streak.firstMs >= site.downForSeconds * 1000;
  if (!turned) return { ...without(before, 'lapsed'), streak };
  const health = verdict === 'passed' ? 'up' : 'down';
  return {
    health,
    sinceMs: look.startMs,
    firstMs: streak.firstMs,
    address: before.address,
    freshMs: look.startMs,
    turnedBy: glimpsesOf(look, key),
  };
};

/** What each vantage saw of one target, in a few words. */
export const seenOf = (look: Look, key: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(look.sightings).map(([vantage, byTarget]) => {
      const seen = byTarget[key];
      return [vantage, seen === undefined ? 'not asked' : `${seen.outcome}: ${seen.detail}`];
    }),
  );

const glimpsesOf = (look: Look, key: string): Record<string, Glimpse> =>
  Object.fromEntries(
    Object.entries(look.sightings).flatMap(([vantage, { [key]: seen }]): [string, Glimpse][] =>
      seen === undefined ? [] : [[vantage, { outcome: seen.outcome, code: seen.code, detail: seen.detail }]],
    ),
  );

/** Whether the look itself says of a target what its health is. One vantage that passes it is enough to keep it up. */
const says = (look: Look, key: string, health: Health, vantageCount: number): boolean => {
  if (health === 'down') return verdictOn(look, key, vantageCount) === 'failed';
  if (look.full) return verdictOn(look, key, vantageCount) === 'passed';
  return Object.values(look.sightings).some(({ [key]: seen }) => seen?.outcome === 'passed');
};

/**
 * The look together with what decided, where it lacks it: of each target that is up or down while this look does not say so. A
 * failover may be made in a round that sees nothing of the server that is down, and a turn that no table could keep is told rounds
 * later.
 */
export const withDeciding = (
  look: Look,
  targets: Record<string, TargetHealth>,
  vantageCount: number,
): Look | undefined => {
  const deciding = Object.entries(targets).flatMap(
    ([key, { health, sinceMs, turnedBy: seen }]): [string, Deciding][] =>
      health === 'unknown' || seen === undefined || says(look, key, health, vantageCount)
        ? []
        : [[key, { health, startMs: sinceMs, seen }]],
  );
  return deciding.length === 0 ? undefined : { ...look, deciding: Object.fromEntries(deciding) };
};

/** A time that is still to come was noted by a clock that is wrong: nothing is reckoned from it. */
const isRecent = (atMs: number, nowMs: number, withinMs: number): boolean =>
  atMs <= nowMs && nowMs - atMs <= withinMs;

const streakOf = ({ streak }: TargetHealth): Pick<TargetHealth, 'streak'> =>
  streak === undefined ? {} : { streak };

const without = (value: TargetHealth, ...keys: ('streak' | 'lapsed')[]): TargetHealth => {
  const copy = { ...value };
  for (const key of keys) delete copy[key];
  return copy;
};

/** Whether a target's health is settled: known, and no verdict in a row speaks against it. */
export const settled = (target: TargetHealth): boolean =>
  target.health !== 'unknown' && target.streak === undefined;

/** Whether a look of one vantage, or a few, saw something amiss: then all of them are called. */
export const isDoubt = ({ full, sightings }: Look): boolean =>
  !full &&
  Object.values(sightings).some((byTarget) =>
    Object.values(byTarget).some(({ outcome }) => outcome !== 'passed'),
  );

/** How many of the called vantages saw anything at all of this site (passed or failed) in this look. */
export const sightedVantages = (look: Look): string[] =>
  Object.entries(look.sightings)
    .filter(([, byTarget]) => Object.values(byTarget).some((s) => s.outcome !== 'unknown'))
    .map(([vantage]) => vantage);
