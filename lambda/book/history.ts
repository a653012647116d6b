import { eachOf } from '../async/pool.ts';
import type { Task } from '../async/task.ts';
import { Fault } from '../core/base/fault.ts';
import { recorded } from '../core/steps/told.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';
import { change } from './change.ts';
import { DOCUMENTS_AT_ONCE, isAway, save } from './table.ts';
import type { Watch } from './watch.ts';

/** What waits for an item of its own is looked at this often. It is stored with the state meanwhile. */
const RECORD_EVERY_MS = 5000;
/** A history that cannot be written waits this long: it is a convenience, and its failing says nothing about the states. */
const PAUSE_MS = 60_000;

/** Moves the history into items of its own, beside the rounds and never on their time, until the signal comes. */
export const historyTask = (world: World, watch: Watch): Task => ({
  everyMs: RECORD_EVERY_MS,
  run: async (signal) => {
    if (!watch.over && !(await recordOnce(world, watch))) await world.clock.sleep(PAUSE_MS, signal);
  },
});

/** Records what waits and strikes it off. Twice the same entry is one item. Answers whether nothing failed. */
const recordOnce = async (world: World, watch: Watch): Promise<boolean> => {
  const waiting = watch.sites.filter(({ state }) => state.history.length > 0);
  if (waiting.length === 0 || isAway(watch)) return true;
  const stored = new Map<string, Set<string>>();
  let failed = false;
  await eachOf(waiting, DOCUMENTS_AT_ONCE, async ({ site, state: { history } }) => {
    if (failed) return;
    try {
      await world.store.record(site.name, history);
      stored.set(site.name, new Set(history.map(({ id }) => id)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failed = true;
      logFault(world, 'history', error, site.name);
    }
  });
  const kept = watch.sites.filter(({ site }) => stored.has(site.name));
  await eachOf(kept, DOCUMENTS_AT_ONCE, async (watched) => {
    const ids = stored.get(watched.site.name) ?? new Set();
    change(watched, recorded(ids));
    await save(world, watch, watched);
  });
  return !failed;
};
