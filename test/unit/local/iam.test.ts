import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertUnderstood, evaluate, type Statement } from '../../../local/iam.ts';
import type { Demand } from '../../../local/service.ts';

const demand = (action: string, resource: string, context: Demand['context'] = {}): Demand => ({
  action,
  resource,
  context,
});
const ZONE = 'arn:aws:route53:::hostedzone/Z1';
const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const allow = (more: Partial<Statement>): Statement => ({
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
  ...more,
});
const deny = (more: Partial<Statement>): Statement => ({ ...allow(more), Effect: 'Deny' });
const allowed = (statements: Statement[], asked: Demand) => evaluate(statements, [], asked).allowed;

describe('actions and resources', () => {
  const rows: [
    name: string,
    statement: Partial<Statement>,
    action: string,
    resource: string,
    expected: boolean,
  ][] = [
    [
      'the exact action and resource',
      { Action: 'sns:Publish', Resource: 'arn:t' },
      'sns:Publish',
      'arn:t',
      true,
    ],
    ['another action', { Action: 'sns:Publish' }, 'sns:Subscribe', 'arn:t', false],
    ['an action in other case', { Action: 'SNS:publish' }, 'sns:Publish', 'arn:t', true],
    ['a wildcard in the action', { Action: 'route53:Get*' }, 'route53:GetChange', 'arn:t', true],
    [
      'a wildcard that does not reach',
      { Action: 'route53:Get*' },
      'route53:ListResourceRecordSets',
      'arn:t',
      false,
    ],
    ['one of several actions', { Action: ['a:B', 'sns:Publish'] }, 'sns:Publish', 'arn:t', true],
    ['NotAction of another action', { Action: undefined, NotAction: 'iam:*' }, 'sns:Publish', 'arn:t', true],
    ['NotAction of this action', { Action: undefined, NotAction: 'sns:*' }, 'sns:Publish', 'arn:t', false],
    ['another resource', { Resource: 'arn:t' }, 'sns:Publish', 'arn:u', false],
    ['a resource in other case', { Resource: 'arn:T' }, 'sns:Publish', 'arn:t', false],
    [
      'a wildcard in the resource',
      { Resource: 'arn:aws:route53:::change/*' },
      'a:B',
      'arn:aws:route53:::change/C1',
      true,
    ],
    ['a question mark for one character', { Resource: 'arn:?' }, 'a:B', 'arn:t', true],
    ['a question mark for two characters', { Resource: 'arn:?' }, 'a:B', 'arn:tt', false],
    ['a dot, which is no wildcard', { Resource: 'arn.t' }, 'a:B', 'arn:t', false],
    ['NotResource of another resource', { Resource: undefined, NotResource: 'arn:u' }, 'a:B', 'arn:t', true],
    ['NotResource of this resource', { Resource: undefined, NotResource: 'arn:*' }, 'a:B', 'arn:t', false],
    ['a resource for a call that has none', { Resource: 'arn:t' }, 'dynamodb:ListTables', '*', false],
  ];
  for (const [name, statement, action, resource, expected] of rows)
    test(`${name}: ${expected ? 'allowed' : 'not allowed'}`, () => {
      assert.equal(allowed([allow(statement)], demand(action, resource)), expected);
    });
});

describe('conditions', () => {
  const rows: [
    name: string,
    condition: Statement['Condition'],
    values: string[] | undefined,
    expected: boolean,
  ][] = [
    ['StringEquals, equal', { StringEquals: { k: 'a' } }, ['a'], true],
    ['StringEquals, one of several', { StringEquals: { k: ['b', 'a'] } }, ['a'], true],
    ['StringEquals, different', { StringEquals: { k: 'a' } }, ['A'], false],
    ['StringEquals, no such key', { StringEquals: { k: 'a' } }, undefined, false],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { k: 'a' } }, ['A'], true],
    ['StringEqualsIfExists, no such key', { StringEqualsIfExists: { k: 'a' } }, undefined, true],
    ['StringEqualsIfExists, different', { StringEqualsIfExists: { k: 'a' } }, ['b'], false],
    ['StringNotEquals, different', { StringNotEquals: { k: 'a' } }, ['b'], true],
    ['StringNotEquals, one of several', { StringNotEquals: { k: ['a', 'b'] } }, ['b'], false],
    ['StringNotEquals, no such key', { StringNotEquals: { k: 'a' } }, undefined, true],
    ['StringLike', { StringLike: { k: '*.example.com' } }, ['www.example.com'], true],
    ['StringLike, too short', { StringLike: { k: '*.example.com' } }, ['example.com'], false],
    ['StringNotLike', { StringNotLike: { k: '*.example.com' } }, ['www.example.com'], false],
    ['Bool', { Bool: { k: 'true' } }, ['true'], true],
    ['Bool given as a boolean', { Bool: { k: false } }, ['true'], false],
    ['Null wants it absent', { Null: { k: 'true' } }, undefined, true],
    ['Null wants it absent and it is there', { Null: { k: 'true' } }, ['a'], false],
    ['Null wants it there', { Null: { k: 'false' } }, ['a'], true],
    ['ArnLike', { ArnLike: { k: 'arn:aws:sns:*:1:t-*' } }, ['arn:aws:sns:eu-west-2:1:t-a'], true],
    ['ArnLike, a part each', { ArnLike: { k: 'arn:aws:*:1:t' } }, ['arn:aws:sns:eu-west-2:1:t'], false],
    [
      'ArnEquals matches like ArnLike',
      { ArnEquals: { k: 'arn:aws:sns:*:1:t' } },
      ['arn:aws:sns:x:1:t'],
      true,
    ],
    ['ForAllValues, all within', { 'ForAllValues:StringEquals': { k: ['a', 'b', 'c'] } }, ['a', 'b'], true],
    ['ForAllValues, one without', { 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, ['a', 'x'], false],
    ['ForAllValues, no such key', { 'ForAllValues:StringEquals': { k: 'a' } }, undefined, true],
    ['ForAllValues, an empty set', { 'ForAllValues:StringEquals': { k: 'a' } }, [], true],
    ['ForAllValues:StringLike', { 'ForAllValues:StringLike': { k: '*.x' } }, ['a.x', 'b.x'], true],
    [
      'ForAllValues:StringNotEquals, one within',
      { 'ForAllValues:StringNotEquals': { k: 'a' } },
      ['a', 'b'],
      false,
    ],
    ['ForAnyValue, one within', { 'ForAnyValue:StringEquals': { k: 'a' } }, ['x', 'a'], true],
    ['ForAnyValue, none within', { 'ForAnyValue:StringEquals': { k: 'a' } }, ['x'], false],
    ['ForAnyValue, no such key', { 'ForAnyValue:StringEquals': { k: 'a' } }, undefined, false],
    ['keys in other case', { StringEquals: { K: 'a' } }, ['a'], true],
    ['two conditions, one unmet', { StringEquals: { k: 'a' }, Null: { k: 'true' } }, ['a'], false],
  ];
  for (const [name, Condition, values, expected] of rows)
    test(`${name}: ${expected ? 'met' : 'not met'}`, () => {
      const context: Demand['context'] = values === undefined ? {} : { k: values };
      assert.equal(allowed([allow({ Condition })], demand('a:B', 'arn:t', context)), expected);
    });
});

