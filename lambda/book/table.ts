import { soon } from '../async/deadline.ts';
import type { Task } from '../async/task.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import type { Site } from '../core/site/site.ts';
import { sameMaterial } from '../core/state/material.ts';
import { logFault } from '../log/lines.ts';
import type { Clock } from '../ports.ts';
import { type Book, type BookEntry, entryOf, type Saving } from './book.ts';
import { type Draft, saveOnTop } from './save-on-top.ts';
import { takeIn } from './take-in.ts';

/** A save that takes longer is late: the table counts as away from then on, and a failover is made without it. */
const SAVE_LATE_MS = 2000;

/**
 * Whether the table is away for what a controller needs of it; for one site also where it takes no save of that alone.
 */
export const isAway = ({ readsAway, savesAway, failing }: Book, site?: Site): boolean =>
  readsAway || savesAway || (site !== undefined && failing.has(site));

/** Whether everything that matters about this site is stored. */
export const isSaved = ({ state, stored }: BookEntry): boolean =>
  stored !== undefined && sameMaterial(state, stored);

/** Reads the states of these sites again, else of all. What could not be stored while the table was away, or is not yet, stands. */
export const reload = async (book: Book, sites?: readonly Site[]): Promise<void> => {
  const entries = sites?.map((site) => entryOf(book, site)) ?? [...book.entries.values()];
  const read = entries.map((entry) => ({ entry, version: entry.version }));
  try {
    const stored = await book.store.load(read.map(({ entry }) => entry.site.name));
    for (const { entry, version } of read) {
      // A save of ours came in between: what was read may be older. Another writer's would make ours a conflict.
      if (entry.saving !== undefined || entry.version !== version) continue;
      takeIn(book, entry, stored.get(entry.site.name));
    }
    book.readsAway = false;
    book.storeFailed &&= book.savesAway;
  } catch (error) {
    readFault(book, error);
  }
};

/**
 * A call of the table failed. Answers whether it was the table's fault: a defect of ours is none, and must not end the
 * controller either.
 */
const isStoreFault = (book: Book, error: unknown): boolean => {
  if (!(error instanceof Fault)) {
    book.work.noteDefect(error);
    return false;
  }
  if (!book.storeFailed) logFault(book, 'store', error);
  book.storeFailed = true;
  return true;
};

/** The table could not be read, and counts as away until it could. */
export const readFault = (book: Book, error: unknown): void => {
  if (isStoreFault(book, error)) book.readsAway = true;
};

/** Calls about the baton that failed in a row are told once there were so many: one or two are a hiccup. */
const BATON_FAILURES_TOLD = 3;

/**
 * A call about the baton failed. That says nothing of the states: they count as away only where they cannot be read
 * either.
 */
export const batonFault = async (book: Book, error: unknown): Promise<void> => {
  if (!isStoreFault(book, error)) return;
  book.batonFailures += 1;
  if (!book.readsAway) await reload(book);
  book.storeFailed ||= book.batonFailures >= BATON_FAILURES_TOLD;
};

/** The table answers what is asked about the baton. */
export const batonAnswered = (book: Book): void => {
  book.batonFailures = 0;
  book.storeFailed &&= book.readsAway || book.savesAway;
};

/**
 * The table did not take a save, or has not in time. If that is not this site's alone, it counts as away until it takes
 * one.
 */
const noteFailing = (book: Book, site: Site): void => {
  book.failing.add(site);
  book.savesAway ||= book.failing.size > 1;
};

/**
 * Saves the state if something that matters changed; answers whether it is stored now, after some two seconds at the
 * most, or four where others write it, too. On top of what another writer (the console, another controller) has stored
 * it may be another one afterwards. Nobody waits for a table that is known to be away: `storeTask` finds out when it is
 * back.
 */
export const save = async (book: Book, site: Site): Promise<boolean> => {
  const entry = entryOf(book, site);
  while (entry.saving?.late === false && !isSaved(entry)) await entry.saving.soon;
  const saved = isSaved(entry);
  entry.unstored = !saved && !entry.unreadable;
  if (saved) return true;
  if (isAway(book, site)) return false;
  return trySave(book, entry);
};

/**
 * The same, of a table that may be away. One save of a site is under way at a time: only its answer tells the next
 * version.
 */
