import { isoTime } from '../core/base/time.ts';
import { merge } from '../core/state/merge.ts';
import { emptyState, parseState, type SiteState } from '../core/state/site-state.ts';
import type { Stored, World } from '../ports.ts';
import { change } from './change.ts';
import type { Watched } from './watch.ts';

/**
 * What this controller knows for itself. Who has never read the table took the zone as it is, and did not see that somebody moved it:
 * what it holds is no write of theirs, unless they made it.
 */
export const ownState = ({ state, stored, landedEpoch }: Watched): SiteState => {
  const { written, ...rest } = state;
  return stored === undefined && written?.epoch !== landedEpoch ? rest : state;
};

/**
 * Takes in a document that was read. What has changed here and is not stored yet goes on top of it. One that this version cannot read
 * is left, and never overwritten.
 */
export const takeIn = (world: World, watched: Watched, document: Stored | undefined): void => {
  const { site, stored: base = emptyState() } = watched;
  const own = ownState(watched);
  // Nobody else has written it.
  if (watched.version === (document?.version ?? 0)) return;
  if (document === undefined) {
    watched.version = 0;
    delete watched.stored;
    watched.stateLost = true;
    return;
  }
  const found = parseState(document.text);
  watched.unreadable = found === undefined;
  if (found === undefined) {
    logUnreadable(world, site.name);
    return;
  }
  change(watched, () => merge(base, own, found));
  watched.version = document.version;
  watched.stored = found;
  watched.stateLost = false;
  const epoch = found.written?.epoch ?? 0;
  // A switch that is settled there was logged there.
  watched.landed = watched.landed.filter(
    (line) => line.event !== 'switch' || line.epoch > epoch || found.intent?.epoch === line.epoch,
  );
  // The zone was held against less than that, so it may be no edit. Nor is it listed anew for this: a writer that is over must not
  // find as its own what a successor left with names that only that one has, and take them away.
  if (epoch > (own.written?.epoch ?? 0)) delete watched.editSeen;
};

const logUnreadable = (world: World, site: string): void =>
  world.log({
    event: 'error',
    code: 'state-unreadable',
    message: `The stored state of ${site} is not one this version understands; it is left as it is and nothing is saved.`,
    at: isoTime(world.clock.now()),
    site,
  });
