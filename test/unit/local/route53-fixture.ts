import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { startGateway } from '../../../local/gateway.ts';
import type { Statement } from '../../../local/iam.ts';
import { type Route53Options, route53Service } from '../../../local/route53.ts';
import type { Demand } from '../../../local/service.ts';

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** A Route 53 behind the real gateway, with a clock of its own, and SDK clients of the operator and of one function. */
export const start = async (options: Route53Options = {}, statements: Statement[] = []) => {
  const clock = { now: Date.UTC(2026, 10, 22) };
  const service = route53Service({ now: () => clock.now, ...options });
  const demands: Demand[] = [];
  const gateway = await startGateway({
    port: 0,
    accountId: '111111111111',
    functions: [{ name: 'main-controller', region: 'eu-west-2', role: 'role' }],
    policies: { role: statements },
    resourcePolicies: {},
    services: [service],
    onCall: (record) => demands.push(...record.demands),
  });
  const client = (credentials: { accessKeyId: string; secretAccessKey: string }) => {
    const made = new Route53Client({
      region: 'eu-west-2',
      endpoint: gateway.url,
      credentials,
      maxAttempts: 1,
    });
    closing.push(() => made.destroy());
    return made;
  };
  closing.push(() => gateway.close());
  const zone = service.createZone('example.com', 'Z0EXAMPLE');
  return {
    clock,
    service,
    gateway,
    demands,
    zone,
    operator: client(OPERATOR),
    controller: client(accessKeyFor('main-controller', 'eu-west-2')),
  };
};

export const simple = (name: string, type: string, ttl: number, ...values: string[]): ResourceRecordSet => ({
  Name: name,
  Type: type as ResourceRecordSet['Type'],
  TTL: ttl,
  ResourceRecords: values.map((Value) => ({ Value })),
});

export const batch = (changes: [Change['Action'], ResourceRecordSet][], comment?: string) =>
  new ChangeResourceRecordSetsCommand({
    HostedZoneId: '/hostedzone/Z0EXAMPLE',
    ChangeBatch: {
      ...(comment && { Comment: comment }),
      Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })),
    },
  });

export const list = (more = {}) => new ListResourceRecordSetsCommand({ HostedZoneId: 'Z0EXAMPLE', ...more });

/** How a call fails: status, code and message. */
export const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => assert.fail('expected the call to fail'),
    (reason: Error & { $metadata: { httpStatusCode: number } }) => reason,
  );
  return { status: error.$metadata.httpStatusCode, name: error.name, message: error.message };
};

/** TXT values that a careless parser spoils. */
export const TRICKY = ['"a <b> & \'c\' \\"d\\" é"'.replace('é', '\\303\\251'), '" 0060 "', '"true"', '"1e3"'];
