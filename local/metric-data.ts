import { readEmbedded } from './embedded.ts';
import type { FunctionLine } from './hosting.ts';
import type { Call, Reply } from './service.ts';

/** What functions print in the embedded metric format, and CloudWatch's answer to `GetMetricData`. It lives as long as this process. */
export type Metrics = { printed(line: FunctionLine): void; answer(call: Call): Reply };

export type MetricsOptions = {
  /** Told of a line of which CloudWatch would make no metric, and say nothing. */
  onFlaw(message: string): void;
  now?: () => number;
};

/** Queries in one call (CloudWatch API reference, GetMetricData). */
const QUERIES_MAX = 500;
/** Values finer than a minute are kept for three hours. */
const FINE_MS = 3 * 3_600_000;
/** Of one metric: half a day of a look each two seconds. Older ones are dropped. */
const POINTS_MAX = 20_000;

type Point = { atMs: number; value: number };
type Query = { Id: string; key: string; label: string; periodMs: number; stat: string };

/** A call that is refused, in CloudWatch's words. */
class Refused extends Error {}

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SampleCount: (values) => values.length,
  Sum: (values) => values.reduce((all, each) => all + each, 0),
  Average: (values) => values.reduce((all, each) => all + each, 0) / values.length,
  Minimum: (values) => values.reduce((least, each) => Math.min(least, each)),
  Maximum: (values) => values.reduce((most, each) => Math.max(most, each)),
};

const keyOf = (region: string, namespace: string, name: string, dimensions: [string, string][]): string =>
  JSON.stringify([region, namespace, name, dimensions.toSorted(([a], [b]) => (a < b ? -1 : 1))]);

export const openMetrics = ({ onFlaw, now = Date.now }: MetricsOptions): Metrics => {
  const series = new Map<string, Point[]>();
  return {
    printed: ({ function: name, region, line }) => {
      const measured = readEmbedded(line, now());
      if ('flaw' in measured) return onFlaw(`${name} in ${region}: ${measured.flaw}`);
      for (const { namespace, name: metric, dimensions, atMs, values } of measured) {
        const key = keyOf(region, namespace, metric, Object.entries(dimensions));
        const points = series.get(key) ?? [];
        points.push(...values.map((value) => ({ atMs, value })));
        if (points.length > POINTS_MAX) points.splice(0, points.length - POINTS_MAX);
        series.set(key, points);
      }
    },
    answer: (call) => {
      try {
        return reply(200, answerTo(call, series, now()));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return reply(400, {
          __type: 'com.amazonaws.cloudwatch#InvalidParameterValueException',
          message: error.message,
        });
      }
    },
  };
};

const answerTo = (call: Call, series: ReadonlyMap<string, Point[]>, nowMs: number): object => {
  const { MetricDataQueries, StartTime, EndTime, ScanBy = 'TimestampDescending' } = bodyOf(call);
  const [fromMs, toMs] = [Number(StartTime) * 1000, Number(EndTime) * 1000];
  if (!(fromMs < toMs)) throw new Refused('The parameter StartTime must be less than the parameter EndTime.');
  const queries = Array.isArray(MetricDataQueries) ? MetricDataQueries : [];
  if (queries.length < 1 || queries.length > QUERIES_MAX)
    throw new Refused(`The collection MetricDataQueries must have 1 to ${QUERIES_MAX} members.`);
  const MetricDataResults = queries.map((each) => {
    const query = queryOf(call.region, Object(each));
    const first = query.periodMs < 60_000 ? Math.max(fromMs, nowMs - FINE_MS) : fromMs;
    const values = [...bucketsOf(series.get(query.key) ?? [], query, first, toMs)];
    if (ScanBy === 'TimestampDescending') values.reverse();
    return {
      Id: query.Id,
      Label: query.label,
      Timestamps: values.map(([atMs]) => atMs / 1000),
      Values: values.map(([, value]) => value),
      StatusCode: 'Complete',
    };
  });
  return { MetricDataResults, Messages: [] };
};

/** The statistic of each period that has values, the oldest first. A period begins at a multiple of its length. */
const bucketsOf = (
  points: readonly Point[],
  { periodMs, stat }: Query,
  fromMs: number,
  toMs: number,
): Map<number, number> => {
  const start = Math.floor(fromMs / periodMs) * periodMs;
  const inRange = points.filter(({ atMs }) => atMs >= start && atMs < toMs);
  const byPeriod = Map.groupBy(inRange, ({ atMs }) => Math.floor(atMs / periodMs) * periodMs);
  const buckets = [...byPeriod].toSorted(([a], [b]) => a - b);
  return new Map(buckets.map(([atMs, all]) => [atMs, STATISTICS[stat]!(all.map(({ value }) => value))]));
};

const queryOf = (region: string, { Id, MetricStat }: { Id?: unknown; MetricStat?: unknown }): Query => {
  const { Metric, Period, Stat } = Object(MetricStat);
  const { Namespace, MetricName, Dimensions = [] } = Object(Metric);
  if (!/^[a-z]\w{0,254}$/.test(String(Id)))
    throw new Refused(
      `The value ${Id} for parameter MetricDataQueries.member.Id is not matching the expected pattern.`,
    );
  if (![1, 5, 10, 20, 30].includes(Period) && !(Period > 0 && Period % 60 === 0))
    throw new Refused(`Period ${Period} is not valid, must be 1, 5, 10, 20, 30 or a multiple of 60.`);
  if (!Object.hasOwn(STATISTICS, Stat))
    throw new Refused(
      `The local cloud has the statistics ${Object.keys(STATISTICS).join(', ')}, and no ${Stat}.`,
    );
  const dimensions = (Dimensions as { Name: string; Value: string }[]).map(
    ({ Name, Value }): [string, string] => [Name, Value],
  );
  const key = keyOf(region, Namespace, MetricName, dimensions);
  return { Id: String(Id), key, label: String(MetricName), periodMs: Period * 1000, stat: Stat };
};

const bodyOf = ({ body }: Call): Record<string, unknown> => {
  try {
    return Object(JSON.parse(body.toString('utf8')));
  } catch {
    throw new Refused('The request body is no JSON.');
  }
};

const reply = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});
