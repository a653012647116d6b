import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite, ZONE } from '../../../../../fixtures/virtual/world.ts';
import type { Server, Site } from '../../../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import {
  formatRole,
  type Role,
  roleRecordName,
  sealed,
} from '../../../../../lambda/core/zone/role-record.ts';
import {
  desiredRecords,
  recordsFor,
  roleRecordOf,
  sameRecords,
  type Written,
  type ZoneView,
  zoneViewOf,
} from '../../../../../lambda/core/zone/zone-view.ts';

const www = `www.${ZONE}`;
const shop = `shop.${ZONE}`;
const primary: Server = { name: 'primary', ipv4: ['203.0.113.10', '203.0.113.11'], ipv6: ['2001:db8::10'] };
const standby: Server = { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] };
const elsewhere: Server = { name: 'elsewhere', ipv4: [], ipv6: [], hostname: 'standby.example.org' };
const site: Site = virtualSite('www', { names: [www, shop], servers: [primary, standby, elsewhere] });

const roleFor = (records: RecordSet[], given: Partial<Role> = {}): Role => ({
  ...sealed({ epoch: 7, serving: 'primary', mode: 'auto', sinceSeconds: 1795341600, ...given }, records),
  ...given,
});

const published = desiredRecords(site, primary);
const role = roleFor(published);
const roleRecord = roleRecordOf(site, role);
const written: Written = { epoch: 7, role: formatRole(role), records: published };
const zone: RecordSet[] = [
  { name: ZONE, type: 'NS', ttlSeconds: 172_800, values: ['ns-1.example.'] },
  { name: ZONE, type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
  { name: `mail.${ZONE}`, type: 'A', ttlSeconds: 60, values: ['192.0.2.2'] },
  { name: www, type: 'MX', ttlSeconds: 60, values: ['10 mail.example.'] },
  { name: www, type: 'TXT', ttlSeconds: 60, values: ['"v=spf1 -all"'] },
];
/** Both ways: by the whole listing, and by what of it concerns the site. */
const kindOf = (listing: RecordSet[], remembered?: Written, of: Site = site): ZoneView => {
  const all = [...zone, ...listing];
  const view = zoneViewOf(of, all, remembered);
  const own = recordsFor(
    of,
    Map.groupBy(all, ({ name }) => name),
    [remembered],
  );
  assert.equal(zoneViewOf(of, own, remembered).kind, view.kind);
  const { others, ...rest } = view;
  assert.deepEqual(others, zone.slice(-2));
  return rest;
};

describe('the records that a server serves with', () => {
  test('one set a name and family, with the TTL of the site', () => {
    assert.deepEqual(published, [
      { name: www, type: 'A', ttlSeconds: 60, values: ['203.0.113.10', '203.0.113.11'] },
      { name: www, type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::10'] },
      { name: shop, type: 'A', ttlSeconds: 60, values: ['203.0.113.10', '203.0.113.11'] },
      { name: shop, type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::10'] },
    ]);
  });

  test('no set without an address', () => {
    assert.deepEqual(
      desiredRecords(site, standby).map((r) => `${r.name} ${r.type}`),
      [`${www} A`, `${shop} A`],
    );
  });

  test('a CNAME for a host name', () => {
    assert.deepEqual(desiredRecords(site, elsewhere)[0], {
      name: www,
      type: 'CNAME',
      ttlSeconds: 60,
      values: ['standby.example.org'],
    });
  });
});

describe('as we left it', () => {
  const ours: [title: string, listing: RecordSet[], remembered?: Written][] = [
    ['remembered', [...published, roleRecord], written],
    ['with the state lost', [...published, roleRecord]],
    ['listed in another order', [roleRecord, ...published.toReversed()], written],
    [
      'with the values in another order',
      [...published.map((r) => ({ ...r, values: r.values.toReversed() })), roleRecord],
      written,
    ],
    ['moved on by another controller', [...published, roleRecord], { ...written, epoch: 6, role: '"older"' }],
  ];
  for (const [title, listing, remembered] of ours) {
    test(title, () => {
      const view = kindOf(listing, remembered);
      assert.equal(view.kind, 'ours');
      assert.deepEqual(view.kind === 'ours' && view.role, role);
      assert.deepEqual(view.kind === 'ours' && view.roleRecord, roleRecord);
      assert.equal(view.kind === 'ours' && view.records.length, published.length);
    });
  }

  test('a server that is configured differently now is still ours', () => {
    const moved = { ...site, ttlSeconds: 30, servers: [{ ...primary, ipv4: ['192.0.2.77'] }, standby] };
    assert.equal(kindOf([...published, roleRecord], written, moved).kind, 'ours');
  });

  test('a name that is no longer configured is still part of what we left', () => {
    const narrow = { ...site, names: [www] };
    const view = kindOf([...published, roleRecord], written, narrow);
    assert.equal(view.kind, 'ours');
    assert.equal(view.kind === 'ours' && view.records.length, published.length);
  });

  test('after a write without that name, what it left there is nobody’s business', () => {
    const narrow = { ...site, names: [www] };
    const now = desiredRecords(narrow, standby);
    const left = published.filter((r) => r.name === shop);
    const next = roleFor(now, { epoch: 8, serving: 'standby' });
    const view = kindOf([...now, ...left, roleRecordOf(site, next)], written, narrow);
    assert.equal(view.kind, 'ours');
    assert.deepEqual(view.kind === 'ours' && view.records, now);
  });

  test('a name that is newly configured and not there yet', () => {
    const wide = { ...site, names: [www, shop, `m.${ZONE}`] };
    assert.equal(kindOf([...published, roleRecord], written, wide).kind, 'ours');
  });
});

describe('nothing there, and adoptable', () => {
  test('nothing at the names, whatever else the zone holds', () => {
    assert.deepEqual(kindOf([]), { kind: 'nothing' });
  });

  const servers: [title: string, server: Server][] = [
    ['two families', primary],
    ['one family', standby],
    ['a CNAME', elsewhere],
  ];
  for (const [title, server] of servers) {
    test(`one server's records at every name: ${title}`, () => {
      const records = desiredRecords(site, server);
      assert.deepEqual(kindOf(records), { kind: 'adoptable', serving: server.name, records });
    });
  }

  test('TTL, the order of values, capitals and the dot of a CNAME do not matter', () => {
    const records = desiredRecords(site, elsewhere).map((r) => ({
      ...r,
      ttlSeconds: 3600,
      values: ['Standby.Example.ORG.'],
    }));
    assert.deepEqual(kindOf(records), { kind: 'adoptable', serving: 'elsewhere', records });
  });
});

const edit = (name: string, type: string, change: Partial<RecordSet>): RecordSet[] =>
  [...published, roleRecord].map((r) => (r.name === name && r.type === type ? { ...r, ...change } : r));
const without = (name: string, type: string): RecordSet[] =>
  [...published, roleRecord].filter((r) => r.name !== name || r.type !== type);
const weighted: RecordSet = { name: www, type: 'A', values: [], routing: 'weighted' };
const roleName = roleRecordName(www);

/** Everything that is not as we left it, with the server its addresses name, if any. */
const EDITS: [title: string, listing: RecordSet[], remembered: Written | undefined, serving?: string][] = [
  ['an address changed', edit(www, 'A', { values: ['192.0.2.9'] }), written],
  ['an address changed at one name only', edit(shop, 'A', { values: ['198.51.100.20'] }), written],
  ['an address less', edit(www, 'A', { values: ['203.0.113.10'] }), written],
  ['the TTL changed', edit(www, 'A', { ttlSeconds: 86_400 }), written, 'primary'],
  ['AAAA removed', without(www, 'AAAA'), written],
  ['A removed', without(www, 'A'), written],
  ['moved to the standby, and AAAA left behind', edit(www, 'A', { values: standby.ipv4 }), written],
  ['moved to the standby by hand', [...desiredRecords(site, standby), roleRecord], written, 'standby'],
  ['another family added', [...desiredRecords(site, standby), ...published.slice(1, 2), roleRecord], written],
  ['replaced by weighted records', [weighted, weighted, ...published.slice(1), roleRecord], written],
  ['an alias beside ours', [...published, { ...weighted, routing: 'alias' }, roleRecord], written],
  ['all records removed', [roleRecord], written],
  ['the role record removed', published, written, 'primary'],
  ['everything removed', [], written],
  ['a role record alone, nothing remembered', [roleRecord], undefined],
  [
    'records of nobody, nothing remembered',
    [{ name: www, type: 'A', ttlSeconds: 60, values: ['192.0.2.9'] }],
    undefined,
  ],
  ['weighted records, nothing remembered', [weighted], undefined],
  ['only one of two names, nothing remembered', published.filter((r) => r.name === www), undefined],
  ['a family missing, nothing remembered', published.filter((r) => r.type === 'A'), undefined],
  [
    'two servers at two names, nothing remembered',
    [...published.slice(0, 2), ...desiredRecords(site, standby).slice(1)],
    undefined,
  ],
  [
    'records that the role record does not cover',
    [...desiredRecords(site, standby), roleRecord],
    undefined,
    'standby',
  ],
  [
    'the role record of another mode',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, mode: 'held', untilSeconds: 1 })] }),
    written,
    'primary',
  ],
  [
    'the role record naming another server',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, serving: 'standby' })] }),
    written,
    'primary',
  ],
  [
    'the role record naming another server, nothing remembered',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, serving: 'standby' })] }),
    undefined,
    'primary',
  ],
  [
    'the role record of a later epoch that nobody sealed',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, epoch: 8 })] }),
    written,
    'primary',
  ],
  [
    'the role record with another time',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, sinceSeconds: 1 })] }),
    written,
    'primary',
  ],
  [
    'the role record gone back an epoch',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, epoch: 6 })] }),
    written,
    'primary',
  ],
  [
    'the role record with another digest',
    edit(roleName, 'TXT', { values: [formatRole({ ...role, epoch: 8, set: '00000000' })] }),
    written,
    'primary',
  ],
  [
    'the role record unreadable',
    edit(roleName, 'TXT', { values: ['"v=1 epoch=seven"'] }),
    undefined,
    'primary',
  ],
  [
    'a role record of two values',
    edit(roleName, 'TXT', { values: [formatRole(role), formatRole(role)] }),
    written,
    'primary',
  ],
  ['the TTL of the role record changed', edit(roleName, 'TXT', { ttlSeconds: 300 }), written, 'primary'],
  ['a role record with routing', edit(roleName, 'TXT', { routing: 'weighted' }), written, 'primary'],
];

