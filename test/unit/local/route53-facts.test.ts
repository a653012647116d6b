/**
 * Every rule and error text of the real Route 53 that is known here and that a local one can imitate, in one table: what the rule
 * says, and the calls that show it, or the test elsewhere that does, as `FILE: words in it`. What is not imitated is in
 * docs/local-cloud.md.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { batch, failure, list, simple, start } from './route53-fixture.ts';
import { signedByOperator } from './signed.ts';

type Local = Awaited<ReturnType<typeof start>>;
type Changes = [Change['Action'], ResourceRecordSet][];
type Proof = string | ((local: Local) => Promise<unknown>);
type Rule = [rule: string, proof: Proof];

const A = (label: string, ...values: string[]): ResourceRecordSet =>
  simple(`${label}.example.com`, 'A', 60, ...(values.length === 0 ? ['192.0.2.1'] : values));
const CLOUDFRONT = {
  HostedZoneId: 'Z2FDTNDATAQYW2',
  DNSName: 'd1.cloudfront.net',
  EvaluateTargetHealth: false,
};
const alias = (label: string, more = {}): ResourceRecordSet => ({
  Name: `${label}.example.com`,
  Type: 'A',
  AliasTarget: { ...CLOUDFRONT, ...more },
});
const routed = (label: string, SetIdentifier: string, more: object): ResourceRecordSet => ({
  ...A(label),
  SetIdentifier,
  ...more,
});

const send = ({ operator }: Local, ...changes: Changes) => operator.send(batch(changes));
const refusal = async (local: Local, ...changes: Changes): Promise<string> =>
  (await failure(send(local, ...changes))).message;
const listed = async ({ operator }: Local, label: string): Promise<ResourceRecordSet[]> =>
  ((await operator.send(list())).ResourceRecordSets ?? []).filter(
    ({ Name }) => Name === `${label}.example.com.`,
  );
const asked = ({ service, clock }: Local, label: string): string[] => {
  clock.now += 1000;
  return service.answer(`${label}.example.com`, 'A')?.answers.map(({ value }) => value) ?? [];
};
/** Answers what the endpoint sends, byte by byte. */
const raw = async ({ gateway }: Local, path: string, body?: string): Promise<[number, string]> => {
  const url = `${gateway.url}/2013-04-01/${path}`;
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await fetch(url, {
    method,
    headers: signedByOperator('route53', url, { method, body: body ?? '', region: 'us-east-1' }),
    ...(body !== undefined && { body }),
  });
  return [answer.status, await answer.text()];
};

/** A DELETE that differs from what is there in one thing, however small, does not match. */
const notMatched =
  (there: ResourceRecordSet, ...others: ResourceRecordSet[]) =>
  async (local: Local) => {
    await send(local, ['CREATE', there]);
    for (const other of others)
      assert.match(
        await refusal(local, ['DELETE', other]),
        /^\[Tried to delete .* but the values provided do not match the current values\]$/,
        JSON.stringify(other),
      );
    await send(local, ['DELETE', there]);
  };

