import type { Config } from '../../lambda/core/site/site.ts';
import { keptMetrics, metricsOnDashboard } from '../stacks/graphed.ts';

/** With more metrics a dashboard is none of the three that an account has for nothing (CloudWatch's price page). */
const METRICS_OF_FREE_DASHBOARD = 50;
/** Beyond so many a metric costs a third. */
const METRICS_OF_FIRST_PRICE = 10_000;

/**
 * What CloudWatch keeps and shows. A metric is paid for by the hours that have values, and within an hour each vantage has looked. Those of
 * moves have values in hours in which something moves, and all is well here.
 */
export const metricQuantities = (
  config: Config,
): Record<'dashboards' | 'largeDashboards' | 'metrics' | 'moreMetrics', number> => {
  const metrics = config.sites.reduce((all, site) => all + keptMetrics(config, site).length, 0);
  const isLarge = metricsOnDashboard(config) > METRICS_OF_FREE_DASHBOARD;
  const dashboards = config.dashboard === true ? 1 : 0;
  return {
    dashboards: isLarge ? 0 : dashboards,
    largeDashboards: isLarge ? dashboards : 0,
    metrics: Math.min(METRICS_OF_FIRST_PRICE, metrics),
    moreMetrics: Math.max(0, metrics - METRICS_OF_FIRST_PRICE),
  };
};
