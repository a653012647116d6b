import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { canonicalAddress } from '../../../../../lambda/core/base/address.ts';
import { targetsOf } from '../../../../../lambda/core/evidence/targets.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { agrees } from '../../../../../lambda/core/zone/dns-compare.ts';
import { membersListed } from '../../../../../lambda/core/zone/members.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { sealed } from '../../../../../lambda/core/zone/role-record.ts';
import {
  desiredRecords,
  roleRecordOf,
  sameRecords,
  zoneViewOf,
} from '../../../../../lambda/core/zone/zone-view.ts';

/** Spellings of one address, as people, consoles and tools write it. */
const SPELLINGS = [
  '2001:db8:10::10',
  '2001:DB8:10::10',
  '2001:0db8:0010:0000:0000:0000:0000:0010',
  '2001:db8:10:0:0:0:0:10',
  '2001:db8:10::0:10',
  '2001:db8:10::0.0.0.16',
];
const [CANONICAL = ''] = SPELLINGS;

test('each address has one spelling, and what is none keeps its own', () => {
  for (const spelling of SPELLINGS) assert.equal(canonicalAddress(spelling), CANONICAL);
  for (const [written, canonical] of [
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1::2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['::FFFF:C000:0201', '::ffff:c000:201'],
    ['203.0.113.10', '203.0.113.10'],
    ['Standby.Example.org.', 'Standby.Example.org.'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['[::1]', '[::1]'],
    ['1:2', '1:2'],
    ['"v=1 epoch=1"', '"v=1 epoch=1"'],
    ['', ''],
  ])
    assert.equal(canonicalAddress(written ?? ''), canonical);
});

const site: Site = virtualSite('www', {
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [CANONICAL] },
    { name: 'standby', ipv4: ['198.51.100.20'], ipv6: ['2001:db8:20::20'] },
  ],
});
const [primary = assert.fail()] = site.servers;
const spelled = (spelling: string): RecordSet[] =>
  desiredRecords(site, primary).map((r) => (r.type === 'AAAA' ? { ...r, values: [spelling] } : r));

test('records in another spelling are adopted, are ours, and are not written again', () => {
  const role = sealed(
    { epoch: 7, serving: 'primary', mode: 'auto', sinceSeconds: 1 },
    desiredRecords(site, primary),
  );
  const written = { epoch: 7, role: '', records: desiredRecords(site, primary) };
  for (const spelling of SPELLINGS) {
    const records = spelled(spelling);
    const found = zoneViewOf(site, records, undefined);
    assert.deepEqual([found.kind, 'serving' in found && found.serving], ['adoptable', 'primary'], spelling);
    assert.equal(sameRecords(records, written.records), true, spelling);
    const kept = zoneViewOf(site, [...records, roleRecordOf(site, role)], { ...written, epoch: 6 });
    assert.equal(kept.kind, 'ours', spelling);
    // A DELETE must name the record as the zone has it.
    assert.deepEqual(kept.kind === 'ours' && kept.records, records, spelling);
    const targets = targetsOf(site, kept).map(({ key }) => key);
    assert.deepEqual(targets, ['primary', 'standby'], spelling);
  }
  assert.equal(zoneViewOf(site, spelled('2001:db8:10::11'), undefined).kind, 'edited');
});

test('a name server that spells otherwise agrees', () => {
  const records = desiredRecords(site, primary);
  const role = sealed({ epoch: 7, serving: 'primary', mode: 'auto', sinceSeconds: 1 }, records);
  const ours = { kind: 'ours' as const, role, roleRecord: roleRecordOf(site, role), records };
  for (const value of SPELLINGS) {
    const answers = [{ name: site.name, type: 'AAAA', value }];
    const answered = { rcode: 'NOERROR', authoritative: true, answers };
    assert.equal(agrees({ name: site.name, type: 'AAAA' }, answered, ours), 'agrees', value);
  }
});

test('a standby beside the serving server is known in any spelling', () => {
  const dual: Site = { ...site, lever: 'dual' };
  for (const spelling of ['2001:db8:20::20', '2001:0DB8:0020::0020']) {
    const listed = [
      { name: site.name, type: 'A', ttlSeconds: 60, values: ['203.0.113.10', '198.51.100.20'] },
      { name: site.name, type: 'AAAA', ttlSeconds: 60, values: [CANONICAL, spelling] },
    ];
    assert.deepEqual(
      membersListed(dual, 'primary', listed).map(({ name }) => name),
      ['standby'],
      spelling,
    );
  }
});
