import { METRIC, NAMESPACE, PHASES } from '../lambda/core/evidence/metrics.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { callCloudwatch } from '../lambda/edge/cloudwatch.ts';
import type { Latency, ProbeSeries } from '../page/latency.ts';
import type { PageSource } from '../page/source.ts';
import type { Console } from './console.ts';

type Window = { fromMs: number; toMs: number; periodMs: number };
type Answered = {
  MetricDataResults: { Id: string; Timestamps: number[]; Values: number[] }[];
  NextToken?: string;
};

/** Queries in one call (CloudWatch API reference, GetMetricData). */
const QUERIES_MAX = 500;
const PARTS = [...PHASES, 'totalMs', 'passed'] as const;

/** In AWS each metric that is asked for costs ($0.01 for a thousand, by list price): once a minute is enough. */
const MINUTE_MS = 60_000;
const REMEMBERED = 20;

/** What a page shows of a site's probes: read from CloudWatch, where the site has it kept. */
export const latencySource = (status: Console): NonNullable<PageSource['latency']> => {
  const isLocal = status.local !== undefined;
  const configs = memory<Config | undefined>(MINUTE_MS);
  const measured = memory<Latency>(isLocal ? 0 : MINUTE_MS);
  return async (site, asked) => {
    const window = isLocal ? asked : inMinutes(asked);
    try {
      const config = await configs(site, async () => (await status.ask(configOf(site))).config);
      if (config?.sites[0]?.metrics !== true) return undefined;
      return await measured(JSON.stringify([site, window]), () => latencyOf(status.aws, config, window));
    } catch (error) {
      return { trouble: `How long probes took is not known now. ${(error as Error).message}` };
    }
  };
};

const configOf = (site: string) => ({ action: 'config', site });

const inMinutes = ({ fromMs, toMs, periodMs }: Window): Window => ({
  fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
  toMs: Math.ceil(toMs / MINUTE_MS) * MINUTE_MS,
  periodMs,
});

/** Makes what nobody has asked for within a while; what failed is made again. */
const memory = <T>(freshMs: number) => {
  const known = new Map<string, { sinceMs: number; value: Promise<T> }>();
  return (key: string, make: () => Promise<T>): Promise<T> => {
    const found = known.get(key);
    if (found !== undefined && performance.now() - found.sinceMs < freshMs) return found.value;
    const value = make();
    known.delete(key);
    known.set(key, { sinceMs: performance.now(), value });
    value.catch(() => known.delete(key));
    const [oldest = ''] = known.keys();
    if (known.size > REMEMBERED) known.delete(oldest);
    return value;
  };
};

/** Rejects with an error whose message is for people. */
const latencyOf = async (aws: Console['aws'], config: Config, window: Window): Promise<Latency> => {
  const [site] = config.sites;
  const wanted = (site?.servers ?? []).flatMap(({ name: server }) =>
    config.vantages.flatMap((vantage) => PARTS.map((part) => ({ server, vantage, part }))),
  );
  const queries = wanted.map(({ server, vantage, part }, at) => {
    const dimensions = { deployment: config.deployment, site: site?.name, server, vantage };
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const Metric = { Namespace: NAMESPACE, MetricName: METRIC[part], Dimensions };
    return { Id: `q${at}`, MetricStat: { Metric, Period: window.periodMs / 1000, Stat: 'Average' } };
  });
  const points = wanted.map((): [number, number][] => []);
  for (let from = 0; from < queries.length; from += QUERIES_MAX)
    for await (const { Id, Timestamps, Values } of metricData(
      aws,
      queries.slice(from, from + QUERIES_MAX),
      window,
    ))
      for (const [at, second] of Timestamps.entries())
        points[Number(Id.slice(1))]?.push([second * 1000, Values[at] ?? 0]);
  const series = wanted.map((one, at): ProbeSeries => ({ ...one, points: points[at] ?? [] }));
  return { periodMs: window.periodMs, series };
};

/** The results of a call, page by page: one signed request each, since the SDK's client would weigh more than all of this. */
async function* metricData(aws: Console['aws'], MetricDataQueries: object[], { fromMs, toMs }: Window) {
  const span = { StartTime: fromMs / 1000, EndTime: toMs / 1000, ScanBy: 'TimestampAscending' };
  for (let NextToken: string | undefined; ; ) {
    const page = await send(aws, {
      MetricDataQueries,
      ...span,
      ...(NextToken !== undefined && { NextToken }),
    });
    yield* page.MetricDataResults;
    NextToken = page.NextToken;
    if (NextToken === undefined) return;
  }
}

const send = async (aws: Console['aws'], input: object): Promise<Answered> => {
  try {
    return (await callCloudwatch(aws, { operation: 'GetMetricData', input })) as Answered;
  } catch (cause) {
    throw new Error(`CloudWatch in ${aws.region}: ${(cause as Error).message}`, { cause });
  }
};
