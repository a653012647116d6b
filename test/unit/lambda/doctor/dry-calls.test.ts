import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { virtualConfig, virtualSite, ZONE } from '../../../../fixtures/virtual/world.ts';
import { dryCalls } from '../../../../lambda/doctor/dry-calls.ts';
import type { DoctorPorts } from '../../../../lambda/doctor/ports.ts';
import { clientOptions } from '../../../../lambda/edge/aws.ts';
import { systemClock } from '../../../../lambda/edge/clock.ts';
import { dynamodbStore } from '../../../../lambda/edge/dynamodb.ts';
import { route53Client, route53Zones } from '../../../../lambda/edge/route53.ts';
import { snsEvents, snsTopic } from '../../../../lambda/edge/sns.ts';
import { accessKeyFor } from '../../../../local/credentials.ts';
import { dynamodbService } from '../../../../local/dynamodb.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import type { Statement } from '../../../../local/iam.ts';
import { route53Service } from '../../../../local/route53.ts';
import { snsService } from '../../../../local/sns.ts';

const ACCOUNT = '000000000000';
const TOPIC = `arn:aws:sns:eu-west-2:${ACCOUNT}:main-alerts`;
const EVENTS = `arn:aws:sns:eu-west-2:${ACCOUNT}:main-events`;
const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const allow = (action: string, resource: string, names?: string[]): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...(names !== undefined && { Condition: { 'ForAllValues:StringEquals': { [NAMES]: names } } }),
});
const sites = ['www', 'shop'].map((name) => virtualSite(name));
const held = sites.flatMap(({ name }) => [name, `_switchover.${name}`]);
const zoneArn = 'arn:aws:route53:::hostedzone/Z1';
const table = `arn:aws:dynamodb:eu-west-2:${ACCOUNT}:table/main-state`;
const ALL = {
  write: allow('route53:ChangeResourceRecordSets', zoneArn, held),
  announce: allow('sns:Publish', TOPIC),
  'announce by event': allow('sns:Publish', EVENTS),
  store: { ...allow('dynamodb:PutItem', table), Action: ['dynamodb:PutItem', 'dynamodb:GetItem'] },
  follow: allow('route53:GetChange', 'arn:aws:route53:::change/*'),
};

const route53 = route53Service();
const mails: unknown[] = [];
let gateway: Gateway;
let dynamodb: Awaited<ReturnType<typeof dynamodbService>>;
const policies: Record<string, Statement[]> = {};
const clients: { destroy(): void }[] = [];

before(async () => {
  route53.createZone(ZONE, 'Z1');
  const key = (name: string) => ({ name, type: 'S' as const });
  const spec = { name: 'main-state', region: 'eu-west-2', partitionKey: key('pk'), sortKey: key('sk') };
  dynamodb = await dynamodbService({ accountId: ACCOUNT, tables: [spec] });
  const topics = [TOPIC, EVENTS].map((arn) => ({
    name: arn.slice(arn.lastIndexOf(':') + 1),
    arn,
    region: 'eu-west-2',
    subscriptions: [],
  }));
  const sns = snsService({ topics, onMessage: (message) => mails.push(message), onMail: () => {} });
  const functions = [{ name: 'main-console', region: 'eu-west-2', role: 'console' }];
  const services = [route53, dynamodb, sns];
  gateway = await startGateway({
    port: 0,
    accountId: ACCOUNT,
    functions,
    policies,
    resourcePolicies: {},
    services,
  });
});
after(async () => {
  for (const client of clients) client.destroy();
  await gateway.close();
  await dynamodb.close();
});

const outcomes = async (statements: Statement[]): Promise<Record<string, string>> => {
  policies.console = statements;
  const credentials = accessKeyFor('main-console', 'eu-west-2');
  const options = { endpoint: gateway.url, region: 'eu-west-2', credentials };
  const limits = clientOptions({ connectMs: 1000, answerMs: 2000, attempts: 1 });
  const [zones, store, topic] = [
    route53Client(options),
    new DynamoDBClient({ ...options, ...limits }),
    new SNSClient({ ...options, ...limits }),
  ];
  clients.push(zones.reader, zones.writer, store, topic);
  const ports = {
    config: virtualConfig(sites),
    zoneIds: { [ZONE]: 'Z1' },
    clock: systemClock,
    zones: route53Zones(zones),
    store: dynamodbStore(store, 'main-state', () => 'nonce'),
    topic: snsTopic(topic, TOPIC, 'main'),
    events: snsEvents(topic, EVENTS),
  } as unknown as DoctorPorts;
  const calls = await dryCalls({ ports, by: 'console', again: (call) => call() }, sites);
  return Object.fromEntries(
    calls.map(({ does, on, outcome }) => [on.includes('events') ? `${does} by event` : does, outcome]),
  );
};

test('what is permitted is shown by a refusal for the content, and nothing has happened', async () => {
  const before = JSON.stringify(route53.records('Z1'));
  assert.deepEqual(await outcomes(Object.values(ALL)), {
    write: 'allowed',
    announce: 'allowed',
    'announce by event': 'allowed',
    store: 'allowed',
    follow: 'allowed',
  });
  assert.equal(JSON.stringify(route53.records('Z1')), before);
  assert.deepEqual(mails, []);
});

for (const missing of Object.keys(ALL)) {
  test(`the permission to ${missing} is missed, and no other`, async () => {
    const rest = Object.entries(ALL).filter(([does]) => does !== missing);
    const seen = await outcomes(rest.map(([, statement]) => statement));
    assert.equal(seen[missing], 'denied');
    assert.deepEqual(Object.entries(seen).filter(([, outcome]) => outcome !== 'allowed').length, 1);
  });
}

for (const [index, name] of held.entries()) {
  test(`a policy without ${name} is too little`, async () => {
    const write = allow('route53:ChangeResourceRecordSets', zoneArn, held.toSpliced(index, 1));
    assert.equal((await outcomes([...Object.values({ ...ALL, write })])).write, 'denied');
  });
}