const CHANGES: Rule[] = [
  ['a batch is applied whole or not at all', 'zone-rules: a batch that breaks a rule is refused whole'],
  [
    'changes are judged one after the other against the working copy',
    'zone-rules: a change before the one that makes room for it',
  ],
  ['CREATE fails where the record set exists', 'zone-rules: CREATE of what is there'],
  ['DELETE fails where there is none', 'zone-rules: DELETE of what is not there'],
  ['DELETE must repeat all values, in any order', 'zone-rules: DELETE with a value missing'],
  ['… and the TTL', 'zone-rules: DELETE with another TTL'],
  ['… and the weight', 'zone-rules: DELETE with another weight'],
  ['… and the set identifier', 'zone-rules: DELETE with another set identifier'],
  ['… and the health check', 'zone-rules: DELETE with a health check that is not there'],
  [
    '… and the region',
    notMatched(
      routed('l', 'x', { Region: 'eu-west-2' }),
      routed('l', 'x', { Region: 'eu-west-1' }),
      routed('l', 'x', { Weight: 1 }),
    ),
  ],
  [
    '… and the failover role',
    notMatched(routed('f', 'x', { Failover: 'PRIMARY' }), routed('f', 'x', { Failover: 'SECONDARY' })),
  ],
  [
    '… and the place',
    notMatched(
      routed('g', 'x', { GeoLocation: { CountryCode: 'GB' } }),
      routed('g', 'x', { GeoLocation: { CountryCode: 'DE' } }),
    ),
  ],
  [
    '… and all of an alias target',
    notMatched(
      alias('a'),
      alias('a', { HostedZoneId: 'Z3' }),
      alias('a', { DNSName: 'd2.cloudfront.net' }),
      alias('a', { EvaluateTargetHealth: true }),
      A('a'),
    ),
  ],
  ['deleting the same record set twice in a batch is refused', 'zone-rules: DELETE twice'],
  [
    'a CNAME is deleted and an alias of its name created in one batch',
    async (local) => {
      const cname = simple('www.example.com', 'CNAME', 60, 'a.example.org');
      await send(local, ['CREATE', cname]);
      await send(local, ['DELETE', cname], ['CREATE', alias('www')]);
      assert.equal((await listed(local, 'www'))[0]?.AliasTarget?.DNSName, 'd1.cloudfront.net.');
    },
  ],
  [
    'UPSERT creates what is missing and overwrites what is there; equal values are taken, under a new change id',
    async (local) => {
      const ids: (string | undefined)[] = [];
      for (const value of ['192.0.2.1', '192.0.2.2', '192.0.2.2'])
        ids.push((await send(local, ['UPSERT', A('www', value)])).ChangeInfo?.Id);
      assert.equal(new Set(ids).size, 3);
      assert.deepEqual((await listed(local, 'www'))[0]?.ResourceRecords, [{ Value: '192.0.2.2' }]);
    },
  ],
  ['UPSERT cannot change the type of a record set', 'zone-rules: UPSERT cannot change the type'],
  ['elements must come in the order of the schema', 'route53-xml: starting with element'],
];

const LIMITS: Rule[] = [
  [
    '1,000 values and 32,000 characters a batch, UPSERT counted twice',
    'zone-rules: a batch has at most 1,000 values and 32,000 characters, UPSERT counted twice',
  ],
  [
    'an alias counts as one value',
    async (local) => {
      const many = (count: number): Changes =>
        Array.from({ length: count }, (_, index) => ['CREATE', alias(`n${index}`)]);
      assert.equal(await refusal(local, ...many(1001)), '[Number of records limit of 1000 exceeded.]');
      await send(local, ...many(1000));
    },
  ],
  [
    '400 values a record set, 10,000 record sets a zone',
    'zone-rules: a record set has at most 400 values, a zone 10,000 record sets',
  ],
  [
    '100 routed record sets of one name and type',
    async (local) => {
      const some = (from: number, count: number): Changes =>
        Array.from({ length: count }, (_, index) => [
          'CREATE',
          routed('w', `s${from + index}`, { Weight: 1 }),
        ]);
      await send(local, ...some(0, 100));
      assert.match(
        await refusal(local, ...some(100, 1)),
        /w\.example\.com\., type A cannot be more than 100/,
      );
      await send(local, ['DELETE', routed('w', 's0', { Weight: 1 })], ...some(100, 1));
    },
  ],
  ['a name has 255 bytes, a label 63', 'zone-values: a name may use all of its 255 bytes'],
  [
    'all calls, and those of each kind: 50 at once and 10 a second',
    'route53-limits: an account makes 50 calls at once and 10 a second after that',
  ],
  [
    'changes: 1,500 tokens at once and 100 a second; CREATE and DELETE 1, UPSERT 2',
    'route53-limits: changes have 1,500 tokens and regain 100 a second',
  ],
  [
    'too many calls: 400, Throttling, "Rate exceeded"',
    'route53.test: with throttling on, the 51st call at once is refused',
  ],
  [
    'too many changes: the same',
    async () => {
      const local = await start({ throttled: true });
      const many: Changes = Array.from({ length: 375 }, (_, index) => ['UPSERT', A(`n${index}`)]);
      await send(local, ...many);
      await send(local, ...many);
      const throttled = { status: 400, name: 'Throttling', message: 'Rate exceeded' };
      assert.deepEqual(await failure(send(local, ['CREATE', A('one')])), throttled);
      local.clock.now += 10;
      await send(local, ['CREATE', A('one')]);
    },
  ],
  [
    'one batch of a zone at a time, the next is refused with PriorRequestNotComplete',
    "route53.test: name: 'PriorRequestNotComplete'",
  ],
  [
    '… of the same zone: others go on',
    async () => {
      const local = await start({ busyMs: 1000 });
      local.service.createZone('example.net', 'Z0OTHER');
      const other = (label: string) =>
        local.operator.send(
          new ChangeResourceRecordSetsCommand({
            HostedZoneId: 'Z0OTHER',
            ChangeBatch: {
              Changes: [
                { Action: 'CREATE', ResourceRecordSet: simple(`${label}.example.net`, 'A', 60, '192.0.2.1') },
              ],
            },
          }),
        );
      await send(local, ['CREATE', A('www')]);
      await other('www');
      assert.equal((await failure(other('shop'))).name, 'PriorRequestNotComplete');
      local.clock.now += 1000;
      await other('shop');
    },
  ],
];

