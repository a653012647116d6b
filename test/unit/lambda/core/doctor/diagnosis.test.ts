import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ZONE } from '../../../../../fixtures/virtual/world.ts';
import { CATALOGUE, type Code } from '../../../../../lambda/core/doctor/catalogue.ts';
import { concerns, diagnose } from '../../../../../lambda/core/doctor/diagnosis.ts';
import { finding } from '../../../../../lambda/core/doctor/findings.ts';
import type { Kind } from '../../../../../lambda/core/doctor/kinds.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { type Healthy, healthy, NOW_MS, SITE, server } from './facts.ts';

type Spoil = (facts: Healthy) => unknown;
type Row = [code: Code, what: string, spoil: Spoil];

const no = (reason: 'timeout' | 'unreachable') => ({ reason, text: 'no answer' });
// The facts are whole here, so the first of each list is there.
const parent = (facts: Healthy) => facts.zones[0]!.parent!;
const below = (facts: Healthy) => facts.zones[0]!.servers;
const way = (facts: Healthy) => facts.names[0]!;
const seen = (facts: Healthy) => facts.servers[0]!;
const view = (facts: Healthy) => facts.account.sites[0]!;
const hosted = (facts: Healthy) => facts.account.zones[0]!;
const topic = (facts: Healthy) => facts.account.topics[0]!;
const delegate = (facts: Healthy, ...names: string[]) => {
  for (const one of parent(facts).servers) one.delegation = { names, ttlSeconds: 3600 };
};
const call = (does: string, outcome: 'denied' | 'open' | 'protected' | 'unanswered') => (facts: Healthy) => {
  facts.account.calls.find((one) => one.does === does)!.outcome = outcome;
};
const DS = '12345 13 2 00';
const KEY =
  '257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==';

/** A site whose standby is published as a CNAME. */
const named = (): Site => ({
  ...SITE,
  servers: SITE.servers.map((one) =>
    one.name === 'standby' ? { ...one, ipv4: [], hostname: 'standby.example.net' } : one,
  ),
});

