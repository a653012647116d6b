import { type Assessments, assessedOf, resumeBlind } from '../assess/assess.ts';
import { type Bell, newBell } from '../async/bell.ts';
import { type Book, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { mustGet } from '../core/base/must-get.ts';
import { looksOnce, nextDueMs, nextStart } from '../core/evidence/jitter.ts';
import { isDoubt } from '../core/evidence/judge.ts';
import { type Pace, paceOf, servingOf } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import { type Left, resumed } from '../core/steps/observed.ts';
import { isUnderWay } from '../core/zone/moved-address.ts';
import type { Logging, World } from '../ports.ts';
import { listedOf, viewOf } from '../zones/listing.ts';

/** When a site is looked at, and how. */
export type Slot = {
  /** Looks at it that are not judged yet, and the end of the last of them: they are judged in order of start. */
  underWay: number;
  looks: Promise<void>;
  lastLaunchMs: number;
  nextLookMs: number;
  pace: Pace;
};

export type SchedulePorts = Logging & Pick<World, 'config' | 'nextDueMs'>;

/** When what is looked at. */
export type Schedule = SchedulePorts & {
  book: Book;
  assessments: Assessments;
  /** Rung when a site is due at another time than was known. */
  wake: Bell;
  /** Rung when a round was judged. */
  judged: Bell;
  slots: ReadonlyMap<Site, Slot>;
  /** Start of the last round that was judged and whose healths are stored: what a successor may take for fresh. */
  lastRoundMs: number;
  /**
   * By how much the clock was ahead of the steady one, milliseconds, and how often it was set since: see
   * `clock-jumps.ts`.
   */
  clockOffsetMs: number;
  jumps: number;
};

export const openSchedule = (
  ports: SchedulePorts,
  assessments: Assessments,
  { wake, lastRoundMs }: { wake: Bell; lastRoundMs: number },
): Schedule => {
  const { clock, config } = ports;
  const newSlot = (): Slot => ({
    underWay: 0,
    looks: Promise.resolve(),
    lastLaunchMs: 0,
    nextLookMs: clock.now(),
    pace: { full: true, everyMs: config.intervalSeconds * 1000 },
  });
  return {
    ...ports,
    book: assessments.book,
    assessments,
    wake,
    judged: newBell(),
    slots: new Map(config.sites.map((site) => [site, newSlot()])),
    lastRoundMs,
    clockOffsetMs: clock.now() - clock.steady(),
    jumps: 0,
  };
};

export const slotOf = ({ slots }: Schedule, site: Site): Slot => mustGet(slots, site);

/**
 * Goes on where the predecessor stopped; after a gap every health is unknown and all vantages look until it is settled.
 */
export const resume = (schedule: Schedule, site: Site, left: Left): void => {
  const { book, clock, config } = schedule;
  const { gap, lastRoundMs, handed, blindRounds } = left;
  const slot = slotOf(schedule, site);
  const nowMs = clock.now();
  change(book, site, resumed(left));
  resumeBlind(schedule.assessments, site, blindRounds);
  slot.pace = handed === undefined ? paceNow(schedule, site) : confirming(site);
  const settledPace = slot.pace.everyMs >= config.intervalSeconds * 1000;
  const isAtOnce = !settledPace || gap || handed !== undefined || looksOnce(config.intervalSeconds);
  slot.nextLookMs = isAtOnce ? nowMs : nextInterval(schedule, lastRoundMs);
};

const nextInterval = ({ config, nextDueMs: own }: Schedule, afterMs: number): number =>
  looksOnce(config.intervalSeconds)
    ? nextStart(afterMs)
    : (own?.(afterMs) ?? nextDueMs(config.deployment, config.intervalSeconds * 1000, afterMs));

const confirming = ({ confirmEverySeconds }: Site): Pace => ({
  full: true,
  everyMs: confirmEverySeconds * 1000,
});

/** How often a site is looked at, and by all vantages or one, after what is known of it now. */
const paceNow = ({ assessments, book, config }: Schedule, site: Site): Pace => {
  const { listings } = assessments;
  const { blindRounds, moveWaits } = assessedOf(assessments, site);
  const state = stateOf(book, site);
  if (Object.keys(state.targets).length === 0) return confirming(site);
  const stands = viewOf(listings, site);
  const now = {
    serving: stands && servingOf(stands),
    blind: blindRounds > 0,
    moveWaits: moveWaits || state.failbackAsked !== undefined,
    underWay: isUnderWay(site, listedOf(listings, site).view, state),
  };
  return paceOf(site, state.targets, now, config.intervalSeconds);
};

/** The sites that are due, of those that may be looked at. */
export const dueSites = (schedule: Schedule, nowMs: number): Site[] =>
  schedule.config.sites.filter(
    (site) => mayLook(schedule, site) && slotOf(schedule, site).nextLookMs <= nowMs,
  );

/** When the next of them is due, milliseconds. */
export const nextDue = (schedule: Schedule): number =>
  Math.min(
    ...schedule.config.sites
      .filter((site) => mayLook(schedule, site))
      .map((site) => slotOf(schedule, site).nextLookMs),
  );

/**
 * A site with more looks under way than start within a probe's timeout is not looked at again: its probers are behind
 * already, and more looks would keep them there.
 */
const mayLook = (schedule: Schedule, site: Site): boolean =>
  slotOf(schedule, site).underWay <= site.probe.timeoutSeconds / site.confirmEverySeconds;

/** Confirmation rounds are exactly so far apart, even where that is an interval: thresholds count on it. */
const nextLook = (schedule: Schedule, site: Site): number => {
  const { intervalSeconds } = schedule.config;
  const { lastLaunchMs, pace } = slotOf(schedule, site);
  const confirms = pace.full && site.confirmEverySeconds >= intervalSeconds;
  return pace.everyMs >= intervalSeconds * 1000 && !confirms
    ? nextInterval(schedule, lastLaunchMs)
    : lastLaunchMs + pace.everyMs;
};

/** A look at the site begins; answers whether all vantages are to look. */
export const launch = (schedule: Schedule, site: Site, nowMs: number): boolean => {
  const slot = slotOf(schedule, site);
  slot.underWay += 1;
  slot.lastLaunchMs = nowMs;
  slot.nextLookMs = nextLook(schedule, site);
  return slot.pace.full;
};

/**
 * When and how a site is looked at next, after what was seen. The first look that is not all passed calls all vantages
 * at once. So does a move that waits for such a look, where this controller makes no other.
 */
export const planNextLook = (schedule: Schedule, site: Site, full: boolean, startMs: number): void => {
  const { lastLook, moveWaits } = assessedOf(schedule.assessments, site);
  const slot = slotOf(schedule, site);
  const isWaiting = moveWaits && looksOnce(schedule.config.intervalSeconds);
  const alarmed = !full && lastLook !== undefined && (isDoubt(lastLook) || isWaiting);
  slot.pace = alarmed ? confirming(site) : paceNow(schedule, site);
  // Another alarm may have called all vantages already: what follows keeps its distance from that.
  const called = slot.lastLaunchMs > startMs;
  slot.nextLookMs = alarmed && !called ? schedule.clock.now() : nextLook(schedule, site);
  schedule.wake.ring();
};

/** The same once it is known what came of the decision: a site that was moved need not be looked at in haste. */
export const replan = (schedule: Schedule, site: Site): void => {
  const slot = slotOf(schedule, site);
  if (slot.underWay > 0 || slot.nextLookMs <= schedule.clock.now()) return;
  slot.pace = paceNow(schedule, site);
  slot.nextLookMs = nextLook(schedule, site);
  schedule.wake.ring();
};

/** The site is looked at now, by all vantages. */
export const lookNow = (schedule: Schedule, site: Site): void => {
  const slot = slotOf(schedule, site);
  slot.pace = { ...paceNow(schedule, site), full: true };
  slot.nextLookMs = schedule.clock.now();
};

/** Whether no site is confirmed: confirmation rounds need the time and the processor for themselves. */
export const isCalm = ({ config, slots }: Schedule): boolean =>
  [...slots.values()].every(({ pace }) => pace.everyMs >= config.intervalSeconds * 1000);
