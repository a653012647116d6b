import {
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  Route53Client,
  type Route53ClientConfig,
} from '@aws-sdk/client-route-53';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Subscription } from '../core/doctor/facts.ts';
import type { AccountReader } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS } from './limits.ts';
import { routeFault } from './route53-faults.ts';

/** Pages of a hundred subscriptions that are read at most. */
const PAGES_MAX = 20;

/** `readerOf`: the client that may read a zone, by its id: that of the account which has it. */
export const accountReader = (
  readerOf: (zoneId: string) => Promise<Route53Client>,
  { place = {}, ...bound }: Bound & { place?: Place } = {},
): AccountReader => ({
  zone: async (zoneId) => {
    const route53 = await readerOf(zoneId);
    const { HostedZone, DelegationSet } = await call(
      (error) => routeFault('GetHostedZone', error),
      { callMs: LIMITS.account.callMs, ...bound },
      (abortSignal) => route53.send(new GetHostedZoneCommand({ Id: zoneId }), { abortSignal }),
    );
    const accelerated = HostedZone?.Features?.AcceleratedRecoveryStatus;
    const nameServers = (DelegationSet?.NameServers ?? []).map((name) =>
      name.toLowerCase().replace(/\.$/, ''),
    );
    return { nameServers, ...(accelerated !== undefined && { accelerated }) };
  },
  subscriptions: async (topicArn) => {
    const region = topicArn.split(':')[3] ?? '';
    const client = new SNSClient({ ...place, region, ...clientOptions(LIMITS.account) });
    try {
      return await listAll(client, topicArn, bound);
    } finally {
      client.destroy();
    }
  },
});

const listAll = async (client: SNSClient, topicArn: string, bound: Bound): Promise<Subscription[]> => {
  const all: Subscription[] = [];
  let next: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const command = new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken: next });
    const { Subscriptions = [], NextToken } = await call(
      (error) => faultOf('SNS', 'ListSubscriptionsByTopic', error),
      { callMs: LIMITS.account.callMs, ...bound },
      (abortSignal) => client.send(command, { abortSignal }),
    );
    for (const { Protocol, Endpoint, SubscriptionArn } of Subscriptions) {
      all.push({ protocol: Protocol ?? '', endpoint: Endpoint ?? '', state: stateOf(SubscriptionArn) });
    }
    if (NextToken === undefined) break;
    next = NextToken;
  }
  return all;
};

/** SNS writes a word where the ARN will be, or was (SNS developer guide). */
const stateOf = (arn: string | undefined): Subscription['state'] => {
  if (arn === 'Deleted') return 'deleted';
  return arn?.startsWith('arn:') ? 'confirmed' : 'pending';
};

/** Ids of the account's public hosted zones of this name. For an operator: no function is permitted to see all zones. */
export const zonesNamed = async (
  options: Route53ClientConfig,
  name: string,
  bound: Bound = {},
): Promise<string[]> => {
  const client = new Route53Client({ ...options, ...clientOptions(LIMITS.operator) });
  const command = new ListHostedZonesByNameCommand({ DNSName: name, MaxItems: 100 });
  try {
    const { HostedZones = [] } = await call(
      (error) => routeFault('ListHostedZonesByName', error),
      { callMs: LIMITS.operator.callMs, ...bound },
      (abortSignal) => client.send(command, { abortSignal }),
    );
    return HostedZones.filter((zone) => zone.Name === `${name}.` && !zone.Config?.PrivateZone).map(
      ({ Id = '' }) => Id.replace(/^\/hostedzone\//, ''),
    );
  } finally {
    client.destroy();
  }
};
