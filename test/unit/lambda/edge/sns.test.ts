import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Announcement } from '../../../../lambda/core/messages/announcement.ts';
import { snsClient, snsEvents, snsTopic } from '../../../../lambda/edge/sns.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import { type Message, snsService } from '../../../../local/sns.ts';
import { ANY_EVENT } from '../../../support/any-event.ts';

const REGION = 'eu-west-2';
const ARN = `arn:aws:sns:${REGION}:000000000000:main-events`;
const TEAM = { policy: { tags: ['shop'], state: ['trigger'] }, scope: 'MessageAttributes' as const };

describe('an event on the wire', () => {
  let gateway: Gateway;
  let client: SNSClient;
  let messages: Message[] = [];
  let reached: string[] = [];

  before(async () => {
    const subscriptions = [{ protocol: 'lambda', endpoint: 'team', filter: TEAM }];
    const sns = snsService({
      topics: [{ name: 'main-events', arn: ARN, region: REGION, subscriptions }],
      onMessage: (message) => messages.push(message),
      onMail: () => assert.fail('Nobody is mailed an event.'),
      onInvoke: (_, payload) => reached.push(JSON.parse(payload).Records[0].Sns.Message),
    });
    const nobody = { accountId: '000000000000', functions: [], policies: {}, resourcePolicies: {} };
    gateway = await startGateway({ ...nobody, port: 0, services: [sns] });
    client = snsClient({ endpoint: gateway.url, region: REGION, credentials: OPERATOR });
  });
  beforeEach(() => {
    messages = [];
    reached = [];
  });
  after(async () => {
    client.destroy();
    await gateway.close();
  });

  test('is JSON as a plain string, with attributes that filter policies see', async () => {
    await snsEvents(client, ARN).publish(ANY_EVENT);
    assert.deepEqual(JSON.parse(messages[0]?.text ?? ''), ANY_EVENT);
    assert.deepEqual(messages[0]?.attributes, {
      ...{ severity: 'critical', kind: 'failover', state: 'trigger', site: 'www.dyn.example.net' },
      tags: '["shop","eu"]',
    });
    assert.deepEqual(
      reached.map((text) => JSON.parse(text)),
      [ANY_EVENT],
    );
  });

  test('of a site without tags has no attribute of them, and does not reach a team that asks for some', async () => {
    await snsEvents(client, ARN).publish({ ...ANY_EVENT, tags: [] });
    assert.equal('tags' in (messages[0]?.attributes ?? {}), false);
    assert.deepEqual(reached, []);
  });

  test('that SNS refuses is a fault', async () => {
    await assert.rejects(snsEvents(client, ARN).publish({ ...ANY_EVENT, kind: '' }), { code: 'refused' });
    await assert.rejects(snsEvents(client, ARN).publish({ ...ANY_EVENT, text: 'x'.repeat(300_000) }), {
      code: 'refused',
    });
  });
});

describe('a mail on the wire', () => {
  const alerts = `arn:aws:sns:${REGION}:000000000000:main-alerts`;
  const policy = (filter: Record<string, unknown>) => ({
    policy: filter,
    scope: 'MessageAttributes' as const,
  });
  let gateway: Gateway;
  let client: SNSClient;
  let mailed: string[] = [];

  before(async () => {
    const mail = (endpoint: string, filter?: Record<string, unknown>) => ({
      ...{ protocol: 'email', endpoint },
      ...(filter && { filter: policy(filter) }),
    });
    // As the stacks subscribe them (lib/stacks/topic.ts).
    const subscriptions = [
      mail('all'),
      mail('shop', { tags: ['shop'] }),
      mail('till', { tags: ['till'] }),
      mail('critical', { severity: ['critical', { exists: false }] }),
    ];
    const sns = snsService({
      topics: [{ name: 'main-alerts', arn: alerts, region: REGION, subscriptions }],
      onMail: ({ to }) => mailed.push(to),
    });
    const nobody = { accountId: '000000000000', functions: [], policies: {}, resourcePolicies: {} };
    gateway = await startGateway({ ...nobody, port: 0, services: [sns] });
    client = snsClient({ endpoint: gateway.url, region: REGION, credentials: OPERATOR });
  });
  after(async () => {
    client.destroy();
    await gateway.close();
  });

  const whoIsMailed = async (more: Partial<Announcement>): Promise<string[]> => {
    mailed = [];
    const announcement: Announcement = {
      ...{ id: 'a', kind: 'failover', severity: 'critical', site: 'www', incident: 'i', atMs: 0 },
      ...{ subject: 'subject', text: 'text' },
      ...more,
    };
    await snsTopic(client, alerts, 'main').publish(announcement);
    return mailed;
  };

  test('reaches a team where it is about one of its sites, alone or among others, and nobody twice', async () => {
    assert.deepEqual(await whoIsMailed({ tags: ['shop'] }), ['all', 'shop', 'critical']);
    assert.deepEqual(await whoIsMailed({ tags: ['eu', 'shop', 'till'] }), [
      'all',
      'shop',
      'till',
      'critical',
    ]);
    assert.deepEqual(await whoIsMailed({}), ['all', 'critical']);
    assert.deepEqual(await whoIsMailed({ tags: ['till'], severity: 'warning' }), ['all', 'till']);
  });

  test('of an alarm, which has no attributes, reaches who waits for bad news, too', async () => {
    mailed = [];
    await client.send(new PublishCommand({ TopicArn: alerts, Message: 'ALARM' }));
    assert.deepEqual(mailed, ['all', 'critical']);
  });
});
