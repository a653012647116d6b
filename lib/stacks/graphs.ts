import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { functionNames, heartbeatFunction } from '../../lambda/contract.ts';
import { METRIC, type MetricName, NAMESPACE } from '../../lambda/core/evidence/metrics.ts';
import { sitesCounted } from '../../lambda/core/orders/status-document.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import { type Config, deadManRegion, type Site } from '../../lambda/core/site/site.ts';
import { graphedSites, hasChannels } from './graphed.ts';

/** What graphs are drawn of. */
export type Graphed = { topic: ITopic; events: ITopic; controllers: readonly LambdaFunction[] };

/** A dashboard has 24 columns. */
const COLUMNS = 24;
const HEIGHT = 6;
const MINUTE = { statistic: Stats.SUM, period: Duration.minutes(1) };
const FEW_MINUTES = { statistic: Stats.SUM, period: Duration.minutes(5) };

/**
 * The graphs of the deployment as a whole, in rows of three. All but the moves are what Lambda and SNS measure by themselves, for
 * nothing; a move is paid for in the hours in which there is one.
 */
export const deploymentGraphs = (config: Config, graphed: Graphed): IWidget[][] => {
  const { controllers } = graphed;
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ width: COLUMNS / 3, height: HEIGHT, title, left, right });
  return [
    [
      graph(
        'Looks of each vantage: called, failed',
        config.vantages.map((region) => ofProber(config, region, 'Invocations')),
        config.vantages.map((region) => ofProber(config, region, 'Errors')),
      ),
      graph(
        'Controllers: started, failed',
        controllers.map((one) => one.metricInvocations({ ...MINUTE, label: one.functionName })),
        controllers.map((one) => one.metricErrors({ ...MINUTE, label: `${one.functionName}, failed` })),
      ),
      graph(
        'How long each ran',
        controllers.map((one) => one.metricDuration({ ...MINUTE, statistic: Stats.MAXIMUM })),
      ),
    ],
    [
      graph('Moves: due, made', [ofMoves(config, 'due'), ofMoves(config, 'made')]),
      graph(`Messages of ${config.deployment}`, messages(config, graphed)),
      graph('Minutes in which each controller got its work done', heartbeats(config)),
    ],
  ];
};

const ofProber = ({ deployment }: Config, region: string, metricName: 'Invocations' | 'Errors'): Metric =>
  new Metric({
    ...MINUTE,
    namespace: 'AWS/Lambda',
    metricName,
    region,
    label: metricName === 'Errors' ? `${region}, failed` : region,
    dimensionsMap: { FunctionName: functionNames(deployment).prober },
  });

const heartbeats = (config: Config): Metric[] =>
  shardConfigs(config).map((_, index) => {
    const FunctionName = heartbeatFunction(config.deployment, index + 1);
    return new Metric({
      ...FEW_MINUTES,
      namespace: 'AWS/Lambda',
      metricName: 'Invocations',
      region: deadManRegion(config),
      label: FunctionName,
      dimensionsMap: { FunctionName },
    });
  });

const ofMoves = ({ deployment }: Config, name: 'due' | 'made'): Metric =>
  new Metric({
    ...FEW_MINUTES,
    namespace: NAMESPACE,
    metricName: METRIC[name],
    label: name,
    dimensionsMap: { deployment },
  });

const messages = (config: Config, { topic, events }: Graphed): Metric[] => {
  const of = ({ topicName }: ITopic, metricName: string, label: string) =>
    new Metric({
      ...FEW_MINUTES,
      namespace: 'AWS/SNS',
      metricName,
      label,
      dimensionsMap: { TopicName: topicName },
    });
  return [
    of(topic, 'NumberOfMessagesPublished', 'published'),
    of(topic, 'NumberOfNotificationsDelivered', 'delivered'),
    of(topic, 'NumberOfNotificationsFailed', 'failed'),
    ...(hasChannels(config)
      ? [
          of(events, 'NumberOfNotificationsDelivered', 'events, delivered'),
          of(events, 'NumberOfNotificationsFailed', 'events, failed'),
        ]
      : []),
  ];
};

/** The graphs of those sites that ask for metrics, a row each. */
export const siteGraphs = (config: Config): IWidget[][] => {
  const drawn = graphedSites(config);
  const rows = drawn.map((site): IWidget[] => [
    ofProbes(config, site, METRIC.passed, { label: 'share', max: 1 }),
    ofProbes(config, site, METRIC.totalMs, { label: 'ms' }),
  ]);
  const more = config.sites.filter(({ metrics }) => metrics === true).length - drawn.length;
  if (more > 0) rows.push([new TextWidget({ width: COLUMNS, height: 1, markdown: othersText(more) })]);
  return rows;
};

const othersText = (count: number): string =>
  `${sitesCounted(count)} more with metrics: look for them in the namespace ${NAMESPACE}.`;

/** A line for each server and vantage. */
const ofProbes = (
  { deployment, vantages }: Config,
  { name, servers }: Site,
  metricName: MetricName,
  axis: { label: string; max?: number },
): GraphWidget =>
  new GraphWidget({
    width: COLUMNS / 2,
    height: HEIGHT,
    title: `${name}: ${metricName === METRIC.passed ? 'probes that passed' : 'how long a probe took'}`,
    leftYAxis: { min: 0, showUnits: false, ...axis },
    left: servers.flatMap(({ name: server }) =>
      vantages.map(
        (vantage) =>
          new Metric({
            namespace: NAMESPACE,
            metricName,
            label: `${server}, ${vantage}`,
            statistic: Stats.AVERAGE,
            period: Duration.minutes(1),
            dimensionsMap: { deployment, site: name, server, vantage },
          }),
      ),
    ),
  });
