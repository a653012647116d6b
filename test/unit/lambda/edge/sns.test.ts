import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { SNSClient } from '@aws-sdk/client-sns';
import { snsClient, snsEvents } from '../../../../lambda/edge/sns.ts';
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
