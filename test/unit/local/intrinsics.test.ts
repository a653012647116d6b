import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAssembly } from '../../../local/assembly.ts';
import type { Resource } from '../../../local/intrinsics.ts';
import {
  getAtt,
  lambdaFunction,
  OPTIONS,
  read,
  role,
  type StackFiles,
  stack,
  writeAssembly,
} from './assembly-fixture.ts';

/** A function whose environment says what a value of a template stands for. */
const standsFor = (value: unknown, others: Record<string, Resource> = {}, more: Partial<StackFiles> = {}) => {
  const { functions } = read(
    { ...others, Role: role(), F: lambdaFunction({ Environment: { Variables: { VALUE: value } } }) },
    more,
  );
  return functions[0]?.environment.VALUE;
};

describe('values', () => {
  const zone: Resource = { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'dyn.example.co.uk.' } };
  const rows: [name: string, value: unknown, expected: string][] = [
    ['account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['region', { Ref: 'AWS::Region' }, 'eu-west-2'],
    ['stack name', { Ref: 'AWS::StackName' }, 'main-control'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 'b']] }, 'a-aws-b'],
    [
      'Sub',
      { 'Fn::Sub': `\${AWS::URLSuffix}/\${Zone}/\${Topic.TopicName}/\${!Kept}` },
      `amazonaws.com/ZLOCAL17/alerts/\${Kept}`,
    ],
    [
      'Sub with variables',
      { 'Fn::Sub': [`\${a}\${AWS::Region}`, { a: { Ref: 'Table' } }] },
      'stateeu-west-2',
    ],
    ['Select and Split', { 'Fn::Select': ['1', { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['If, met', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['If, not met', { 'Fn::If': ['Elsewhere', 'yes', 'no'] }, 'no'],
    ['a parameter with a default', { Ref: 'Given' }, 'value'],
    ['a topic', { Ref: 'Topic' }, 'arn:aws:sns:eu-west-2:000000000000:alerts'],
    ['a table', { Ref: 'Table' }, 'state'],
    ["a table's ARN", getAtt('Table', 'Arn'), 'arn:aws:dynamodb:eu-west-2:000000000000:table/state'],
    ['a zone', { Ref: 'Zone' }, 'ZLOCAL17'],
    ["a role's ARN", getAtt('Role', 'Arn'), 'arn:aws:iam::000000000000:role/main-control-Role'],
    ["a log group's ARN", getAtt('Log', 'Arn'), 'arn:aws:logs:eu-west-2:000000000000:log-group:/aws/x:*'],
  ];
  const others: Record<string, Resource> = {
    Zone: zone,
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'state',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      },
    },
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/x' } },
  };
  const template: StackFiles['template'] = {
    Parameters: { Given: { Type: 'String', Default: 'value' } },
    Conditions: {
      Here: {
        'Fn::And': [
          { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-2'] },
          { 'Fn::Not': [{ Condition: 'Elsewhere' }] },
        ],
      },
      Elsewhere: { 'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] },
    },
  };
  for (const [name, value, expected] of rows)
    test(name, () => {
      assert.equal(standsFor(value, others, { template }), expected);
    });

  test('NoValue leaves a property out', () => {
    const { functions } = read({
      Role: role(),
      F: lambdaFunction({
        MemorySize: { Ref: 'AWS::NoValue' },
        Environment: { Variables: { A: { Ref: 'AWS::NoValue' } } },
      }),
    });
    assert.equal(functions[0]?.memoryMb, 128);
    assert.deepEqual(functions[0]?.environment, {});
  });

  const unknown: [name: string, value: unknown, message: RegExp][] = [
    [
      'a reference to an unknown resource type',
      { Ref: 'Bucket' },
      /Stack main-control, F \(AWS::Lambda::Function\): cannot tell what a reference to Bucket \(AWS::S3::Bucket\)/,
    ],
    ['a reference to nothing', { Ref: 'Nothing' }, /expected Nothing to be a resource of this stack/],
    [
      'an unknown attribute',
      getAtt('Zone', 'NameServers'),
      /attribute NameServers of Zone \(AWS::Route53::HostedZone\)/,
    ],
    ['an unknown function', { 'Fn::Cidr': 'x' }, /Fn::Cidr is not understood/],
    ['what nobody exports', { 'Fn::ImportValue': 'x' }, /no stack in eu-west-2 exports x/],
    [
      'a value from the parameter store',
      { Ref: 'Bootstrap' },
      /parameter Bootstrap has no value on this machine/,
    ],
  ];
  for (const [name, value, message] of unknown)
    test(`${name} is refused where it is needed`, () => {
      const parameters = { Bootstrap: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk' } };
      const bucket: Resource = { Type: 'AWS::S3::Bucket' };
      assert.throws(
        () => standsFor(value, { Zone: zone, Bucket: bucket }, { template: { Parameters: parameters } }),
        message,
      );
    });

  test('an export of another stack of the region is imported, one of another region is not', () => {
    const imports = stack({
      Role: role(),
      F: lambdaFunction({ Environment: { Variables: { VALUE: { 'Fn::ImportValue': 'main-zone-a' } } } }),
    });
    const exports = (environment: string): StackFiles => ({
      name: 'main-zones',
      environment,
      resources: { Zone: zone },
      template: { Outputs: { A: { Value: { Ref: 'Zone' }, Export: { Name: 'main-zone-a' } } } },
    });
    const home = writeAssembly(exports('aws://unknown-account/eu-west-2'), imports);
    assert.equal(readAssembly(home, OPTIONS).functions[0]?.environment.VALUE, 'ZLOCAL17');
    const away = writeAssembly(exports('aws://unknown-account/eu-west-1'), imports);
    assert.throws(() => readAssembly(away, OPTIONS), /no stack in eu-west-2 exports main-zone-a/);
  });

  test('of resources that are not run here are not looked at', () => {
    const alarm: Resource = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { Weird: { 'Fn::Transform': {} } },
    };
    assert.deepEqual(read({ Alarm: alarm }).functions, []);
  });

  test('a resource whose condition is not met is not there', () => {
    const conditional = { ...lambdaFunction(), Condition: 'Elsewhere' };
    assert.deepEqual(read({ Role: role(), F: conditional }, { template }).functions, []);
  });
});
