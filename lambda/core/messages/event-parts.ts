import { isoTime } from '../base/time.ts';
import { basisOf, type Evidence } from '../evidence/evidence.ts';
import { OUTCOMES } from '../probe/outcome.ts';
import { linkedDashboard } from '../site/dashboard.ts';
import type { Health } from '../site/health.ts';
import type { Config, Site } from '../site/site.ts';
import type { OrderNotice } from '../state/answered-order.ts';
import type { News } from '../state/news.ts';
import type { SiteState } from '../state/site-state.ts';
import { parseRole } from '../zone/role-record.ts';
import type { AlertEvent, CommonCause, EventHold, EventOrder, EventServer } from './event.ts';

/** A site as an event tells of it: what it is, and what is known of it when the event is told. */
export type Told = { site: Site; state: Pick<SiteState, 'targets' | 'written'> };

/** An object without the fields that are undefined: JSON has none. */
export const defined = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const evidenceIn = (news: News): Evidence | undefined => ('evidence' in news ? news.evidence : undefined);

/** The server that serves, as the news says, or as we left it. */
const servingIn = (news: News, { written }: Told['state']): string | undefined => {
  if (news.type === 'moved') return news.to;
  if ('serving' in news && news.serving !== undefined) return news.serving;
  return written === undefined ? undefined : parseRole(written.role)?.serving;
};

/** Of each server its health, and what each vantage saw of it. */
export const serversOf = (news: News, { site, state }: Told): EventServer[] | undefined => {
  const evidence = evidenceIn(news);
  if (evidence === undefined) return undefined;
  const serving = servingIn(news, state);
  return site.servers.map(({ name }) => ({
    name,
    health: turnedTo(news, name) ?? healthOf(state, name),
    serves: name === serving,
    causes: Object.fromEntries(
      Object.entries(basisOf(evidence, name)).map(([vantage, { outcome, code, detail }]) => [
        vantage,
        { outcome, code: code ?? '', phrase: detail },
      ]),
    ),
  }));
};

/** The health that a server has turned to, as the news says. */
const turnedTo = (news: News, name: string): Health | undefined =>
  news.type === 'turned' && [news.server, ...(news.also ?? [])].includes(name) ? news.health : undefined;

const healthOf = ({ targets }: Told['state'], name: string): Health => targets[name]?.health ?? 'unknown';

/** The phrase of the table, which is the same for all sites; of a code that this version does not know the code. */
const phraseOf = (code: string): string => OUTCOMES[code as keyof typeof OUTCOMES]?.[1] ?? code;

/** Why each server fails: the code that most vantages saw. */
export const causesOf = (news: News, site: Site): CommonCause[] => {
  const evidence = evidenceIn(news);
  if (evidence === undefined) return [];
  return site.servers.flatMap(({ name }): CommonCause[] => {
    const codes = Object.values(basisOf(evidence, name)).flatMap(({ outcome, code }) =>
      outcome === 'failed' ? [code ?? ''] : [],
    );
    const [most] = [...Map.groupBy(codes, (code) => code)].sort(([, a], [, b]) => b.length - a.length);
    if (most === undefined) return [];
    const [code, { length: vantages }] = most;
    return [{ server: name, code, phrase: phraseOf(code), vantages }];
  });
};

/** More causes than these say nothing. */
const MOST_CAUSES = 10;

/** The commonest causes at many sites; of each the most vantages that saw it at one of them. */
export const commonestCauses = (all: readonly CommonCause[]): CommonCause[] =>
  [...Map.groupBy(all, ({ server, code }) => `${server} ${code}`).values()]
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_CAUSES)
    .flatMap((same) => {
      const [first] = same;
      return first === undefined
        ? []
        : [{ ...first, vantages: Math.max(...same.map((one) => one.vantages)) }];
    });

const textIn = (news: News, key: 'from' | 'to'): string | undefined => {
  const value = (news as { from?: unknown; to?: unknown })[key];
  return typeof value === 'string' ? value : undefined;
};

/** What a piece of news says of a move, a hold and its times. */
export const detailsOf = (news: News) => ({
  from: textIn(news, 'from'),
  to: textIn(news, 'to'),
  hold: news.type === 'stuck' ? holdOf(news.hold) : undefined,
  times: defined<AlertEvent['times']>({
    since: 'sinceMs' in news && typeof news.sinceMs === 'number' ? isoTime(news.sinceMs) : undefined,
    seen: isoOr(evidenceIn(news)?.startMs),
  }),
});

/** Of an order that many sites were given the first say what it was. */
const MOST_ORDERS = 20;

/** Who asked for what the event tells, when and why. */
export const eventOrders = (orders: readonly OrderNotice[]): EventOrder[] | undefined =>
  orders.length === 0
    ? undefined
    : orders.slice(0, MOST_ORDERS).map(({ atMs, site, news: { by, what, ended, reason } }) => ({
        at: isoTime(atMs),
        by,
        what: ended ? `${what}, ${ended}` : what,
        reason,
        site,
      }));

const isoOr = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : isoTime(ms));

const holdOf = (hold: (News & { type: 'stuck' })['hold']): EventHold | undefined => {
  if (hold === undefined) return undefined;
  const { epoch: _, untilMs, ...said } = hold;
  return defined<EventHold>({ ...said, until: isoTime(untilMs) });
};

/** Where a person looks next. On a local machine AWS has no console for it. */
export const linksOf = (config: Config, site?: Site): AlertEvent['links'] => {
  const { deployment, homeRegion, local } = config;
  return defined<AlertEvent['links']>({
    site: site === undefined ? undefined : `https://${site.host}/`,
    console: local
      ? undefined
      : `https://${homeRegion}.console.aws.amazon.com/lambda/home?region=${homeRegion}#/functions/${deployment}-console?tab=testing`,
    dashboard: linkedDashboard(config),
  });
};
