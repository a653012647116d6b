import { same } from '../base/same.ts';
import type { Look } from '../evidence/judge.ts';
import { turnedMs } from '../site/health.ts';
import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import type { NewsOf } from '../state/news.ts';
import { noticeOf } from '../state/notice.ts';
import { enqueued } from '../state/outbox.ts';
import {
  type Done,
  type Heard,
  isFetched,
  isMove,
  lastOf,
  lateLine,
  missing,
  type Propagation,
  type Times,
  visibleLine,
} from '../state/propagation.ts';
import type { Intent, SiteState } from '../state/site-state.ts';
import { SERVED } from '../zone/moved-address.ts';
import type { Written, ZoneView } from '../zone/zone-view.ts';

/**
 * A name server that still disagrees this long after INSYNC is announced, and without an INSYNC this long after
 * acceptance.
 */
const LATE_MS = 60_000;
const LATE_UNSYNCED_MS = 180_000;
/** The round that fetches the site through its new address is waited for this long. */
const FETCH_MS = 60_000;
/** What has not reached visitors by then is told as such and left: the daily check looks at the delegation. */
const GIVE_UP_MS = 3_600_000;

/** What is followed of an applied intent. */
export const propagationOf = (intent: Intent, state: SiteState, nowMs: number): Propagation => {
  const { epoch, from, to, decidedMs, notice } = intent;
  const lost = from === null ? undefined : state.targets[from];
  const { unpublished } = state;
  return {
    epoch,
    from,
    to,
    incident: notice.incident,
    ...(lost?.health === 'down' && from !== to ? { detectedMs: turnedMs(lost) } : {}),
    decidedMs,
    acceptedMs: unpublished?.epoch === epoch ? unpublished.acceptedMs : nowMs,
  };
};

const merged = (before: Times | undefined, heard: Times | undefined): Times | undefined =>
  heard === undefined
    ? before
    : Object.fromEntries(Object.entries(heard).map(([name, ms]) => [name, before?.[name] ?? ms]));

/**
 * The vantages that passed the target, asked for the site's host, in a round that began after all name servers
 * answered.
 */
const fetchedBy = (look: Look | undefined, target: string, sinceMs: number): string[] =>
  look === undefined || look.startMs < sinceMs
    ? []
    : Object.entries(look.sightings).flatMap(([vantage, byTarget]) =>
        byTarget[target]?.outcome === 'passed' ? [vantage] : [],
      );

/** What is known when a write is followed one step further. */
export type Known = {
  view: ZoneView | undefined;
  /** The zone was edited by hand, and that is believed. */
  edited: boolean;
  look: Look | undefined;
  heard: Heard;
  nowMs: number;
};

/**
 * The state one step further on the way of a write to visitors: times noted, what is late told, and in the end the
 * outcome told and noted in the history. Nothing here decides anything: what does not reach visitors is told, and that
 * is all. The very same state where nothing is new, as after most steps.
 */
export const follow = (site: Site, state: SiteState, known: Known): SiteState => {
  const { propagation: before, ...rest } = state;
  if (before === undefined) return state;
  const { view, nowMs, heard, edited } = known;
  const gone = edited ? 'the zone was edited by hand since' : overtaken(before, view, rest.written);
  if (gone !== undefined) return note(rest, before, nowMs, `not proven: ${gone}`);
  const propagation: Propagation = { ...before };
  const [servers, resolvers] = [
    merged(before.servers, heard.servers),
    merged(before.resolvers, heard.resolvers),
  ];
  if (servers !== undefined) propagation.servers = servers;
  if (resolvers !== undefined) propagation.resolvers = resolvers;
  // Noted with the last answer, so that nothing is stored at each look.
  if (heard.missedMs !== undefined && lastOf(servers) !== undefined) propagation.missedMs ??= heard.missedMs;
  const done = outcome(site, propagation, known);
  if (done !== undefined) {
    const next = note(rest, propagation, nowMs, visibleLine(propagation, done));
    // What went well is told of a move alone, and of one at many sites by the message about all of them.
    if (isFetched(done) && (!isMove(propagation) || state.incident?.group !== undefined)) return next;
    return told(site, next, { type: 'visible', propagation, done }, nowMs);
  }
  const late = nowMs >= lateMs(propagation) && lastOf(servers) === undefined;
  if (nowMs - propagation.acceptedMs >= GIVE_UP_MS) {
    return note(rest, propagation, nowMs, 'not proven within an hour, and given up');
  }
  if (!late || propagation.lateTold) return same(propagation, before) ? state : { ...rest, propagation };
  const next = note(rest, propagation, nowMs, lateLine(site.zone, propagation, heard, nowMs));
  const news = { type: 'lagging', propagation, heard } as const;
  return { ...told(site, next, news, nowMs), propagation: { ...propagation, lateTold: true } };
};

const lateMs = ({ insyncMs, acceptedMs }: Propagation): number =>
  insyncMs === undefined ? acceptedMs + LATE_UNSYNCED_MS : insyncMs + LATE_MS;

/** A swap of the role record alone (a hold) changes nothing of that; anything else in the zone ends it. */
const overtaken = (
  { to, epoch }: Propagation,
  view: ZoneView | undefined,
  written: Written | undefined,
): string | undefined => {
  // A listing that is older than what another controller has written since says nothing of that.
  if (view?.kind !== 'ours' || view.role.epoch < (written?.epoch ?? 0)) return undefined;
  if (view.role.serving !== to) return `${view.role.serving} serves by now`;
  return view.role.epoch < epoch ? 'the role record went back' : undefined;
};

const outcome = (site: Site, propagation: Propagation, { look, heard, nowMs }: Known): Done | undefined => {
  const lastMs = lastOf(propagation.servers);
  if (lastMs === undefined) return undefined;
  const hostLeads = site.names.includes(site.host) ? true : heard.hostLeads;
  // Of an address that moves, what answers at it counts, whichever server that is.
  const vantages = fetchedBy(look, site.readdress === undefined ? propagation.to : SERVED, lastMs);
  const waits = missing(propagation.resolvers).length > 0 && nowMs < lastMs + site.ttlSeconds * 1000;
  const done: Done = {
    lastMs,
    fetchedBy: vantages,
    ...(vantages.length > 0 && look !== undefined ? { fetchedMs: look.startMs } : {}),
    ...(hostLeads === undefined ? {} : { hostLeads }),
  };
  const settled = isFetched(done) && hostLeads !== undefined;
  return waits || (!settled && nowMs < lastMs + FETCH_MS) ? undefined : done;
};

const note = (state: SiteState, { epoch, to }: Propagation, nowMs: number, text: string): SiteState => ({
  ...state,
  history: noted(state.history, { atMs: nowMs, what: 'visible', text: `epoch ${epoch}, ${to}: ${text}` }),
});

const told = (
  site: Site,
  state: SiteState,
  news: NewsOf<'visible'> | NewsOf<'lagging'>,
  nowMs: number,
): SiteState => {
  const kind = news.type === 'visible' && isFetched(news.done) ? 'visible' : 'not-visible';
  const { incident } = news.propagation;
  return enqueued(state, noticeOf({ site: site.name, incident, kind, atMs: nowMs, news }));
};