/** Each kind of finding, and the least that brings it about. */
const TABLE: Row[] = [
  [
    'parent-unseen',
    'the resolver failed',
    (f) => {
      f.zones[0]!.parent = { zone: '', servers: [], trouble: 'SERVFAIL' };
    },
  ],
  [
    'parent-unseen',
    'all of its servers are silent',
    (f) => {
      for (const one of parent(f).servers) one.trouble = no('timeout');
    },
  ],
  [
    'parent-server-silent',
    'one is silent',
    (f) => {
      parent(f).servers[0]!.trouble = no('timeout');
    },
  ],
  [
    'not-delegated',
    'no NS records',
    (f) => {
      for (const one of parent(f).servers) delete one.delegation;
    },
  ],
  [
    'name-servers-unanswered',
    'one is silent and the other lame',
    (f) => {
      const { name, address, delegated } = below(f)[0]!;
      below(f)[0] = { name, address: address!, delegated, trouble: no('timeout') };
      below(f)[1]!.rcode = 'REFUSED';
    },
  ],
  [
    'name-servers-unanswered',
    'no resolver told their addresses',
    (f) => {
      f.zones[0]!.servers = below(f).map(({ name }) => ({ name, delegated: true, trouble: no('timeout') }));
    },
  ],
  [
    'name-servers-unanswered',
    'of the keys, with a DS record above',
    (f) => {
      parent(f).servers[0]!.ds = [DS];
      for (const one of below(f)) delete one.keys;
    },
  ],
  ['delegated-elsewhere', 'other servers', (f) => delegate(f, 'ns.elsewhere.example')],
  ['delegation-differs', 'one too few', (f) => delegate(f, 'ns-1.example.org')],
  [
    'delegation-differs',
    'one too many',
    (f) => delegate(f, 'ns-1.example.org', 'ns-2.example.com', 'ns-3.example.com'),
  ],
  [
    'delegation-differs',
    'without Route 53 to ask',
    (f) => {
      delete hosted(f).nameServers;
      delegate(f, 'ns-1.example.org');
    },
  ],
  [
    'parents-disagree',
    'one names one',
    (f) => {
      parent(f).servers[0]!.delegation = { names: ['ns-1.example.org'], ttlSeconds: 3600 };
    },
  ],
  [
    'server-without-address',
    'none',
    (f) => {
      below(f)[0] = { name: 'ns-1.example.org', delegated: true, keys: [] };
    },
  ],
  [
    'server-silent',
    'one',
    (f) => {
      below(f)[0] = {
        name: 'ns-1.example.org',
        address: '192.0.2.11',
        delegated: true,
        trouble: no('timeout'),
        keys: [],
      };
    },
  ],
  [
    'server-lame',
    'REFUSED',
    (f) => {
      below(f)[0]!.rcode = 'REFUSED';
    },
  ],
  [
    'server-lame',
    'not authoritative',
    (f) => {
      below(f)[0]!.authoritative = false;
    },
  ],
  [
    'no-server-answers',
    'all lame',
    (f) => {
      for (const one of below(f)) one.rcode = 'SERVFAIL';
    },
  ],
  [
    'glue-differs',
    'another address',
    (f) => {
      f.zones[0]!.strayGlue = [{ name: 'ns-1.example.org', glue: ['192.0.2.9'], resolved: ['192.0.2.11'] }];
    },
  ],
  [
    'ds-without-dnssec',
    'DS alone',
    (f) => {
      parent(f).servers[0]!.ds = [DS];
    },
  ],
  [
    'ds-mismatch',
    'of another key',
    (f) => {
      parent(f).servers[0]!.ds = [DS];
      below(f)[0]!.keys = [KEY];
    },
  ],
  [
    'dnssec-without-ds',
    'keys alone',
    (f) => {
      below(f)[0]!.keys = [KEY];
    },
  ],
  [
    'delegation-ttl-short',
    'in the parent',
    (f) => {
      for (const one of parent(f).servers) one.delegation!.ttlSeconds = 299;
    },
  ],
  [
    'delegation-ttl-long',
    'in the parent',
    (f) => {
      for (const one of parent(f).servers) one.delegation!.ttlSeconds = 172_801;
    },
  ],
  [
    'delegation-ttl-short',
    'in the zone',
    (f) => {
      below(f)[0]!.ns!.ttlSeconds = 60;
    },
  ],
  [
    'negative-ttl-long',
    'both numbers above 900',
    (f) => {
      below(f)[0]!.soa!.ttlSeconds = 901;
    },
  ],
  [
    'host-missing',
    'no address',
    (f) => {
      Object.assign(way(f), { links: [], end: 'missing', addresses: [] });
    },
  ],
  [
    'host-missing',
    'by way of the name',
    (f) => {
      Object.assign(way(f), { end: 'missing', addresses: [] });
    },
  ],
  [
    'host-elsewhere',
    'another address',
    (f) => {
      Object.assign(way(f), {
        links: [],
        addresses: [{ name: SITE.host, type: 'A', ttlSeconds: 60, value: '192.0.2.99' }],
      });
    },
  ],
  [
    'host-copied',
    'the right address',
    (f) => {
      way(f).links = [];
    },
  ],
  [
    'host-unseen',
    'a zone that does not answer',
    (f) => {
      Object.assign(way(f), { end: 'unseen', trouble: 'no answer' });
    },
  ],
  [
    'chain-loop',
    'a circle',
    (f) => {
      way(f).end = 'loop';
    },
  ],
  [
    'chain-long',
    'five links',
    (f) => {
      way(f).links = ['a', 'b', 'c', 'd', SITE.name].map((to) => ({ name: 'x', ttlSeconds: 60, to }));
    },
  ],
  [
    'chain-ttl-long',
    'a week',
    (f) => {
      way(f).links[0]!.ttlSeconds = 604_800;
    },
  ],
  [
    'record-ttl-differs',
    'an edit',
    (f) => {
      way(f).published[0]!.records[0]!.ttlSeconds = 61;
    },
  ],
  ['record-ttl-long', 'as configured', () => ({ ...SITE, ttlSeconds: 301 })],
  [
    'servers-disagree',
    'one has another address',
    (f) => {
      way(f).published[0]!.records[0]!.value = '198.51.100.20';
    },
  ],
  [
    'servers-disagree',
    'one has nothing',
    (f) => {
      way(f).published[0]!.records = [];
    },
  ],
  [
    'resolver-fails',
    'one of two',
    (f) => void way(f).resolved.push({ resolver: 'x', rcode: 'SERVFAIL', addresses: [] }),
  ],
  [
    'nobody-resolves',
    'the only one',
    (f) => {
      way(f).resolved = [{ resolver: 'x', trouble: no('unreachable'), addresses: [] }];
    },
  ],
  [
    'resolvers-unanswered',
    'one is silent and the other fails',
    (f) => {
      way(f).resolved = [
        { resolver: 'x', trouble: no('timeout'), addresses: [] },
        { resolver: 'y', rcode: 'SERVFAIL', addresses: [] },
      ];
    },
  ],
  [
    'resolver-elsewhere',
    'an answer of its own',
    (f) => {
      way(f).resolved[0]!.addresses = ['192.0.2.99'];
    },
  ],
  [
    'families-differ',
    'IPv6 at one',
    () => ({
      ...SITE,
      servers: SITE.servers.map((one, at) => ({ ...one, ipv6: at === 0 ? ['2001:db8::1'] : [] })),
    }),
  ],
  [
    'standby-blocked',
    'as the account tells',
    (f) => {
      view(f).notes = [{ code: 'standby-blocked', text: 'in whatever words' }];
    },
  ],
  [
    'standby-blocked',
    'as a name server tells before anything is deployed',
    (f) => {
      f.account.sites = [];
      way(f).others = [{ name: SITE.name, type: 'TXT', ttlSeconds: 300, value: '"proof"' }];
      return named();
    },
  ],
  [
    'server-blocked',
    'another is left',
    (f) => {
      f.account.sites = [];
      way(f).others = [{ name: SITE.name, type: 'MX', ttlSeconds: 300, value: '10 mail.example.net' }];
      const { servers } = named();
      return { ...named(), servers: [...servers, { name: 'third', ipv4: ['192.0.2.7'], ipv6: [] }] };
    },
  ],
  [
    'address-hints',
    'one',
    (f) => {
      view(f).notes = [{ code: 'address-hints', text: 'in whatever words' }];
    },
  ],
  [
    'no-standby',
    'none passes',
    (f) => {
      seen(f).standby = 'unable';
    },
  ],
  [
    'server-fails',
    'refused',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'failed', code: 'refused' });
    },
  ],
  [
    'certificate-name',
    'tls-name',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'failed', code: 'tls-name' });
    },
  ],
  [
    'certificate-expired',
    'tls-expired',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'failed', code: 'tls-expired' });
    },
  ],
  [
    'certificate-untrusted',
    'tls-untrusted',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'failed', code: 'tls-untrusted' });
    },
  ],
  [
    'certificate-revoked',
    'tls-revoked',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'failed', code: 'tls-revoked' });
    },
  ],
  [
    'hello-refused',
    'a large hello is reset',
    (f) => {
      Object.assign(seen(f).probes[1]!, {
        browserHello: { outcome: 'failed', detail: 'it reset the connection' },
      });
    },
  ],
  [
    'authority-ends',
    'an intermediate in 14 days',
    (f) => {
      const certificateExpiresMs = NOW_MS + 14 * 86_400_000;
      Object.assign(seen(f).probes[1]!, { certificateExpiresMs, certificateAuthority: 'Test Middle' });
    },
  ],
  [
    'certificate-ends',
    'in 14 days',
    (f) => {
      seen(f).probes[1]!.certificateExpiresMs = NOW_MS + 14 * 86_400_000;
    },
  ],
  [
    'server-unseen',
    'no network',
    (f) => {
      Object.assign(seen(f).probes[1]!, { outcome: 'unknown', code: 'no-network' });
    },
  ],
  [
    'not-deployed',
    'no function',
    (f) => {
      f.account.absent = 'There is no function.';
    },
  ],
  [
    'not-as-deployed',
    'a site',
    (f) => {
      f.account.differs = ['www is changed'];
    },
  ],
  [
    'controller-silent',
    'since then',
    (f) => {
      f.account.silent = 'Silent since then.';
    },
  ],
  [
    'state-away',
    'the table',
    (f) => {
      f.account.storeTrouble = 'AccessDenied';
    },
  ],
  [
    'zone-gone',
    '404',
    (f) => {
      hosted(f).trouble = { code: 'gone', text: 'NoSuchHostedZone' };
    },
  ],
  [
    'zone-unread',
    '403',
    (f) => {
      hosted(f).trouble = { code: 'denied', text: 'AccessDenied' };
    },
  ],
  [
    'zone-unanswered',
    'a timeout',
    (f) => {
      hosted(f).trouble = { code: 'lost', text: 'no answer' };
    },
  ],
  [
    'zone-unanswered',
    'throttled',
    (f) => {
      hosted(f).trouble = { code: 'throttled', text: 'Throttling' };
    },
  ],
  [
    'sites-unread',
    'late',
    (f) => {
      f.account.late = 'Not known after 30 s.';
    },
  ],
  [
    'second-zone',
    'another id',
    (f) => {
      hosted(f).others = ['Z2'];
    },
  ],
  [
    'accelerated-recovery-off',
    'never enabled',
    (f) => {
      delete hosted(f).accelerated;
    },
  ],
  [
    'accelerated-recovery-off',
    'disabled',
    (f) => {
      hosted(f).accelerated = 'DISABLED';
    },
  ],
  [
    'accelerated-recovery-off',
    'failed',
    (f) => {
      hosted(f).accelerated = 'ENABLE_FAILED';
    },
  ],
  [
    'zone-locked',
    'on the way',
    (f) => {
      hosted(f).accelerated = 'ENABLING_HOSTED_ZONE_LOCKED';
    },
  ],
  [
    'edited-by-hand',
    'an edit',
    (f) => {
      view(f).zone = 'edited';
    },
  ],
  [
    'no-record',
    'nothing',
    (f) => {
      view(f).zone = 'nothing';
    },
  ],
  [
    'held',
    'a hold',
    (f) => {
      view(f).mode = 'held';
    },
  ],
  [
    'pinned',
    'a pin',
    (f) => {
      view(f).mode = 'pinned';
    },
  ],
  [
    'state-unreadable',
    'another version',
    (f) => {
      view(f).notes = [{ code: 'state-unreadable', text: 'in whatever words' }];
    },
  ],
  [
    'announcements-waiting',
    'one',
    (f) => {
      view(f).notes = [{ code: 'announcements-waiting', text: 'in whatever words' }];
    },
  ],
  [
    'subscriptions-unread',
    'denied',
    (f) => {
      delete topic(f).subscriptions;
    },
  ],
  [
    'nobody-is-told',
    'nobody',
    (f) => {
      topic(f).subscriptions = [];
      topic(f).wanted = [];
    },
  ],
  [
    'subscription-pending',
    'one',
    (f) => {
      topic(f).subscriptions![0]!.state = 'pending';
    },
  ],
  [
    'subscription-gone',
    'deleted',
    (f) => {
      topic(f).subscriptions![0]!.state = 'deleted';
    },
  ],
  [
    'subscription-gone',
    'not listed',
    (f) => {
      topic(f).wanted.push('other@example.net');
    },
  ],
  ['permission-write', 'denied', call('write', 'denied')],
  ['permission-announce', 'denied', call('announce', 'denied')],
  ['permission-store', 'denied', call('store', 'denied')],
  ['permission-follow', 'denied', call('follow', 'denied')],
  ['write-unanswered', 'a timeout', call('write', 'unanswered')],
  ['permission-unproven', 'another answer', call('write', 'open')],
  ['permission-unproven', 'no answer of the topic', call('announce', 'unanswered')],
  ['record-protected', 'a protection', call('write', 'protected')],
  [
    'vantage-blind',
    'one',
    (f) => {
      f.account.blind = ['eu-west-1'];
    },
  ],
  [
    'quorum-blind',
    'two of three',
    (f) => {
      f.account.blind = ['eu-west-1', 'eu-west-2'];
    },
  ],
  [
    'family-unseen',
    'IPv6',
    (f) => {
      f.account.unseen = [{ site: SITE.name, addresses: ['2001:db8::1'] }];
    },
  ],
  [
    'sharing-may-order',
    'a role with a star',
    (f) => {
      f.account.sharing = [{ role: 'CWDBSharing-PublicReadOnlyAccess-1', mayOrder: true }];
    },
  ],
  [
    'checkup-overdue',
    'three days',
    (f) => {
      f.account.checked!.atMs = NOW_MS - 3 * 86_400_000;
    },
  ],
];

