import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { entryOf } from '../../../../lambda/book/book.ts';
import { change } from '../../../../lambda/book/change.ts';
import { reload, save } from '../../../../lambda/book/table.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import type { Site } from '../../../../lambda/core/site/site.ts';
import { emptyState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import type { Step } from '../../../../lambda/core/steps/step.ts';
import type { World } from '../../../../lambda/ports.ts';
import { news } from '../core/state/arbitrary.ts';

/** Something that matters changes. */
const asking =
  (reason: string): Step =>
  (state) => ({ ...state, failbackAsked: { by: 'ops', reason, askedMs: 0, untilMs: 1 } });

const bookOf = (world: World) => openRooms(world, new AbortController().signal).book;

/** Two sites with something to save, and a table that reads and never answers a save. */
const hanging = async () => {
  const virtual = virtualWorld(virtualConfig([virtualSite('one'), virtualSite('two')]));
  const seen = virtual.seenBy();
  const world = { ...seen, store: { ...seen.store, save: () => new Promise<never>(() => {}) } };
  const book = bookOf(world);
  const [first, second] = world.config.sites as [Site, Site];
  await reload(book);
  /** Whether they could be saved, and after how many milliseconds that was known. */
  const savesAll = async (): Promise<[boolean[], number]> => {
    for (const site of [first, second]) change(book, site, asking('drill'));
    const fromMs = virtual.clock.now();
    let tookMs = Number.POSITIVE_INFINITY;
    const saved = Promise.all([save(book, first), save(book, second)]);
    void saved.then(() => {
      tookMs = virtual.clock.now() - fromMs;
    });
    await virtual.clock.runUntil(fromMs + 10_000);
    return [await saved, tookMs];
  };
  return { book, savesAll };
};

describe('a table that is slow', () => {
  test('is given what changed while a late save was under way as soon as that has ended', async () => {
    const virtual = virtualWorld(virtualConfig([virtualSite('one')]));
    const seen = virtual.seenBy();
    const slowly: World['store']['save'] = async (...given) => {
      await virtual.clock.sleep(3000);
      return seen.store.save(...given);
    };
    const world = { ...seen, store: { ...seen.store, save: slowly } };
    const book = bookOf(world);
    const [one] = world.config.sites as [Site];
    await reload(book);
    change(book, one, asking('drill'));
    const saved = save(book, one);
    await virtual.clock.runUntil(virtual.clock.now() + 2500);
    assert.equal(await saved, false);
    assert.equal(book.tell.signal().aborted, true, 'the teller hears that it may tell directly');
    change(book, one, asking('again'));
    assert.equal(await save(book, one), false);
    await virtual.clock.runUntil(virtual.clock.now() + 4000);
    const text = virtual.store.documents.get(one.name)?.text ?? '';
    assert.equal(JSON.parse(text).failbackAsked.reason, 'again');
  });
});

describe('a table that takes no saves', () => {
  test('is waited for once, and that it can be read does not tell that it takes saves', async () => {
    const { book, savesAll } = await hanging();
    assert.deepEqual(await savesAll(), [[false, false], 2000]);
    assert.deepEqual(await savesAll(), [[false, false], 0]);
    await reload(book);
    assert.deepEqual([book.savesAway, book.failing.size], [true, 2]);
    assert.deepEqual(await savesAll(), [[false, false], 0]);
  });
});

describe('a state that another writer has saved first', () => {
  const move = (epoch: number) => news('failover', 'standby', 0, epoch);
  const wrote = (epoch: number): Pick<SiteState, 'written'> => ({
    written: { epoch, role: `v=1 epoch=${epoch}`, records: [] },
  });

  /** Two controllers that have read the same state, and what is stored. */
  const two = async (known: Partial<SiteState> | undefined) => {
    const virtual = virtualWorld(virtualConfig([virtualSite('one')]));
    const { name } = virtualSite('one');
    if (known !== undefined) await virtual.store.save(name, JSON.stringify({ ...emptyState(), ...known }), 0);
    const sides = await Promise.all(
      [1, 2].map(async () => {
        const world = virtual.seenBy();
        const book = bookOf(world);
        const [site] = world.config.sites as [Site];
        const entry = entryOf(book, site);
        const read = () => reload(book);
        const happens = (step: Step) => change(book, site, step);
        const put = async () => {
          const saved = save(book, site);
          await virtual.clock.runUntil(virtual.clock.now() + 1000);
          return saved;
        };
        return { entry, happens, read, put };
      }),
    );
    const stored = (): SiteState => JSON.parse(virtual.store.documents.get(name)?.text ?? '{}');
    return { one: sides[0] as (typeof sides)[0], other: sides[1] as (typeof sides)[0], stored };
  };

  test('is saved on top of that: the word of a move that was made here is not lost', async () => {
    const { one, other, stored } = await two(wrote(1));
    await Promise.all([one.read(), other.read()]);
    other.happens(asking('drill'));
    assert.equal(await other.put(), true);
    one.happens((state) => ({ ...state, ...wrote(2), outbox: [move(2)] }));
    assert.equal(await one.put(), true);
    const { written, outbox, failbackAsked } = stored();
    assert.deepEqual([written?.epoch, outbox.map(({ id }) => id)], [2, [move(2).id]]);
    assert.equal(failbackAsked?.reason, 'drill');
    assert.deepEqual(one.entry.state, stored());
  });

  test('has what was acknowledged there acknowledged here', async () => {
    const { one, other, stored } = await two({ ...wrote(2), outbox: [move(2)] });
    await Promise.all([one.read(), other.read()]);
    other.happens((state) => ({ ...state, outbox: [] }));
    one.happens(asking('drill'));
    assert.deepEqual([await other.put(), await one.put()], [true, true]);
    assert.deepEqual(stored().outbox, []);
  });

  test('knows of a move what is stored of it, and not what was listed by who had read nothing', async () => {
    const { one, stored } = await two(wrote(1));
    one.happens((state) => ({ ...state, ...wrote(2), outbox: [move(9)] }));
    await one.read();
    assert.equal(one.entry.state.written?.epoch, 1);
    one.entry.appliedEpoch = 3;
    await one.put();
    assert.deepEqual([stored().written?.epoch, stored().outbox.length], [1, 1]);
  });

  test('keeps the move that was made by who had read nothing', async () => {
    const { one } = await two(wrote(1));
    one.happens((state) => ({ ...state, ...wrote(2) }));
    one.entry.appliedEpoch = 2;
    await one.read();
    assert.equal(one.entry.state.written?.epoch, 2);
  });

  test('has logged the switches that were applied there', async () => {
    const { one, other } = await two(wrote(1));
    await Promise.all([one.read(), other.read()]);
    const line = (epoch: number) =>
      ({ event: 'switch', site: 'one', from: 'a', to: 'b', reason: 'failover', epoch, at: '' }) as const;
    one.entry.applied.push(line(2), line(3));
    other.happens((state) => ({ ...state, ...wrote(2) }));
    await other.put();
    one.happens(asking('drill'));
    await one.put();
    assert.deepEqual(one.entry.applied, [line(3)]);
  });

  test('is none where nothing is stored any more', async () => {
    const { one, stored } = await two(undefined);
    await one.read();
    assert.deepEqual([one.entry.version, one.entry.stateLost], [0, true]);
    one.happens(asking('drill'));
    assert.equal(await one.put(), true);
    assert.equal(stored().failbackAsked?.reason, 'drill');
  });
});
