import { type Baton, LOOK_EVERY_MS } from './core/baton.ts';
import { Fault } from './core/fault.ts';
import type { SiteState } from './core/state.ts';
import { listAgain } from './listing.ts';
import { paceNow } from './pacing.ts';
import { type Queue, reload, sitesOf, storeFault, type Watch } from './watch.ts';
import { logFault, type World } from './world.ts';

/** Keeps the baton by noting the last round, and learns from it when it is over and when a hand wrote something. */
export const keepBaton = async (
  world: World,
  watch: Watch,
  taken: Baton,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> => {
  let { wake } = taken;
  let notedMs = taken.lastRoundMs;
  while (!watch.over) {
    await world.clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    const askedMs = world.clock.steady();
    try {
      const note = watch.lastRoundMs > notedMs;
      notedMs = watch.lastRoundMs;
      const baton = note ? await world.store.keepBaton(taken.term, notedMs) : await world.store.readBaton();
      if (baton === undefined || baton.term !== taken.term) {
        watch.over = true;
        watch.wake?.();
        continue;
      }
      watch.heldMs = askedMs;
      if (baton.wake !== wake || watch.storeAway) {
        wake = baton.wake;
        void queue(() => readAgain(world, watch));
      }
    } catch (error) {
      storeFault(world, watch, error);
    }
  }
};

/**
 * What was stored since the baton was last seen to be ours may have come after the successor read the states. That one is made to
 * read them again: else the one after it would take what is old for what was seen last.
 */
export const handOver = async (world: World, watch: Watch): Promise<void> => {
  const { savedMs, heldMs = Number.NEGATIVE_INFINITY } = watch;
  if (savedMs === undefined || savedMs < heldMs) return;
  try {
    await world.store.wake();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'store', error);
  }
};

/** A hand or a predecessor wrote something: the states are read, and the sites that were ordered something are looked at now. */
const readAgain = async (world: World, watch: Watch): Promise<void> => {
  const orders = ({ hand, failbackAsked, point }: SiteState) =>
    JSON.stringify([hand, failbackAsked, point?.askedMs]);
  // What was decided on last counts: a save that met the hand's has read its order, and nothing was decided on it yet.
  const before = watch.sites.map(({ state, considered }) => orders(considered?.state ?? state));
  const { storeAway: wasAway } = watch;
  await reload(world, watch, watch.sites);
  const ordered = watch.sites.filter(({ state }, index) => orders(state) !== before[index]);
  // A hand may have written to the zone as well. After the table was away nobody has yet held what it says against the zone.
  const zones = [...new Set((wasAway ? watch.sites : ordered).map((w) => w.site.zone))];
  await Promise.all(zones.map((zone) => listAgain(world, zone, sitesOf(watch, zone))));
  for (const watched of ordered) {
    watched.pace = { ...paceNow(world, watched), full: true };
    watched.nextLookMs = world.clock.now();
  }
  watch.tell?.();
  watch.wake?.();
};
