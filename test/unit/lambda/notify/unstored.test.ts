import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Watch, watchSite } from '../../../../lambda/book/watch.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { emptyState, parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import { leaveUnstored } from '../../../../lambda/notify/unstored.ts';
import { worded } from '../../../support/in-words.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../support/virtual/world.ts';

const site = virtualSite('www');
const news = (kind: string) => worded(kind, { site: site.name, atMs: START_MS });

/** A controller that could not store what it owes. */
const ending = (outbox: SiteState['outbox'], savesAway = true): Watch => {
  const watched = { ...watchSite(site, START_MS, 10), state: { ...emptyState(), outbox } };
  return { sites: [watched], savesAway, failing: new Set() } as unknown as Watch;
};

const storing = async (state: SiteState): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([site]));
  await world.store.save(site.name, JSON.stringify(state), 0);
  return world;
};

const owedIn = ({ store }: VirtualWorld): string[] | undefined =>
  parseState(store.documents.get(site.name)?.text ?? '')?.outbox.map(({ kind }) => kind);

describe('what a controller could not store and has not told, when it ends', () => {
  test('is left beside what is owed already', async () => {
    const world = await storing({ ...emptyState(), outbox: [news('server-down')] });
    await leaveUnstored(world.seenBy(), ending([news('server-down'), news('failover')]));
    assert.deepEqual(owedIn(world), ['server-down', 'failover']);
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
    await leaveUnstored(world.seenBy(), ending([news('failover')]));
    assert.deepEqual(owedIn(world), ['server-up', 'failover']);
  });

  test('is not left where the table takes everything: it is stored there already', async () => {
    const world = await storing(emptyState());
    await leaveUnstored(world.seenBy(), ending([news('failover')], false));
    assert.deepEqual(owedIn(world), []);
  });

  test('is not left where nothing is stored: the loss is for the successor to tell', async () => {
    const world = virtualWorld(virtualConfig([site]));
    await leaveUnstored(world.seenBy(), ending([news('failover')]));
    assert.equal(world.store.documents.size, 0);
  });

  test('leaves out that the stored state was lost, which nobody knows who could not store', async () => {
    const world = await storing(emptyState());
    await leaveUnstored(world.seenBy(), ending([news('state-lost')]));
    assert.deepEqual(owedIn(world), []);
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
    const state = { ...emptyState(), outbox: [news('failover')] };
    const sites = names.map((site) => ({ ...watchSite(site, START_MS, 10), state }));
    await leaveUnstored(world.seenBy(), { sites, savesAway: true, failing: new Set() } as unknown as Watch);
    const left = names.map(
      ({ name }) => parseState(world.store.documents.get(name)?.text ?? '')?.outbox.length,
    );
    assert.deepEqual(left, [0, 1, 1]);
  });

  test('leaves what was written and told without the table, so that nobody finds it as news', async () => {
    const before = { ...emptyState(), written: { epoch: 1, role: '', records: [] } };
    const world = await storing(before);
    const moved = { ...before, written: { epoch: 2, role: '', records: [] }, told: { down: ['primary'] } };
    const watched = { ...watchSite(site, START_MS, 10), state: moved, stored: before };
    const watch = { sites: [watched], savesAway: true, failing: new Set() } as unknown as Watch;
    await leaveUnstored(world.seenBy(), watch);
    const stored = parseState(world.store.documents.get(site.name)?.text ?? '');
    assert.deepEqual([stored?.written?.epoch, stored?.told.down], [2, ['primary']]);
  });

  test('is lost with a table that is still away, and that is logged', async () => {
    const world = await storing(emptyState());
    world.store.away = true;
    await leaveUnstored(world.seenBy(), ending([news('failover')]));
    assert.deepEqual(
      world.lines.flatMap((line) => (line.event === 'error' ? [line.code] : [])),
      ['store-unavailable'],
    );
  });
});
