/** What AWS asks for each thing that a deployment uses. */

export type Price = {
  /** US dollars for `per` units. */
  dollars: number;
  per: number;
  unit: string;
  /** Units that cost nothing, each month and for ever, if nothing else in the account uses them. */
  free: number;
};

/**
 * List prices of 22 November 2026, US East (N. Virginia). All of them are secondary: agreeing summaries of AWS's price pages,
 * not the pages themselves.
 */
export const PRICES = {
  compute: { dollars: 0.0000133334, per: 1, unit: 'GB-seconds of Lambda, arm64', free: 400_000 },
  requests: { dollars: 0.2, per: 1e6, unit: 'requests to Lambda', free: 1e6 },
  schedule: { dollars: 1, per: 1e6, unit: 'events of EventBridge Scheduler', free: 14e6 },
  writes: { dollars: 0.625, per: 1e6, unit: 'DynamoDB writes on demand, 1 KB', free: 0 },
  reads: { dollars: 0.125, per: 1e6, unit: 'DynamoDB consistent reads on demand, 4 KB', free: 0 },
  internet: { dollars: 0.09, per: 1, unit: 'GB to the internet', free: 100 },
  regions: { dollars: 0.02, per: 1, unit: 'GB between regions', free: 0 },
  logs: { dollars: 0.5, per: 1, unit: 'GB into CloudWatch Logs', free: 5 },
  alarms: { dollars: 0.1, per: 1, unit: 'CloudWatch alarms', free: 10 },
  dashboards: { dollars: 3, per: 1, unit: 'CloudWatch dashboards', free: 3 },
  largeDashboards: { dollars: 3, per: 1, unit: 'CloudWatch dashboards of more than 50 metrics', free: 0 },
  metrics: { dollars: 0.3, per: 1, unit: 'CloudWatch metrics of the first 10,000', free: 10 },
  moreMetrics: { dollars: 0.1, per: 1, unit: 'CloudWatch metrics beyond 10,000', free: 0 },
  mails: { dollars: 2, per: 1e5, unit: 'SNS e-mails', free: 1_000 },
  decryptions: { dollars: 0.03, per: 1e4, unit: 'decryptions by KMS', free: 20_000 },
  zones: { dollars: 0.5, per: 1, unit: 'hosted zones of the first 25', free: 0 },
  moreZones: { dollars: 0.1, per: 1, unit: 'hosted zones beyond 25', free: 0 },
  queries: { dollars: 0.4, per: 1e6, unit: 'queries to Route 53', free: 0 },
} satisfies Record<string, Price>;

export type Priced = keyof typeof PRICES;
