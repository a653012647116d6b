import { soon } from '../async/deadline.ts';
import type { Task } from '../async/task.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { sameMaterial } from '../core/state/material.ts';
import { logFault } from '../log/lines.ts';
import type { Clock, World } from '../ports.ts';
import { type Draft, saveOnTop } from './save-on-top.ts';
import { takeIn } from './take-in.ts';
import { begin, noteDefect, type Saving, type Watch, type Watched } from './watch.ts';

/** A save that takes longer is late: the table counts as away from then on, and a failover is made without it. */
const SAVE_LATE_MS = 2000;

/** Whether the table is away for what a controller needs of it; for one site also where it takes no save of that alone. */
export const isAway = ({ readsAway, savesAway, failing }: Watch, watched?: Watched): boolean =>
  readsAway || savesAway || (watched !== undefined && failing.has(watched));

/** Whether everything that matters about this site is stored. */
export const isSaved = ({ state, stored }: Watched): boolean =>
  stored !== undefined && sameMaterial(state, stored);

/** Reads the states of `sites` again. What could not be stored while the table was away, or is not yet, stands. */
export const reload = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const versions = sites.map(({ version }) => version);
  try {
    const stored = await world.store.load(sites.map((w) => w.site.name));
    for (const [index, watched] of sites.entries()) {
      // A save of ours came in between: what was read may be older. Another writer's would make ours a conflict.
      if (watched.saving !== undefined || watched.version !== versions[index]) continue;
      takeIn(world, watched, stored.get(watched.site.name));
    }
    watch.readsAway = false;
    watch.storeFailed &&= watch.savesAway;
  } catch (error) {
    readFault(world, watch, error);
  }
};

/** A call of the table failed. Answers whether it was the table's fault: a defect of ours is none, and must not end the watch either. */
const isStoreFault = (world: World, watch: Watch, error: unknown): boolean => {
  if (!(error instanceof Fault)) {
    noteDefect(world, watch, error);
    return false;
  }
  if (!watch.storeFailed) logFault(world, 'store', error);
  watch.storeFailed = true;
  return true;
};

/** The table could not be read, and counts as away until it could. */
export const readFault = (world: World, watch: Watch, error: unknown): void => {
  if (isStoreFault(world, watch, error)) watch.readsAway = true;
};

/** Calls about the baton that failed in a row are told once there were so many: one or two are a hiccup. */
const BATON_FAILURES_TOLD = 3;

/** A call about the baton failed. That says nothing of the states: they count as away only where they cannot be read either. */
export const batonFault = async (world: World, watch: Watch, error: unknown): Promise<void> => {
  if (!isStoreFault(world, watch, error)) return;
  watch.batonFailures += 1;
  if (!watch.readsAway) await reload(world, watch, watch.sites);
  watch.storeFailed ||= watch.batonFailures >= BATON_FAILURES_TOLD;
};

/** The table answers what is asked about the baton. */
export const batonAnswered = (watch: Watch): void => {
  watch.batonFailures = 0;
  watch.storeFailed &&= watch.readsAway || watch.savesAway;
};

/** The table did not take a save, or has not in time. If that is not this site's alone, it counts as away until it takes one. */
const noteFailing = (watch: Watch, watched: Watched): void => {
  watch.failing.add(watched);
  watch.savesAway ||= watch.failing.size > 1;
};

/**
 * Saves the state if something that matters changed; answers whether it is stored now, after some two seconds at the most, or four
 * where others write it, too. On top of what another writer (a hand, another controller) has stored it may be another one afterwards.
 * Nobody waits for a table that is known to be away: `storeTask` finds out when it is back.
 */
export const save = async (world: World, watch: Watch, watched: Watched): Promise<boolean> => {
  while (watched.saving?.late === false && !isSaved(watched)) await watched.saving.soon;
  watched.unstored = !isSaved(watched) && !watched.unreadable;
  if (isSaved(watched)) return true;
  if (isAway(watch, watched)) return false;
  return trySave(world, watch, watched);
};

