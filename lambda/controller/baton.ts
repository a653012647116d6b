import { assessedOf } from '../assess/assess.ts';
import { soon } from '../async/deadline.ts';
import { orUndefined } from '../async/or-fault.ts';
import type { Task } from '../async/task.ts';
import { entryOf, stateOf } from '../book/book.ts';
import { batonAnswered, batonFault, isSaved, reload } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import { blindOf, handedOver } from '../core/evidence/handover.ts';
import type { Site } from '../core/site/site.ts';
import { type Baton, type BatonNote, LOOK_EVERY_MS } from '../core/state/baton.ts';
import { silenceToEnd } from '../core/state/silence.ts';
import type { SiteState } from '../core/state/site-state.ts';
import { logFault } from '../log/lines.ts';
import type { Observer } from '../observe/observe.ts';
import { listAgain } from '../zones/listing.ts';
import { lookNow, type Schedule, slotOf } from './schedule.ts';

/** A look of a site that is well has its answers in a fraction of this time. */
const LATE_LOOK_MS = 1000;

/** What was ordered is looked at after the zone was listed, but waits no longer for that. */
const LIST_FIRST_MS = 2000;

/** The baton of a controller, as far as it has one. */
export type Held = {
  /**
   * Keeps it by noting the last round, and learns from it when this controller is over and when a person wrote
   * something.
   */
  task: Task;
  /**
   * Notes the first round as soon as it is judged: a controller that is followed within seconds would note none, and the next one would
   * take its looks for a gap.
   */
  noteFirst(signal: AbortSignal): Promise<void>;
  /** When it was last seen to be ours, milliseconds of the steady clock. */
  heldMs(): number;
};

export const holdBaton = (schedule: Schedule, observer: Observer, taken: Baton): Held => {
  const { book, clock, wake: newDue } = schedule;
  let { wake, lastRoundMs: notedMs } = taken;
  let heldMs = Number.NEGATIVE_INFINITY;
  const run = async () => {
    if (book.work.over) return;
    const askedMs = clock.steady();
    try {
      const note = schedule.lastRoundMs > notedMs;
      notedMs = schedule.lastRoundMs;
      const baton = note
        ? await book.store.keepBaton(taken.term, noteOf(schedule, observer, clock.now()))
        : await book.store.readBaton();
      if (baton === undefined || baton.term !== taken.term) {
        book.work.over = true;
        newDue.ring();
        return;
      }
      heldMs = askedMs;
      batonAnswered(book);
      if (baton.wake !== wake) {
        wake = baton.wake;
        void book.work.begin(() => readAgain(schedule));
      }
    } catch (error) {
      await batonFault(book, error);
    }
  };
  // What a person or a predecessor wrote meanwhile is read at the usual time.
  const noteFirst = async (signal: AbortSignal) => {
    await clock.sleep(LOOK_EVERY_MS, AbortSignal.any([schedule.judged.signal(), signal]));
    const { lastRoundMs } = schedule;
    if (lastRoundMs <= notedMs || book.work.over) return;
    notedMs = lastRoundMs;
    await orUndefined(book.store.keepBaton(taken.term, noteOf(schedule, observer, clock.now())));
  };
  return { task: { everyMs: LOOK_EVERY_MS, run }, noteFirst, heldMs: () => heldMs };
};

/** What a successor cannot know from what is stored, or not as well. */
const noteOf = (schedule: Schedule, observer: Observer, nowMs: number): BatonNote => {
  const { assessments, book, config, lastRoundMs } = schedule;
  const leaving = config.sites.map((site) => {
    const entry = entryOf(book, site);
    const { underWay, lastLaunchMs } = slotOf(schedule, site);
    const unstored = entry.unstored && !isSaved(entry);
    // Whoever is over by the time of the answer cannot note what it says.
    const isLate = underWay > 0 && nowMs - lastLaunchMs > LATE_LOOK_MS;
    const { lastLook, blindRounds } = assessedOf(assessments, site);
    return { name: site.name, targets: entry.state.targets, lastLook, blindRounds, unstored, isLate };
  });
  const unstored = leaving.filter((one) => one.unstored).map(({ name }) => name);
  const blind = blindOf(leaving, observer.blindRounds);
  return { lastRoundMs, unstored, healths: handedOver(leaving), blind };
};

/**
 * We may have saved after our successor loaded: what was stored since the baton was last seen to be ours, at `heldMs`,
 * may be newer than what it has read. It is made to read again.
 */
export const handOver = async ({ book }: Schedule, heldMs = Number.NEGATIVE_INFINITY): Promise<void> => {
  if (book.savedMs === undefined || book.savedMs < heldMs) return;
  try {
    await book.store.wake();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(book, 'store', error);
  }
};

/**
 * A person or a predecessor wrote something: the states are read, and the sites that were ordered something are looked
 * at now.
 */
const readAgain = async (schedule: Schedule): Promise<void> => {
  const { assessments, book, clock, config, wake } = schedule;
  const orders = ({ override, failbackAsked, point }: SiteState) =>
    JSON.stringify([override, failbackAsked, point?.askedMs]);
  // What was decided on last counts: a save that met the person's has read the order, and nothing was decided on it
  // yet.
  const before = config.sites.map((site) =>
    orders(assessedOf(assessments, site).assessment?.state ?? stateOf(book, site)),
  );
  await reload(book);
  const ordered = config.sites.filter((site, index) => orders(stateOf(book, site)) !== before[index]);
  const nowMs = clock.now();
  // What still holds after a silence is told of a look: now, since orders that were given after its end wait for that.
  for (const site of config.sites) {
    if (silenceToEnd(stateOf(book, site), nowMs) === undefined || ordered.includes(site)) continue;
    lookNow(schedule, site);
    wake.ring();
  }
  // The person may have written to the zone as well.
  await listAnew(schedule, ordered);
};

/** Lists the zones of these sites and looks at them now, each zone in its own time. */
export const listAnew = async (schedule: Schedule, sites: Site[]): Promise<void> => {
  const { assessments, book, clock, wake } = schedule;
  const zones = [...Map.groupBy(sites, ({ zone }) => zone)];
  await Promise.all(
    zones.map(async ([zone, members]) => {
      await soon(clock, LIST_FIRST_MS, listAgain(assessments.listings, zone));
      for (const site of members) lookNow(schedule, site);
      wake.ring();
    }),
  );
  book.tell.ring();
};
