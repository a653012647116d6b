import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAssembly } from '../../../local/assembly.ts';
import { getAtt, lambdaFunction, OPTIONS, read, role, stack, writeAssembly } from './assembly-fixture.ts';

describe('functions', () => {
  test('are read with their code, role and settings', () => {
    const dir = writeAssembly(
      stack({
        Role: role([], { RoleName: 'the-role' }),
        F: lambdaFunction({
          FunctionName: 'main-controller',
          MemorySize: 256,
          Timeout: 170,
          Architectures: ['arm64'],
          Environment: { Variables: { NUMBER: 7 } },
        }),
      }),
    );
    assert.deepEqual(readAssembly(dir, OPTIONS).functions, [
      {
        name: 'main-controller',
        region: 'eu-west-2',
        arn: 'arn:aws:lambda:eu-west-2:000000000000:function:main-controller',
        codeDir: join(dir, 'asset.code'),
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        architecture: 'arm64',
        memoryMb: 256,
        timeoutSeconds: 170,
        environment: { NUMBER: '7' },
        role: 'the-role',
      },
    ]);
  });

  test("without names and settings get CloudFormation's names and Lambda's defaults", () => {
    const [fn] = read({ Role: role(), F: lambdaFunction() }).functions;
    assert.equal(fn?.name, 'main-control-F');
    assert.equal(fn?.role, 'main-control-Role');
    assert.deepEqual([fn?.memoryMb, fn?.timeoutSeconds, fn?.architecture], [128, 3, 'x86_64']);
  });

  test('of all stacks are read, each in its region', () => {
    const dir = writeAssembly(stack({ Role: role(), F: lambdaFunction({ FunctionName: 'main-prober' }) }), {
      name: 'main-vantage',
      environment: 'aws://unknown-account/eu-west-1',
      resources: { Role: role(), F: lambdaFunction({ FunctionName: 'main-prober' }) },
    });
    const { functions } = readAssembly(dir, OPTIONS);
    assert.deepEqual(
      functions.map(({ name, region }) => `${name}@${region}`),
      ['main-prober@eu-west-2', 'main-prober@eu-west-1'],
    );
  });

  test('that only deployments call are left out', () => {
    const { functions } = read({
      Role: role(),
      Helper: lambdaFunction({ Code: { ZipFile: 'inline' } }),
      Custom: { Type: 'Custom::Thing', Properties: { ServiceToken: getAtt('Helper', 'Arn') } },
    });
    assert.deepEqual(functions, []);
  });

  const refused: [name: string, more: Record<string, unknown>, message: RegExp][] = [
    [
      'with inline code',
      { Code: { ZipFile: 'x' } },
      /main-control, F \(AWS::Lambda::Function\): expected Code to be an asset/,
    ],
    ['with an asset that is not there', { Code: { S3Key: 'x.zip' } }, /expected asset "x.zip" to be listed/],
    ['with an asset that is a file', { Code: { S3Key: 'page' } }, /received packaging file/],
    ['with layers', { Layers: ['arn'] }, /Layers cannot be hosted/],
    ['without a handler', { Handler: undefined }, /expected Handler to be a string, received undefined/],
  ];
  for (const [name, more, message] of refused)
    test(`${name} are refused`, () => {
      assert.throws(() => read({ Role: role(), F: lambdaFunction(more) }), message);
    });
});

