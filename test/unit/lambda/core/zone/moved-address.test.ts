import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOVING, readdressed } from '../../../../../fixtures/virtual/moving.ts';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { targetsOf } from '../../../../../lambda/core/evidence/targets.ts';
import {
  hasAnswered,
  holderOf,
  holderText,
  SERVED,
  zoneViewWith,
} from '../../../../../lambda/core/zone/moved-address.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import {
  formatRole,
  type Role,
  roleRecordName,
  sealed,
} from '../../../../../lambda/core/zone/role-record.ts';

const site = readdressed(virtualSite('www'), true);
const hosts = readdressed(virtualSite('www'), false);
const records: RecordSet[] = [{ name: site.name, type: 'A', ttlSeconds: 60, values: [MOVING] }];
const role: Role = sealed({ epoch: 3, serving: 'primary', mode: 'auto', sinceSeconds: 100 }, records);
const roleRecord = {
  name: roleRecordName(site.name),
  type: 'TXT',
  ttlSeconds: 10,
  values: [formatRole(role)],
};
const listing = [...records, roleRecord];
const answeredAs = { serving: 'primary', sinceSeconds: 100 };
const at = (instanceId: string) => ({ associationId: 'eipassoc-1', instanceId });
const [PRIMARY, STANDBY, STRANGER] = ['i-00000000000000a1', 'i-00000000000000a2', 'i-00000000000000bad'];

test('a holder is an instance or an interface, and strangers are named', () => {
  assert.equal(holderOf(site, at(STANDBY)), 'standby');
  const byInterface = { ...site, servers: site.servers.map((s) => ({ ...s, holder: `eni-${s.name}` })) };
  const both = { associationId: 'a', instanceId: PRIMARY, networkInterfaceId: 'eni-standby' };
  assert.equal(holderOf(byInterface, both), 'standby');
  assert.equal(holderText(site, {}), 'nothing');
  assert.match(holderText(site, at(STRANGER)), /bad, which is no server of this site$/);
});

test('an address that was given to somebody else after it had been where we left it is an edit by hand', () => {
  const found = zoneViewWith(site, listing, { answeredAs }, at(STANDBY));
  assert.equal(found.kind, 'edited');
  assert.equal(found.kind === 'edited' && found.serving, 'standby');
  assert.match(
    found.kind === 'edited' ? found.detail : '',
    /held by standby .* and primary was left with it/,
  );
  const stranger = zoneViewWith(site, listing, { answeredAs }, at(STRANGER));
  assert.equal(stranger.kind === 'edited' && 'serving' in stranger, false);
});

test('it is none while the address has not been there, while nothing holds it, and while EC2 does not tell', () => {
  assert.equal(zoneViewWith(site, listing, {}, at(STANDBY)).kind, 'ours');
  assert.equal(
    zoneViewWith(site, listing, { answeredAs: { ...answeredAs, sinceSeconds: 99 } }, at(STANDBY)).kind,
    'ours',
  );
  assert.equal(zoneViewWith(site, listing, { answeredAs }, {}).kind, 'ours');
  assert.equal(zoneViewWith(site, listing, { answeredAs }, undefined).kind, 'ours');
  assert.equal(zoneViewWith(site, listing, { answeredAs }, at(PRIMARY)).kind, 'ours');
});

test('who serves is told by EC2 when no role record is there, since all servers have the same records', () => {
  const found = zoneViewWith(site, records, {}, at(STANDBY));
  assert.deepEqual(found, { kind: 'adoptable', serving: 'standby', records });
  assert.equal(zoneViewWith(site, records, {}, at(STRANGER)).kind, 'edited');
});

test('after an edit on premises it is what the role record, or our memory of it, says', () => {
  const later = sealed({ ...role, epoch: 4, serving: 'standby' }, records);
  const written = { epoch: 4, role: formatRole(later), records };
  const gone = zoneViewWith(hosts, records, { written });
  assert.equal(gone.kind === 'edited' && gone.serving, 'standby');
  const torn = zoneViewWith(
    hosts,
    [
      { ...records[0]!, ttlSeconds: 61 },
      { ...roleRecord, values: [formatRole(later)] },
    ],
    { written },
  );
  assert.equal(torn.kind === 'edited' && torn.serving, 'standby');
});

test('a move is done for one server and one time, not for the next', () => {
  assert.equal(hasAnswered(role, { answeredAs }), true);
  assert.equal(hasAnswered({ ...role, epoch: 9 }, { answeredAs }), true);
  assert.equal(hasAnswered({ ...role, serving: 'standby' }, { answeredAs }), false);
  assert.equal(hasAnswered(role, {}), false);
});

test('the address itself is probed beside the servers, at their own addresses', () => {
  const targets = targetsOf(site, zoneViewWith(site, listing, {}));
  assert.deepEqual(
    targets.map(({ key, addresses }) => [key, ...addresses]),
    [
      ['primary', '203.0.113.10'],
      ['standby', '198.51.100.20'],
      [SERVED, MOVING],
    ],
  );
});