describe('anything else is edited by hand', () => {
  for (const [title, listing, remembered, serving] of EDITS) {
    test(title, () => {
      const view = kindOf(listing, remembered);
      assert.equal(view.kind, 'edited', JSON.stringify(view));
      if (view.kind !== 'edited') return;
      assert.equal(view.serving, serving);
      assert.ok(view.detail.length > 20, view.detail);
      const listedRole = listing.find((r) => r.name === roleName);
      assert.deepEqual(view.roleRecord, listedRole);
    });
  }

  test('two different edits read differently, the same edit the same', () => {
    const detail = (values: string[]) => {
      const view = kindOf(edit(www, 'A', { values }), written);
      return view.kind === 'edited' ? view.detail : '';
    };
    assert.notEqual(detail(['192.0.2.9']), detail(['192.0.2.8']));
    assert.equal(detail(['192.0.2.9']), detail(['192.0.2.9']));
  });
});

test('records are the same for visitors whatever their order, capitals or final dot, and differ with the TTL', () => {
  const cname = desiredRecords(site, elsewhere);
  assert.ok(sameRecords(published, published.toReversed()));
  assert.ok(
    sameRecords(
      cname,
      cname.map((r) => ({ ...r, values: ['STANDBY.example.org.'] })),
    ),
  );
  assert.ok(
    !sameRecords(
      published,
      published.map((r) => ({ ...r, ttlSeconds: 61 })),
    ),
  );
  assert.ok(!sameRecords(published, published.slice(1)));
  assert.ok(
    !sameRecords(
      published,
      published.map((r) => ({ ...r, routing: 'weighted' })),
    ),
  );
  assert.ok(!sameRecords(published, desiredRecords(site, standby)));
});

test('a role record of another deployment is not ours, whatever else is as we left it; one without a name is', () => {
  const own = { ...site, deployment: 'main' };
  const kindOf = (by: string | undefined, remembered?: Written) => {
    const signed = sealed(
      { epoch: 8, serving: 'primary', mode: 'auto', sinceSeconds: 1795341600 },
      published,
      by,
    );
    const view = zoneViewOf(own, [...published, roleRecordOf(own, signed)], remembered);
    return view.kind === 'edited' ? [view.kind, view.serving, view.detail.slice(0, 46)] : view.kind;
  };
  assert.equal(kindOf('main'), 'ours');
  assert.equal(kindOf(undefined), 'ours');
  const foreign = ['edited', 'primary', 'the role record is that of the deployment trial'.slice(0, 46)];
  assert.deepEqual(kindOf('trial'), foreign);
  // Also when it is newer than what we remember, which would be another controller of ours.
  assert.deepEqual(kindOf('trial', written), foreign);
  assert.equal(zoneViewOf(site, [...published, roleRecord], written).kind, 'ours');
});
