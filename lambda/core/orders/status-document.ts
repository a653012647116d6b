import { clockTime, duration, isoTime } from '../base/time.ts';
import { badnessOf, CONDITIONS, type Condition } from './condition.ts';
import type { SilenceStatus } from './quiet-now.ts';
import type { Holder } from './site-now.ts';
import type { SiteStatus } from './status.ts';

/**
 * The one document that the command line, the page and programs read. Version 1: fields are added, and none is taken
 * away or given another meaning. docs/status.schema.json is its schema.
 */
export type StatusDocument = {
  v: 1;
  /** Every controller decides, and every site is served well from records that are as Switchover left them. */
  ok: boolean;
  /** For people, in a sentence or two. */
  message: string;
  deployment: string;
  /** ISO 8601 UTC. */
  at: string;
  /**
   * The start of the last round that the controller furthest behind has noted, which it does every few seconds: it may
   * have begun one since. Null before the first.
   */
  decidedAt: string | null;
  /** Controllers that have not decided lately. What was seen of their sites is stale. */
  silentControllers: number;
  vantages: { of: number; blind: string[] };
  counts: Counts;
  /** The worst first. */
  sites: SiteStatus[];
  /** With one site: what people were told of it last, newest first, and by whom it is read. */
  told?: { at: string; text: string }[];
  mailedTo?: string[];
  /** Why the state table could not be read. */
  storeTrouble?: string;
};

export type Counts = {
  sites: number;
  /** Those that are there, by condition. */
  conditions: Partial<Record<Condition, number>>;
  /** Sites that are served well and that nothing would take over. */
  withoutStandby: number;
  /** Sites of which people are told little, since somebody silenced them. */
  silenced: number;
};

/** What was read of the deployment as a whole. */
export type Deployed = {
  deployment: string;
  nowMs: number;
  decidedMs: number;
  silentControllers: number;
  vantages: StatusDocument['vantages'];
  storeTrouble?: string;
  /** What is to be said of the controllers, or of the table that is away. */
  controllers: string;
};

const isServedWell = ({ condition, servers }: SiteStatus): boolean =>
  CONDITIONS[condition].ok && servers.some(({ serves, health }) => serves && health === 'up');

const countsOf = (sites: readonly SiteStatus[]): Counts => {
  const conditions: Counts['conditions'] = {};
  for (const { condition } of sites) conditions[condition] = (conditions[condition] ?? 0) + 1;
  const alone = sites.filter(
    (site) => isServedWell(site) && site.next === null && !site.servers.some((s) => s.armed),
  );
  const silenced = sites.filter(({ silence }) => silence).length;
  return { sites: sites.length, conditions, withoutStandby: alone.length, silenced };
};

const byBadness = (a: SiteStatus, b: SiteStatus): number =>
  badnessOf(a.condition) - badnessOf(b.condition) || (a.site < b.site ? -1 : 1);

/** The document of `sites`. */
export const statusDocument = (read: Deployed, sites: SiteStatus[]): StatusDocument => {
  const { nowMs, decidedMs, storeTrouble, silentControllers } = read;
  const sorted = [...sites].sort(byBadness);
  const bad = sorted.filter(({ condition }) => !CONDITIONS[condition].ok);
  return {
    v: 1,
    ok: bad.length === 0 && silentControllers === 0 && storeTrouble === undefined,
    message: bad.length === 0 ? read.controllers : `${read.controllers} ${troubles(bad)}`,
    deployment: read.deployment,
    at: isoTime(nowMs),
    decidedAt: decidedMs === 0 ? null : isoTime(decidedMs),
    silentControllers,
    vantages: read.vantages,
    counts: countsOf(sorted),
    sites: sorted,
    ...(storeTrouble !== undefined && { storeTrouble }),
  };
};

/** `1 site`, `2 sites`. */
export const sitesCounted = (count: number): string => `${count} site${count === 1 ? '' : 's'}`;

/** What is wrong with one site, and with several. */
const TROUBLES: Partial<Record<Condition, [one: string, several: string]>> = {
  down: ['has no server that works', 'have no server that works'],
  'held-down': ['is down and held by a person', 'are down and held by a person'],
  'edited-down': ['is down and was edited by hand', 'are down and were edited by hand'],
  'move-due': ['is down and due to move', 'are down and due to move'],
  'no-records': ['has no records yet', 'have no records yet'],
  unreadable: ['is in a zone that could not be read', 'are in zones that could not be read'],
  unknown: ['has a server whose health is not known', 'have a server whose health is not known'],
  edited: ['was edited by hand', 'were edited by hand'],
  stranger: [
    'is served from addresses of no configured server',
    'are served from addresses of no configured server',
  ],
  adoptable: ['has records that are not adopted yet', 'have records that are not adopted yet'],
};

/** `2 sites have no server that works; 1 site was edited by hand.` */
const troubles = (bad: readonly SiteStatus[]): string => {
  const groups = Map.groupBy(bad, ({ condition }) => condition);
  const parts = [...groups].map(
    ([condition, { length }]) => `${sitesCounted(length)} ${TROUBLES[condition]?.[length === 1 ? 0 : 1]}`,
  );
  return `${parts.join('; ')}.`;
};

/** What it comes to, as the last line of `status`. */
export const verdictOf = ({
  ok,
  sites,
  silentControllers,
  storeTrouble,
  message,
}: StatusDocument): string => {
  if (ok) {
    const all = sites.length === 1 ? 'The site is' : `All ${sites.length} sites are`;
    return `${all} served, by a server that is up.`;
  }
  const bad = sites.filter(({ condition }) => !CONDITIONS[condition].ok);
  if (storeTrouble !== undefined || silentControllers > 0) return message;
  return troubles(bad);
};

