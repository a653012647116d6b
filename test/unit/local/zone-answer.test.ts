import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeZone, createZone } from '../../../local/zone.ts';
import { answer, zoneOf } from '../../../local/zone-answer.ts';
import type { ZoneRecord } from '../../../local/zone-records.ts';

const simple = (name: string, type: string, ...values: string[]): ZoneRecord => ({
  name: name === '@' ? 'example.com' : `${name}.example.com`,
  type,
  ttlSeconds: 60,
  values,
});

const alias = (name: string, target: string): ZoneRecord => ({
  name: `${name}.example.com`,
  type: 'A',
  values: [],
  alias: { zoneId: 'Z1', name: target, evaluateTargetHealth: false },
});

const RECORDS: ZoneRecord[] = [
  simple('@', 'A', '192.0.2.1'),
  simple('www', 'A', '192.0.2.2', '192.0.2.3'),
  simple('www', 'AAAA', '2001:db8::2'),
  simple('_switchover.www', 'TXT', '"v=1 epoch=42"'),
  simple('blog', 'CNAME', 'www.example.com.'),
  simple('far', 'CNAME', 'www.example.org'),
  simple('dangling', 'CNAME', 'nothing.example.com'),
  simple('loop-a', 'CNAME', 'loop-b.example.com'),
  simple('loop-b', 'CNAME', 'loop-a.example.com'),
  simple('a.empty', 'A', '192.0.2.4'),
  simple('*.wild', 'A', '192.0.2.5'),
  simple('known.wild', 'TXT', '"x"'),
  simple('b.known.wild', 'A', '192.0.2.6'),
  simple('*.wildcname', 'CNAME', 'www.example.com'),
  simple('sub', 'NS', 'ns1.sub.example.com.', 'ns2.example.net.'),
  simple('into', 'CNAME', 'x.sub.example.com'),
  alias('alias', 'www.example.com'),
  alias('outside', 'elb.example.net'),
  { ...simple('w', 'A', '192.0.2.7'), setIdentifier: 'a', weight: 0 },
  { ...simple('w', 'A', '192.0.2.8'), setIdentifier: 'b', weight: 9 },
  { ...simple('f', 'A', '192.0.2.7'), setIdentifier: 'a', failover: 'SECONDARY' },
  { ...simple('f', 'A', '192.0.2.8'), setIdentifier: 'b', failover: 'PRIMARY' },
  { ...simple('m', 'A', '192.0.2.7'), setIdentifier: 'a', multiValueAnswer: true },
  { ...simple('m', 'A', '192.0.2.8'), setIdentifier: 'b', multiValueAnswer: true },
];

const ZONE = (() => {
  const changes = RECORDS.map((record) => ({ action: 'CREATE', record }));
  const result = changeZone(createZone('example.com'), { changes }, { now: 0, insyncAfterMs: 0 });
  if ('refusal' in result) throw new Error(result.refusal.messages.join('\n'));
  return result.zone;
})();

/**
 * Question, rcode, AA, answers as `NAME TYPE VALUE` below example.com, and in the authority: SOA, the name servers of a
 * referral, or nothing.
 */
