import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holderId, readdressed } from '../../../../fixtures/virtual/moving.ts';
import {
  START_MS,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../../../fixtures/virtual/world.ts';
import { moveAddress } from '../../../../lambda/apply/move-address.ts';
import { assessedOf } from '../../../../lambda/assess/assess.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { Assessment } from '../../../../lambda/core/steps/assessment.ts';
import type { Change } from '../../../../lambda/core/zone/records.ts';
import { sealed } from '../../../../lambda/core/zone/role-record.ts';
import { roleRecordOf, zoneViewOf } from '../../../../lambda/core/zone/zone-view.ts';
import { listAgain } from '../../../../lambda/zones/listing.ts';

const server = (name: string, last: number) => ({ name, ipv4: [`192.0.2.${last}`], ipv6: [] });
const SITE = readdressed(
  virtualSite('www', { servers: [server('primary', 10), server('standby', 20), server('third', 30)] }),
  true,
);

/** A site whose address the primary has, and whose role record names the standby by now. */
const namedStandby = async () => {
  const virtual = virtualWorld(virtualConfig([SITE]));
  virtual.moving.holder = holderId(0);
  void runTerm(virtual.seenBy(), new Date(START_MS).toISOString());
  await virtual.clock.runUntil(START_MS + 200_000);
  const world = virtual.seenBy();
  const during = async <T>(work: Promise<T>): Promise<T> => {
    await virtual.clock.runUntil(virtual.clock.now() + 20_000);
    return work;
  };
  /** The next role record names `to`, as another controller or a person leaves it. */
  const name = async (to: string) => {
    const view = zoneViewOf(SITE, virtual.listing(), undefined);
    assert.ok(view.kind === 'ours', view.kind);
    const { set: _, ...before } = view.role;
    const role = sealed({ ...before, epoch: before.epoch + 1, serving: to }, view.records, SITE.deployment);
    const changes: Change[] = [
      { action: 'DELETE', record: view.roleRecord },
      { action: 'CREATE', record: roleRecordOf(SITE, role) },
    ];
    await during(world.zones.change(world.zoneIds[ZONE] ?? '', changes, ''));
  };
  await name('standby');
  const { apply } = openRooms(world, new AbortController().signal).rounds;
  assert.equal(await during(listAgain(apply.listings, ZONE)), undefined);
  const move = () => {
    const healths = { primary: 'up', standby: 'up', third: 'up' };
    const look = { startMs: virtual.clock.now(), full: true, sightings: {} };
    const assessment = { facts: { healths, verdicts: {} }, look } as unknown as Assessment;
    Object.assign(assessedOf(apply.assessments, SITE), { assessment });
    return during(moveAddress(apply, SITE));
  };
  return { virtual, name, move };
};

test('an address is given to the server that the role record names', async () => {
  const { virtual, move } = await namedStandby();
  await move();
  assert.equal(virtual.moving.holder, holderId(1));
});

test('an address is not given to the server that an earlier role record named', async () => {
  const { virtual, name, move } = await namedStandby();
  await name('third');
  await move();
  assert.equal(virtual.moving.holder, holderId(0));
});