const READS: Rule[] = [
  [
    'a change is PENDING and then INSYNC, listed at once and answered by DNS only then',
    'route53.test: a change goes from PENDING to INSYNC, and DNS answers with it only then',
  ],
  [
    'pages of a zone that changes meanwhile mix old and new',
    async (local) => {
      await send(local, ['CREATE', A('a')], ['CREATE', A('b')], ['CREATE', A('c')]);
      const first = await local.operator.send(list({ MaxItems: 4 }));
      await send(local, ['UPSERT', A('a', '192.0.2.9')], ['DELETE', A('c')]);
      const rest = await local.operator.send(
        list({ StartRecordName: first.NextRecordName, StartRecordType: first.NextRecordType }),
      );
      const value = (label: string) =>
        [...(first.ResourceRecordSets ?? []), ...(rest.ResourceRecordSets ?? [])]
          .find(({ Name }) => Name === `${label}.example.com.`)
          ?.ResourceRecords?.map(({ Value }) => Value);
      assert.deepEqual(['a', 'b', 'c'].map(value), [['192.0.2.1'], ['192.0.2.1'], undefined]);
    },
  ],
  ['300 record sets a page at most', 'route53.test: pages lead on by name, type and identifier'],
  [
    'the order is that of reversed labels with a final dot, then of types',
    'zone.test: the listing is in the order of reversed labels, then type, then set identifier',
  ],
  [
    'a name alone means the first at or after it',
    'zone.test: a listing starts at the first record not before',
  ],
  ['a type without a name is InvalidInput', "route53.test: list({ StartRecordType: 'A' }"],
  [
    'a change that was lost with the control plane is NoSuchChange, and what it wrote is gone',
    'zone.test: changes that are stranded are known no more, and neither is what they wrote',
  ],
  [
    'a zone tells its name servers, its number of record sets, and ids with their prefix',
    'route53.test: GetHostedZone tells name servers and the number of record sets',
  ],
  [
    '… and whether accelerated recovery is on',
    async (local) => {
      const answer = await local.operator.send(new GetHostedZoneCommand({ Id: 'Z0EXAMPLE' }));
      assert.equal(answer.HostedZone?.Features?.AcceleratedRecoveryStatus, 'ENABLED');
      assert.equal(answer.HostedZone?.CallerReference, 'Z0EXAMPLE');
    },
  ],
];

