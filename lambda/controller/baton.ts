import { soon } from '../async/deadline.ts';
import type { Task } from '../async/task.ts';
import { batonAnswered, batonFault, isSaved, reload } from '../book/table.ts';
import { begin, sitesOf, type Watch, type Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { handedOver } from '../core/evidence/handover.ts';
import { type Baton, type BatonNote, LOOK_EVERY_MS } from '../core/state/baton.ts';
import type { SiteState } from '../core/state/site-state.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';
import { listAgain } from '../zones/listing.ts';
import { paceNow } from './schedule.ts';

/** A look of a site that is well has its answers in a fraction of this time. */
const LATE_LOOK_MS = 1000;

/** What was ordered is looked at after the zone was listed, but waits no longer for that. */
const LIST_FIRST_MS = 2000;

/** Keeps the baton by noting the last round, and learns from it when it is over and when a hand wrote something. */
export const batonTask = (world: World, watch: Watch, taken: Baton): Task => {
  let { wake } = taken;
  let notedMs = taken.lastRoundMs;
  const run = async () => {
    if (watch.over) return;
    const askedMs = world.clock.steady();
    try {
      const note = watch.lastRoundMs > notedMs;
      notedMs = watch.lastRoundMs;
      const baton = note
        ? await world.store.keepBaton(taken.term, noteOf(watch, notedMs, world.clock.now()))
        : await world.store.readBaton();
      if (baton === undefined || baton.term !== taken.term) {
        watch.over = true;
        watch.wake?.();
        return;
      }
      watch.heldMs = askedMs;
      batonAnswered(watch);
      if (baton.wake !== wake) {
        wake = baton.wake;
        void begin(world, watch, () => readAgain(world, watch));
      }
    } catch (error) {
      await batonFault(world, watch, error);
    }
  };
  return { everyMs: LOOK_EVERY_MS, run };
};

/** What a successor cannot know from what is stored, or not as well. */
const noteOf = ({ sites }: Watch, lastRoundMs: number, nowMs: number): BatonNote => {
  const leaving = sites.map((watched) => {
    const { site, state, lastLook } = watched;
    const unstored = watched.unstored && !isSaved(watched);
    // Whoever is over by the time of the answer cannot note what it says.
    const isLate = watched.underWay > 0 && nowMs - watched.lastLaunchMs > LATE_LOOK_MS;
    return { name: site.name, targets: state.targets, lastLook, unstored, isLate };
  });
  const unstored = leaving.filter((one) => one.unstored).map(({ name }) => name);
  return { lastRoundMs, unstored, healths: handedOver(leaving) };
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
  const orders = ({ override, failbackAsked, point }: SiteState) =>
    JSON.stringify([override, failbackAsked, point?.askedMs]);
  // What was decided on last counts: a save that met the hand's has read its order, and nothing was decided on it yet.
  const before = watch.sites.map(({ state, assessment }) => orders(assessment?.state ?? state));
  await reload(world, watch, watch.sites);
  const ordered = watch.sites.filter(({ state }, index) => orders(state) !== before[index]);
  // A hand may have written to the zone as well.
  await listAnew(world, watch, ordered);
};

/** Lists the zones of these sites and looks at them now, each zone in its own time. */
export const listAnew = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const zones = [...Map.groupBy(sites, ({ site }) => site.zone)];
  await Promise.all(
    zones.map(async ([zone, members]) => {
      await soon(world.clock, LIST_FIRST_MS, listAgain(world, zone, sitesOf(watch, zone)));
      for (const watched of members) {
        watched.pace = { ...paceNow(world, watched), full: true };
        watched.nextLookMs = world.clock.now();
      }
      watch.wake?.();
    }),
  );
  watch.tell?.();
};
