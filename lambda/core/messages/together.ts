import { fingerprint } from '../base/fingerprint.ts';
import type { Config, Site } from '../site/site.ts';
import { isOrder, type OrderNotice } from '../state/answered-order.ts';
import { DEPLOYMENT } from '../state/deployment-state.ts';
import { HEADLINES, type Headline, headlineOf, severityOf, worseness } from '../state/headline.ts';
import type { SiteNews } from '../state/news.ts';
import { incidentId, type Notice } from '../state/notice.ts';
import type { Silence } from '../state/silence.ts';
import { type Announcement, announcementOf, inWords, subjectOf, tagsOfSites } from './announcement.ts';
import { endOfOrder, ordersText } from './by-person.ts';
import { commonCause } from './cause.ts';
import { paragraphs, section } from './letter.ts';
import { failbackAll, holdAll, orderOf } from './offers.ts';
import { quietNotes, SILENCE_MEANS } from './silence.ts';
import { evidence, timeNear } from './wording.ts';

/**
 * A site that is told of together with others: how it stands, as the latest notice says, and what is told with that from before. `orders`:
 * those of persons of which this is what came.
 */
export type OneOfMany = {
  site: Site;
  notice: Notice<SiteNews>;
  before: readonly Notice<SiteNews>[];
  orders?: readonly OrderNotice[];
};

/** More sites than these say nothing to a tired person; `status` names all. */
const SITES_LISTED = 10;

type Line = OneOfMany & { headline: Headline | undefined };

const byHeadline = (lines: readonly Line[]): [Headline | 'NEWS', Line[]][] =>
  [...Map.groupBy(lines, ({ headline }) => headline ?? 'NEWS')].sort(([a], [b]) => badness(a) - badness(b));

const badness = (headline: Headline | 'NEWS' | undefined): number =>
  headline === undefined || headline === 'NEWS' ? Object.keys(HEADLINES).length : worseness(headline);

/** `SITE DOWN 2 sites, FAILOVER 50, NOT MOVED 1`: the worst first, since a subject may be cut. */
const countsText = (groups: readonly [string, Line[]][]): string =>
  groups
    .map(
      ([headline, lines], index) =>
        `${headline} ${lines.length}${index > 0 ? '' : lines.length === 1 ? ' site' : ' sites'}`,
    )
    .join(', ');

const tagsText = (lines: readonly Line[]): string | undefined => {
  const tags = lines.flatMap(({ site }) => site.tags);
  if (tags.length === 0) return undefined;
  const counts = [...Map.groupBy(tags, (tag) => tag)].sort(([a], [b]) => a.localeCompare(b));
  return section('By tag', counts.map(([tag, all]) => `${tag} ${all.length}`).join(', '));
};

const shown = (lines: readonly Line[], config: Config): string =>
  section(
    lines.length > SITES_LISTED
      ? `The first ${SITES_LISTED} sites, the worst first`
      : 'Which sites, the worst first',
    ...lines
      .slice(0, SITES_LISTED)
      .map(({ site, notice }) => `${subjectOf(site, config, notice)} [${notice.incident}]`),
    ...(lines.length > SITES_LISTED
      ? [`and ${lines.length - SITES_LISTED} more: npm run switchover -- status --all`]
      : []),
  );

/** What was seen of the worst, as an example of all. */
const example = ([first]: readonly Line[]): string | undefined =>
  first !== undefined && 'evidence' in first.notice.news
    ? `One of them, ${first.site.name}\n\n${evidence(first.site, first.notice.news.evidence)}`
    : undefined;

const mayGoBack = (lines: readonly Line[]): boolean =>
  lines.some(
    ({ site, notice: { kind } }) =>
      site.failback === 'manual' &&
      (kind === 'failover' || kind === 'server-up' || kind === 'nowhere-better'),
  );

const whatYouCan = (lines: readonly Line[], isBad: boolean, config: Config): string =>
  [
    'What you can do',
    ...endsOf(lines, config),
    '  See all sites, the worst first:',
    '    npm run switchover -- status --all',
    ...(mayGoBack(lines)
      ? ['  Move back what is to move back, once its servers are up:', ...failbackAll()]
      : []),
    ...(isBad ? ['  If the servers are not really down, stop everything:', ...holdAll(config)] : []),
  ].join('\n');

/** For which sites an order has to be given so that it is for exactly these: all, those of a tag, or each by its name. */
const targetsOf = (lines: readonly Line[], { sites }: Config): string[] => {
  const names = new Set(lines.map(({ site }) => site.name));
  if (sites.every(({ name }) => names.has(name))) return ['--all'];
  const tags = new Set(sites.flatMap((site) => site.tags));
  const isOfThese = (tag: string): boolean => {
    const tagged = sites.filter((site) => site.tags.includes(tag));
    return tagged.length === names.size && tagged.every(({ name }) => names.has(name));
  };
  const tag = [...tags].find(isOfThese);
  return tag === undefined ? [...names] : [`--tag ${tag}`];
};

/** How a person ends what was ordered for many sites. */
const endsOf = (lines: readonly Line[], config: Config): string[] => {
  const ends = [...Map.groupBy(lines, ({ notice: { news } }) => news.type === 'ordered' && endOfOrder(news))];
  return ends.flatMap(([end, some]) => {
    if (!end) return [];
    const targets = targetsOf(some, config);
    const left = targets.length - SITES_LISTED;
    return [
      `  ${end.text}:`,
      ...targets.filter((_, at) => at < SITES_LISTED).flatMap((target) => orderOf(target, end.action)),
      ...(left > 0 ? [`  and ${left} more of these sites, each by its name`] : []),
    ];
  });
};

