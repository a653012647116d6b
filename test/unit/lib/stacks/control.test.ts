import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { config, statementsOf, synthesize } from '../fixture.ts';

const control = synthesize(config()).template('main-control');

test('a zone with an id is used, and the function knows it by that id', () => {
  const template = synthesize(config({ zones: [{ name: 'dyn.example.co.uk', id: 'Z0ABC' }] })).template(
    'main-control',
  );
  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'main-controller',
    Environment: { Variables: { SWITCHOVER_ZONE_IDS: '{"dyn.example.co.uk":"Z0ABC"}' } },
  });
});

test('people are subscribed to a topic that takes nothing in the clear', () => {
  const template = synthesize(
    config({ alerts: { emails: ['one@example.org', 'two@example.org'] } }),
  ).template('main-control');
  template.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'main-alerts' });
  for (const Endpoint of ['one@example.org', 'two@example.org'])
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ],
    },
  });
});

test('events have a topic of their own, to which nobody is subscribed by us; the one of mails keeps its id', () => {
  const topics = control.findResources('AWS::SNS::Topic');
  assert.deepEqual(
    Object.entries(topics).map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Properties.TopicName,
    ]),
    [
      ['Alerts', 'main-alerts'],
      ['Events', 'main-events'],
    ],
  );
  const ids = Object.keys(topics);
  for (const { Properties } of Object.values(control.findResources('AWS::SNS::Subscription')))
    assert.deepEqual(Properties.TopicArn, { Ref: ids[0] });
});

describe('functions', () => {
  const cases = [
    { name: 'main-controller', memory: 128, timeout: 180 },
    { name: 'main-console', memory: 256, timeout: 60 },
    { name: 'main-status', memory: 256, timeout: 60 },
    { name: 'main-prober', memory: 128, timeout: 70 },
  ];
  for (const { name, memory, timeout } of cases)
    test(`${name}: ${memory} MB, ${timeout} s, a month of logs`, () => {
      control.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: memory,
        Timeout: timeout,
        ReservedConcurrentExecutions: Match.absent(),
      });
      control.hasResourceProperties('AWS::Logs::LogGroup', {
        LogGroupName: `/aws/lambda/${name}`,
        RetentionInDays: 30,
      });
    });

  test('the controller and the console are told zones, table and topics; the prober nothing; both that run much how to use memory', () => {
    const environment = (FunctionName: string) =>
      Object.values(control.findResources('AWS::Lambda::Function', { Properties: { FunctionName } }))[0]
        ?.Properties.Environment?.Variables;
    const told = ['SWITCHOVER_EVENTS_ARN', 'SWITCHOVER_TABLE', 'SWITCHOVER_TOPIC_ARN', 'SWITCHOVER_ZONE_IDS'];
    for (const name of ['main-console', 'main-status'])
      assert.deepEqual(Object.keys(environment(name)).sort(), told);
    const { MALLOC_ARENA_MAX, MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_, ...others } =
      environment('main-controller');
    assert.deepEqual(Object.keys(others).sort(), told);
    assert.deepEqual(
      [MALLOC_ARENA_MAX, MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_],
      ['1', '131072', '131072'],
    );
    assert.deepEqual(environment('main-prober'), { MALLOC_MMAP_THRESHOLD_: '1048576' });
  });

  test('there is no prober at home unless home is a vantage', () => {
    const away = synthesize(config({ vantages: ['eu-west-1', 'eu-central-1', 'eu-north-1'] }));
    away.template('main-control').resourceCountIs('AWS::Lambda::Function', 3);
    away.template('main-vantage-eu-north-1').resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('outputs name what an operator looks for', () => {
    const names = Object.keys(control.findOutputs('*'));
    for (const output of [
      'ControllerFunction',
      'ConsoleFunction',
      'StatusFunction',
      'ProberFunction',
      'AlertsTopic',
      'EventsTopic',
    ])
      assert.ok(names.includes(output), output);
  });
});

describe('the minute', () => {
  test('starts the controller once a minute, with the time it was due, and never again', () => {
    control.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'main-minute',
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
    control.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^Controller') },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  test('its role may start the controller and be used by schedules of this account only', () => {
    control.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'start',
          PolicyDocument: {
            Statement: [
              {
                Action: 'lambda:InvokeFunction',
                Effect: 'Allow',
                Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Controller'), 'Arn'] },
              },
            ],
          },
        },
      ],
    });
  });

  test('nothing else in the stack is allowed to anybody', () => {
    control.resourceCountIs('AWS::IAM::Policy', 0);
    control.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    control.resourceCountIs('AWS::Lambda::Permission', 0);
    control.resourceCountIs('AWS::IAM::Role', 5);
    assert.equal(statementsOf(control, 'main-prober').length, 1);
  });
});
