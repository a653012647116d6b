import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Statement } from '../../../local/iam.ts';
import type { Resource } from '../../../local/intrinsics.ts';
import { lambdaFunction, read, role } from './assembly-fixture.ts';

describe('policies of roles', () => {
  const grant = (action: string): Statement => ({ Effect: 'Allow', Action: action, Resource: '*' });
  const policy = (type: string, statement: Statement): Resource => ({
    Type: type,
    Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: statement } },
  });
  const actions = (resources: Record<string, Resource>) =>
    read({ ...resources, F: lambdaFunction() }).policies['main-control-Role']?.map(({ Action }) => Action);

  test('are gathered from the role, inline policies, managed policies and those of AWS', () => {
    const basic = {
      'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`,
    };
    const gathered = actions({
      Role: role([grant('a:Own')], { ManagedPolicyArns: [basic, { Ref: 'ByArn' }] }),
      Inline: policy('AWS::IAM::Policy', grant('a:Inline')),
      Managed: policy('AWS::IAM::ManagedPolicy', grant('a:Managed')),
      ByArn: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: { Statement: grant('a:ByArn') } },
      },
    });
    const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
    assert.deepEqual(gathered, ['a:Own', logs, 'a:ByArn', 'a:Inline', 'a:Managed']);
  });

  test('of roles that nobody assumes here are not looked at', () => {
    const unread = role([{ Effect: 'Allow', Action: 's3:*', Resource: { Ref: 'Bucket' } }]);
    assert.deepEqual(read({ Role: role(), F: lambdaFunction(), Deployer: unread }).policies, {
      'main-control-Role': [],
    });
  });

  test('are refused when IAM would not store them', () => {
    const long = (characters: number) => grant(`a:${'x'.repeat(characters)}`);
    assert.doesNotThrow(() => actions({ Role: role([long(10_100)]) }));
    assert.throws(
      () => actions({ Role: role([long(10_200)]) }),
      /Role \(AWS::IAM::Role\): expected at most 10240 characters of policy, received 10\d{3}/,
    );
    assert.throws(
      () => actions({ Role: role([long(6_000)]), More: policy('AWS::IAM::Policy', long(6_000)) }),
      /More \(AWS::IAM::Policy\): expected at most 10240/,
    );
    assert.throws(
      () => actions({ Role: role(), Managed: policy('AWS::IAM::ManagedPolicy', long(6_144)) }),
      /Managed \(AWS::IAM::ManagedPolicy\): expected at most 6144/,
    );
  });

  test('are refused when they say what the evaluator cannot judge', () => {
    const strange = { ...grant('a:B'), Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.1' } } };
    assert.throws(
      () => actions({ Role: role([strange]) }),
      /Role \(AWS::IAM::Role\): the condition operator IpAddress/,
    );
    const unknown = role([], { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] });
    assert.throws(() => actions({ Role: unknown }), /received arn:aws:iam::aws:policy\/AdministratorAccess/);
  });
});
