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
  ];
  gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [],
    policies: {},
    resourcePolicies: {},
    services: [snsService({ topics, onMail: (mail) => mails.push(mail) })],
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
