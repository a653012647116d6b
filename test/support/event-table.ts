import { virtualSite } from '../../fixtures/virtual/world.ts';
import { stateOf } from '../../lambda/core/messages/event-of.ts';
import { alertClass, endedAlerts, hasEnd, opensAlert } from '../../lambda/core/state/alerts.ts';
import { HEADLINES, type Headline, headlineOf } from '../../lambda/core/state/headline.ts';
import type { News, SiteNews } from '../../lambda/core/state/news.ts';
import { EVERY_NEWS, OF_DEPLOYMENT } from './every-news.ts';

export const ALL_NEWS: News[] = Object.values(EVERY_NEWS).flat();
export const isOfSite = (news: News): news is SiteNews => !OF_DEPLOYMENT.includes(news.type);

const STATES = ['trigger', 'resolve', 'change', 'info'] as const;

const SITE = virtualSite('www');
/** Every alert that the sample site can have open. */
const OPEN = Object.fromEntries(
  ALL_NEWS.filter((news) => isOfSite(news) && hasEnd(news)).map((news) => [
    `i-${alertClass(news)}`,
    alertClass(news),
  ]),
);

const shownClass = (name: string): string => name.replace(/(?<!^no)-(standby|primary)$/, '-SERVER');

const endsOf = (news: News): string[] => (isOfSite(news) ? endedAlerts(news, SITE, OPEN) : []);

const listed = (all: readonly string[]): string => [...new Set(all)].sort().join(', ');

/** How an alert of the headline ends. */
const endText = (all: readonly News[]): string => {
  const open = all.filter(opensAlert);
  if (open.length === 0) return '';
  return listed(open.map((news) => (isOfSite(news) && hasEnd(news) ? 'an event' : 'a person')));
};

/** One row of the table in docs/events.md for each headline, from the catalogue itself. */
export const eventTable = (): string => {
  const rows = (Object.keys(HEADLINES) as Headline[]).map((headline) => {
    const all = ALL_NEWS.filter((news) => headlineOf(news) === headline);
    const states = all.flatMap((news) => [stateOf([news], []), stateOf([news], endsOf(news))]);
    const classes = all.filter(opensAlert).map((news) => `\`${shownClass(alertClass(news))}\``);
    const cells = [
      `\`${headline}\``,
      HEADLINES[headline],
      STATES.filter((state) => states.includes(state)).join(' or '),
      listed(classes),
      endText(all),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| headline | severity | state | ends of `dedupKey` | ended by |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
};