describe('the doctor', () => {
  test('is silent on a healthy set-up', () => {
    const { findings, prognoses } = diagnose(healthy(), [SITE], NOW_MS);
    assert.deepEqual(findings, []);
    assert.deepEqual(prognoses, [
      { site: SITE.name, would: 'fail-over', text: 'www.dyn.example.net WOULD FAIL OVER.' },
    ]);
  });

  for (const [code, what, spoil] of TABLE) {
    test(`${code}: ${what}`, () => {
      const facts = healthy();
      const site = (spoil(facts) as Site | undefined) ?? SITE;
      const { findings, prognoses } = diagnose(facts, [site], NOW_MS);
      const found = findings.find((one) => one.code === code);
      assert.ok(found, JSON.stringify(findings.map((one) => one.code)));
      for (const text of [found.what, found.why, found.mend]) assert.match(text, /^["A-Z0-9a-z].*\.?$/);
      for (const { site: of, what: said } of findings)
        assert.ok(
          of === undefined || said.includes(of) || said.includes(site.host),
          `of many findings nobody knows whose it is: ${said}`,
        );
      const stops = findings.some((one) => one.stops !== undefined);
      const isOpen = findings.some((one) => one.unknown !== undefined);
      assert.equal(prognoses[0]?.would, stops ? 'not' : isOpen ? 'unknown' : 'fail-over');
      if (isOpen && !stops)
        assert.match(prognoses[0]?.text ?? '', /^Nobody can tell .+ WOULD FAIL OVER: .+\.$/);
      if (stops) assert.match(prognoses[0]?.text ?? '', /WOULD NOT FAIL OVER, because .+\.$/);
    });
  }

  test('every kind of finding has its row, and its place in docs/doctor.md', () => {
    const codes = Object.keys(CATALOGUE).sort();
    assert.deepEqual([...new Set(TABLE.map(([code]) => code))].sort(), codes);
    const page = readFileSync(new URL('../../../../../docs/doctor.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `([a-z-]+)`\s*\| ((?:error|warning|note)[a-z, ]*) \|/gm)].map(
      ([, code, severity]) => [code, severity],
    );
    const severityOf = ({ severity, stops, unknown }: Kind) =>
      severity + (stops === undefined ? '' : ', stops') + (unknown === undefined ? '' : ', not known');
    assert.deepEqual(
      told.sort(),
      codes.map((code) => [code, severityOf(CATALOGUE[code as Code])]),
    );
  });

  test('says what it could not look at as unknown, and nothing more', () => {
    const { findings, prognoses } = diagnose({ zones: [], names: [], servers: [] }, [SITE], NOW_MS);
    assert.deepEqual(findings, []);
    assert.match(
      prognoses[0]?.text ?? '',
      /WOULD FAIL OVER, as far as can be seen without asking what is deployed\.$/,
    );
    const facts = healthy();
    Object.assign(facts.servers[0]!, { standby: 'unknown', text: 'Nobody knows.' });
    assert.equal(diagnose(facts, [SITE], NOW_MS).prognoses[0]?.would, 'unknown');
  });

  test('a definite fault beats what was not answered, and another zone is not meant', () => {
    const facts = healthy();
    hosted(facts).trouble = { code: 'lost', text: 'no answer' };
    const elsewhere = { ...SITE, name: 'www.other.example', zone: 'other.example' };
    const would = () => diagnose(facts, [SITE, elsewhere], NOW_MS).prognoses.map((one) => one.would);
    assert.deepEqual(would(), ['unknown', 'fail-over']);
    facts.account.calls[0]!.outcome = 'denied';
    assert.deepEqual(would(), ['not', 'fail-over']);
  });

  test('concludes nothing from a question that was not answered', () => {
    const facts = healthy();
    for (const one of below(facts)) one.keys!.push(KEY);
    for (const one of parent(facts).servers) delete one.ds;
    assert.deepEqual(diagnose(facts, [SITE], NOW_MS).findings, []);
    const target = { name: 'd111111abcdef8.cloudfront.net', zoneId: 'Z2FDTNDATAQYW2', ipv6: false };
    const aliased = { ...SITE, servers: [{ ...SITE.servers[0]!, ipv4: [], alias: target }] };
    Object.assign(way(facts), { links: [], published: [] });
    assert.deepEqual(
      diagnose(facts, [aliased], NOW_MS).findings.map(({ code }) => code),
      ['host-unseen'],
    );
  });

  test('says for what reason vantages are blind, as far as it was noted', () => {
    const facts = healthy();
    facts.account.blind = ['eu-west-1', 'eu-west-2'];
    facts.account.blindFor = { 'eu-west-1': 'it sees none of its references: refused' };
    const told = diagnose(facts, [SITE], NOW_MS).findings.filter(({ code }) => code.endsWith('-blind'));
    assert.deepEqual(told.map(({ code }) => code).sort(), ['quorum-blind', 'vantage-blind']);
    for (const { what, mend } of told) {
      assert.match(what, /\(eu-west-1: it sees none of its references: refused\)\.$/);
      assert.match(mend, /look at `references`/);
    }
  });

  test('takes no offence at IPv6 where there is none', () => {
    const facts = healthy();
    const six = { ...server('ns-1.example.org', '2001:db8::1'), trouble: no('timeout') } as const;
    const { rcode: _, soa: __, ...silent } = six;
    facts.zones[0]!.servers.push(silent, { ...silent, trouble: no('unreachable') });
    assert.deepEqual(diagnose(facts, [SITE], NOW_MS).findings, []);
    facts.zones[0]!.servers.push(server('ns-2.example.com', '2001:db8::2'));
    assert.deepEqual(
      diagnose(facts, [SITE], NOW_MS).findings.map(({ code }) => code),
      ['server-silent'],
    );
  });

  test('takes no offence at a TTL that Switchover itself lowers', () => {
    const lowered = { ...SITE, ttlWhileFailedOverSeconds: 30, ttlFloorSeconds: 10 };
    const differing = (ttlSeconds: number) => {
      const facts = healthy();
      way(facts).published[0]!.records[0]!.ttlSeconds = ttlSeconds;
      return diagnose(facts, [lowered], NOW_MS).findings.filter(({ code }) => code === 'record-ttl-differs');
    };
    assert.deepEqual([SITE.ttlSeconds, 30, 10].flatMap(differing), []);
    assert.equal(differing(20).length, 1);
  });

  test('takes no offence at an alias: its addresses and their TTL are those of AWS', () => {
    const target = { name: 'd111111abcdef8.cloudfront.net', zoneId: 'Z2FDTNDATAQYW2', ipv6: false };
    const [primary] = SITE.servers;
    const aliased = { ...SITE, servers: [primary!, { name: 'cdn', ipv4: [], ipv6: [], alias: target }] };
    const answered = (one: number, other: number) => {
      const facts = healthy();
      const a = (last: number) => ({
        ...{ name: SITE.name, type: 'A', ttlSeconds: 5 },
        value: `198.18.0.${last}`,
      });
      way(facts).addresses = [a(one)];
      way(facts).published = [one, other].map((last) => ({ server: `ns-${last}`, records: [a(last)] }));
      way(facts).resolved[0]!.addresses = ['198.18.0.9'];
      return facts;
    };
    const codes = (facts: Healthy, site: Site) =>
      diagnose(facts, [site], NOW_MS).findings.map(({ code }) => code);
    assert.deepEqual(codes(answered(1, 2), aliased), []);
    assert.deepEqual(codes(answered(1, 2), SITE), [
      'servers-disagree',
      'record-ttl-differs',
      'resolver-elsewhere',
    ]);
    const half = answered(1, 2);
    half.names[0]!.published[1]!.records = healthy().names[0]!.published[1]!.records;
    assert.deepEqual(codes(half, aliased), ['servers-disagree'], 'one answers with the other server');
    const six = {
      ...aliased,
      servers: [primary!, { ...aliased.servers[1]!, alias: { ...target, ipv6: true } }],
    };
    assert.deepEqual(codes(answered(1, 2), six), ['families-differ']);
    const copied = answered(1, 2);
    copied.names[0]!.links = [];
    assert.deepEqual(codes(copied, aliased), ['host-copied'], 'the same addresses by another way');
  });

  test('a DS record of one of the keys is content', () => {
    const facts = healthy();
    // RFC 6605, 6.1: this key has the tag 55648.
    facts.zones[0]!.servers[0]!.keys = [
      '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    ];
    facts.zones[0]!.parent!.servers[0]!.ds = [
      '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
    ];
    assert.deepEqual(diagnose(facts, [SITE], NOW_MS).findings, []);
  });

  test('the worst comes first, and what concerns another zone stops nobody here', () => {
    const facts = healthy();
    facts.account.blind = ['eu-west-1'];
    facts.account.silent = 'Silent.';
    assert.deepEqual(
      diagnose(facts, [SITE], NOW_MS).findings.map(({ severity }) => severity),
      ['error', 'warning'],
    );
    assert.equal(concerns(finding('zone-gone', { zone: 'other.example' }, ''), SITE), false);
    assert.equal(concerns(finding('zone-gone', { zone: ZONE }, ''), SITE), true);
    assert.equal(concerns(finding('held', { site: 'other' }, ''), SITE), false);
  });
});
