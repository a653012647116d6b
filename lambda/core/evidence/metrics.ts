import type { Observation } from '../probe/request.ts';
import type { Site } from '../site/site.ts';
import type { Look, Sighting } from './judge.ts';

/** Where CloudWatch keeps our metrics. */
export const NAMESPACE = 'Switchover';

/** The names of our metrics, spelled as OpenTelemetry spells its own. */
export const METRIC = {
  due: 'switchover.moves.due',
  made: 'switchover.moves.made',
  passed: 'switchover.probe.passed',
  dnsMs: 'switchover.probe.dns.duration',
  connectMs: 'switchover.probe.connect.duration',
  tlsMs: 'switchover.probe.tls.duration',
  firstByteMs: 'switchover.probe.first_byte.duration',
  totalMs: 'switchover.probe.duration',
} as const;

export type MetricName = (typeof METRIC)[keyof typeof METRIC];

/** The parts of a probe's time, in order; what the whole took beyond them is the body. */
export const PHASES = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs'] as const;
export type Phase = (typeof PHASES)[number];

/** What a probe's metrics are told apart by, in the order in which they are asked for. */
export type ProbeDimensions = { deployment: string; site: string; server: string; vantage: string };

type Definition = { Name: MetricName; Unit: 'Count' | 'Milliseconds'; StorageResolution: 1 | 60 };

/**
 * A log line's part that CloudWatch makes metrics of (the embedded metric format, facts of November 2026): the dimensions and values
 * stand in the line by name. Limits: 100 metrics, 30 dimensions, values of dimensions of 1 to 1,024 characters.
 */
export type Embedded = Partial<Record<MetricName, number>> &
  Partial<ProbeDimensions> & {
    _aws: {
      /** Milliseconds since 1970; not more than two weeks ago and not more than two hours ahead, or nothing is kept. */
      Timestamp: number;
      CloudWatchMetrics: [{ Namespace: string; Dimensions: [string[]]; Metrics: Definition[] }];
    };
  };

/** Each set of dimensions is a metric that is paid for, so there is one set. */
const embedded = (
  atMs: number,
  dimensions: Readonly<Partial<ProbeDimensions>>,
  values: Readonly<Partial<Record<MetricName, number>>>,
): Embedded => {
  const names = Object.keys(values) as MetricName[];
  const Metrics = names.map((Name): Definition => {
    const Unit = Name.endsWith('.duration') ? 'Milliseconds' : 'Count';
    // Looks are seconds apart. A finer metric costs the same and is seen sooner; moves are rare.
    return { Name, Unit, StorageResolution: Name.startsWith('switchover.probe.') ? 1 : 60 };
  });
  return {
    ...dimensions,
    ...values,
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics }],
    },
  };
};

/** One move that is due or made. Paid for in those hours alone in which there is one. */
export const moveMetric = (name: 'due' | 'made', deployment: string, atMs: number): Embedded =>
  embedded(atMs, { deployment }, { [METRIC[name]]: 1 });

/** What is measured of one probe, as far as it got. What a vantage could not see is no measurement. */
const valuesOf = ({ outcome, totalMs, phases = {} }: Sighting): Partial<Record<MetricName, number>> => {
  const times: Partial<Observation['phases']> = { ...phases, totalMs };
  const known = [...PHASES, 'totalMs' as const].flatMap((phase) => {
    const ms = times[phase];
    return ms === undefined ? [] : [[METRIC[phase], ms] as const];
  });
  return { [METRIC.passed]: Number(outcome === 'passed'), ...Object.fromEntries(known) };
};

/**
 * What a look measured of a site that asks for metrics: one part for each server and vantage that saw it. It is made here and not by
 * the prober, which meets hostile bytes. A look's start is in CloudWatch's range: one during which the clock was set is not judged.
 */
export const probeMetrics = (
  deployment: string,
  site: Site,
  look: Look,
): (Embedded & { code?: string | undefined })[] =>
  site.metrics !== true
    ? []
    : Object.entries(look.sightings).flatMap(([vantage, byTarget]) =>
        site.servers.flatMap(({ name: server }) => {
          const seen = byTarget[server];
          if (seen === undefined || seen.outcome === 'unknown') return [];
          const dimensions: ProbeDimensions = { deployment, site: site.name, server, vantage };
          return [{ ...embedded(look.startMs, dimensions, valuesOf(seen)), code: seen.code }];
        }),
      );

/** The metrics that a server of this site has from each vantage: what it is asked with decides which parts a probe's time has. */
export const probeMetricNames = (url: string, isNamed: boolean): MetricName[] => {
  const { protocol } = new URL(url);
  const has: Record<Phase, boolean> = {
    dnsMs: isNamed,
    connectMs: true,
    tlsMs: protocol === 'https:' || protocol === 'tls:',
    firstByteMs: protocol === 'https:' || protocol === 'http:',
  };
  return [
    METRIC.passed,
    ...PHASES.filter((phase) => has[phase]).map((phase) => METRIC[phase]),
    METRIC.totalMs,
  ];
};
