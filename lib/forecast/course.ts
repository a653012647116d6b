import type { Config, Site } from '../../lambda/core/site/site.ts';
import {
  FAILURES,
  type Failure,
  type Forecast,
  forecast,
  LEVERS,
  type Lever,
  type Plan,
  sensibleTtls,
} from './model.ts';
import { AUDIENCES, dollarsOf, queriesPerMonth } from './resolvers.ts';

/** TTLs to choose from; a site's own is put among them. */
const TTLS = [10, 20, 30, 60, 120, 300, 600, 3600];
/** The failure whose course is shown: connections are refused when a server process dies, which is the most common end. */
const SHOWN: Failure = 'refused';

/** The TTL to have, which may be the one there is, and why. */
export type Advice = { ttlSeconds: number; text: string };

/** Queries a month on the zone with one audience, and their price; each is a fetch by somebody's resolver. */
export type Price = { audience: string; queries: number; dollars: number };

/** One site's forecast, with everything beside it that could be chosen instead. */
export type Course = {
  plan: Plan;
  shown: Forecast;
  sensible: { from: number; to: number };
  advice: Advice;
  ttls: { ttlSeconds: number; forecast: Forecast; prices: Price[] }[];
  levers: { lever: Lever; failures: { failure: Failure; forecast: Forecast }[] }[];
};

export const planOf = (site: Site, { intervalSeconds, vantages }: Config): Plan => ({
  ttlSeconds: site.ttlSeconds,
  failuresToDown: site.failuresToDown,
  downForSeconds: site.downForSeconds,
  confirmEverySeconds: site.confirmEverySeconds,
  intervalSeconds,
  timeoutSeconds: site.probe.timeoutSeconds,
  vantageCount: vantages.length,
  lever: site.lever,
  failure: SHOWN,
});

/** Of addresses, how many types a visitor asks for and gets: IPv4, IPv6 or both. */
const recordTypesOf = ({ servers }: Site): number =>
  servers.some(({ ipv4, ipv6 }) => ipv4.length > 0 && ipv6.length > 0) ? 2 : 1;

/** What the queries of resolvers cost a month, by how many people visit. */
export const pricesOf = (ttlSeconds: number, site: Site): Price[] =>
  AUDIENCES.map((audience) => {
    const queries = queriesPerMonth(ttlSeconds, audience, recordTypesOf(site));
    return { audience: audience.name, queries, dollars: dollarsOf(queries) };
  });

export const courseOf = (site: Site, config: Config): Course => {
  const plan = planOf(site, config);
  const candidates = [...new Set([...TTLS, plan.ttlSeconds])].sort((a, b) => a - b);
  return {
    plan,
    shown: forecast(plan),
    sensible: sensibleFor(plan),
    advice: adviceOn(plan, site),
    ttls: candidates.map((ttlSeconds) => ({
      ttlSeconds,
      forecast: forecast({ ...plan, ttlSeconds }),
      prices: pricesOf(ttlSeconds, site),
    })),
    levers: LEVERS.map((lever) => ({
      lever,
      failures: FAILURES.map((failure) => ({ failure, forecast: forecast({ ...plan, lever, failure }) })),
    })),
  };
};

/** What a visitor asks of an amount: no more digits than it is worth. */
export const money = (dollars: number): string =>
  Math.abs(dollars) < 100 ? `$${dollars.toFixed(2)}` : `$${Math.round(dollars).toLocaleString('en')}`;

/** With `dual` nobody waits for a TTL after a refused connection, and half of the visitors do when there is no answer. */
const sensibleFor = (plan: Plan) =>
  sensibleTtls(plan.lever === 'dual' ? { ...plan, failure: 'silent' } : plan);

/** The TTL that makes sense for a plan: its own if it lies among the sensible ones, else the nearest of them. */
export const adviceOn = (plan: Plan, site: Site): Advice => {
  const now = plan.ttlSeconds;
  const { from, to } = sensibleFor(plan);
  if (!Number.isFinite(from)) {
    const text = `No visitor waits for a TTL with the lever ${plan.lever}. One of ${TTLS.at(-1)} s or more spares resolvers and name servers their work.`;
    return { ttlSeconds: Math.max(now, TTLS.at(-1)!), text };
  }
  const bounds = `Below ${Math.round(from)} s nothing is gained that a visitor would feel, and other people's resolvers pay for it; above ${Math.round(to)} s cached answers are what a failure mostly costs`;
  if (now >= from && now <= to) return { ttlSeconds: now, text: `Keep the TTL of ${now} s. ${bounds}.` };
  const among = TTLS.filter((ttl) => ttl >= from && ttl <= to);
  const ttlSeconds = (now < from ? among[0] : among.at(-1)) ?? Math.round(now < from ? from : to);
  const lost = (ttl: number) => Math.round(forecast({ ...plan, ttlSeconds: ttl }).lostSeconds);
  const change = Math.abs(lost(now) - lost(ttlSeconds));
  const then = pricesOf(ttlSeconds, site);
  const prices = pricesOf(now, site).map(
    ({ audience, dollars }, i) => `${money(Math.abs(dollars - then[i]!.dollars))} (${audience} audience)`,
  );
  const text =
    now < from
      ? `Raise the TTL from ${now} to ${ttlSeconds} s. ${bounds}. It adds ${change} s to the ${lost(now)} s that a failure costs the average visitor, and saves other people's resolvers their work and you, a month, ${listed(prices)}.`
      : `Lower the TTL from ${now} to ${ttlSeconds} s. ${bounds}. It saves the average visitor ${change} of the ${lost(now)} s that a failure costs, for, a month, ${listed(prices)}.`;
  return { ttlSeconds, text };
};

const listed = (items: string[]): string => `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