/** The same, of a table that may be away. One save of a site is under way at a time: only its answer tells the next version. */
const trySave = async (world: World, watch: Watch, watched: Watched): Promise<boolean> => {
  if (watched.version === undefined || watched.saving !== undefined) return false;
  const saving: Saving = { late: false, soon: Promise.resolve(false), draftedMs: world.clock.steady() };
  const wasAway = isAway(watch, watched);
  watched.saving = saving;
  saving.soon = watch.saves(async () => {
    // Others found out while this one waited for its turn.
    if (isAway(watch) && !wasAway) {
      delete watched.saving;
      return false;
    }
    const answered = put(world, watch, watched);
    void begin(world, watch, async () => {
      // What changed while a slow save was under way nobody waits for any more.
      if (!(await answered) || !saving.late) return;
      await save(world, watch, watched);
      watch.tell?.();
    });
    if (await isInTime(world.clock, saving, answered)) return answered;
    saving.late = true;
    noteFailing(watch, watched);
    watch.tell?.();
    const message = `The table has not answered a save of ${watched.site.name} within ${SAVE_LATE_MS} ms.`;
    world.log({ event: 'note', message, at: isoTime(world.clock.now()) });
    return false;
  });
  return saving.soon;
};

/** Whether a save ends in time. A conflict is an answer, so each draft is waited for by itself; all of them no longer than two. */
const isInTime = async (clock: Clock, saving: Saving, answered: Promise<unknown>): Promise<boolean> => {
  const startedMs = saving.draftedMs;
  for (;;) {
    const lateAtMs = Math.min(saving.draftedMs, startedMs + SAVE_LATE_MS) + SAVE_LATE_MS;
    const leftMs = lateAtMs - clock.steady();
    if (leftMs <= 0) return false;
    if (await soon(clock, leftMs, answered)) return true;
  }
};

const put = async (world: World, watch: Watch, watched: Watched): Promise<boolean> => {
  const { site } = watched;
  let sent = watched.state;
  const draft = (): Draft => {
    sent = watched.state;
    if (watched.saving !== undefined) watched.saving.draftedMs = world.clock.steady();
    return { text: JSON.stringify(sent), version: watched.version ?? 0 };
  };
  try {
    const version = await saveOnTop(world.store, site.name, draft(), (document) => {
      takeIn(world, watched, document);
      return watched.unreadable || isSaved(watched) ? undefined : draft();
    });
    delete watched.saving;
    if (version !== undefined) {
      watched.version = version;
      watched.stored = sent;
    }
    watched.unstored = !isSaved(watched) && !watched.unreadable;
    watch.failing.delete(watched);
    watch.savesAway = false;
    watch.storeFailed = watch.readsAway;
    return version !== undefined || isSaved(watched);
  } catch (error) {
    delete watched.saving;
    // The table is there and takes no such document: that concerns this site alone.
    if (error instanceof Fault && error.code === 'refused') noteDefect(world, watch, error, site.name);
    else if (isStoreFault(world, watch, error)) noteFailing(watch, watched);
    return false;
  } finally {
    watch.savedMs = world.clock.steady();
  }
};

/** A table that was away is asked again after this time, with so many sites: it may be away for some of them alone. */
const STORE_PAUSE_MS = 5000;
const TRIED_AT_ONCE = 5;

/**
 * Finds out when a table that was away is back, on nobody's time: it is read, and then a few sites are saved. What else could not be
 * saved follows. `whenRead` is called when the table could be read again.
 */
export const storeTask = (world: World, watch: Watch, whenRead: () => Promise<void>): Task => {
  let turn = 0;
  const run = async () => {
    if (watch.over) return;
    if (watch.readsAway) {
      await reload(world, watch, watch.sites);
      if (!watch.readsAway) await whenRead();
    }
    if (watch.readsAway || (watch.failing.size === 0 && !watch.savesAway)) return;
    const unsaved = watch.sites.filter((w) => !isSaved(w) && !w.unreadable && w.saving === undefined);
    const tried = [...unsaved, ...unsaved].slice(turn % (unsaved.length || 1)).slice(0, TRIED_AT_ONCE);
    turn += TRIED_AT_ONCE;
    const taken = await Promise.all([...new Set(tried)].map((watched) => trySave(world, watch, watched)));
    if (!taken.includes(true)) return;
    for (const watched of unsaved)
      void begin(world, watch, async () => void (await save(world, watch, watched)));
  };
  return { everyMs: STORE_PAUSE_MS, run };
};

/** Documents of the state table written side by side. */
export const DOCUMENTS_AT_ONCE = 25;
