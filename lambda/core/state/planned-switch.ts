import { duration } from '../base/time.ts';
import { settled } from '../evidence/judge.ts';
import type { Health, TargetHealth } from '../site/health.ts';
import type { Site } from '../site/site.ts';
import type { RecordSet } from '../zone/records.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Asked } from './asked.ts';
import type { Point, SiteState } from './site-state.ts';

/**
 * How far it has come: the TTL is being lowered, the old one waited out, the switch due, the new server watched, the
 * TTL restored.
 */
export type Stage = 'lowering' | 'waiting' | 'switching' | 'watching' | 'restoring';

/** After the switch the low TTL stays for so long, because the way back is short with it. */
const WATCH_MS = 60_000;
/** Resolvers count whole seconds. */
const ROUNDING_MS = 1000;
/** A switch at once must be possible within this time, as a failback must. */
const ALIVE_MS = 60_000;
/**
 * What lowering, publishing and waiting for a round of all vantages may take on top of the old TTL; restoring may take
 * as long.
 */
const SLACK_MS = 15 * 60_000;
/** Changes usually reach all name servers within this time, as AWS says; only an estimate rests on it. */
const USUAL_PUBLICATION_MS = 60_000;

const DEFAULT_TTL_FLOOR_SECONDS = 10;

/** The lowest TTL of the site, to which a planned switch lowers it. */
export const ttlFloor = ({ ttlSeconds, ttlFloorSeconds = DEFAULT_TTL_FLOOR_SECONDS }: Site): number =>
  Math.min(ttlSeconds, ttlFloorSeconds);

/**
 * The TTL of the records with which `server` serves while a planned switch is under way: low before it at the old
 * server, and after it at the new one. Undefined when the usual one holds.
 */
export const plannedTtl = (site: Site, point: Point | undefined, server: string): number | undefined => {
  if (point?.planned === undefined) return undefined;
  const { switchedMs, watchedMs } = point.planned;
  const concerned =
    watchedMs === undefined && (server === point.to || (server === point.from && switchedMs === undefined));
  return concerned ? ttlFloor(site) : undefined;
};

/**
 * The order from now on. Alias records have the TTL of their target, which nobody can lower: there is nothing to wait
 * for.
 */
export const newPoint = (
  site: Site,
  asked: Asked & { from: string; to: string },
  records: RecordSet[],
  planned: boolean,
): Point => {
  const { askedMs } = asked;
  if (!planned) return { ...asked, untilMs: askedMs + ALIVE_MS };
  const ttls = records.flatMap(({ ttlSeconds }) => ttlSeconds ?? []);
  const { ttlSeconds, ttlWhileFailedOverSeconds = 0 } = site;
  const waitSeconds = ttls.length === 0 ? 0 : Math.max(...ttls, ttlSeconds, ttlWhileFailedOverSeconds);
  return { ...asked, untilMs: askedMs + waitSeconds * 1000 + SLACK_MS, planned: { waitSeconds } };
};

export const stageOf = ({ planned }: Point, nowMs: number): Stage => {
  if (planned === undefined) return 'switching';
  const { lowMs, switchedMs, watchedMs, waitSeconds } = planned;
  if (watchedMs !== undefined) return 'restoring';
  if (switchedMs !== undefined) return 'watching';
  if (lowMs === undefined) return 'lowering';
  return nowMs < lowMs + waitSeconds * 1000 + ROUNDING_MS ? 'waiting' : 'switching';
};

/**
 * The state with the planned switch as far as the zone shows it to have come. What is not published yet has not
 * happened.
 */
export const advancePoint = (site: Site, state: SiteState, view: ZoneView, nowMs: number): SiteState => {
  const { point, unpublished, intent } = state;
  if (point?.planned === undefined || view.kind !== 'ours') return state;
  if (unpublished !== undefined || intent !== undefined) return state;
  const { planned } = point;
  const isLow = view.records.every(({ ttlSeconds = 0 }) => ttlSeconds <= ttlFloor(site));
  const { serving } = view.role;
  const noted = (more: Partial<typeof planned>): SiteState => ({
    ...state,
    point: { ...point, planned: { ...planned, ...more } },
  });
  if (serving === point.to && planned.switchedMs === undefined) return noted({ switchedMs: nowMs });
  if (serving === point.to && isThrough(state, point, nowMs)) return noted({ watchedMs: nowMs });
  if (serving !== point.from || !isLow || planned.lowMs !== undefined) return state;
  return noted({ lowMs: nowMs });
};

/** Whether the new server has been watched for long enough and is up now, with nothing that speaks against it. */
const isThrough = ({ targets }: SiteState, { to, planned }: Point, nowMs: number): boolean => {
  const { switchedMs, watchedMs } = planned ?? {};
  if (switchedMs === undefined || watchedMs !== undefined || nowMs < switchedMs + WATCH_MS) return false;
  return isWell(targets[to]);
};

/** Up, and no verdict speaks against it. */
export const isWell = (target: TargetHealth | undefined): boolean =>
  target?.health === 'up' && settled(target);

/** How an order ended. `why` is a sentence for people; nothing is told of one whose move was told. */
export type PointEnd = { how: 'done' | 'abandoned'; why?: string };

/** What was seen and decided in a round, as far as an order may end by it. */
export type PointNow = {
  nowMs: number;
  ours: boolean;
  mode: string;
  serving: string | undefined;
  healths: Record<string, Health>;
  /** The server to which the order moves is up, and no verdict speaks against it. */
  well: boolean;
  /** All name servers answer with the serving server's records as they are configured, their TTL too. */
  restored: boolean;
  /** Something is written in this round; what it comes to is seen in a later one. */
  writes: boolean;
  /** Why a move that was due until now was not made, as a clause. */
  unwritten?: string | undefined;
};

