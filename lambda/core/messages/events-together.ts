import type { Config, Site } from '../site/site.ts';
import {
  type AlertChange,
  type Alerts,
  alertClass,
  classRank,
  endedAlerts,
  hasEnd,
} from '../state/alerts.ts';
import { HEADLINES, severityOf, worseness } from '../state/headline.ts';
import type { SiteNews } from '../state/news.ts';
import type { Notice } from '../state/notice.ts';
import type { Announcement } from './announcement.ts';
import { tagsOf } from './concerned.ts';
import type { AlertEvent, EventSite } from './event.ts';
import {
  frameOf,
  headlineIn,
  keyOf,
  type MadeEvent,
  type OpenAlerts,
  overNow,
  stateOf,
  takenBy,
  unlessEmpty,
} from './event-of.ts';
import { causesOf, commonestCauses, defined, detailsOf, eventOrders, linksOf } from './event-parts.ts';
import type { OneOfMany } from './together.ts';

/** So many sites are named in an event: with 500 it has about 60 KB. */
const SITES_NAMED = 500;
/** Sets of tags that have an event of their own; the sites of all others share one. */
const MOST_SETS = 10;

const slugOf = (tags: readonly string[]): string => tags.join('+');

/** Sites by their set of tags, the sets with most sites first. A team's filter policy knows its own tag alone. */
const byTags = <T extends { site: Site }>(all: readonly T[]): [slug: string, some: T[]][] => {
  const sets = [...Map.groupBy(all, ({ site }) => slugOf([...site.tags].sort()))].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  if (sets.length <= MOST_SETS) return sets;
  const others = sets.slice(MOST_SETS - 1).flatMap(([, some]) => some);
  return [...sets.slice(0, MOST_SETS - 1), ['others', others]];
};

const badness = ({ news }: Notice<SiteNews>): number => {
  const headline = headlineIn(news);
  return headline === 'NEWS' ? Object.keys(HEADLINES).length : worseness(headline);
};

/** What becomes of the alerts of the sites of one event. `key`: the alert that they share. */
const changesOf = (lines: readonly OneOfMany[], open: OpenAlerts, key: string): MadeEvent['changes'] =>
  new Map(
    lines.map(({ site, notice, before }): [string, AlertChange] => {
      const all = [...before, notice].map(({ news }) => news);
      const known = open.of(site.name);
      const ends = all.flatMap((news) => endedAlerts(news, site, known)).filter((one) => one !== key);
      const last = notice.news;
      return [
        site.name,
        { opens: hasEnd(last) ? { [key]: alertClass(last) } : {}, ends: [...new Set(ends)] },
      ];
    }),
  );

/** The keys that end by these changes, and that no site of these has open any more either, by their class. */
const endedIn = (changes: MadeEvent['changes'], open: OpenAlerts, key: string): string[] => {
  const ended: Alerts = {};
  const kept = new Set<string>([key]);
  for (const [site, { ends, opens }] of changes) {
    const known = open.of(site);
    for (const [one, name] of Object.entries(known)) {
      if (ends.includes(one)) ended[one] = name;
      else kept.add(one);
    }
    for (const one of Object.keys(opens)) kept.add(one);
  }
  return overNow(ended, (one) => kept.has(one) || open.elsewhere.has(one));
};

/**
 * One event at many sites, told once for each set of tags: a filter policy lets a message through by the tags that it has, so one message
 * without a team's tag would not reach that team. `announcement`: the one mail about all of them.
 */
export const eventsTogether = (
  all: readonly OneOfMany[],
  config: Config,
  announcement: Announcement,
  open: OpenAlerts,
): MadeEvent[] => {
  const sets = byTags(all);
  const made = sets.map(([slug, some]) => {
    const others = sets.filter(([, each]) => each !== some).flatMap(([, each]) => each);
    return ofSet(slug, some, { config, announcement, open: withOthers(open, others) });
  });
  return inOrder(made);
};