describe('schedules', () => {
  const schedule = (more: Record<string, unknown> = {}, target: Record<string, unknown> = {}) =>
    read({
      Role: role(),
      F: lambdaFunction({ FunctionName: 'main-controller' }),
      Minute: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'main-minute',
          ScheduleExpression: 'rate(1 minute)',
          Target: { Arn: getAtt('F', 'Arn'), RoleArn: getAtt('Role', 'Arn'), ...target },
          ...more,
        },
      },
    }).schedules;

  test('are read with their target, input and retries', () => {
    const target = {
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    };
    assert.deepEqual(schedule({}, target), [
      {
        name: 'main-minute',
        region: 'eu-west-2',
        rateSeconds: 60,
        target: { function: 'main-controller', region: 'eu-west-2' },
        role: 'main-control-Role',
        input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
        retryAttempts: 0,
        maxEventAgeSeconds: 60,
      },
    ]);
  });

  test('know hours and days, and can be switched off', () => {
    assert.equal(schedule({ ScheduleExpression: 'rate(2 hours)' })[0]?.rateSeconds, 7200);
    assert.equal(schedule({ ScheduleExpression: 'rate(1 day)' })[0]?.rateSeconds, 86_400);
    assert.deepEqual(schedule({ State: 'DISABLED' }), []);
  });

  test('by calendar or for anything but a function are refused', () => {
    assert.throws(
      () => schedule({ ScheduleExpression: 'cron(0 * * * ? *)' }),
      /a rate such as .* received "cron/,
    );
    assert.throws(
      () => schedule({}, { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage' }),
      /to be a function/,
    );
  });
});

describe('topics, tables and zones', () => {
  test('a topic has its subscriptions, wherever the template has them', () => {
    const { topics } = read({
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          TopicName: 'alerts',
          DisplayName: 'Ops',
          Subscription: [{ Protocol: 'sms', Endpoint: '+44' }],
        },
      },
      Other: { Type: 'AWS::SNS::Topic', Properties: {} },
      Mail: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'ops@example.co.uk' },
      },
    });
    const [topic, other] = topics;
    assert.deepEqual(topic, {
      name: 'alerts',
      arn: 'arn:aws:sns:eu-west-2:000000000000:alerts',
      region: 'eu-west-2',
      displayName: 'Ops',
      subscriptions: [
        { protocol: 'sms', endpoint: '+44' },
        { protocol: 'email', endpoint: 'ops@example.co.uk' },
      ],
    });
    assert.deepEqual([other?.name, other?.subscriptions], ['main-control-Other', []]);
  });

  const table = (more: Record<string, unknown> = {}) =>
    read({
      Table: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          TableName: 'main-state',
          KeySchema: [
            { AttributeName: 'sk', KeyType: 'RANGE' },
            { AttributeName: 'pk', KeyType: 'HASH' },
          ],
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'N' },
          ],
          Replicas: [{ Region: 'eu-west-2' }],
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          ...more,
        },
      },
    }).tables;

  test('a table has its keys and its expiry', () => {
    assert.deepEqual(table(), [
      {
        name: 'main-state',
        region: 'eu-west-2',
        partitionKey: { name: 'pk', type: 'S' },
        sortKey: { name: 'sk', type: 'N' },
        ttl: 'expiresAt',
      },
    ]);
  });

  test('a table that replicates or is indexed is refused', () => {
    assert.throws(
      () => table({ Replicas: [{ Region: 'eu-west-1' }] }),
      /Table \(AWS::DynamoDB::GlobalTable\): expected replicas in eu-west-2 only/,
    );
    assert.throws(() => table({ GlobalSecondaryIndexes: [{}] }), /GlobalSecondaryIndexes are not made/);
  });

  test('zones are those made by a stack and those that the functions know by id', () => {
    const ids = {
      'Fn::Join': ['', ['{"dyn.example.co.uk":"', { Ref: 'Zone' }, '","Other.example":"Z0THERE"}']],
    };
    const { zones } = read({
      Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'Dyn.Example.co.uk.' } },
      Role: role(),
      F: lambdaFunction({ Environment: { Variables: { SWITCHOVER_ZONE_IDS: ids } } }),
    });
    assert.deepEqual(zones, [
      { name: 'dyn.example.co.uk', id: 'ZLOCAL17', logicalId: 'Zone' },
      { name: 'other.example', id: 'Z0THERE' },
    ]);
  });

  test("a topic's own policy is kept by its ARN", () => {
    const statement = { Effect: 'Deny', Action: 'sns:Publish', Principal: '*', Resource: { Ref: 'Topic' } };
    const { resourcePolicies } = read({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
      Policy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [statement] } },
      },
    });
    const arn = 'arn:aws:sns:eu-west-2:000000000000:alerts';
    assert.deepEqual(resourcePolicies, { [arn]: [{ ...statement, Resource: arn }] });
  });
});