const abandoned = (why: string): PointEnd => ({ how: 'abandoned', why });

/** Whether the order has ended, by what was seen and decided in this round. */
export const endOfPoint = (point: Point, now: PointNow): PointEnd | undefined => {
  const { from, to, planned } = point;
  const { nowMs, serving, healths } = now;
  if (!now.ours) return abandoned('The records were edited by hand meanwhile.');
  if (now.mode !== 'auto') return abandoned(`The site is ${now.mode} now.`);
  if (planned?.switchedMs !== undefined) {
    if (serving !== to)
      return abandoned(`${serving ?? 'Nothing'} serves again, because ${to} failed while it was watched.`);
    return endOfWatch(point, planned.switchedMs + WATCH_MS, now);
  }
  if (serving === to) return planned === undefined ? { how: 'done' } : undefined;
  if (serving !== from)
    return abandoned(`${serving ?? 'Nothing'} serves now: the site has moved by another way.`);
  if (healths[to] === 'down') return abandoned(`${to} is down.`);
  if (nowMs <= point.untilMs) return undefined;
  const state = `${to} is ${healths[to] ?? 'unknown'}, ${from} is ${healths[from] ?? 'unknown'}`;
  return abandoned(`It was not possible in time: ${now.unwritten ?? state}.`);
};

/** The new server serves. Done means that it is well and that the usual TTL was read back. */
const endOfWatch = ({ to, planned }: Point, watchedUntilMs: number, now: PointNow): PointEnd | undefined => {
  const { nowMs, healths, well, restored, writes } = now;
  if (nowMs < watchedUntilMs) return undefined;
  const health = healths[to] ?? 'unknown';
  if (planned?.watchedMs !== undefined && well && restored) {
    return {
      how: 'done',
      why: `${to} has served for ${duration(WATCH_MS)} and is well; the usual TTL is restored.`,
    };
  }
  // A failover that is decided in this very round is told first, and named as what ended the order.
  if (health === 'down' && !writes)
    return abandoned(`${to} serves and is down: it failed while it was watched.`);
  if (nowMs <= watchedUntilMs + SLACK_MS) return undefined;
  if (health !== 'up') return abandoned(`${to} serves, and is ${health} since it was watched.`);
  return abandoned(`${to} serves and is up, but the usual TTL was not read back in time.`);
};

const DOES: Record<Stage, string> = {
  lowering: 'the TTL is being lowered',
  waiting: 'answers with the old TTL run out',
  switching: 'it switches as soon as a majority of all vantages sees it pass',
  watching: 'it has switched and is watched',
  restoring: 'it has switched, and the usual TTL is being restored',
};

/** What a change takes until all name servers have it: as long as the lowering took, once that is known. */
const publicationMs = ({ askedMs, planned }: Point): number =>
  planned?.lowMs === undefined || planned.waitSeconds === 0
    ? USUAL_PUBLICATION_MS
    : Math.min(planned.lowMs - askedMs, USUAL_PUBLICATION_MS);

/** When it switches, and when all is done, with so long for each change until all name servers have it. */
const estimated = (point: Point, nowMs: number, publishedMs: number): { switchMs: number; endMs: number } => {
  const { planned } = point;
  const waitMs = (planned?.waitSeconds ?? 0) * 1000 + ROUNDING_MS;
  const lowMs = planned?.lowMs ?? nowMs + publishedMs;
  const switchMs = Math.max(nowMs, lowMs + waitMs);
  const watchedMs = planned?.watchedMs ?? (planned?.switchedMs ?? switchMs + publishedMs) + WATCH_MS;
  return { switchMs, endMs: Math.max(nowMs, watchedMs + publishedMs) };
};

const left = (point: Point, stage: Stage, nowMs: number): string => {
  if (point.planned === undefined)
    return `it is given up if that takes another ${duration(Math.max(0, point.untilMs - nowMs))}`;
  const { switchMs, endMs } = estimated(point, nowMs, publicationMs(point));
  if (stage === 'lowering') {
    const least = estimated(point, nowMs, 0);
    const range = (fromMs: number, toMs: number) =>
      `${duration(fromMs - nowMs)} to ${duration(toMs - nowMs)}`;
    return `${range(least.switchMs, switchMs)} until it switches, ${range(least.endMs, endMs)} in all`;
  }
  const until = stage === 'waiting' ? `${duration(switchMs - nowMs)} until it switches, ` : '';
  return `${until}about ${duration(endMs - nowMs)} left`;
};

/** The order as status shows it, with the time that it still needs, estimated where Route 53 has a part in it. */
export const pointStatus = (
  point: Point,
  nowMs: number,
): { to: string; planned: boolean; stage: Stage; remainingSeconds: number; text: string } => {
  const { to, by, planned } = point;
  const stage = stageOf(point, nowMs);
  const endMs = planned === undefined ? point.untilMs : estimated(point, nowMs, publicationMs(point)).endMs;
  const remainingSeconds = Math.max(0, Math.round((endMs - nowMs) / 1000));
  const what = planned === undefined ? `move to ${to}` : `planned switch to ${to}`;
  const text = `${what}, asked for by ${by}: ${DOES[stage]}; ${left(point, stage, nowMs)}`;
  return { to, planned: planned !== undefined, stage, remainingSeconds, text };
};
