import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { unseen } from '../../../../../lambda/core/evidence/judge.ts';
import type { Command } from '../../../../../lambda/core/orders/command.ts';
import { orderFor } from '../../../../../lambda/core/orders/order.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import {
  blockedStandbys,
  hintsLeft,
  obstacleTo,
  othersOf,
} from '../../../../../lambda/core/zone/obstacle.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { roleRecordName, sealed } from '../../../../../lambda/core/zone/role-record.ts';
import { desiredRecords, roleRecordOf, zoneViewOf } from '../../../../../lambda/core/zone/zone-view.ts';

const NOW_MS = 1_800_000_000_000;
const site: Site = virtualSite('www', {
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] },
    { name: 'standby', ipv4: [], ipv6: [], hostname: 'standby.hosting.test' },
  ],
});
const [primary = assert.fail(), standby = assert.fail()] = site.servers;
const third = { name: 'third', ipv4: ['192.0.2.7'], ipv6: [] };
const record = (type: string, value: string, name = site.name): RecordSet => ({
  name,
  type,
  ttlSeconds: 300,
  values: [value],
});
const TXT = record('TXT', '"site-verification=1"');

test('only what stands at the names of the site counts, and what a switch moves is no obstacle to it', () => {
  const listing = [
    TXT,
    record('A', '203.0.113.10'),
    record('CNAME', 'elsewhere.test'),
    record('MX', '10 mail.test', 'mail.test'),
    record('TXT', '"v=1"', roleRecordName(site.name)),
  ];
  assert.deepEqual(othersOf(site, listing), [TXT]);
});

test('a CNAME stands alone, addresses and aliases do not have to', () => {
  const others = [TXT, record('CAA', '0 issue "ca.test"')];
  assert.match(
    obstacleTo(site, standby, others) ?? '',
    new RegExp(`^${site.name} has CAA and TXT records, and DNS allows none`),
  );
  assert.equal(obstacleTo(site, primary, others), undefined);
  assert.equal(
    obstacleTo(
      site,
      { name: 'alias', ipv4: [], ipv6: [], alias: { name: 'a', zoneId: 'Z', ipv6: true } },
      others,
    ),
    undefined,
  );
  assert.equal(obstacleTo(site, standby, []), undefined);
  const alias = record('CNAME', 'elsewhere.test', roleRecordName(site.name));
  assert.match(
    obstacleTo(site, primary, othersOf(site, [alias])) ?? '',
    /CNAME record, and DNS allows no role record/,
  );
});

test('whether anything is left to move to', () => {
  assert.equal(blockedStandbys(site, 'primary', [TXT])?.isAnyLeft, false);
  assert.equal(
    blockedStandbys({ ...site, servers: [...site.servers, third] }, 'primary', [TXT])?.isAnyLeft,
    true,
  );
  assert.equal(blockedStandbys(site, 'standby', [TXT]), undefined);
});

test('address hints are found in every spelling, and whose they are', () => {
  assert.equal(
    hintsLeft(site, [record('HTTPS', '1 . alpn="h2"'), record('HTTPS', '0 other.test.')]),
    undefined,
  );
  for (const value of [
    '1 . ipv4hint="203.0.113.10,192.0.2.9"',
    '1 . alpn=h2 ipv4hint=203.0.113.10,192.0.2.9 port=443',
  ])
    assert.match(
      hintsLeft(site, [record('SVCB', value)]) ?? '',
      /names 203\.0\.113\.10 \(primary\), 192\.0\.2\.9, and stays/,
    );
});

/** An order at a site that `serving` serves, with a TXT record beside it, and every server up. */
const ordered = (command: Partial<Command>, serving = primary, sites = site, others = [TXT]) => {
  const records = desiredRecords(sites, serving);
  const role = sealed({ epoch: 7, serving: serving.name, mode: 'auto', sinceSeconds: 1 }, records);
  const written = { epoch: 7, role: '', records };
  const listing = [...records, roleRecordOf(sites, role), ...others];
  const targets = Object.fromEntries(
    sites.servers.map(({ name }) => [name, { ...unseen('', NOW_MS), health: 'up' as const }]),
  );
  const state: SiteState = { ...emptyState(), targets, written: { ...written, epoch: 6 } };
  const given: Command = {
    action: 'pin',
    sites: [sites],
    by: 'ops',
    reason: 'drill',
    forMs: 60_000,
    force: true,
    limit: 1,
    ...command,
  };
  const view = zoneViewOf(sites, listing, state.written);
  return orderFor(given, {
    site: sites,
    state,
    view,
    nowMs: NOW_MS,
    config: virtualConfig([sites]),
    silent: false,
  });
};

describe('an order that Route 53 would refuse is refused before, force or not', () => {
  const turned: Site = { ...site, servers: [standby, third] };
  const cases: [string, ReturnType<typeof ordered>][] = [
    ['pin', ordered({ action: 'pin', server: 'standby' })],
    ['point', ordered({ action: 'point', server: 'standby' })],
    ['failback', ordered({ action: 'failback' }, third, turned)],
  ];
  for (const [what, order] of cases)
    test(what, () => {
      assert.ok('refused' in order);
      assert.match(
        order.refused,
        /^Refused: Route 53 would refuse standby: .* TXT records, .*standby\.hosting\.test.*remove them/,
      );
    });

  test('put-back', () => {
    const order = ordered({ action: 'put-back' }, standby, site, [TXT, record('A', '192.0.2.99')]);
    assert.ok('refused' in order);
    assert.match(order.refused, /^Refused: Route 53 would refuse standby/);
  });

  test('a failback goes to the next preferred server, where the first is in the way of a record', () => {
    const many: Site = { ...site, servers: [standby, primary, third] };
    const order = ordered({ action: 'failback' }, third, many);
    assert.ok('done' in order, JSON.stringify(order));
    assert.match(order.done, /it moves to primary as soon as/);
  });

  test('a hold, and a pin to another server, are taken', () => {
    assert.ok('done' in ordered({ action: 'hold' }));
    assert.ok('done' in ordered({ action: 'pin', server: 'primary' }));
    assert.ok('done' in ordered({ action: 'pin', server: 'standby' }, primary, site, []));
  });
});
