import { stateOf } from '../book/book.ts';
import type { Announcement } from '../core/messages/announcement.ts';
import {
  eventOf,
  eventOfAll,
  type InWords,
  type MadeEvent,
  type OpenAlerts,
  overNow,
} from '../core/messages/event-of.ts';
import { eventsTogether, massOverEvents } from '../core/messages/events-together.ts';
import type { OneOfMany } from '../core/messages/together.ts';
import type { Site } from '../core/site/site.ts';
import { type Alerts, staleAlerts } from '../core/state/alerts.ts';
import type { DeploymentNews } from '../core/state/news.ts';
import { isOwed, type Notice } from '../core/state/notice.ts';
import type { Teller } from './open.ts';

/** What pagers have open, for events about these sites. */
const openAlerts = ({ book, config, ending }: Teller, about: readonly Site[]): OpenAlerts => {
  const sites = new Map(about.map((site) => [site.name, site]));
  const alertsOf = (site: Site | undefined): Alerts => (site && stateOf(book, site).alerts) ?? {};
  const others = config.sites.filter(({ name }) => !sites.has(name));
  return {
    of: (name) => alertsOf(sites.get(name)),
    elsewhere: new Set(
      others.flatMap((site) => {
        const ended = ending.get(site.name) ?? [];
        return Object.keys(alertsOf(site)).filter((key) => !ended.includes(key));
      }),
    ),
    untaken: new Set(
      config.sites.flatMap((site) =>
        stateOf(book, site).incident?.acknowledged === undefined ? Object.keys(alertsOf(site)) : [],
      ),
    ),
  };
};

/** Notes what events that are about to be published end. */
const begun = ({ ending }: Teller, made: MadeEvent[]): MadeEvent[] => {
  for (const { changes } of made) for (const [site, { ends }] of changes) ending.set(site, ends);
  return made;
};

/** One site's notice as an event. */
export const eventApart = (teller: Teller, site: Site, news: InWords): MadeEvent[] => {
  const told = { site, state: stateOf(teller.book, site) };
  const open = openAlerts(teller, [site]);
  return begun(teller, [eventOf(teller.config, told, news, open)]);
};

/** One event for each set of tags. */
export const eventsOfMany = (
  teller: Teller,
  all: readonly OneOfMany[],
  announcement: Announcement,
): MadeEvent[] => {
  const open = openAlerts(
    teller,
    all.map(({ site }) => site),
  );
  return begun(teller, eventsTogether(all, teller.config, announcement, open));
};

/** News of the deployment as a whole; that a mass failure is over ends what its sites have open. */
export const eventsOfAll = (
  { book, config }: Teller,
  notice: Notice<DeploymentNews>,
  announcement: Announcement,
): MadeEvent[] => {
  const event = eventOfAll(config, { notice, announcement });
  if (notice.news.type === 'sites-removed') {
    const open = new Set(config.sites.flatMap((site) => Object.keys(stateOf(book, site).alerts ?? {})));
    const ends = overNow(notice.news.ended ?? {}, (key) => open.has(key));
    const [first] = ends;
    const ended =
      first === undefined ? event : { ...event, state: 'resolve' as const, dedupKey: first, ends };
    return [{ event: ended, changes: new Map() }];
  }
  const stale =
    notice.news.type === 'mass-over'
      ? config.sites.flatMap((site) => {
          const alerts = staleAlerts(stateOf(book, site));
          return Object.keys(alerts).length === 0 ? [] : [{ site, alerts }];
        })
      : [];
  return stale.length === 0
    ? [{ event, changes: new Map() }]
    : massOverEvents(stale, config, announcement, event);
};

/**
 * Whether news of the deployment has to wait: the end of a mass failure comes after the events that it ends, or a pager would keep them
 * open for ever. Each outbox is in order for itself alone.
 */
export const mustWait = (
  { book, channel, config }: Teller,
  { news, atMs }: Notice<DeploymentNews>,
): boolean =>
  channel === 'event' &&
  news.type === 'mass-over' &&
  config.sites.some((site) =>
    stateOf(book, site).outbox.some((one) => isOwed(one, 'event') && one.atMs <= atMs),
  );
