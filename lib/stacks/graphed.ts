import { type MetricName, probeMetricNames } from '../../lambda/core/evidence/metrics.ts';
import { probedAddresses } from '../../lambda/core/evidence/targets.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import type { Config, Site } from '../../lambda/core/site/site.ts';

/** A dashboard has at most 2,500 metrics and a graph 500 (CloudWatch's limits). Nobody scrolls past more sites than these. */
const METRICS_MAX = 2000;
const METRICS_OF_GRAPH_MAX = 500;
const SITES_MAX = 30;

/** The metrics that CloudWatch keeps of a site that asks for them, by server and vantage: each is paid for. */
export const keptMetrics = ({ vantages }: Config, { metrics, probe, servers }: Site): MetricName[] =>
  metrics !== true
    ? []
    : servers.flatMap((server) => {
        const isNamed = probedAddresses(server).some((address) => !/^[\d.]+$|:/.test(address));
        return vantages.flatMap(() => probeMetricNames(probe.url, isNamed));
      });

const linesOf = ({ vantages }: Config, { servers }: Site): number => servers.length * vantages.length;

/** Whether channels are told, whose messages have graphs and an alarm of their own. */
export const hasChannels = ({ alerts }: Config): boolean => alerts.channels !== undefined;

/** What the graphs of the deployment as a whole have: see `graphs.ts`. */
const metricsOfAll = (config: Config): number =>
  2 * config.vantages.length + 4 * shardConfigs(config).length + 2 + 3 + (hasChannels(config) ? 2 : 0);

/** The sites that have graphs on the dashboard, two each: those that ask for metrics, as many as fit, in their order. */
export const graphedSites = (config: Config): Site[] => {
  let metrics = metricsOfAll(config);
  const fitting = config.sites.filter((site) => {
    const lines = linesOf(config, site);
    const fits = site.metrics === true && lines <= METRICS_OF_GRAPH_MAX && metrics + 2 * lines <= METRICS_MAX;
    if (fits) metrics += 2 * lines;
    return fits;
  });
  return fitting.slice(0, SITES_MAX);
};

/** How many metrics the dashboard has: with more than fifty it is none of those that cost nothing. */
export const metricsOnDashboard = (config: Config): number =>
  graphedSites(config).reduce((all, site) => all + 2 * linesOf(config, site), metricsOfAll(config));
