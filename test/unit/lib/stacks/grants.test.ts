import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Config, ProbeSpec } from '../../../../lambda/core/site/site.ts';
import { iamRecordName, zoneWriteGrants } from '../../../../lib/stacks/grants.ts';
import { config, elastic, site, statementsOf, synthesize } from '../fixture.ts';

const TABLE = 'arn:aws:dynamodb:eu-west-2:123456789012:table/main-state';
const ZONE = 'arn:aws:route53:::hostedzone/Z0DYN';
const one = config({
  zones: [{ name: 'dyn.example.co.uk', id: 'Z0DYN' }],
  sites: [
    site('dyn.example.co.uk', 'dyn.example.co.uk', {
      names: ['dyn.example.co.uk', 'www.dyn.example.co.uk', '*.dyn.example.co.uk'],
    }),
  ],
});
const template = synthesize(one).template('main-control');

/** Gives references in a statement the values that CloudFormation would. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, never>;
  if (Ref === 'AWS::AccountId') return '123456789012';
  if (Ref !== undefined) return `<${String(Ref).replace(/[0-9A-F]{8}$/, '')}>`;
  if (attribute !== undefined) return `<${String(attribute[0]).replace(/[0-9A-F]{8}$/, '')}>`;
  if (join !== undefined) return (plain(join[1]) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

const KEPT = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'];
const tellsAndReads = (keeps: string[]) => [
  { Effect: 'Allow', Action: keeps, Resource: TABLE },
  { Effect: 'Allow', Action: 'sns:Publish', Resource: ['<Alerts>', '<Events>'] },
  {
    Effect: 'Allow',
    Action: 'sns:ListSubscriptionsByTopic',
    Resource: ['arn:aws:sns:eu-west-1:123456789012:main-dead-man', '<Alerts>'],
  },
  { Effect: 'Allow', Action: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'], Resource: ZONE },
];
const ASKS_AFTER_CHANGES = {
  Effect: 'Allow',
  Action: 'route53:GetChange',
  Resource: 'arn:aws:route53:::change/*',
};
const PRESENT = {
  'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false',
  'route53:ChangeResourceRecordSetsRecordTypes': 'false',
  'route53:ChangeResourceRecordSetsActions': 'false',
};
const WRITES = {
  Effect: 'Allow',
  Action: 'route53:ChangeResourceRecordSets',
  Resource: ZONE,
  Condition: {
    'ForAllValues:StringEquals': {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
        'dyn.example.co.uk',
        'www.dyn.example.co.uk',
        '\\052.dyn.example.co.uk',
        '_switchover.dyn.example.co.uk',
      ],
      'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'],
      'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
    },
    Null: PRESENT,
  },
};
const ownLog = (group: string) => ({
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `<${group}>`,
});

describe('what each function may do, and nothing more', () => {
  test('the controller', () => {
    assert.deepEqual(plain(statementsOf(template, 'main-controller')), [
      ownLog('ControllerLogs'),
      ...tellsAndReads([...KEPT, 'dynamodb:UpdateItem']),
      ASKS_AFTER_CHANGES,
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [
          'arn:aws:lambda:eu-central-1:123456789012:function:main-prober',
          'arn:aws:lambda:eu-west-1:123456789012:function:main-heartbeat',
          'arn:aws:lambda:eu-west-1:123456789012:function:main-prober',
          'arn:aws:lambda:eu-west-2:123456789012:function:main-prober',
        ],
      },
      WRITES,
    ]);
  });

  test('the controller, with secrets: these parameters, each once; nobody else', () => {
    const key = (name: string) => ({ ...one.sites[0]?.probe, secretHeaders: { 'x-key': name } }) as ProbeSpec;
    const sites = ['/shop/key', 'plain', '/shop/key'].map((name, index) =>
      site(`s${index}.dyn.example.co.uk`, 'dyn.example.co.uk', { probe: key(name) }),
    );
    const { template: from } = synthesize({ ...one, sites });
    const reads = (name: string) =>
      plain(
        statementsOf(from('main-control'), name).filter(({ Action }) => String(Action).startsWith('ssm:')),
      );
    const parameter = (name: string) => `arn:aws:ssm:eu-west-2:123456789012:parameter/${name}`;
    assert.deepEqual(reads('main-controller'), [
      {
        Effect: 'Allow',
        Action: 'ssm:GetParameters',
        Resource: [parameter('plain'), parameter('shop/key')],
      },
    ]);
    assert.deepEqual(reads('main-console'), []);
    assert.deepEqual(reads('main-prober'), []);
  });

  test('where a site moves an Elastic IP: this address and its servers, and both may ask where it is', () => {
    const sites = [site('www.dyn.example.co.uk', 'dyn.example.co.uk', elastic)];
    const { template: from } = synthesize({ ...one, sites });
    const ofEc2 = (name: string) =>
      plain(
        statementsOf(from('main-control'), name).filter(({ Action }) => String(Action).startsWith('ec2:')),
      );
    const arn = (rest: string) => `arn:aws:ec2:eu-west-2:123456789012:${rest}`;
    const asks = { Effect: 'Allow', Action: 'ec2:DescribeAddresses', Resource: '*' };
    assert.deepEqual(ofEc2('main-controller'), [
      asks,
      {
        Effect: 'Allow',
        Action: 'ec2:AssociateAddress',
        Resource: [
          arn('elastic-ip/eipalloc-0123456789abcdef0'),
          arn('instance/i-0123456789abcdef0'),
          arn('network-interface/eni-0123456789abcdef1'),
        ],
      },
      {
        Effect: 'Allow',
        Action: 'ec2:DisassociateAddress',
        Resource: [arn('elastic-ip/eipalloc-0123456789abcdef0'), arn('network-interface/*')],
      },
    ]);
    assert.deepEqual(ofEc2('main-console'), [asks]);
    assert.deepEqual(ofEc2('main-status'), [asks]);
    assert.deepEqual(ofEc2('main-prober'), []);
  });

  test('the console: the same, but that it reads the history and starts no prober', () => {
    assert.deepEqual(plain(statementsOf(template, 'main-console')), [
      ownLog('ConsoleLogs'),
      ...tellsAndReads([...KEPT, 'dynamodb:Query', 'dynamodb:UpdateItem']),
      ASKS_AFTER_CHANGES,
      WRITES,
    ]);
  });

  test('the function for who may only look: it reads state, history and zones, and can change nothing', () => {
    const held = plain(statementsOf(template, 'main-status')) as { Action: string | string[] }[];
    assert.deepEqual(held, [
      ownLog('StatusLogs'),
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        Resource: TABLE,
      },
      {
        Effect: 'Allow',
        Action: 'route53:ListResourceRecordSets',
        Resource: ZONE,
      },
    ]);
  });

  test('the probers, at home and away: their own log', () => {
    const { template: from } = synthesize(one);
    for (const stack of ['main-control', 'main-vantage-eu-west-1', 'main-vantage-eu-central-1'])
      assert.deepEqual(plain(statementsOf(from(stack), 'main-prober')), [ownLog('ProberLogs')]);
  });
});

test('record names are spelled as IAM compares them', () => {
  assert.equal(iamRecordName('WWW.Example.COM.'), 'www.example.com');
  assert.equal(iamRecordName('*.example.com'), '\\052.example.com');
  assert.equal(iamRecordName('_switchover.a-b.example.com'), '_switchover.a-b.example.com');
  assert.equal(iamRecordName('a/b.example.com'), 'a\\057b.example.com');
});

/** `count` sites in each of the named zones, all of which exist already. */
const filled = (zones: Record<string, number>): Config =>
  config({
    zones: Object.keys(zones).map((name, i) => ({ name, id: `Z0000000000000000${i}` })),
    sites: Object.entries(zones).flatMap(([zone, count]) =>
      Array.from({ length: count }, (_, i) => site(`shop${i}.${zone}`, zone)),
    ),
  });

