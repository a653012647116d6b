import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createZone, listRecords } from '../../../local/zone.ts';
import { changed, listed, record, refused, ZONE } from './zone-fixture.ts';

const [NS, SOA] = listRecords(ZONE, 2).records.map(
  ({ type, ttlSeconds, values }) => `@ ${type} ${ttlSeconds} ${values.join(' | ')}`,
);

type Case = { what: string; steps: string[]; messages: string[] };

/** Paragraphs of a title, indented changes, and after `>` each message. */
const parse = (text: string): Case[] =>
  text
    .trim()
    .split(/\n\n/)
    .map((paragraph) => {
      const [what = '', ...lines] = paragraph.split('\n').map((line) => line.trim());
      return {
        what,
        steps: lines.filter((line) => !line.startsWith('> ')),
        messages: lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)),
      };
    });

/** InvalidChangeBatch: all that Route 53 says about a batch for the zone of the fixture. */
const REFUSED = parse(String.raw`
CREATE of what is there
  CREATE www A 60 192.0.2.9
  > Tried to create resource record set [name='www.example.com.', type='A'] but it already exists

CREATE of a weighted one that is there
  CREATE w A 60 192.0.2.1 {"setIdentifier":"blue","weight":1}
  > Tried to create resource record set [name='w.example.com.', type='A', set-identifier='blue'] but it already exists

DELETE of what is not there
  DELETE gone A 60 192.0.2.9
  > Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found

DELETE with a value missing
  DELETE www A 60 192.0.2.1
  > Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values

DELETE with another TTL
  DELETE www A 61 192.0.2.1 | 192.0.2.2
  > Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values

DELETE with a health check that is not there
  DELETE www A 60 192.0.2.1 | 192.0.2.2 {"healthCheckId":"h"}
  > Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values

DELETE with another weight
  DELETE w A 60 192.0.2.1 {"setIdentifier":"blue","weight":11}
  > Tried to delete resource record set [name='w.example.com.', type='A', set-identifier='blue'] but the values provided do not match the current values

DELETE with another set identifier
  DELETE w A 60 192.0.2.1 {"setIdentifier":"red","weight":10}
  > Tried to delete resource record set [name='w.example.com.', type='A', set-identifier='red'] but it was not found

DELETE of an alias with another target
  DELETE alias A {"alias":{"zoneId":"Z3","name":"elb.example.net","evaluateTargetHealth":true}}
  > Tried to delete resource record set [name='alias.example.com.', type='A'] but the values provided do not match the current values

a stale swap, with every reason
  DELETE www A 60 192.0.2.7
  CREATE www A 60 192.0.2.9
  > Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values
  > Tried to create resource record set [name='www.example.com.', type='A'] but it already exists

DELETE twice
  DELETE blog CNAME 300 www.example.com
  DELETE blog CNAME 300 www.example.com
  > Tried to delete resource record set [name='blog.example.com.', type='CNAME'] but it was not found

CREATE twice
  CREATE new A 60 192.0.2.1
  CREATE new A 60 192.0.2.2
  > The request contains an invalid set of changes for a resource record set 'A new.example.com.'

UPSERT twice
  UPSERT www A 60 192.0.2.1
  UPSERT www A 60 192.0.2.2
  > The request contains an invalid set of changes for a resource record set 'A www.example.com.'

names outside the zone
  CREATE www.example.org. A 60 192.0.2.1
  CREATE badexample.com. A 60 192.0.2.1
  > RRSet with DNS name www.example.org. is not permitted in zone example.com.
  > RRSet with DNS name badexample.com. is not permitted in zone example.com.

CNAME at the apex
  CREATE @ CNAME 60 www.example.org
  > RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.

CNAME beside an A
  CREATE www CNAME 60 www.example.org
  > RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.

UPSERT cannot change the type
  UPSERT www CNAME 60 www.example.org
  > RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.

A beside a CNAME
  CREATE blog A 60 192.0.2.1
  > RRSet of type A with DNS name blog.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.

a change before the one that makes room for it
  CREATE blog A 60 192.0.2.1
  DELETE blog CNAME 300 www.example.com
  > RRSet of type A with DNS name blog.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.

weighted beside simple
  CREATE www A 60 192.0.2.1 {"setIdentifier":"blue","weight":1}
  > RRSet with DNS name www.example.com., type A, SetIdentifier blue cannot be created as a non-weighted set exists with the same name and type.

simple beside weighted
  UPSERT w A 60 192.0.2.1
  > RRSet with DNS name w.example.com., type A, SetIdentifier null cannot be created as a weighted set exists with the same name and type.

failover beside weighted
  CREATE w A 60 192.0.2.1 {"setIdentifier":"p","failover":"PRIMARY"}
  > RRSet with DNS name w.example.com., type A, SetIdentifier p cannot be created as a non-failover set exists with the same name and type.

a value twice
  CREATE new A 60 192.0.2.1 | 192.0.2.1
  > Duplicate Resource Record: '192.0.2.1'

bad values, all of them
  CREATE new A 60 x
  UPSERT txt TXT 60 a
  > Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'x''
  > Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'a''

a bad name
  CREATE a..b A 60 192.0.2.1
  > FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b.example.com.'

two values of a CNAME
  CREATE new CNAME 60 a.example.com | b.example.com
  > RRSet of type CNAME with DNS name new.example.com. cannot have more than one resource record.

NS at a wildcard
  CREATE * NS 60 ns.example.net
  > RRSet of type NS with DNS name \052.example.com. is not permitted as a wildcard.

no NS at the apex
  DELETE ${NS}
  > A HostedZone must contain at least one NS record for the zone itself.

no SOA
  DELETE ${SOA}
  > A HostedZone must contain exactly one SOA record.

a second SOA
  CREATE sub SOA 60 a. b. 1 2 3 4 5
  > A HostedZone must contain exactly one SOA record.`);