describe('a ruling', () => {
  test('says in the words of AWS why nothing allows a call', () => {
    assert.deepEqual(evaluate([], [], demand('sns:Publish', 'arn:t')), {
      allowed: false,
      why: 'because no identity-based policy allows the sns:Publish action',
    });
  });

  test('puts an explicit deny before any allow, in the role and in the resource', () => {
    const asked = demand('sns:Publish', 'arn:t');
    assert.deepEqual(evaluate([allow({}), deny({ Action: 'sns:*' })], [], asked), {
      allowed: false,
      why: 'with an explicit deny in an identity-based policy',
    });
    assert.deepEqual(evaluate([allow({})], [deny({ Principal: '*' })], asked), {
      allowed: false,
      why: 'with an explicit deny in a resource-based policy',
    });
  });

  test('passes over a denial whose condition is not met or that is for somebody else', () => {
    const asked = demand('sns:Publish', 'arn:t', { 'aws:SecureTransport': ['true'] });
    const insecure = deny({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    const others = deny({ Principal: { Service: 'events.amazonaws.com' } });
    assert.deepEqual(evaluate([allow({})], [insecure, others], asked), { allowed: true });
    assert.equal(evaluate([allow({})], [deny({ Principal: { AWS: ['*'] } })], asked).allowed, false);
  });

  test('needs every name of a batch in one statement', () => {
    const names = (...values: string[]) =>
      allow({ Resource: ZONE, Condition: { 'ForAllValues:StringEquals': { [NAMES]: values } } });
    const batch = demand('route53:ChangeResourceRecordSets', ZONE, { [NAMES]: ['a.example', 'b.example'] });
    assert.equal(allowed([names('a.example'), names('b.example')], batch), false);
    assert.equal(allowed([names('a.example', 'b.example')], batch), true);
  });
});

describe('what is not understood is never taken for an allowance', () => {
  const refused: [Partial<Statement>, RegExp][] = [
    [{ Condition: { NumericLessThan: { k: '1' } } }, /NumericLessThan is not understood/],
    [{ Condition: { 'ForAllValues:Null': { k: 'true' } } }, /ForAllValues:Null is not understood/],
    [
      { Condition: { 'ForSomeValues:StringEquals': { k: 'a' } } },
      /ForSomeValues:StringEquals is not understood/,
    ],
    [{ Condition: { StringEquals: { k: `\${aws:username}` } } }, /policy variable/],
    [{ Resource: `arn:\${aws:username}` }, /policy variable/],
    [{ NotAction: 'a:B' }, /exactly one of Action and NotAction/],
    [{ NotPrincipal: '*' }, /NotPrincipal is not understood/],
    [{ Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::1:role/x' } }, /a denial for one principal/],
    [{ Resource: undefined }, /exactly one of Resource and NotResource/],
    [{ Effect: 'Maybe' as 'Allow' }, /Effect to be Allow or Deny, received "Maybe"/],
  ];
  for (const [statement, message] of refused)
    test(message.source, () => {
      assert.throws(() => assertUnderstood([allow(statement)], 'Stack s, R'), message);
      assert.throws(() => assertUnderstood([allow(statement)], 'Stack s, R'), /^Error: Stack s, R: /);
      assert.throws(() => allowed([allow(statement)], demand('a:B', 'arn:t', { k: ['a'] })), message);
    });

  test('a key with several values under an operator for one', () => {
    const statement = allow({ Condition: { StringEquals: { k: 'a' } } });
    assert.throws(() => allowed([statement], demand('a:B', 'arn:t', { k: ['a', 'b'] })), /received 2/);
  });
});
