import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
} from '@aws-sdk/client-sns';
import { OPERATOR } from '../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { type Mail, snsService } from '../../../local/sns.ts';

const ARN = 'arn:aws:sns:eu-west-2:000000000000:main-alerts';
const QUIET = 'arn:aws:sns:eu-west-2:000000000000:quiet';
const EVENTS = 'arn:aws:sns:eu-west-2:000000000000:main-events';
const [NOTIFIER, BY_TEAM, BY_BODY] = ['notifier', 'by-team', 'by-body'].map(
  (name) => `arn:aws:lambda:eu-west-2:000000000000:function:main-${name}`,
) as [string, string, string];
const attributes = (policy: Record<string, unknown>) => ({ policy, scope: 'MessageAttributes' as const });
const body = (policy: Record<string, unknown>) => ({ policy, scope: 'MessageBody' as const });
let invoked: { arn: string; payload: string }[] = [];
let gateway: Gateway;
let client: SNSClient;
let mails: Mail[] = [];

before(async () => {
  const topics = [
    {
      name: 'main-alerts',
      arn: ARN,
      region: 'eu-west-2',
      subscriptions: [
        { protocol: 'email', endpoint: 'ops@example.co.uk' },
        { protocol: 'sms', endpoint: '+441632960000' },
        { protocol: 'email', endpoint: 'a&b@example.co.uk' },
      ],
    },
    { name: 'quiet', arn: QUIET, region: 'eu-west-2', displayName: 'Ops', subscriptions: [] },
    {
      name: 'main-events',
      arn: EVENTS,
      region: 'eu-west-2',
      subscriptions: [
        { protocol: 'lambda', endpoint: NOTIFIER },
        { protocol: 'lambda', endpoint: BY_TEAM, filter: attributes({ tags: ['shop'] }) },
        { protocol: 'lambda', endpoint: BY_BODY, filter: body({ state: ['trigger'] }) },
      ],
    },
  ];
  gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [],
    policies: {},
    resourcePolicies: {},
    services: [
      snsService({
        topics,
        onMail: (mail) => mails.push(mail),
        onInvoke: (arn, payload) => invoked.push({ arn, payload }),
      }),
    ],
  });
  client = new SNSClient({
    endpoint: gateway.url,
    region: 'eu-west-2',
    credentials: OPERATOR,
    maxAttempts: 1,
  });
});
beforeEach(() => {
  mails = [];
  invoked = [];
});
after(async () => {
  client.destroy();
  await gateway.close();
});

const publish = (input: Partial<PublishCommandInput>) =>
  client.send(new PublishCommand({ TopicArn: ARN, Message: 'text', ...input }));

describe('Publish', () => {
  test('mails every e-mail subscription, as SNS would', async () => {
    const text = 'Line one\n<b>& "zwei" ünï\n';
    const { MessageId } = await publish({
      Subject: 'Überraschung: www ➜ standby',
      Message: text,
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'failover' } },
    });
    assert.deepEqual(
      mails.map(({ to }) => to),
      ['ops@example.co.uk', 'a&b@example.co.uk'],
    );
    const [mail] = mails;
    assert.equal(mail?.from, 'AWS Notifications <no-reply@sns.amazonaws.com>');
    assert.equal(mail?.subject, 'Überraschung: www ➜ standby');
    assert.equal(mail?.text, text);
    assert.ok(mail?.rendered.startsWith(`${text}\n\n--\nIf you wish to stop receiving notifications`));
    assert.match(
      mail!.rendered,
      /https:\/\/sns\.eu-west-2\.amazonaws\.com\/unsubscribe\.html\?SubscriptionArn=arn:aws:sns:eu-west-2:000000000000:main-alerts:[0-9a-f-]{36}&Endpoint=ops@example\.co\.uk/,
    );
    assert.equal(mail?.messageId, MessageId);
    assert.deepEqual(mail?.attributes, { kind: 'failover' });
    assert.match(mail!.at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('gives a message without a subject the one that SNS gives it', async () => {
    await publish({});
    assert.equal(mails[0]?.subject, 'AWS Notification Message');
  });

  test('mails the variant for e-mail of a structured message', async () => {
    await publish({ MessageStructure: 'json', Message: JSON.stringify({ default: 'd', email: 'e' }) });
    await publish({ MessageStructure: 'json', Message: JSON.stringify({ default: 'd', email: 5 }) });
    assert.deepEqual(
      mails.map(({ text }) => text),
      ['e', 'e', 'd', 'd'],
    );
  });

  test('takes what is just within the limits', async () => {
    await publish({ Subject: 'x'.repeat(99), Message: 'x'.repeat(262_144) });
    assert.equal(mails.length, 2);
  });

  const InvalidParameter = 'InvalidParameterException';
  const refused: [
    name: string,
    input: Partial<PublishCommandInput>,
    error: { name: string; message: string },
  ][] = [
    [
      'a subject of 100 characters',
      { Subject: 'x'.repeat(100) },
      { name: InvalidParameter, message: 'Invalid parameter: Subject' },
    ],
    [
      'a subject with a line break',
      { Subject: 'a\nb' },
      { name: InvalidParameter, message: 'Invalid parameter: Subject' },
    ],
    [
      'a subject with a control character',
      { Subject: 'a\u0007b' },
      { name: InvalidParameter, message: 'Invalid parameter: Subject' },
    ],
    ['an empty subject', { Subject: '' }, { name: InvalidParameter, message: 'Invalid parameter: Subject' }],
    [
      'an empty message',
      { Message: '' },
      { name: InvalidParameter, message: 'Invalid parameter: Empty message' },
    ],
    [
      'a message over 256 KiB',
      { Message: 'ü'.repeat(131_073) },
      { name: InvalidParameter, message: 'Invalid parameter: Message too long' },
    ],
    [
      'a message that its attributes make too long',
      {
        Message: 'x'.repeat(262_140),
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'failover' } },
      },
      { name: InvalidParameter, message: 'Invalid parameter: Message too long' },
    ],
    [
      'an empty attribute',
      { MessageAttributes: { kind: { DataType: 'String', StringValue: '' } } },
      {
        name: 'InvalidParameterValueException',
        message:
          "The message attribute 'kind' must contain non-empty message attribute value for message attribute type 'String'.",
      },
    ],
    [
      'a structured message without a default',
      { MessageStructure: 'json', Message: '{"email":"e"}' },
      {
        name: InvalidParameter,
        message: 'Invalid parameter: Message Structure - No default entry in JSON message body',
      },
    ],
    [
      'a structured message that is no JSON',
      { MessageStructure: 'json', Message: '{' },
      {
        name: InvalidParameter,
        message: 'Invalid parameter: Message Structure - JSON message body failed to parse',
      },
    ],
    [
      'an unknown topic',
      { TopicArn: `${ARN}-no` },
      { name: 'NotFoundException', message: 'Topic does not exist' },
    ],
    [
      'a topic of another region',
      { TopicArn: ARN.replace('west-2', 'west-1') },
      { name: InvalidParameter, message: 'Invalid parameter: TopicArn' },
    ],
    [
      'what is no ARN',
      { TopicArn: 'main-alerts' },
      { name: InvalidParameter, message: 'Invalid parameter: TopicArn' },
    ],
  ];
  for (const [name, input, error] of refused)
    test(`refuses ${name}, and mails nobody`, async () => {
      await assert.rejects(publish(input), error);
      assert.deepEqual(mails, []);
    });
});

