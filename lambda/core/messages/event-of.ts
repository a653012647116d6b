import { fingerprint } from '../base/fingerprint.ts';
import { isoTime } from '../base/time.ts';
import type { Config } from '../site/site.ts';
import {
  type AlertChange,
  type Alerts,
  alertClass,
  classRank,
  endedAlerts,
  hasEnd,
  opensAlert,
} from '../state/alerts.ts';
import type { OrderNotice } from '../state/answered-order.ts';
import { DEPLOYMENT } from '../state/deployment-state.ts';
import { type Headline, headlineOf } from '../state/headline.ts';
import type { DeploymentNews, News, SiteNews } from '../state/news.ts';
import type { Notice } from '../state/notice.ts';
import type { Announcement } from './announcement.ts';
import { concernedBy, tagsOf } from './concerned.ts';
import type { AlertEvent, AlertState } from './event.ts';
import { causesOf, defined, detailsOf, eventOrders, linksOf, serversOf, type Told } from './event-parts.ts';

/** An event, and what it changes of the open alerts of its sites, by name. */
export type MadeEvent = { event: AlertEvent; changes: Map<string, AlertChange> };

/**
 * What is known of the alerts that are open. `of`: those of the sites that the event is about. `elsewhere`: keys that other sites have
 * open, too: an alert about many is over when it is over at the last of them. `untaken`: those that are open at a site whose incident nobody
 * has acknowledged.
 */
export type OpenAlerts = {
  of(site: string): Alerts;
  elsewhere: ReadonlySet<string>;
  untaken: ReadonlySet<string>;
};

/** Characters of a text that an event carries: with the attributes SNS takes 256 KiB. */
const LONGEST_TEXT = 20_000;
/** PagerDuty takes keys of up to 255 characters; an incident's id has at most 40 and a class at most 50. */
const LONGEST_SUFFIX = 100;

/** A key of printable characters. Too long a suffix is told by its fingerprint. */
export const keyOf = (incident: string, name: string, suffix = ''): string =>
  [incident, name, suffix.length > LONGEST_SUFFIX ? fingerprint(suffix) : suffix]
    .filter((part) => part !== '')
    .join('-');

export const headlineIn = (news: News): Headline | 'NEWS' => headlineOf(news) ?? 'NEWS';

/** A move, or what a person orders of moves: not what one says about messages. */
const isMove = (news: News): boolean =>
  ['moved', 'switch-ended', 'expired'].includes(news.type) ||
  (news.type === 'ordered' && news.about === undefined);

/** What the event does to an alert; the first that fits. */
export const stateOf = (all: readonly News[], ends: readonly string[]): AlertState => {
  if (all.some(opensAlert)) return 'trigger';
  if (ends.length > 0) return 'resolve';
  return all.some(isMove) ? 'change' : 'info';
};

/** Those keys that no site has open any more, the worst first; `classes`: the class of each. */
export const overNow = (ended: Alerts, isOpen: (key: string) => boolean): string[] =>
  Object.entries(ended)
    .filter(([key]) => !isOpen(key))
    .sort(([, a], [, b]) => classRank(a) - classRank(b))
    .map(([key]) => key);

/** The open alerts of a site that are taken on by this news: one about many is once that is so at each of them. */
export const takenBy = (news: News, site: string, { of, untaken }: OpenAlerts): string[] =>
  news.type === 'ordered' && news.about === 'acknowledgement'
    ? Object.keys(of(site)).filter((key) => !untaken.has(key))
    : [];

/** A field that is left out where it would be empty. */
export const unlessEmpty = <T>(all: readonly T[]): T[] | undefined =>
  all.length === 0 ? undefined : [...all];

/** What every event has. */
export const frameOf = (
  config: Config,
  { id, atMs, kind, severity, incident, subject, text }: Announcement,
): Pick<
  AlertEvent,
  'v' | 'id' | 'deployment' | 'region' | 'at' | 'kind' | 'severity' | 'incident' | 'subject' | 'text'
> => ({
  v: 1,
  id,
  deployment: config.deployment,
  region: config.homeRegion,
  at: isoTime(atMs),
  kind,
  severity,
  incident,
  subject,
  text: text.slice(0, LONGEST_TEXT),
});

/** A notice, the same in words, and the orders that it tells as well. */
export type InWords = {
  notice: Notice<SiteNews>;
  announcement: Announcement;
  orders?: readonly OrderNotice[];
};

/** A notice of one site as an event. */
export const eventOf = (
  config: Config,
  { site, state }: Told,
  { notice: { news, incident }, announcement, orders = [] }: InWords,
  open: OpenAlerts,
): MadeEvent => {
  const known = open.of(site.name);
  const ended = endedAlerts(news, site, known);
  const ends = overNow(Object.fromEntries(ended.map((key) => [key, known[key] ?? ''])), (key) =>
    open.elsewhere.has(key),
  );
  const own = keyOf(incident, alertClass(news));
  const made = stateOf([news], ends);
  const event = defined<AlertEvent>({
    ...frameOf(config, announcement),
    headline: headlineIn(news),
    state: made,
    dedupKey: made === 'resolve' ? (ends[0] ?? own) : own,
    ends: ends.filter((key) => key !== own),
    acknowledges: unlessEmpty(takenBy(news, site.name, open)),
    site: site.name,
    sites: undefined,
    siteCount: 1,
    tags: tagsOf([site]),
    servers: serversOf(news, { site, state }),
    causes: unlessEmpty(causesOf(news, site)),
    ...detailsOf(news),
    orders: eventOrders(orders),
    links: linksOf(config, site),
  });
  const opens = hasEnd(news) ? { [own]: alertClass(news) } : {};
  return { event, changes: new Map([[site.name, { opens, ends: ended }]]) };
};

/**
 * News of the deployment as a whole: its alert is the same each time it is told, and a person says that it is over. That of a vantage or a
 * zone is its own.
 */
export const eventOfAll = (
  config: Config,
  { notice: { news, site }, announcement }: { notice: Notice<DeploymentNews>; announcement: Announcement },
): AlertEvent => {
  const about = 'vantage' in news ? news.vantage : 'zone' in news ? news.zone : '';
  return defined<AlertEvent>({
    ...frameOf(config, announcement),
    headline: headlineIn(news),
    state: stateOf([news], []),
    dedupKey: keyOf(config.deployment, alertClass(news), about),
    ends: [],
    acknowledges: undefined,
    site: site === DEPLOYMENT ? undefined : site,
    sites: undefined,
    siteCount: site === DEPLOYMENT ? 0 : 1,
    tags: concernedBy(news, config),
    servers: undefined,
    causes: undefined,
    orders: undefined,
    ...detailsOf(news),
    links: linksOf(config),
  });
};
