import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite, ZONE } from '../../../../../fixtures/virtual/world.ts';
import type { Server, Site } from '../../../../../lambda/core/site/site.ts';
import type { Change, RecordSet } from '../../../../../lambda/core/zone/records.ts';
import {
  formatRole,
  type Role,
  roleRecordName,
  sealed,
} from '../../../../../lambda/core/zone/role-record.ts';
import {
  batchFor,
  desiredRecords,
  roleRecordOf,
  zoneViewOf,
} from '../../../../../lambda/core/zone/zone-view.ts';
import { changeZone, createZone, type Zone } from '../../../../../local/zone.ts';

/** What a batch does is asked of the zone model, which applies it as Route 53 does. */
const apply = (zone: Zone, changes: Change[]): Zone => {
  const outcome = changeZone(zone, { changes }, { now: 0, insyncAfterMs: 0 });
  if ('refusal' in outcome) throw new Error(outcome.refusal.messages.join(' '));
  return outcome.zone;
};
const refused = (zone: Zone, changes: Change[]): boolean =>
  'refusal' in changeZone(zone, { changes }, { now: 0, insyncAfterMs: 0 });
const create = (record: RecordSet): Change => ({ action: 'CREATE', record });
const listing = (zone: Zone): RecordSet[] => zone.entries.map(({ record }) => record);
const sorted = (records: RecordSet[]): string[] =>
  records
    .filter((r) => r.type !== 'NS' && r.type !== 'SOA')
    .map((r) => `${r.name} ${r.ttlSeconds} ${r.type} ${r.values.toSorted()} ${r.alias?.name ?? ''}`)
    .sort();

const SERVERS: Server[] = [
  { name: 'both', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::10'] },
  { name: 'v4', ipv4: ['198.51.100.20', '198.51.100.21'], ipv6: [] },
  { name: 'v6', ipv4: [], ipv6: ['2001:db8::20'] },
  {
    name: 'alias',
    ipv4: [],
    ipv6: [],
    alias: { name: 'd111111abcdef8.cloudfront.net', zoneId: 'Z2FDTNDATAQYW2', ipv6: true },
  },
  { name: 'cname', ipv4: [], ipv6: [], hostname: 'standby.example.org' },
];
const siteNamed = (labels: string[]): Site =>
  virtualSite('www', { names: labels.map((label) => `${label}.${ZONE}`), servers: SERVERS });
const bystanders: RecordSet[] = [
  { name: `mail.${ZONE}`, type: 'A', ttlSeconds: 60, values: ['192.0.2.2'] },
  { name: `_switchover.mail.${ZONE}`, type: 'TXT', ttlSeconds: 60, values: ['"v=1"'] },
];
const empty = apply(createZone(ZONE), bystanders.map(create));

const roleFor = (records: RecordSet[], serving: string, epoch: number): Role =>
  sealed({ epoch, serving, mode: 'auto', sinceSeconds: 1795341600 }, records);

/** The zone after `site` was made to be served by `server`, from whatever `zone` lists. */
const serve = (zone: Zone, site: Site, server: Server, epoch: number): { zone: Zone; changes: Change[] } => {
  const records = desiredRecords(site, server);
  const view = zoneViewOf(site, listing(zone), undefined);
  const changes = batchFor(site, view, records, roleFor(records, server.name, epoch));
  return { zone: apply(zone, changes), changes };
};

const NAMES = [['www'], ['www', 'shop']];

for (const labels of NAMES) {
  const site = siteNamed(labels);
  describe(`a site of ${labels.length} names`, () => {
    for (const from of [undefined, ...SERVERS]) {
      for (const to of SERVERS) {
        test(`from ${from?.name ?? 'nothing'} to ${to.name}: all of it, and nothing else`, () => {
          const before = from === undefined ? empty : serve(empty, site, from, 1).zone;
          const { zone: after, changes } = serve(before, site, to, 2);
          const records = desiredRecords(site, to);
          const role = roleFor(records, to.name, 2);
          assert.deepEqual(
            sorted(listing(after)),
            sorted([...bystanders, ...records, roleRecordOf(site, role)]),
          );
          const view = zoneViewOf(site, listing(after), { epoch: 2, role: formatRole(role), records });
          assert.equal(view.kind, 'ours');
          assert.ok(
            changes.every(({ record }) => record.values.length > 0 || record.alias !== undefined),
            'no empty set',
          );
          assert.ok(refused(after, changes), 'sent twice, it is refused');
        });
      }
    }
  });
}

describe('the fence', () => {
  const site = siteNamed(['www', 'shop']);
  const [both, v4] = SERVERS as [Server, Server];
  const before = serve(empty, site, both, 1).zone;
  const { changes } = serve(before, site, v4, 2);

  test('every record of the site and the role record is named in the batch, each deleted as it was listed', () => {
    const deleted = changes.filter((c) => c.action === 'DELETE').map((c) => c.record);
    const held = listing(before).filter(
      (r) => site.names.includes(r.name) || r.name === roleRecordName(site.name),
    );
    assert.deepEqual(sorted(deleted), sorted(held));
    assert.equal(held.length, 5);
  });

  const ours = changes.filter((c) => c.action === 'DELETE').map((c) => c.record);
  for (const record of ours) {
    for (const [what, change] of [
      [
        'its value',
        {
          values:
            record.type === 'TXT' ? ['"v=1 epoch=9"'] : record.type === 'A' ? ['192.0.2.9'] : ['2001:db8::9'],
        },
      ],
      ['its TTL', { ttlSeconds: 77 }],
    ] as const) {
      test(`${record.name} ${record.type} with ${what} changed meanwhile: refused whole`, () => {
        const edited = apply(before, [
          { action: 'DELETE', record },
          create({ ...record, ...change, values: 'values' in change ? [...change.values] : record.values }),
        ]);
        assert.ok(refused(edited, changes));
      });
    }
    test(`${record.name} ${record.type} removed meanwhile: refused whole`, () => {
      assert.ok(refused(apply(before, [{ action: 'DELETE', record }]), changes));
    });
  }

  test('a batch built on one epoch cannot land on the next, though the records are the same', () => {
    const same = serve(before, site, both, 2).zone;
    assert.ok(refused(same, changes));
  });

  test('a batch that creates cannot land where something was created meanwhile', () => {
    const first = serve(empty, site, both, 1);
    const second = serve(empty, site, v4, 1);
    assert.ok(refused(first.zone, second.changes));
    const adopted = apply(empty, [
      create({ name: site.name, type: 'A', ttlSeconds: 60, values: ['192.0.2.9'] }),
    ]);
    assert.ok(refused(adopted, first.changes));
  });
});

test('records of a name that is no longer configured stay where they are', () => {
  const wide = siteNamed(['www', 'shop']);
  const narrow = siteNamed(['www']);
  const [both, v4] = SERVERS as [Server, Server];
  const before = serve(empty, wide, both, 1).zone;
  const written = { epoch: 1, role: '', records: desiredRecords(wide, both) };
  const view = zoneViewOf(narrow, listing(before), { ...written, epoch: 0 });
  const records = desiredRecords(narrow, v4);
  const after = apply(before, batchFor(narrow, view, records, roleFor(records, 'v4', 2)));
  const left = desiredRecords(wide, both).filter((r) => !narrow.names.includes(r.name));
  assert.equal(left.length, 2);
  assert.deepEqual(
    sorted(listing(after)),
    sorted([...bystanders, ...left, ...records, roleRecordOf(narrow, roleFor(records, 'v4', 2))]),
  );
});