test('ListSubscriptionsByTopic tells who is subscribed', async () => {
  const list = async (TopicArn: string) =>
    (await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions;
  const [first, , third] = (await list(ARN)) ?? [];
  assert.deepEqual(
    [first?.Protocol, first?.Endpoint, first?.Owner],
    ['email', 'ops@example.co.uk', '000000000000'],
  );
  assert.equal(third?.Endpoint, 'a&b@example.co.uk');
  assert.deepEqual(await list(QUIET), []);
});

describe('a topic of events', () => {
  const tell = (text: string, given: Record<string, [type: string, value: string]>, more = {}) =>
    publish({
      TopicArn: EVENTS,
      Message: text,
      MessageAttributes: Object.fromEntries(
        Object.entries(given).map(([name, [DataType, StringValue]]) => [name, { DataType, StringValue }]),
      ),
      ...more,
    });
  const who = () => invoked.map(({ arn }) => arn);

  test('invokes a function with the message and its attributes, a list as the text of its JSON', async () => {
    const { MessageId } = await tell('{"state":"info"}', {
      severity: ['String', 'critical'],
      tags: ['String.Array', '["shop","eu"]'],
    });
    const [first] = invoked;
    assert.equal(first?.arn, NOTIFIER);
    const { Records } = JSON.parse(first?.payload ?? '');
    assert.equal(Records.length, 1);
    assert.equal(Records[0].EventSource, 'aws:sns');
    const { Sns } = Records[0];
    assert.deepEqual([Sns.MessageId, Sns.TopicArn, Sns.Subject], [MessageId, EVENTS, null]);
    assert.equal(Sns.Message, '{"state":"info"}');
    assert.deepEqual(Sns.MessageAttributes, {
      severity: { Type: 'String', Value: 'critical' },
      tags: { Type: 'String', Value: '["shop","eu"]' },
    });
  });

  test('reaches a team by any of its tags, and by what the body says', async () => {
    await tell('{"state":"info"}', { tags: ['String.Array', '["eu","shop"]'] });
    assert.deepEqual(who(), [NOTIFIER, BY_TEAM]);
    invoked = [];
    await tell('{"state":"trigger"}', { tags: ['String.Array', '["eu"]'] });
    assert.deepEqual(who(), [NOTIFIER, BY_BODY]);
    invoked = [];
    // A policy on a key that is not there is not met, and a text is no object to look into.
    await tell('plain', { severity: ['String', 'info'] });
    assert.deepEqual(who(), [NOTIFIER]);
  });

  test('drops attributes where the structure is json, as AWS does, and so misses the team', async () => {
    await tell(
      JSON.stringify({ default: 'for all', lambda: '{"state":"info"}' }),
      { tags: ['String.Array', '["shop"]'] },
      { MessageStructure: 'json' },
    );
    assert.deepEqual(who(), [NOTIFIER]);
    const { Sns } = JSON.parse(invoked[0]?.payload ?? '').Records[0];
    assert.deepEqual([Sns.Message, Sns.MessageAttributes], ['{"state":"info"}', {}]);
  });

  test('refuses attributes that AWS refuses', async () => {
    await assert.rejects(tell('x', { tags: ['String.Array', 'shop'] }), {
      name: 'InvalidParameterException',
    });
    await assert.rejects(tell('x', { tags: ['String.Array', '[{}]'] }), {
      name: 'InvalidParameterException',
    });
    await assert.rejects(tell('x', { kind: ['String', 'fire \u{1F525}'] }), {
      name: 'InvalidParameterException',
    });
  });
});
