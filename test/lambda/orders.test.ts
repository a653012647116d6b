import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { roleRecordName } from '../../lambda/core/role.ts';
import { parseState, type SiteState } from '../../lambda/core/state.ts';
import { type Answer, hand } from '../../lambda/hand.ts';
import { tenure } from '../../lambda/tenure.ts';
import { START_MS, type VirtualWorld, virtualConfig, virtualSite, virtualWorld } from '../virtual/world.ts';

const site = virtualSite('www');
const STRANGER = { name: site.name, type: 'A', ttlSeconds: 60, values: ['192.0.2.99'] };

/** A site that a controller has created its record for; the controller is over. */
const served = async (): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([site]));
  void tenure(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 200_000);
  return world;
};

const order = async (world: VirtualWorld, event: Record<string, unknown>): Promise<Answer> => {
  let answer: Answer | undefined;
  const given = { site: site.name, by: 'ops', reason: 'drill', ...event };
  void hand(world.seenBy(), given).then((came) => {
    answer = came;
  });
  await world.clock.runUntil(world.clock.now() + 20_000);
  assert.ok(answer !== undefined, 'the order was not answered');
  return answer;
};

const stored = (world: VirtualWorld): SiteState =>
  parseState(world.store.documents.get(site.name)?.text ?? '') ?? assert.fail('nothing is stored');
const roleIn = (world: VirtualWorld): string | undefined =>
  world.listing().find((r) => r.name === roleRecordName(site.name))?.values[0];
const edit = (world: VirtualWorld): void => {
  const before = world.listing().find((r) => r.name === site.name && r.type === 'A') ?? assert.fail();
  world.edit([
    { action: 'DELETE', record: before },
    { action: 'CREATE', record: STRANGER },
  ]);
};

describe('an order', () => {
  const cases: [name: string, edited: boolean, event: Record<string, unknown>][] = [
    ['hold', false, { action: 'hold' }],
    ['pin', false, { action: 'pin', server: 'primary', force: true }],
    ['adopt', true, { action: 'adopt' }],
    ['put-back', true, { action: 'put-back', force: true }],
  ];
  for (const [name, edited, event] of cases) {
    test(`${name} remembers what it left in the zone`, async () => {
      const world = await served();
      if (edited) edit(world);
      assert.equal((await order(world, event)).ok, true);
      const { written, hand: last } = stored(world);
      assert.equal(written?.role, roleIn(world));
      assert.equal(written?.epoch, last?.epoch);
      assert.deepEqual(
        written?.records.map((r) => r.values),
        world
          .listing()
          .filter((r) => r.name === site.name)
          .map((r) => r.values),
      );
    });
  }

  test('whose write was refused remembers only what was there', async () => {
    const world = await served();
    const before = stored(world).written;
    world.zoneAway = true;
    assert.match((await order(world, { action: 'hold' })).message, /not yet in DNS/);
    assert.deepEqual(stored(world).written, before);
  });

  test('does not undo what another person ordered while it was written', async () => {
    const world = await served();
    edit(world);
    const { save } = world.store;
    let first = true;
    world.store.save = async (name, text, version) => {
      if (!first || name !== site.name) return save(name, text, version);
      first = false;
      const other = stored(world);
      const hold = { by: 'night', reason: 'drill', askedMs: 0, mode: { mode: 'auto' as const }, epoch: 9 };
      await save(name, JSON.stringify({ ...other, hand: hold }), version);
      return save(name, text, version);
    };
    assert.equal((await order(world, { action: 'adopt' })).ok, true);
    assert.equal(stored(world).hand?.epoch, 9);
    assert.equal(stored(world).written?.role, roleIn(world));
  });
});