/** InvalidInput: requests that are wrong in themselves. */
const INVALID = parse(`
no change at all
  > Invalid XML ; cvc-complex-type.2.4.b: The content of element 'Changes' is not complete. One of '{"https://route53.amazonaws.com/doc/2013-04-01/":Change}' is expected.

an unknown action
  REPLACE www A 60 192.0.2.1
  > 1 validation error detected: Value 'REPLACE' at 'changeBatch.changes.1.member.action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]

an unknown type
  CREATE www a 60 192.0.2.1
  > 1 validation error detected: Value 'a' at 'changeBatch.changes.1.member.resourceRecordSet.type' failed to satisfy constraint: Member must satisfy enum value set: [A, AAAA, CAA, CNAME, HTTPS, MX, NS, PTR, SOA, SRV, SVCB, TXT]

TTLs out of range
  CREATE a A -7 192.0.2.1
  CREATE b A 2147483648 192.0.2.1
  > 2 validation errors detected: Value '-7' at 'changeBatch.changes.1.member.resourceRecordSet.tTL' failed to satisfy constraint: Member must have value greater than or equal to 0; Value '2147483648' at 'changeBatch.changes.2.member.resourceRecordSet.tTL' failed to satisfy constraint: Member must have value less than or equal to 2147483647

a weight out of range
  CREATE w A 60 192.0.2.1 {"setIdentifier":"x","weight":256}
  > 1 validation error detected: Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight' failed to satisfy constraint: Member must have value less than or equal to 255

no TTL
  CREATE www A {"values":["192.0.2.1"]}
  > Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=www.example.com, Type=A, SetIdentifier=null]

no values
  DELETE www A 60
  > Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=DELETE, Name=www.example.com, Type=A, SetIdentifier=null]

an alias with values
  CREATE alias A 60 192.0.2.1 {"alias":{"zoneId":"Z2","name":"a","evaluateTargetHealth":true}}
  > Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with [Action=CREATE, Name=alias.example.com, Type=A, SetIdentifier=null]

a weight without identifier
  CREATE x A 60 192.0.2.1 {"weight":1}
  > Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=x.example.com, Type=A, SetIdentifier=null]`);

