import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import type { Channel } from '../../../../lambda/core/site/alerts.ts';
import { config, statementsOf, synthesize } from '../fixture.ts';

const channels: Channel[] = [
  { kind: 'slack', name: 'alerts[0].slack', wanted: {}, secrets: { url: '/shop/slack' } },
  { kind: 'webhook', name: 'alerts[0].webhook', wanted: {}, secrets: { url: '/shop/hook', key: 'hook-key' } },
];
const wanted = {
  'shop@example.co.uk': { tags: ['shop', 'till'] },
  'pager@example.co.uk': { from: 'critical' },
  'both@example.co.uk': { tags: ['shop'], from: 'warning' },
} as const;
const emails = ['ops@example.co.uk', ...Object.keys(wanted)];

const made = synthesize(config({ alerts: { emails, wanted: structuredClone(wanted) as never, channels } }));
const control = made.template('main-control');
const of = (type: string) => Object.values(control.findResources(type)).map(({ Properties }) => Properties);

test('without a channel there is no notifier, and the mails are subscribed as they always were', () => {
  const plain = synthesize(config()).template('main-control');
  for (const type of ['AWS::SQS::Queue', 'AWS::Lambda::Permission', 'AWS::Lambda::EventInvokeConfig'])
    plain.resourceCountIs(type, type.endsWith('EventInvokeConfig') ? 1 : 0);
  const [mail] = Object.values(plain.findResources('AWS::SNS::Subscription'));
  assert.deepEqual(Object.keys(mail?.Properties).sort(), ['Endpoint', 'Protocol', 'TopicArn']);
});

test('the notifier hears the events and may read its own parameters, mail, and write to its queue', () => {
  const grants = statementsOf(control, 'main-notifier').map(({ Action, Resource }) => [
    Action,
    JSON.stringify(Resource),
  ]);
  assert.deepEqual(
    grants.map(([action]) => action),
    [['logs:CreateLogStream', 'logs:PutLogEvents'], 'ssm:GetParameters', 'sns:Publish', 'sqs:SendMessage'],
  );
  assert.match(
    String(grants[1]?.[1]),
    /:parameter\/hook-key.*:parameter\/shop\/hook.*:parameter\/shop\/slack/,
  );
  assert.doesNotMatch(String(grants[1]?.[1]), /\*/);
  assert.match(
    String(grants[2]?.[1]),
    /^\{"Ref":"Alerts\w+"\}$/,
    'it cannot publish to the topic that it hears',
  );
  control.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'lambda',
    TopicArn: { Ref: Match.stringLikeRegexp('^Events') },
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Undelivered'), 'Arn'] } },
  });
});

test('what Lambda gives up is kept in the same queue, and a person is told that something is in it', () => {
  control.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: Match.stringLikeRegexp('^Notifier') },
    MaximumRetryAttempts: 2,
    DestinationConfig: {
      OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Undelivered'), 'Arn'] } },
    },
  });
  control.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'main-undelivered',
    MessageRetentionPeriod: 14 * 86_400,
    SqsManagedSseEnabled: true,
  });
  control.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'main-undelivered',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    AlarmActions: [{ Ref: Match.stringLikeRegexp('^Alerts') }],
  });
});

test('SNS may write to the queue from the topic of events alone, and the alarm may publish to the mails', () => {
  const [queue] = of('AWS::SQS::QueuePolicy');
  const sns = queue?.PolicyDocument.Statement.find((one: { Effect: string }) => one.Effect === 'Allow');
  assert.deepEqual(sns?.Principal, { Service: 'sns.amazonaws.com' });
  assert.match(JSON.stringify(sns?.Condition), /"aws:SourceArn":\{"Ref":"Events/);
  const mayPublish = of('AWS::SNS::TopicPolicy')
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Sid }: { Sid?: string }) => Sid === 'AlarmMayPublish');
  assert.equal(mayPublish.length, 1);
  assert.match(JSON.stringify(mayPublish[0].Condition), /UndeliveredAlarm/);
});

test('the mails of a team are filtered by what they are about, and the alarm on silence tells everybody', () => {
  const policies = Object.fromEntries(
    of('AWS::SNS::Subscription')
      .filter(({ Protocol }) => Protocol === 'email')
      .map(({ Endpoint, FilterPolicy }) => [Endpoint, FilterPolicy]),
  );
  assert.deepEqual(policies, {
    'ops@example.co.uk': undefined,
    'shop@example.co.uk': { tags: ['shop', 'till'] },
    'pager@example.co.uk': { severity: ['critical', { exists: false }] },
    'both@example.co.uk': { tags: ['shop'], severity: ['critical', 'warning', { exists: false }] },
  });
  const silence = made.template('main-dead-man-eu-west-1').findResources('AWS::SNS::Subscription');
  const all = Object.values(silence).map(({ Properties }) => [Properties.Endpoint, Properties.FilterPolicy]);
  assert.deepEqual(
    all,
    emails.map((email) => [email, undefined]),
  );
});

test('what the secrets are called is in the rights of the notifier alone', () => {
  const holders = Object.values(made.templates).flatMap((template) =>
    Object.entries(template.toJSON().Resources).flatMap(([id, resource]) =>
      JSON.stringify(resource).includes('/shop/slack') ? [id.replace(/[0-9A-F]{8}$/, '')] : [],
    ),
  );
  assert.deepEqual(holders, ['NotifierRole']);
});

describe('event buses', () => {
  const own = 'arn:aws:events:eu-west-2:111122223333:event-bus/alerts';
  const bus = (place: number, service?: string): Channel => ({
    kind: 'eventBridge',
    name: `alerts[${place}].eventBridge`,
    wanted: {},
    secrets: {},
    ...(service !== undefined && { service }),
  });
  const grantsWith = (all: Channel[]) =>
    statementsOf(
      synthesize(config({ alerts: { emails, channels: all } })).template('main-control'),
      'main-notifier',
    ).map(({ Action, Resource }) => [Action, JSON.stringify(Resource)]);

  test('the notifier may put events on those that are configured, and read no parameter for it', () => {
    const grants = grantsWith([bus(0), bus(1, own)]);
    assert.deepEqual(
      grants.map(([action]) => action),
      [['logs:CreateLogStream', 'logs:PutLogEvents'], 'events:PutEvents', 'sns:Publish', 'sqs:SendMessage'],
    );
    const buses = JSON.parse(String(grants[1]?.[1]));
    const named = {
      'Fn::Join': ['', ['arn:aws:events:eu-west-2:', { Ref: 'AWS::AccountId' }, ':event-bus/default']],
    };
    assert.deepEqual(buses, [own, named]);
  });
  test('and without one it may put none', () => {
    assert.deepEqual(
      statementsOf(control, 'main-notifier').filter(({ Action }) => /events:/.test(String(Action))),
      [],
    );
  });
});
