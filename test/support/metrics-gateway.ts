import { cloudwatchService } from '../../local/cloudwatch.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { type Metrics, openMetrics } from '../../local/metric-data.ts';

type Heard = {
  /** What CloudWatch would not have taken of a line. */
  onFlaw(flaw: string): void;
  onCall?(): void;
};

/** The local CloudWatch behind a gateway, with metrics and no alarm, at one moment that is always the same. */
export const metricsGateway = async (
  nowMs: number,
  { onFlaw, onCall }: Heard,
): Promise<{ gateway: Gateway; metrics: Metrics }> => {
  const metrics = openMetrics({ onFlaw, now: () => nowMs });
  const gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [],
    policies: {},
    resourcePolicies: {},
    services: [cloudwatchService({ accountId: '000000000000', alarms: [], metrics })],
    ...(onCall && { onCall }),
  });
  return { gateway, metrics };
};
