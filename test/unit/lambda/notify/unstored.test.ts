import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { entryOf } from '../../../../lambda/book/book.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { emptyState, parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import { leaveUnstored } from '../../../../lambda/notify/unstored.ts';
import { worded } from '../../../support/in-words.ts';

const site = virtualSite('www');
const news = (kind: string) => worded(kind, { site: site.name, atMs: START_MS });

/** The book of a controller that could not store these states. */
const ending = (world: VirtualWorld, known: { state: SiteState; stored?: SiteState }, savesAway = true) => {
  const { book } = openRooms(world.seenBy(), new AbortController().signal);
  for (const one of book.config.sites) Object.assign(entryOf(book, one), known);
  return Object.assign(book, { savesAway });
};

const leave = (world: VirtualWorld, outbox: SiteState['outbox'], savesAway = true) =>
  leaveUnstored(ending(world, { state: { ...emptyState(), outbox } }, savesAway));

const storing = async (state: SiteState): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([site]));
  await world.store.save(site.name, JSON.stringify(state), 0);
  return world;
};

const pendingIn = ({ store }: VirtualWorld): string[] | undefined =>
  parseState(store.documents.get(site.name)?.text ?? '')?.outbox.map(({ kind }) => kind);

describe('what a controller could not store and has not told, when it ends', () => {
  test('is left with what is pending already', async () => {
    const world = await storing({ ...emptyState(), outbox: [news('server-down')] });
    await leave(world, [news('server-down'), news('failover')]);
    assert.deepEqual(pendingIn(world), ['server-down', 'failover']);
  });

  test('is left on top of what the successor writes in between', async () => {
    const world = await storing(emptyState());
    const { store } = world;
    const { load } = store;
    store.load = async (names) => {
      const found = await load(names);
      store.load = load;
      await store.save(site.name, JSON.stringify({ ...emptyState(), outbox: [news('server-up')] }), 1);
      return found;
    };
    await leave(world, [news('failover')]);
    assert.deepEqual(pendingIn(world), ['server-up', 'failover']);
  });

  test('is not left where the table takes everything: it is stored there already', async () => {
    const world = await storing(emptyState());
    await leave(world, [news('failover')], false);
    assert.deepEqual(pendingIn(world), []);
  });

  test('is not left where nothing is stored: the loss is for the successor to tell', async () => {
    const world = virtualWorld(virtualConfig([site]));
    await leave(world, [news('failover')]);
    assert.equal(world.store.documents.size, 0);
  });

  test('leaves out that the stored state was lost, which nobody knows who could not store', async () => {
    const world = await storing(emptyState());
    await leave(world, [news('state-lost')]);
    assert.deepEqual(pendingIn(world), []);
  });

  test('is left of all other sites where the table refuses that of one', async () => {
    const names = ['a', 'b', 'c'].map((name) => virtualSite(name));
    const world = virtualWorld(virtualConfig(names));
    for (const { name } of names) await world.store.save(name, JSON.stringify(emptyState()), 0);
    const { save } = world.store;
    world.store.save = async (...given) => {
      if (given[0] === names[0]?.name) throw new Fault('throttled', 'DynamoDB', 'PutItem', 'slow down');
      return save(...given);
    };
    await leave(world, [news('failover')]);
    const left = names.map(
      ({ name }) => parseState(world.store.documents.get(name)?.text ?? '')?.outbox.length,
    );
    assert.deepEqual(left, [0, 1, 1]);
  });

  test('leaves what was written and told without the table, so that nobody finds it as news', async () => {
    const before = { ...emptyState(), written: { epoch: 1, role: '', records: [] } };
    const world = await storing(before);
    const moved = { ...before, written: { epoch: 2, role: '', records: [] }, told: { down: ['primary'] } };
    await leaveUnstored(ending(world, { state: moved, stored: before }));
    const stored = parseState(world.store.documents.get(site.name)?.text ?? '');
    assert.deepEqual([stored?.written?.epoch, stored?.told.down], [2, ['primary']]);
  });

  test('is lost with a table that is still away, and that is logged', async () => {
    const world = await storing(emptyState());
    world.store.away = true;
    await leave(world, [news('failover')]);
    assert.deepEqual(
      world.lines.flatMap((line) => (line.event === 'error' ? [line.code] : [])),
      ['store-unavailable'],
    );
  });
});