const TABLE: [question: string, rcode: string, aa: boolean, answers: string[], authority: string[]][] = [
  ['www A', 'NOERROR', true, ['www A 192.0.2.2', 'www A 192.0.2.3'], []],
  ['www AAAA', 'NOERROR', true, ['www AAAA 2001:db8::2'], []],
  ['@ A', 'NOERROR', true, ['@ A 192.0.2.1'], []],
  ['_switchover.www TXT', 'NOERROR', true, ['_switchover.www TXT "v=1 epoch=42"'], []],
  // NODATA: the name is there, the type is not; an empty non-terminal is a name too.
  ['www MX', 'NOERROR', true, [], ['SOA']],
  ['empty A', 'NOERROR', true, [], ['SOA']],
  ['wild A', 'NOERROR', true, [], ['SOA']],
  ['www TYPE52', 'NOERROR', true, [], ['SOA']],
  // NXDOMAIN
  ['nothing A', 'NXDOMAIN', true, [], ['SOA']],
  ['a.b.www A', 'NXDOMAIN', true, [], ['SOA']],
  // CNAME, followed inside the zone only
  ['blog A', 'NOERROR', true, ['blog CNAME www.example.com.', 'www A 192.0.2.2', 'www A 192.0.2.3'], []],
  ['blog CNAME', 'NOERROR', true, ['blog CNAME www.example.com.'], []],
  ['blog MX', 'NOERROR', true, ['blog CNAME www.example.com.'], ['SOA']],
  ['far A', 'NOERROR', true, ['far CNAME www.example.org'], []],
  ['dangling A', 'NXDOMAIN', true, ['dangling CNAME nothing.example.com'], ['SOA']],
  ['loop-a A', 'SERVFAIL', false, [], []],
  // Wildcards: any depth below, never the parent, and never past a name that is there
  ['x.wild A', 'NOERROR', true, ['x.wild A 192.0.2.5'], []],
  ['x.y.wild A', 'NOERROR', true, ['x.y.wild A 192.0.2.5'], []],
  ['x.wild TXT', 'NOERROR', true, [], ['SOA']],
  ['known.wild A', 'NOERROR', true, [], ['SOA']],
  ['x.known.wild A', 'NXDOMAIN', true, [], ['SOA']],
  [
    'x.wildcname A',
    'NOERROR',
    true,
    ['x.wildcname CNAME www.example.com', 'www A 192.0.2.2', 'www A 192.0.2.3'],
    [],
  ],
  // Delegations
  ['sub NS', 'NOERROR', false, [], ['sub NS ns1.sub.example.com.', 'sub NS ns2.example.net.']],
  ['x.y.sub A', 'NOERROR', false, [], ['sub NS ns1.sub.example.com.', 'sub NS ns2.example.net.']],
  [
    'into A',
    'NOERROR',
    true,
    ['into CNAME x.sub.example.com'],
    ['sub NS ns1.sub.example.com.', 'sub NS ns2.example.net.'],
  ],
  // Foreign shapes
  ['alias A', 'NOERROR', true, ['alias A 192.0.2.2', 'alias A 192.0.2.3'], []],
  ['outside A', 'NOERROR', true, [], ['SOA']],
  ['w A', 'NOERROR', true, ['w A 192.0.2.8'], []],
  ['f A', 'NOERROR', true, ['f A 192.0.2.8'], []],
  ['m A', 'NOERROR', true, ['m A 192.0.2.7', 'm A 192.0.2.8'], []],
  // RFC 8482
  ['www ANY', 'NOERROR', true, ['www HINFO "RFC8482" ""'], []],
  ['nothing ANY', 'NXDOMAIN', true, [], ['SOA']],
];

const short = (name: string): string => (name === 'example.com' ? '@' : name.replace(/\.example\.com$/, ''));

test('a question is answered as the name servers of Route 53 answer it', () => {
  for (const [question, rcode, aa, answers, authority] of TABLE) {
    const [name, type] = question.split(' ');
    const given = answer(ZONE, name === '@' ? 'example.com' : `${name}.example.com`, type!);
    const shown = {
      rcode: given.rcode,
      aa: given.aa,
      answers: given.answers.map((one) => `${short(one.name)} ${one.type} ${one.value}`),
      authority: given.authority.map((one) =>
        one.type === 'SOA' ? 'SOA' : `${short(one.name)} ${one.type} ${one.value}`,
      ),
    };
    assert.deepEqual(shown, { rcode, aa, answers, authority }, question);
  }
});

test('a negative answer may be cached for the smaller of the TTL of the SOA and its last number', () => {
  const [soa] = answer(ZONE, 'nothing.example.com', 'A').authority;
  assert.deepEqual([soa?.name, soa?.type, soa?.ttlSeconds], ['example.com', 'SOA', 900]);
  const low = { name: 'example.com', type: 'SOA', ttlSeconds: 900, values: ['a. b. 1 2 3 4 30'] };
  const result = changeZone(
    ZONE,
    { changes: [{ action: 'UPSERT', record: low }] },
    { now: 0, insyncAfterMs: 0 },
  );
  assert.ok('zone' in result);
  assert.equal(answer(result.zone, 'nothing.example.com', 'A').authority[0]?.ttlSeconds, 30);
});

test('a change that is PENDING is not answered yet', () => {
  const swap = [{ action: 'UPSERT', record: simple('www', 'A', '192.0.2.9') }];
  const result = changeZone(ZONE, { changes: swap }, { now: 0, insyncAfterMs: 1000 });
  assert.ok('zone' in result);
  assert.equal(answer(result.zone, 'www.example.com', 'A').answers[0]?.value, '192.0.2.2');
});

test('the zone of a name is the longest that it lies in', () => {
  const zones = ['example.com', 'dyn.example.com'].map((name) => createZone(name));
  assert.equal(zoneOf(zones, 'www.dyn.example.com')?.name, 'dyn.example.com');
  assert.equal(zoneOf(zones, 'dyn.example.com')?.name, 'dyn.example.com');
  assert.equal(zoneOf(zones, 'www.example.com')?.name, 'example.com');
  assert.equal(zoneOf(zones, 'badexample.com'), undefined);
});
