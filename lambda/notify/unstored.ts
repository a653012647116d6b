import { eachOf } from '../async/pool.ts';
import { type Draft, saveOnTop } from '../book/save-on-top.ts';
import { DOCUMENTS_AT_ONCE, isAway, isSaved } from '../book/table.ts';
import { ownState } from '../book/take-in.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { merge } from '../core/state/merge.ts';
import { emptyState, parseState } from '../core/state/site-state.ts';
import { logFault } from '../log/lines.ts';
import type { Stored, World } from '../ports.ts';

/** After so many saves that failed no more are begun: the table is still away, and the function's time is short. */
const GIVEN_UP_AFTER = 5;

/**
 * Leaves to the successor what could not be stored: what is still to be told, and what was written and told without the table. A
 * controller without the baton does not read the table again when that is back, and ends within its minute whether or not the topic
 * took anything; where a person edits the role record next, nobody else could know of its failover.
 */
export const leaveUnstored = async (world: World, watch: Watch): Promise<void> => {
  const leaving = watch.sites.filter(
    (watched) => isAway(watch, watched) && !isSaved(watched) && !watched.unreadable,
  );
  if (leaving.length === 0) return;
  let failed = 0;
  const tried = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!watch.storeFailed && failed === 0) logFault(world, 'store', error);
      failed += 1;
    }
  };
  const leaveAll = async () => {
    const found = await world.store.load(leaving.map(({ site }) => site.name));
    await eachOf(leaving, DOCUMENTS_AT_ONCE, async (watched) => {
      if (failed < GIVEN_UP_AFTER) await tried(leave(world, watched, found.get(watched.site.name)));
    });
  };
  await tried(leaveAll());
};

/** Where nothing is stored any more nothing is left either: that the state is lost is told, and what the role record says. */
const leave = async (world: World, watched: Watched, document: Stored | undefined): Promise<void> => {
  const { site, stored: base = emptyState() } = watched;
  const state = ownState(watched);
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
  if (first !== undefined) await saveOnTop(world.store, site.name, first, onTopOf);
};