/** `23:00`, or with its date when that is another day. */
export const shortTime = (iso: string, nowMs: number): string => {
  const [date, time] = [iso.slice(0, 10), iso.slice(11, 16)];
  return date === isoTime(nowMs).slice(0, 10) ? time : `${date} ${time}`;
};

/** `held by oncall-b until 23:00`, `pinned to standby by bo until 2026-11-30 09:00`; `why` is put in between. */
export const holderText = (holder: Holder, nowMs: number, why = ''): string => {
  const what = holder.server === null ? 'held' : `pinned to ${holder.server}`;
  const by = holder.by ?? 'a person whose name is lost';
  return `${what} by ${by}${why} until ${shortTime(holder.until, nowMs)}`;
};

/** `silenced by oncall-b until 23:00`; `why` is put in between. */
export const silenceText = ({ by, until }: SilenceStatus, nowMs: number, why = ''): string =>
  `silenced by ${by}${why} until ${shortTime(until, nowMs)}`;

/** What people are not told of a site, in a sentence each with the reason. A function of an earlier version says nothing of it. */
export const quietTexts = ({ silence, acknowledged, incident }: QuietedSite, nowMs: number): string[] => [
  ...(silence
    ? [`${silenceText(silence, nowMs)}: "${silence.reason}"; ${keptText(silence.suppressed)}`]
    : []),
  ...(acknowledged
    ? [
        `incident ${incident} acknowledged by ${acknowledged.by} at ${shortTime(acknowledged.since, nowMs)}: "${acknowledged.reason}"; no reminders until it changes or ends`,
      ]
    : []),
];

type QuietedSite = Pick<SiteStatus, 'silence' | 'acknowledged' | 'incident'>;

const keptText = (count: number): string =>
  count === 0 ? 'nothing was kept back so far' : `${count} message${count === 1 ? '' : 's'} kept back so far`;

/** One piece of the line of counts; `condition` gives it its weight, and is absent where it is of the deployment. */
export type CountPiece = { text: string; condition?: Condition };

/** Which conditions are counted together, in the order of the line. */
const COUNTED: [name: string, conditions: Condition[]][] = [
  ['fine', ['fine', 'no-standby']],
  ['failed over', ['failed-over']],
  ['to look at', ['notice']],
  ['SITE DOWN', ['down']],
  ['down and due to move', ['move-due']],
  ['edited by hand', ['edited', 'edited-down']],
  ['without records', ['no-records']],
  ['not adopted', ['adoptable']],
  ['unreadable', ['unreadable']],
  ['not known', ['unknown']],
  ['served from elsewhere', ['stranger']],
];

const HANDS: Condition[] = ['held', 'pinned', 'held-down'];

const inHands = (sites: readonly SiteStatus[], nowMs: number): CountPiece[] => {
  const held = sites.filter(({ condition }) => HANDS.includes(condition));
  const texts = Map.groupBy(held, ({ condition, holder }) => {
    const down = condition === 'held-down' ? 'down, ' : '';
    return holder === null ? `${down}held` : down + holderText(holder, nowMs);
  });
  return [...texts].map(([text, all]) => ({
    text: `${all.length} ${text}`,
    condition: all[0]?.condition ?? 'held',
  }));
};

/** Who keeps messages back, and of how many sites: what is not told is not fine for that. */
const silencedPieces = (sites: readonly SiteStatus[], nowMs: number): CountPiece[] => {
  const texts = sites.flatMap(({ silence }) => (silence ? [silenceText(silence, nowMs)] : []));
  return [...Map.groupBy(texts, (text) => text)].map(([text, all]) => ({
    text: `${all.length} ${text}`,
    condition: 'notice',
  }));
};

/** How many sites fare how, and in whose hands they are. */
export const sitePieces = ({ counts, sites, at }: StatusDocument): CountPiece[] => {
  const nowMs = Date.parse(at);
  const counted = COUNTED.flatMap(([name, conditions]): CountPiece[] => {
    const count = conditions.reduce((sum, condition) => sum + (counts.conditions[condition] ?? 0), 0);
    const first = conditions.find((condition) => counts.conditions[condition]) ?? conditions[0];
    return count === 0 ? [] : [{ text: `${count} ${name}`, ...(first && { condition: first }) }];
  });
  const alone = counts.withoutStandby;
  const text = `${sitesCounted(alone)} ${alone === 1 ? 'has' : 'have'} no armed standby`;
  return [
    ...counted,
    ...inHands(sites, nowMs),
    ...(alone === 0 ? [] : [{ text, condition: 'no-standby' as const }]),
    ...silencedPieces(sites, nowMs),
  ];
};

/** The pieces of the line of counts: what is not fine, who holds what, how fresh it is. */
export const countPieces = (document: StatusDocument): CountPiece[] => {
  const { vantages, decidedAt, at } = document;
  const ago =
    decidedAt === null
      ? 'nothing decided yet'
      : `decided at most ${duration(Date.parse(at) - Date.parse(decidedAt))} ago`;
  return [
    ...sitePieces(document),
    { text: ago, ...(document.silentControllers > 0 && { condition: 'unknown' as const }) },
    {
      text: `vantages ${vantages.of - vantages.blind.length}/${vantages.of}`,
      ...(vantages.blind.length > 0 && { condition: 'notice' as const }),
    },
  ];
};

/** `21:14:07 UTC` of a moment. */
export const timeOfDay = (iso: string): string => clockTime(Date.parse(iso)).slice(11);
