import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Watch, watchSite } from '../../../lambda/book/watch.ts';
import { emptyState, parseState, type SiteState } from '../../../lambda/core/state/site-state.ts';
import { leaveUnstored } from '../../../lambda/notify/unstored.ts';
import { worded } from '../../support/in-words.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../virtual/world.ts';

const site = virtualSite('www');
const news = (kind: string) => worded(kind, { site: site.name, atMs: START_MS });

/** A controller that could not store what it owes. */
const ending = (owed: SiteState['owed'], savesAway = true): Watch => {
  const watched = { ...watchSite(site, START_MS, 10), state: { ...emptyState(), owed } };
  return { sites: [watched], savesAway, failing: new Set() } as unknown as Watch;
};

const storing = async (state: SiteState): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([site]));
  await world.store.save(site.name, JSON.stringify(state), 0);
  return world;
};

const owedIn = ({ store }: VirtualWorld): string[] | undefined =>
  parseState(store.documents.get(site.name)?.text ?? '')?.owed.map(({ kind }) => kind);

describe('what a controller could not store and has not told, when it ends', () => {
  test('is left beside what is owed already', async () => {
    const world = await storing({ ...emptyState(), owed: [news('server-down')] });
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
      await store.save(site.name, JSON.stringify({ ...emptyState(), owed: [news('server-up')] }), 1);
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