const trySave = async (book: Book, entry: BookEntry): Promise<boolean> => {
  const { site } = entry;
  if (entry.version === undefined || entry.saving !== undefined) return false;
  const saving: Saving = { late: false, soon: Promise.resolve(false), draftedMs: book.clock.steady() };
  const wasAway = isAway(book, site);
  entry.saving = saving;
  saving.soon = book.saves(async () => {
    // Others found out while this one waited for its turn.
    if (isAway(book) && !wasAway) {
      delete entry.saving;
      return false;
    }
    const answered = put(book, entry);
    void book.work.begin(async () => {
      // What changed while a slow save was under way nobody waits for any more.
      if (!(await answered) || !saving.late) return;
      await save(book, site);
      book.tell.ring();
    });
    if (await isInTime(book.clock, saving, answered)) return answered;
    saving.late = true;
    noteFailing(book, site);
    book.tell.ring();
    const message = `The table has not answered a save of ${site.name} within ${SAVE_LATE_MS} ms.`;
    book.log({ event: 'note', message, at: isoTime(book.clock.now()) });
    return false;
  });
  return saving.soon;
};

/**
 * Whether a save ends in time. A conflict is an answer, so each draft is waited for by itself; all of them no longer
 * than two.
 */
const isInTime = async (clock: Clock, saving: Saving, answered: Promise<unknown>): Promise<boolean> => {
  const startedMs = saving.draftedMs;
  for (;;) {
    const lateAtMs = Math.min(saving.draftedMs, startedMs + SAVE_LATE_MS) + SAVE_LATE_MS;
    const leftMs = lateAtMs - clock.steady();
    if (leftMs <= 0) return false;
    if (await soon(clock, leftMs, answered)) return true;
  }
};

const put = async (book: Book, entry: BookEntry): Promise<boolean> => {
  const { site } = entry;
  let sent = entry.state;
  const draft = (): Draft => {
    sent = entry.state;
    if (entry.saving !== undefined) entry.saving.draftedMs = book.clock.steady();
    return { text: JSON.stringify(sent), version: entry.version ?? 0 };
  };
  try {
    const version = await saveOnTop(book.store, site.name, draft(), (document) => {
      takeIn(book, entry, document);
      return entry.unreadable || isSaved(entry) ? undefined : draft();
    });
    delete entry.saving;
    if (version !== undefined) {
      entry.version = version;
      entry.stored = sent;
    }
    entry.unstored = !isSaved(entry) && !entry.unreadable;
    book.failing.delete(site);
    book.savesAway = false;
    book.storeFailed = book.readsAway;
    return version !== undefined || isSaved(entry);
  } catch (error) {
    delete entry.saving;
    // The table is there and takes no such document: that concerns this site alone.
    if (error instanceof Fault && error.code === 'refused') book.work.noteDefect(error, site.name);
    else if (isStoreFault(book, error)) noteFailing(book, site);
    return false;
  } finally {
    book.savedMs = book.clock.steady();
  }
};

/** A table that was away is asked again after this time, with so many sites: it may be away for some of them alone. */
const STORE_PAUSE_MS = 5000;
const TRIED_AT_ONCE = 5;

/**
 * Finds out when a table that was away is back, on nobody's time: it is read, and then a few sites are saved. What else
 * could not be saved follows. `whenRead` is called when the table could be read again.
 */
export const storeTask = (book: Book, whenRead: () => Promise<void>): Task => {
  let turn = 0;
  const run = async () => {
    if (book.work.over) return;
    if (book.readsAway) {
      await reload(book);
      if (!book.readsAway) await whenRead();
    }
    if (book.readsAway || (book.failing.size === 0 && !book.savesAway)) return;
    const unsaved = [...book.entries.values()].filter(
      (w) => !isSaved(w) && !w.unreadable && w.saving === undefined,
    );
    const tried = [...unsaved, ...unsaved].slice(turn % (unsaved.length || 1)).slice(0, TRIED_AT_ONCE);
    turn += TRIED_AT_ONCE;
    const taken = await Promise.all([...new Set(tried)].map((entry) => trySave(book, entry)));
    if (!taken.includes(true)) return;
    for (const { site } of unsaved) void book.work.begin(async () => void (await save(book, site)));
  };
  return { everyMs: STORE_PAUSE_MS, run };
};
