import { eachOf } from '../async/pool.ts';
import type { Task } from '../async/task.ts';
import { Fault } from '../core/base/fault.ts';
import type { Site } from '../core/site/site.ts';
import type { Entry } from '../core/state/history.ts';
import { recorded } from '../core/steps/told.ts';
import { logFault } from '../log/lines.ts';
import { type Book, DOCUMENTS_AT_ONCE } from './book.ts';
import { change } from './change.ts';
import { isAway, save } from './table.ts';

/** What waits for an item of its own is looked at this often. It is stored with the state meanwhile. */
const RECORD_EVERY_MS = 5000;
/**
 * A history that cannot be written waits this long: it is a convenience, and its failing says nothing about the states.
 */
const PAUSE_MS = 60_000;

/** Moves the history into items of its own, along with the rounds and never on their time, until the signal comes. */
export const historyTask = (book: Book): Task => ({
  everyMs: RECORD_EVERY_MS,
  run: async (signal) => {
    if (!book.work.over && !(await recordOnce(book))) await book.clock.sleep(PAUSE_MS, signal);
  },
});

/** Records what waits and strikes it off. Twice the same entry is one item. Answers whether nothing failed. */
const recordOnce = async (book: Book): Promise<boolean> => {
  // What is not stored yet another writer may have noted, too: the save meets that.
  const waiting = [...book.entries.values()].flatMap(({ site, state, stored }) => {
    const isStored = ({ id }: Entry) => stored?.history.some((one) => one.id === id) === true;
    const history = state.history.filter(isStored);
    return history.length === 0 ? [] : [{ site, history }];
  });
  if (waiting.length === 0 || isAway(book)) return true;
  const stored = new Map<Site, Set<string>>();
  let failed = false;
  await eachOf(waiting, DOCUMENTS_AT_ONCE, async ({ site, history }) => {
    if (failed) return;
    try {
      await book.store.record(site.name, history);
      stored.set(site, new Set(history.map(({ id }) => id)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failed = true;
      logFault(book, 'history', error, site.name);
    }
  });
  await eachOf([...stored], DOCUMENTS_AT_ONCE, async ([site, ids]) => {
    change(book, site, recorded(ids));
    await save(book, site);
  });
  return !failed;
};