/** What has become of sites, by headline. */
const FATES: Partial<Record<Headline, string>> = {
  'SITE DOWN': 'No server works',
  'NOT MOVED': 'Kept where they are',
  'SERVER DOWN': 'Down and not moved yet',
  'LAST RESORT': 'Moved to the last resort',
  FAILOVER: 'Moved to a standby',
  'NO STANDBY': 'Without a standby',
  'STANDBY DOWN': 'With one standby less',
};

const fateOf = ({ headline, notice: { news } }: Line): string => {
  if (news.type === 'stuck' && news.hold !== undefined && headline === 'NOT MOVED')
    return `${news.hold.mode === 'held' ? 'Held' : 'Pinned'} by ${news.hold.by ?? 'a person'}`;
  return (headline && FATES[headline]) ?? headline ?? 'Other news';
};

/** So few are named at once: somebody has to see to each of them. */
const NAMED = 3;

const fatesText = (lines: readonly Line[]): string =>
  [...Map.groupBy(lines, fateOf)]
    .map(([fate, some]) => {
      const names = some.length > NAMED ? '' : ` (${some.map(({ site }) => site.name).join(', ')})`;
      return ` ${fate}: ${some.length}${names}.`;
    })
    .join('');

/**
 * What is told of many sites at once. `incident`: the one under which they were told of before. `waiting`: so many more are due.
 * `silences`: of those of them that are silenced.
 */
export type Occasion = {
  incident?: string | undefined;
  waiting?: number | undefined;
  silences?: readonly Silence[];
};

/** What was not told in time and is overtaken: no switch is left out. */
const beforeText = (lines: readonly Line[]): string => {
  const earlier = lines.flatMap(({ site, before }) =>
    before.map((notice): Line => ({ site, notice, before: [], headline: headlineOf(notice.news) })),
  );
  return earlier.length === 0 ? '' : ` Before that: ${countsText(byHeadline(earlier))}.`;
};

/** What they have in common: why servers fail and where those are, or the same words of all. */
const commonText = (lines: readonly Line[], config: Config): string => {
  const cause = commonCause(lines.map(({ site, notice: { news } }) => ({ site, news })));
  if (cause !== '') return cause;
  const words = lines.map(({ site, notice, headline }) =>
    subjectOf(site, config, notice).slice(`${headline} ${site.name}: `.length),
  );
  const [first = ''] = words;
  return words.every((one) => one === first) ? first : '';
};

/** Since when the first of them fares so. */
const sinceOf = ({ notice: { news, atMs } }: OneOfMany): number =>
  'sinceMs' in news && typeof news.sinceMs === 'number' ? news.sinceMs : atMs;

/** One event at many sites as one message: what they have in common, how many fare how, by tag, and the first of them. */
export const together = (
  all: readonly [OneOfMany, ...OneOfMany[]],
  config: Config,
  { incident: known, waiting = 0, silences = [] }: Occasion = {},
): Announcement => {
  const lines = all
    .map((one): Line => ({ ...one, headline: headlineOf(one.notice.news) }))
    .sort((a, b) => badness(a.headline) - badness(b.headline));
  const groups = byHeadline(lines);
  const { notice: worst } = lines[0] ?? all[0];
  const severity = severityOf(worst.news);
  const times = all.map(({ notice }) => notice.atMs);
  const atMs = Math.max(...times);
  const incident = known ?? incidentId(config.deployment, Math.min(...times));
  const common = commonText(lines, config);
  // One more of a mass failure has the subject that it would have by itself.
  const [only] = all.length === 1 ? all : [];
  const subject =
    only === undefined
      ? `${countsText(groups)}${common === '' ? ` of ${config.deployment}` : `: ${common.replace(', all at ', ' at ')}`}`
      : subjectOf(only.site, config, only.notice);
  const wait = waiting === 0 ? '' : ` ${waiting} more are due to move and wait for their turn.`;
  const since = severity === 'info' ? '' : ` since ${timeNear(Math.min(...all.map(sinceOf)), atMs)}`;
  const fates = severity === 'info' && groups.length === 1 ? '' : fatesText(lines);
  const lead = `${all.length} of ${config.sites.length} sites of ${config.deployment}${since}${common === '' ? '' : `: ${common}`}.${fates}${wait}${beforeText(lines)}`;
  const text = paragraphs(
    ...ordersText(
      lines.flatMap(({ orders = [], notice }) => (isOrder(notice) ? [...orders, notice] : orders)),
    ),
    lines.some(({ notice: { news } }) => news.type === 'ordered' && news.about === 'silence')
      ? SILENCE_MEANS
      : undefined,
    whatYouCan(lines, severity !== 'info', config),
    shown(lines, config),
    tagsText(lines),
    severity === 'info' ? undefined : example(lines),
    quietNotes(silences),
  );
  const id = `${incident}/${worst.kind}/${atMs}/${fingerprint(subject)}`;
  const identity = { id, kind: worst.kind, site: DEPLOYMENT, incident, atMs, severity };
  const sites = lines.flatMap(({ site, notice, before, orders = [] }) =>
    [...before, ...orders, notice].map((one) => {
      const { kind, subject: own } = announcementOf(site, config, one);
      return { site: site.name, kind, subject: own };
    }),
  );
  const tags = tagsOfSites(lines.map(({ site }) => site));
  return { ...inWords(config, identity, { subject, lead, text }), sites, ...tags };
};
