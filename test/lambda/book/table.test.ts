import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change } from '../../../lambda/book/change.ts';
import { reload, save } from '../../../lambda/book/table.ts';
import type { Watched } from '../../../lambda/book/watch.ts';
import { newWatch } from '../../../lambda/controller/term.ts';
import type { Step } from '../../../lambda/core/steps/step.ts';
import type { World } from '../../../lambda/ports.ts';
import { virtualConfig, virtualSite, virtualWorld } from '../../virtual/world.ts';

/** Something that matters changes. */
const asking =
  (reason: string): Step =>
  (state) => ({ ...state, failbackAsked: { by: 'ops', reason, askedMs: 0, untilMs: 1 } });

/** Two sites with something to save, and a table that reads and never answers a save. */
const hanging = async () => {
  const virtual = virtualWorld(virtualConfig([virtualSite('one'), virtualSite('two')]));
  const seen = virtual.seenBy();
  const world = { ...seen, store: { ...seen.store, save: () => new Promise<never>(() => {}) } };
  const watch = newWatch(world, new AbortController().signal);
  await reload(world, watch, watch.sites);
  /** Whether they could be saved, and after how many milliseconds that was known. */
  const savesAll = async (): Promise<[boolean[], number]> => {
    for (const watched of watch.sites) change(watched, asking('drill'));
    const fromMs = virtual.clock.now();
    const [first, second] = watch.sites as [Watched, Watched];
    let tookMs = Number.POSITIVE_INFINITY;
    const saved = Promise.all([save(world, watch, first), save(world, watch, second)]);
    void saved.then(() => {
      tookMs = virtual.clock.now() - fromMs;
    });
    await virtual.clock.runUntil(fromMs + 10_000);
    return [await saved, tookMs];
  };
  return { world, watch, savesAll };
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
    const watch = newWatch(world, new AbortController().signal);
    let told = 0;
    watch.tell = () => {
      told += 1;
    };
    await reload(world, watch, watch.sites);
    const [one] = watch.sites as [Watched];
    change(one, asking('drill'));
    const saved = save(world, watch, one);
    await virtual.clock.runUntil(virtual.clock.now() + 2500);
    assert.equal(await saved, false);
    assert.equal(told, 1, 'the teller hears that it may tell directly');
    change(one, asking('again'));
    assert.equal(await save(world, watch, one), false);
    await virtual.clock.runUntil(virtual.clock.now() + 4000);
    const text = virtual.store.documents.get(one.site.name)?.text ?? '';
    assert.equal(JSON.parse(text).failbackAsked.reason, 'again');
  });
});

describe('a table that takes no saves', () => {
  test('is waited for once, and that it can be read does not tell that it takes saves', async () => {
    const { world, watch, savesAll } = await hanging();
    assert.deepEqual(await savesAll(), [[false, false], 2000]);
    assert.deepEqual(await savesAll(), [[false, false], 0]);
    await reload(world, watch, watch.sites);
    assert.deepEqual([watch.savesAway, watch.failing.size], [true, 2]);
    assert.deepEqual(await savesAll(), [[false, false], 0]);
  });
});