const writesIn = (from: Template) =>
  statementsOf(from, 'main-controller').filter(
    ({ Action }) => Action === 'route53:ChangeResourceRecordSets',
  ) as { Resource: string | string[]; Condition: Record<string, Record<string, string[]>> }[];

const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';

const policySize = (from: Template, name: string): number =>
  JSON.stringify({ Version: '2012-10-17', Statement: plain(statementsOf(from, name)) }).length;

describe('sizes', () => {
  const warnings = (made: ReturnType<typeof synthesize>) =>
    made.assembly.getStackByName('main-control').messages.map(({ entry }) => String(entry.data));

  test('while they fit, each zone has a statement with its own names', () => {
    const made = synthesize(filled({ 'a.example.org': 3, 'b.example.org': 2, 'empty.example.org': 0 }));
    const writes = writesIn(made.template('main-control'));
    assert.deepEqual(
      writes.map((statement) => statement.Condition['ForAllValues:StringEquals']?.[NAMES]?.length),
      [6, 4],
    );
    assert.deepEqual(warnings(made), []);
  });

  test('many small zones share one statement, as narrow as before and without a warning', () => {
    const zones = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`z${i}.example.org`, 1]));
    const made = synthesize(filled(zones));
    const writes = writesIn(made.template('main-control'));
    assert.equal(writes.length, 1);
    assert.equal(writes[0]?.Resource.length, 40);
    assert.equal(writes[0]?.Condition['ForAllValues:StringEquals']?.[NAMES]?.length, 80);
    assert.deepEqual(warnings(made), []);
    assert.ok(policySize(made.template('main-control'), 'main-controller') <= 10_240);
  });

  test('a zone with too many names is widened alone, never in types or actions, and it is said', () => {
    const made = synthesize(filled({ 'big.example.org': 300, 'small.example.org': 2 }));
    const writes = writesIn(made.template('main-control'));
    const kept = {
      'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'],
      'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
    };
    const small = ['shop0', 'shop1'].flatMap((name) => [
      `${name}.small.example.org`,
      `_switchover.${name}.small.example.org`,
    ]);
    assert.deepEqual(
      writes.map(({ Condition }) => Condition),
      [
        { 'ForAllValues:StringEquals': { [NAMES]: small, ...kept }, Null: PRESENT },
        {
          'ForAllValues:StringLike': { [NAMES]: ['big.example.org', '*.big.example.org'], ...kept },
          Null: PRESENT,
        },
      ],
    );
    assert.equal(warnings(made).length, 1);
    assert.match(
      warnings(made)[0] ?? '',
      /main-controller in big\.example\.org; main-console in big\.example\.org\. Keep/,
    );
  });

  test('a zone inside a widened one keeps to its own names', () => {
    const made = synthesize(filled({ 'example.org': 300, 'dyn.example.org': 2 }));
    const writes = writesIn(made.template('main-control'));
    assert.equal(writes.length, 2);
    const of = (zone: string) =>
      writes.filter(({ Resource }) => [Resource].flat().some((arn) => arn.endsWith(zone)));
    const [inner, ...others] = of('Z00000000000000001');
    assert.deepEqual(others, []);
    assert.ok(inner?.Condition['ForAllValues:StringEquals']?.[NAMES]?.every((name) => !name.includes('*')));
    assert.match(
      warnings(made)[0] ?? '',
      /main-controller in example\.org; main-console in example\.org\. Keep/,
    );
  });

  test('names are worth more than the guard against missing keys, and every form has it where it fits', () => {
    const zone = HostedZone.fromHostedZoneAttributes(new Stack(), 'Zone', {
      hostedZoneId: 'Z0DYN',
      zoneName: 'one.example.org',
    });
    const formOf = (sites: number): string => {
      const records = Array.from({ length: sites }, (_, i) => `shop${i}.one.example.org`);
      const { statements, widened, fits } = zoneWriteGrants([{ zone, name: 'one.example.org', records }], []);
      assert.ok(fits);
      const guarded = statements.every(({ conditions }) => conditions.Null !== undefined);
      return `${widened.length === 0 ? 'names' : 'wide'}${guarded ? ', guarded' : ''}`;
    };
    const forms = new Set(Array.from({ length: 200 }, (_, index) => formOf(200 + index)));
    assert.deepEqual([...forms], ['names, guarded', 'names', 'wide, guarded']);
  });

  test('whatever form is taken, both roles stay within what IAM allows', () => {
    for (const count of [60, 110, 125, 140, 200]) {
      const from = synthesize(filled({ 'one.example.org': count, 'two.example.org': 9 }));
      for (const name of ['main-controller', 'main-console'])
        assert.ok(policySize(from.template('main-control'), name) <= 10_240, `${name} with ${count} sites`);
    }
  });

  test('more zones than one role can hold are refused with the way out', () => {
    const zones = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`z${i}.example.org`, 1]));
    assert.throws(() => synthesize(filled(zones)), /Validation failed/);
  });
});
