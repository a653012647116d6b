import type { Site } from '../site/site.ts';
import { homeServer } from '../site/site.ts';
import { HEADLINES, type Headline, headlineOf, isLasting, type Severity, severityOf } from './headline.ts';
import type { News, NewsOf, SiteNews } from './news.ts';
import type { Notice } from './notice.ts';

/**
 * The alerts of a site that pagers have open, by key, each with its class. They outlive their incident: what ends an alert may be told
 * after the incident was closed.
 */
export type Alerts = Record<string, string>;

/** Of more than this the oldest are forgotten: a pager that is never told of an end must not fill the state. */
const MOST_OPEN = 30;

const slug = (headline: Headline): string => headline.toLowerCase().replaceAll(' ', '-');

/** News that is about one server, so that one server's end is not taken for another's. */
const BY_SERVER: readonly Headline[] = ['STANDBY DOWN', 'FLAPPING', 'NOT SEEN', 'CERTIFICATE', 'LARGE HELLO'];

/** The server that the news is about; at the end of a silence the first of those that are not well. */
const serverIn = (news: News): string | undefined => {
  if (news.type === 'silence-ended') return [...news.down, ...news.flapping, ...news.unknown][0];
  return 'server' in news ? news.server : undefined;
};

/**
 * What kind of trouble an alert is about: two of one class and incident are one alert. `SERVER DOWN` is what becomes a failover, so it has
 * the class of one: nobody is woken twice by one server's death.
 */
export const alertClass = (news: News): string => {
  const headline = headlineOf(news);
  if (headline === undefined) return 'news';
  if (headline === 'SERVER DOWN') return slug('FAILOVER');
  if (news.type === 'lagging') return 'not-visible';
  const server = BY_SERVER.includes(headline) ? serverIn(news) : undefined;
  const ofServer = server === undefined ? '' : `-${server}`;
  return `${slug(headline)}${ofServer}`;
};

/** How bad a class is: 0 is the worst. */
export const classRank = (alertClassName: string): number => {
  const found = Object.keys(HEADLINES).findIndex((headline) =>
    alertClassName.startsWith(slug(headline as Headline)),
  );
  return found === -1 ? Object.keys(HEADLINES).length : found;
};

const severityOfClass = (alertClassName: string): Severity | undefined =>
  Object.values(HEADLINES)[classRank(alertClassName)];

/** Whether the news opens an alert: whatever somebody should look at. */
export const opensAlert = (news: News): boolean => severityOf(news) !== 'info';

/** Whether the end of such an alert is told. Of all others a person says that it is over. */
export const hasEnd = (news: News): boolean => {
  const headline = headlineOf(news);
  return (
    headline !== undefined &&
    (isLasting(headline) || news.type === 'blocked' || news.type === 'lagging') &&
    opensAlert(news)
  );
};

/** Trouble that any write of ours puts an end to: it shows that the records are as we want them. */
const UNTIL_WRITTEN = ['edited', 'not-ours', 'not-written', 'not-in-dns'];
/** Trouble that is over when another server serves, and works. */
const UNTIL_MOVED = ['site-down', 'not-moved', 'not-known', 'last-resort'];
/** Trouble that is over when the server that serves is up. */
const UNTIL_SERVED = ['site-down', 'not-moved', 'not-known'];

/** Whether the server that was moved to passed as it was moved to: a person may pin one that does not. */
const worksNow = ({ to, reason, evidence: { sightings } }: NewsOf<'moved'>): boolean => {
  if (reason !== 'pinned') return true;
  const seen = Object.values(sightings).flatMap(({ [to]: one }) => (one === undefined ? [] : [one.outcome]));
  return seen.filter((outcome) => outcome === 'passed').length * 2 > seen.length;
};

/** What is over when these servers, of which none serves, are up. */
const untilArmed = (servers: readonly string[]): string[] =>
  servers.flatMap((server) => ['no-standby', `standby-down-${server}`, `not-seen-${server}`]);

const endedByTurn = ({ health, serves, server, also = [] }: NewsOf<'turned'>, site: Site): string[] => {
  if (health !== 'up') return [];
  if (!serves) return untilArmed([server, ...also]);
  return [...UNTIL_SERVED, ...(server === homeServer(site) ? ['failover'] : []), ...untilArmed(also)];
};

/** The classes that this news ends at its site; `all` where nothing is amiss there any more. */
const endedBy = (news: SiteNews, site: Site): readonly string[] | 'all' => {
  if (news.type === 'over' || news.type === 'address-answers' || ('over' in news && news.over)) return 'all';
  switch (news.type) {
    case 'moved':
      if (news.from === news.to || !worksNow(news)) return UNTIL_WRITTEN;
      return [...UNTIL_WRITTEN, ...UNTIL_MOVED, ...(news.to === homeServer(site) ? ['failover'] : [])];
    case 'turned':
      return endedByTurn(news, site);
    case 'steady':
      return [`flapping-${news.server}`];
    case 'visible':
      return ['not-visible'];
    case 'unblocked':
      return ['blocked'];
    default:
      return [];
  }
};

/** The open alerts of a site that this news ends, but for one of its own class: by key. */
export const endedAlerts = (news: SiteNews, site: Site, open: Alerts): string[] => {
  const ended = endedBy(news, site);
  const own = opensAlert(news) ? alertClass(news) : undefined;
  return Object.entries(open).flatMap(([key, name]) =>
    name !== own && (ended === 'all' || ended.includes(name)) ? [key] : [],
  );
};

/** The alerts of a site that are open once what waits in its outbox before `notice` was told. */
const openBefore = ({ alerts, outbox }: Alerting, notice: Notice<SiteNews>): Alerts => {
  const before = outbox.slice(
    0,
    outbox.findIndex(({ id }) => id === notice.id),
  );
  const opening = before.filter(({ news }) => hasEnd(news)).map(({ news }) => alertClass(news));
  return { ...alerts, ...Object.fromEntries(opening.map((name) => [name, name])) };
};

type Alerting = { alerts?: Alerts; outbox: readonly Notice<SiteNews>[] };

/**
 * Whether a notice ends what pagers have open, or will once what waits before it was told; `woke`: among that is what somebody may have
 * been woken by.
 */
export const endsOpen = (
  state: Alerting,
  site: Site,
  notice: Notice<SiteNews>,
): 'woke' | 'open' | undefined => {
  const open = openBefore(state, notice);
  const ended = endedAlerts(notice.news, site, open).map((key) => open[key] ?? '');
  if (ended.length === 0) return undefined;
  return ended.some((name) => severityOfClass(name) === 'critical') ? 'woke' : 'open';
};

/** What a message changes of a site's open alerts. */
export type AlertChange = { opens: Alerts; ends: string[] };

/** The alerts after a message; undefined where none is left. */
export const alertsAfter = (open: Alerts | undefined, { opens, ends }: AlertChange): Alerts | undefined => {
  const kept = Object.entries({ ...open, ...opens }).filter(([key]) => !ends.includes(key));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.slice(-MOST_OPEN));
};

/** Alerts that nothing will end any more: their incident is over, or was told as that of many. */
export const staleAlerts = ({
  alerts = {},
  incident,
}: {
  alerts?: Alerts;
  incident?: { id: string; group?: string };
}): Alerts => {
  const going = [incident?.id, incident?.group].filter((id) => id !== undefined);
  return Object.fromEntries(
    Object.entries(alerts).filter(([key]) => !going.some((id) => key.startsWith(`${id}-`))),
  );
};
