import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE, isAway, storedIn } from '../book/table.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { parseState, withUnstored } from '../core/state/site-state.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';

/** A hand or the successor may write in between: then it is left on top of what that one wrote. */
const TRIES = 3;

/**
 * Leaves to the successor what is still to be told and could not be stored. A controller without the baton does not read the table again
 * when that is back, and ends within its minute whether or not the topic took anything; where a person edits the role record
 * next, nobody else could know of its failover.
 */
export const leaveUntold = async (world: World, watch: Watch): Promise<void> => {
  const owing = watch.sites.filter(
    (watched) => isAway(watch, watched) && watched.state.owed.length > 0 && !watched.unreadable,
  );
  if (owing.length === 0) return;
  try {
    const found = await world.store.load(owing.map(({ site }) => site.name));
    await eachOf(owing, DOCUMENTS_AT_ONCE, (watched) => leave(world, watched, found.get(watched.site.name)));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'store', error);
  }
};

/** Where nothing is stored any more nothing is left either: that the state is lost is told, and what the role record says. */
const leave = async (
  world: World,
  { site, state, saved }: Watched,
  found: { text: string; version: number } | undefined,
): Promise<void> => {
  let document = found;
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = document === undefined ? undefined : parseState(document.text);
    if (document === undefined || stored === undefined) return;
    // As long as nothing could be stored nobody knows that anything was lost.
    const owed = state.owed.filter(({ kind }) => kind !== 'state-lost');
    const left = withUnstored(stored, { ...state, owed }, storedIn(saved));
    const known = new Set(stored.owed.map(({ id }) => id));
    if (left.owed.every(({ id }) => known.has(id))) return;
    try {
      await world.store.save(site.name, JSON.stringify(left), document.version);
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    }
    document = (await world.store.load([site.name])).get(site.name);
  }
};
