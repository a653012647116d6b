import type { Config } from './site.ts';

type Named = Pick<Config, 'deployment' | 'homeRegion'>;

/** Dashboards have one name in all regions of an account, so the region is part of it. */
export const dashboardName = ({ deployment, homeRegion }: Named): string => `${deployment}-${homeRegion}`;

/** Where a dashboard is, in AWS's console. */
export const dashboardUrl = (config: Named): string =>
  `https://${config.homeRegion}.console.aws.amazon.com/cloudwatch/home?region=${config.homeRegion}#dashboards:name=${dashboardName(config)}`;

/** What a message about the deployment links, where it has a dashboard; on a local machine there is none. */
export const linkedDashboard = (config: Named & Pick<Config, 'dashboard' | 'local'>): string | undefined =>
  config.dashboard === true && !config.local ? dashboardUrl(config) : undefined;
