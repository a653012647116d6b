import { eachOf } from '../async/pool.ts';
import { type Book, type BookEntry, DOCUMENTS_AT_ONCE } from '../book/book.ts';
import { type Draft, saveOnTop } from '../book/save-on-top.ts';
import { isAway, isSaved } from '../book/table.ts';
import { ownState } from '../book/take-in.ts';
import { Fault } from '../core/base/fault.ts';
import { merge } from '../core/state/merge.ts';
import { emptyState, parseState } from '../core/state/site-state.ts';
import { logFault } from '../log/lines.ts';
import type { Store, Stored } from '../ports.ts';

/** After so many saves that failed no more are begun: the table is still away, and the function's time is short. */
const GIVEN_UP_AFTER = 5;

/**
 * Leaves to the successor what could not be stored: what is still to be told, and what was written and told without the
 * table. A controller without the baton does not read the table again when that is back, and ends within its minute
 * whether or not the topic took anything; where a person edits the role record next, nobody else could know of its
 * failover.
 */
export const leaveUnstored = async (book: Book): Promise<void> => {
  const leaving = [...book.entries.values()].filter(
    (entry) => isAway(book, entry.site) && !isSaved(entry) && !entry.unreadable,
  );
  if (leaving.length === 0) return;
  let failed = 0;
  const tried = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!book.storeFailed && failed === 0) logFault(book, 'store', error);
      failed += 1;
    }
  };
  const leaveAll = async () => {
    const found = await book.store.load(leaving.map(({ site }) => site.name));
    await eachOf(leaving, DOCUMENTS_AT_ONCE, async (entry) => {
      if (failed < GIVEN_UP_AFTER) await tried(leave(book.store, entry, found.get(entry.site.name)));
    });
  };
  await tried(leaveAll());
};

/**
 * Where nothing is stored any more nothing is left either: that the state is lost is told, and what the role record
 * says.
 */
const leave = async (store: Store, entry: BookEntry, document: Stored | undefined): Promise<void> => {
  const { site, stored: base = emptyState() } = entry;
  const state = ownState(entry);
  // As long as nothing could be stored nobody knows that anything was lost.
  const own = { ...state, outbox: state.outbox.filter(({ kind }) => kind !== 'state-lost') };
  const onTopOf = (found: Stored | undefined): Draft | undefined => {
    const stored = found && parseState(found.text);
    const left = stored && merge(base, own, stored);
    return found === undefined || left === undefined || left === stored
      ? undefined
      : { text: JSON.stringify(left), version: found.version };
  };
  const first = onTopOf(document);
  if (first !== undefined) await saveOnTop(store, site.name, first, onTopOf);
};