/** Each with what is told of the others before it. */
const inOrder = (made: readonly MadeEvent[]): MadeEvent[] =>
  made.map((one, index) => {
    if (index === 0) return one;
    const before = made
      .slice(0, index)
      .map(({ event: { tags, severity, state, ends } }) => ({ tags, severity, state, ends }));
    return { ...one, event: { ...one.event, before } };
  });

/** Sites of other sets may share an alert with those of this one. */
const withOthers = (open: OpenAlerts, others: readonly OneOfMany[]): OpenAlerts => ({
  ...open,
  elsewhere: new Set([...open.elsewhere, ...others.flatMap(({ site }) => Object.keys(open.of(site.name)))]),
});

type About = { config: Config; announcement: Announcement; open: OpenAlerts };

const ofSet = (
  slug: string,
  some: readonly OneOfMany[],
  { config, announcement, open }: About,
): MadeEvent => {
  const lines = [...some].sort((a, b) => badness(a.notice) - badness(b.notice));
  const [worst] = lines as [OneOfMany];
  const { news, kind } = worst.notice;
  const own = keyOf(announcement.incident, alertClass(news), slug);
  const changes = changesOf(lines, open, own);
  const ends = endedIn(changes, open, own);
  const state = stateOf(
    lines.map(({ notice }) => notice.news),
    ends,
  );
  const causes = commonestCauses(lines.flatMap(({ site, notice }) => causesOf(notice.news, site)));
  const frame = frameOf(config, announcement);
  const named = lines
    .flatMap(({ site, notice, before }) =>
      [...before, notice].map(
        (one): EventSite => ({ site: site.name, kind: one.kind, headline: headlineIn(one.news) }),
      ),
    )
    .slice(0, SITES_NAMED);
  const event = defined<AlertEvent>({
    ...frame,
    id: slug === '' ? frame.id : `${frame.id}/${slug}`,
    kind,
    severity: severityOf(news),
    headline: headlineIn(news),
    state,
    dedupKey: state === 'resolve' ? (ends[0] ?? own) : own,
    ends,
    acknowledges: unlessEmpty([
      ...new Set(lines.flatMap(({ site, notice }) => takenBy(notice.news, site.name, open))),
    ]),
    site: undefined,
    sites: named,
    siteCount: lines.length,
    tags: tagsOf(lines.map(({ site }) => site)),
    servers: undefined,
    causes: unlessEmpty(causes),
    ...detailsOf(news),
    orders: eventOrders(lines.flatMap(({ orders = [] }) => orders)),
    from: undefined,
    to: undefined,
    hold: undefined,
    links: linksOf(config),
  });
  return { event, changes };
};

/**
 * A mass failure is over: all alerts that its sites have open and that are of no incident that goes on end, once for each set of tags.
 * `stale`: those of each site, by key.
 */
export const massOverEvents = (
  stale: readonly { site: Site; alerts: Alerts }[],
  config: Config,
  announcement: Announcement,
  frame: AlertEvent,
): MadeEvent[] => {
  const told = new Set<string>();
  const made = byTags(stale).map(([slug, some]) => {
    const ended: Alerts = Object.assign({}, ...some.map(({ alerts }) => alerts));
    // An alert that two sets share is ended by the first.
    const ends = Object.keys(ended)
      .filter((key) => !told.has(key))
      .sort((a, b) => classRank(ended[a] ?? '') - classRank(ended[b] ?? ''));
    for (const key of ends) told.add(key);
    const event: AlertEvent = {
      ...frame,
      id: slug === '' ? announcement.id : `${announcement.id}/${slug}`,
      state: ends.length > 0 ? 'resolve' : 'info',
      dedupKey: ends[0] ?? frame.dedupKey,
      ends,
      siteCount: some.length,
      sites: some
        .slice(0, SITES_NAMED)
        .map(({ site }) => ({ site: site.name, kind: announcement.kind, headline: frame.headline })),
      tags: tagsOf(some.map(({ site }) => site)),
      links: linksOf(config),
    };
    const changes = some.map(({ site, alerts }): [string, AlertChange] => [
      site.name,
      { opens: {}, ends: Object.keys(alerts) },
    ]);
    return { event, changes: new Map(changes) };
  });
  return inOrder(made);
};