/** Batches that pass although they look like some of the above. */
const ACCEPTED = parse(`
a swap: DELETE the exact values in any order, CREATE others
  DELETE www A 60 192.0.2.2 | 192.0.2.1
  CREATE www A 30 192.0.2.9

addresses to a CNAME
  DELETE www A 60 192.0.2.1 | 192.0.2.2
  DELETE www AAAA 60 2001:db8::1
  CREATE www CNAME 60 x.example.org

CNAME to A
  DELETE blog CNAME 300 www.example.com
  CREATE blog A 60 192.0.2.1

UPSERT of the same values
  UPSERT www A 60 192.0.2.1 | 192.0.2.2

names in other spellings
  DELETE WWW.EXAMPLE.com. A 60 192.0.2.1 | 192.0.2.2
  CREATE www.example.com.. A 60 192.0.2.1

SOA and NS of the apex edited in place
  UPSERT @ NS 60 ns1.example.net. | ns2.example.net.
  UPSERT @ SOA 60 a. b. 1 2 3 4 5

a third weighted one
  CREATE w A 60 192.0.2.1 {"setIdentifier":"red","weight":255}

TTLs at the ends of the range
  CREATE a A 0 192.0.2.1
  CREATE b A 2147483647 192.0.2.1

several types at one name
  CREATE @ A 60 192.0.2.1
  CREATE @ TXT 60 "x"
  CREATE @ MX 60 10 mail.example.com`);

test('a batch that breaks a rule is refused whole, with every reason, in the words of Route 53', () => {
  for (const { what, steps, messages } of REFUSED) {
    const refusal = refused(ZONE, ['CREATE fine A 60 192.0.2.1', ...steps]);
    assert.deepEqual(refusal, { code: 'InvalidChangeBatch', messages }, what);
  }
});

test('a request that is wrong in itself is InvalidInput', () => {
  for (const { what, steps, messages } of INVALID) {
    assert.deepEqual(refused(ZONE, steps), { code: 'InvalidInput', messages }, what);
  }
});

test('a batch within the rules is applied', () => {
  for (const { what, steps } of ACCEPTED) assert.notEqual(changed(ZONE, steps).entries, ZONE.entries, what);
  const [swap, toCname] = ACCEPTED.map(({ steps }) => changed(ZONE, steps));
  const start = { name: 'www.example.com', type: 'A' };
  assert.deepEqual(listRecords(swap!, 1, start).records, [record('www A 30 192.0.2.9')]);
  assert.deepEqual(
    listed(toCname!).filter((line) => line.startsWith('www')),
    ['www.example.com CNAME'],
  );
});

const address = (index: number): string => `10.0.${index >> 8}.${index & 255}`;
const many = (count: number, step: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => step(index));

test('a batch has at most 1,000 values and 32,000 characters, UPSERT counted twice', () => {
  const addresses = (action: string, count: number) =>
    many(count, (index) => `${action} n${index} A 60 ${address(index)}`);
  const texts = (action: string, count: number) =>
    many(count, (index) => `${action} n${index} TXT 60 "${'x'.repeat(198)}"`);
  const tooMany = ['Number of records limit of 1000 exceeded.'];
  const tooLong = ['RDATA character limit of 32000 exceeded.'];
  changed(ZONE, addresses('CREATE', 1000));
  changed(ZONE, addresses('UPSERT', 500));
  changed(ZONE, texts('CREATE', 160));
  changed(ZONE, texts('UPSERT', 80));
  assert.deepEqual(refused(ZONE, addresses('CREATE', 1001)).messages, tooMany);
  assert.deepEqual(refused(ZONE, addresses('UPSERT', 501)).messages, tooMany);
  assert.deepEqual(refused(ZONE, texts('CREATE', 161)).messages, tooLong);
  assert.deepEqual(refused(ZONE, texts('UPSERT', 81)).messages, tooLong);
});

test('a record set has at most 400 values, a zone 10,000 record sets', () => {
  changed(ZONE, [`CREATE many A 60 ${many(400, address).join(' | ')}`]);
  const refusal = refused(ZONE, [`CREATE many A 60 ${many(401, address).join(' | ')}`]);
  assert.deepEqual(refusal.messages, ['Cannot have more than 400 records in a RRSet.']);
  let zone = createZone('example.com', 'Z1');
  for (let batch = 0; batch < 10; batch += 1) {
    zone = changed(
      zone,
      many(batch === 9 ? 998 : 1000, (index) => `CREATE n${batch}-${index} A 60 192.0.2.1`),
    );
  }
  assert.equal(zone.entries.length, 10_000);
  const full = refused(zone, ['CREATE last A 60 192.0.2.1']);
  assert.deepEqual(full.messages, ['Exceeded limit MAX_RRSETS_BY_ZONE for zone: Z1']);
});
