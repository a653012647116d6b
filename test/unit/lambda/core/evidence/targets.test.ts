import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { unseen } from '../../../../../lambda/core/evidence/judge.ts';
import {
  alignHealths,
  type Pace,
  paceOf,
  servingOf,
  targetsOf,
} from '../../../../../lambda/core/evidence/targets.ts';
import type { Health, TargetHealth } from '../../../../../lambda/core/site/health.ts';
import type { Server, Site } from '../../../../../lambda/core/site/site.ts';
import { sealed } from '../../../../../lambda/core/zone/role-record.ts';
import { desiredRecords, roleRecordOf, type ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';

const primary: Server = { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::10'] };
const standby: Server = { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] };
const site: Site = virtualSite('www', { servers: [primary, standby] });

/** The zone as it was left when `server` was configured as given here. */
const servedBy = (server: Server): ZoneView => {
  const records = desiredRecords(site, server);
  const role = sealed({ epoch: 1, serving: server.name, mode: 'auto', sinceSeconds: 0 }, records);
  return { kind: 'ours', role, roleRecord: roleRecordOf(site, role), records };
};
const probed = (servers: Server[], view: ZoneView): string[] =>
  targetsOf({ ...site, servers }, view).map(({ key, addresses }) => `${key} ${addresses.join(',')}`);

describe('what is probed', () => {
  const cases: [title: string, servers: Server[], view: ZoneView, expected: string[]][] = [
    [
      'each server at its addresses',
      [primary, standby],
      servedBy(primary),
      ['primary 203.0.113.10,2001:db8::10', 'standby 198.51.100.20'],
    ],
    [
      'nothing in DNS yet',
      [primary, standby],
      { kind: 'nothing' },
      ['primary 203.0.113.10,2001:db8::10', 'standby 198.51.100.20'],
    ],
    [
      'an address to probe apart from the address to serve',
      [{ ...primary, probeAddress: '192.0.2.5' }, standby],
      servedBy(primary),
      ['primary 192.0.2.5', 'standby 198.51.100.20'],
    ],
    [
      'a host name',
      [primary, { name: 'standby', ipv4: [], ipv6: [], hostname: 'standby.example.org' }],
      servedBy(primary),
      ['primary 203.0.113.10,2001:db8::10', 'standby standby.example.org'],
    ],
    [
      'a host name that serves, listed with its final dot or without',
      [{ name: 'primary', ipv4: [], ipv6: [], hostname: 'primary.example.org' }],
      servedBy({ name: 'primary', ipv4: [], ipv6: [], hostname: 'primary.example.org.' }),
      ['primary primary.example.org'],
    ],
    [
      'the serving server at the address that DNS names, its new address beside it',
      [{ ...primary, ipv4: ['192.0.2.77'] }, standby],
      servedBy(primary),
      ['primary 203.0.113.10,2001:db8::10', 'primary+next 192.0.2.77,2001:db8::10', 'standby 198.51.100.20'],
    ],
    [
      'a family that is new',
      [primary, standby],
      servedBy({ ...primary, ipv6: [] }),
      ['primary 203.0.113.10', 'primary+next 203.0.113.10,2001:db8::10', 'standby 198.51.100.20'],
    ],
    [
      'a standby that is configured differently is just there',
      [primary, { ...standby, ipv4: ['192.0.2.88'] }],
      servedBy(primary),
      ['primary 203.0.113.10,2001:db8::10', 'standby 192.0.2.88'],
    ],
    [
      'an edit names nobody’s new address',
      [{ ...primary, ipv4: ['192.0.2.77'] }, standby],
      { kind: 'edited', detail: 'edited', records: desiredRecords(site, primary) },
      ['primary 192.0.2.77,2001:db8::10', 'standby 198.51.100.20'],
    ],
  ];
  for (const [title, servers, view, expected] of cases) {
    test(title, () => {
      assert.deepEqual(probed(servers, view), expected);
    });
  }
});

test('serving is what the zone names, as far as it names a server', () => {
  assert.equal(servingOf(servedBy(standby)), 'standby');
  assert.equal(servingOf({ kind: 'nothing' }), undefined);
  assert.equal(servingOf({ kind: 'adoptable', serving: 'primary', records: [] }), 'primary');
  assert.equal(servingOf({ kind: 'edited', detail: '', serving: 'standby', records: [] }), 'standby');
  assert.equal(servingOf({ kind: 'edited', detail: '', records: [] }), undefined);
});

describe('health is carried over where it was judged at the same addresses', () => {
  const up = (address: string): TargetHealth => ({ ...unseen(address, 0), health: 'up' });
  const both = '2001:db8::10,203.0.113.10';
  const moved = { ...primary, ipv4: ['192.0.2.77'] };
  const newBoth = '192.0.2.77,2001:db8::10';
  const shown = (servers: Server[], view: ZoneView, known: Record<string, TargetHealth>) =>
    Object.fromEntries(
      Object.entries(alignHealths(targetsOf({ ...site, servers }, view), known, 9)).map(([key, target]) => [
        key,
        `${target.health} ${target.address}`,
      ]),
    );

  test('nothing is known at first', () => {
    const known = alignHealths(targetsOf(site, servedBy(primary)), {}, 9);
    assert.deepEqual(known.primary, { health: 'unknown', sinceMs: 9, freshMs: 9, address: both });
  });

  test('the same addresses keep their health, others are unknown', () => {
    const known = { primary: up(both), standby: up('192.0.2.1') };
    assert.deepEqual(shown([primary, standby], servedBy(primary), known), {
      primary: `up ${both}`,
      standby: 'unknown 198.51.100.20',
    });
  });

  test('a new address starts at unknown beside the old one', () => {
    assert.deepEqual(
      shown([moved, standby], servedBy(primary), { primary: up(both), standby: up('198.51.100.20') }),
      {
        primary: `up ${both}`,
        'primary+next': `unknown ${newBoth}`,
        standby: 'up 198.51.100.20',
      },
    );
  });

  test('once DNS names the new address, what was seen there counts', () => {
    const known = { primary: { ...up(both), health: 'down' as const }, 'primary+next': up(newBoth) };
    assert.deepEqual(shown([moved], servedBy(moved), known), { primary: `up ${newBoth}` });
  });

  test('a configuration that is taken back finds what was seen at the old address', () => {
    const known = { primary: up(both), 'primary+next': { ...up(newBoth), health: 'down' as const } };
    assert.deepEqual(shown([primary], servedBy(primary), known), { primary: `up ${both}` });
  });
});

describe('the pace of a site', () => {
  const single: Pace = { full: false, everyMs: 10_000 };
  const all: Pace = { full: true, everyMs: 10_000 };
  const confirming: Pace = { full: true, everyMs: 2000 };
  const streak = { verdict: 'failed', count: 1, firstMs: 0, lastMs: 0 } as const;
  const seen = (health: Health, unsettled = false): TargetHealth => ({
    ...unseen('a', 0),
    health,
    ...(unsettled ? { streak } : {}),
  });
  const quiet = { serving: 'primary', blind: false, moveWaits: false };
  const cases: [string, Record<string, TargetHealth>, Partial<typeof quiet>, Pace][] = [
    ['all is well: one vantage an interval', { primary: seen('up'), standby: seen('up') }, {}, single],
    ['a standby is down: all an interval', { primary: seen('up'), standby: seen('down') }, {}, all],
    ['a failed verdict: confirming', { primary: seen('up', true), standby: seen('up') }, {}, confirming],
    [
      'a standby not settled: confirming',
      { primary: seen('up'), standby: seen('down', true) },
      {},
      confirming,
    ],
    ['health unknown: confirming', { primary: seen('up'), standby: seen('unknown') }, {}, confirming],
    ['serving is down: confirming', { primary: seen('down'), standby: seen('up') }, {}, confirming],
    ['all are down: confirming', { primary: seen('down'), standby: seen('down') }, {}, confirming],
    [
      'the new address is down: all an interval',
      { primary: seen('up'), 'primary+next': seen('down') },
      {},
      all,
    ],
    [
      'blind: asking faster shows no more',
      { primary: seen('unknown'), standby: seen('down', true) },
      { blind: true },
      all,
    ],
    ['a move waits for a full round', { primary: seen('up'), standby: seen('up') }, { moveWaits: true }, all],
  ];
  for (const [title, targets, now, expected] of cases) {
    test(title, () => {
      assert.deepEqual(paceOf(site, targets, { ...quiet, ...now }, 10), expected);
    });
  }

  test('nothing serves yet: a server that is down is no hurry', () => {
    const pace = paceOf(site, { primary: seen('down') }, { ...quiet, serving: undefined }, 10);
    assert.deepEqual(pace, all);
  });
});