const ERRORS: Rule[] = [
  [
    'an error has one wrapper, InvalidChangeBatch too: its reasons in brackets, with commas between them',
    async (local) => {
      await send(local, ['CREATE', A('www')]);
      const change = (action: string, value: string) =>
        `<Change><Action>${action}</Action><ResourceRecordSet><Name>www.example.com</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>`;
      const [status, text] = await raw(
        local,
        'hostedzone/Z0EXAMPLE/rrset/',
        `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>${change('DELETE', '192.0.2.9')}${change('CREATE', '192.0.2.8')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
      );
      assert.equal(status, 400);
      const about = "resource record set [name='www.example.com.', type='A'] but";
      const reasons = `[Tried to delete ${about} the values provided do not match the current values, Tried to create ${about} it already exists]`;
      assert.ok(
        text.includes(
          `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>${reasons}</Message></Error><RequestId>`,
        ),
        text,
      );
    },
  ],
  [
    'InvalidChangeBatch, InvalidInput and PriorRequestNotComplete are 400; NoSuchHostedZone and NoSuchChange 404',
    'route53.test: errors have the status, code and words of Route 53',
  ],
  [
    'a body that is none: MalformedInput, "ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest"',
    'route53-xml: ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest',
  ],
  [
    'what lacks a field: InvalidInput, "Invalid request: …"',
    'zone-rules: Invalid request: Expected exactly one of',
  ],
  [
    'RRSet with DNS name X is not permitted in zone Y',
    'zone-rules: RRSet with DNS name www.example.org. is not permitted in zone example.com.',
  ],
  [
    'RRSet of type CNAME … conflicts with other records with the same DNS name in zone Y',
    'zone-rules: is not permitted as it conflicts with other records with the same DNS name in zone example.com.',
  ],
  [
    'a protected record set is refused by name, with the comment of its protection',
    '../lambda/edge/route53: a protection is refused in words that name each record and repeat the comment',
  ],
  ['a call that is not permitted: 403, AccessDenied', "route53-iam: [403, 'AccessDenied']"],
];

const RECORDS: Rule[] = [
  [
    'names are stored in lower case; capitals and the final dot of what is sent do not matter',
    async (local) => {
      await send(local, ['CREATE', { ...A('x'), Name: 'WWW.Example.COM' }]);
      assert.equal((await listed(local, 'www')).length, 1);
      await send(local, ['DELETE', { ...A('x'), Name: 'www.EXAMPLE.com.' }]);
    },
  ],
  [
    'any character but letters, digits, - and _ comes back as three octal digits, `*` as \\052',
    'route53-xml: values come back verbatim, names escaped',
  ],
  [
    '`*` stands for others as the whole leftmost label only; elsewhere it is a character',
    async (local) => {
      await send(local, ['CREATE', A('a.*')], ['CREATE', A('*b')], ['CREATE', A('*.c')]);
      assert.deepEqual(
        [asked(local, 'a.x'), asked(local, 'xb'), asked(local, 'x.c')],
        [[], [], ['192.0.2.1']],
      );
      assert.deepEqual(asked(local, 'a.*'), ['192.0.2.1']);
    },
  ],
  ['a wildcard has no NS records', 'zone-rules: NS at a wildcard'],
  ['a name of its own beats the wildcard; `*.x` does not answer `x`', "zone-answer: ['known.wild A'"],
  ['TXT: quoted strings of 255, 4,000 in all, octal for the rest', 'zone-values: CharacterStringTooLong'],
  [
    'TXT: letters keep their case, and several strings are one value',
    async (local) => {
      await send(local, ['CREATE', simple('txt.example.com', 'TXT', 60, '"Ab" "cD"')]);
      assert.deepEqual((await listed(local, 'txt'))[0]?.ResourceRecords, [{ Value: '"Ab" "cD"' }]);
      assert.match(
        await refusal(local, ['DELETE', simple('txt.example.com', 'TXT', 60, '"ab" "cd"')]),
        /do not match/,
      );
    },
  ],
  ['a TTL is wanted', 'zone-rules: no TTL'],
  [
    '… and left out of an alias',
    async (local) =>
      assert.match(
        await refusal(local, ['CREATE', { ...alias('a'), TTL: 60 }]),
        /found more than one in Change/,
      ),
  ],
  ['a TTL is 0 to 2,147,483,647', 'zone-rules: TTLs out of range'],
  [
    'a weight is 0 to 255',
    async (local) => {
      for (const [weight, says] of [
        [-1, /'-1' at .*weight' .* greater than or equal to 0/],
        [256, /'256' at .*weight' .* less than or equal to 255/],
      ] as const)
        assert.match(await refusal(local, ['CREATE', routed('w', 'x', { Weight: weight })]), says);
      await send(
        local,
        ['CREATE', routed('w', 'x', { Weight: 0 })],
        ['CREATE', routed('w', 'y', { Weight: 255 })],
      );
    },
  ],
  [
    'a weighted or latency record set has one value',
    async (local) => {
      for (const more of [{ Weight: 1 }, { Region: 'eu-west-2' as const }])
        assert.match(
          await refusal(local, [
            'CREATE',
            { ...A('w', '192.0.2.1', '192.0.2.2'), SetIdentifier: 'x', ...more },
          ]),
          /cannot have more than one resource record/,
        );
    },
  ],
  [
    'weighted record sets of one name have one TTL, which is changed in one batch',
    async (local) => {
      const [x, y] = ['x', 'y'].map((id) => routed('w', id, { Weight: 1 })) as [
        ResourceRecordSet,
        ResourceRecordSet,
      ];
      assert.match(
        await refusal(local, ['CREATE', x], ['CREATE', { ...y, TTL: 30 }]),
        /must have the same TTL/,
      );
      await send(local, ['CREATE', x], ['CREATE', y]);
      assert.match(await refusal(local, ['UPSERT', { ...x, TTL: 30 }]), /must have the same TTL/);
      await send(local, ['UPSERT', { ...x, TTL: 30 }], ['UPSERT', { ...y, TTL: 30 }]);
    },
  ],
  [
    'a weight of 0 is never answered, unless all are 0',
    async (local) => {
      const [never, always] = ['192.0.2.1', '192.0.2.2'] as [string, string];
      const weighted = (id: string, value: string, Weight: number) => ({
        ...A('w', value),
        ...{ SetIdentifier: id, Weight },
      });
      await send(local, ['CREATE', weighted('a', never, 0)], ['CREATE', weighted('b', always, 1)]);
      assert.deepEqual(asked(local, 'w'), [always]);
      await send(local, ['UPSERT', weighted('b', always, 0)]);
      assert.equal(asked(local, 'w').length, 1);
    },
  ],
  ['routing policies are not mixed', 'zone-rules: failover beside weighted'],
  ['a simple record set is not put where routed ones are', 'zone-rules: simple beside weighted'],
  ['nor a routed one beside a simple one', 'zone-rules: weighted beside simple'],
  [
    'of a failover pair nobody finds sick the primary answers',
    async (local) => {
      const pair = (role: string, value: string) => ({
        ...A('f', value),
        ...{ SetIdentifier: role, Failover: role as 'PRIMARY' },
      });
      await send(local, ['CREATE', pair('SECONDARY', '192.0.2.2')], ['CREATE', pair('PRIMARY', '192.0.2.1')]);
      assert.deepEqual(asked(local, 'f'), ['192.0.2.1']);
    },
  ],
  [
    'a new zone has four name servers, NS of two days and a SOA',
    'zone.test: a new zone has four name servers',
  ],
];

const PERMISSIONS: Rule[] = [
  [
    'IAM judges names (lower case, no final dot, octal), types and actions of a batch',
    'route53-iam: IAM sees the action, the zone or change, and the names, types and actions of a batch',
  ],
  [
    'reading is judged on the zone, GetChange on the change',
    'route53-iam: route53:GetHostedZone hostedzone/Z0EXAMPLE',
  ],
  [
    'a policy that allows CREATE and DELETE alone stops an UPSERT',
    '../lib/stacks/grants-wire: what overwrites, at a name of ours',
  ],
  ['there are no other calls', 'route53.test: calls that are not imitated have no operation'],
];

for (const [about, rules] of Object.entries({ CHANGES, LIMITS, READS, ERRORS, RECORDS, PERMISSIONS }))
  describe(`Route 53: ${about.toLowerCase()}`, () => {
    for (const [rule, proof] of rules)
      test(rule, async () => {
        if (typeof proof !== 'string') {
          await proof(await start());
          return;
        }
        const at = proof.indexOf(': ');
        const file = `${proof.slice(0, at).replace(/\.test$/, '')}.test.ts`;
        const text = readFileSync(new URL(file, import.meta.url), 'utf8');
        assert.ok(text.includes(proof.slice(at + 2)), `Expected ${file} to hold: ${proof.slice(at + 2)}`);
      });
  });
