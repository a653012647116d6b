import { shownValue } from '../base/shown.ts';
import type { BlindRounds, Handed } from '../evidence/handover.ts';
import { STALE_INTERVALS } from '../evidence/judge.ts';

/**
 * Who decides. EventBridge Scheduler starts a controller each minute, at a second of its own choosing, at least once;
 * each takes the baton by a conditional write and stops when a newer one holds it. The baton saves work; the fence in
 * the zone is what keeps writes safe.
 */
export type Baton = {
  /** Counts the holders. */
  term: number;
  /** The scheduled time of the event that took it. */
  scheduledMs: number;
  /** Start of the last round, 0 before the first. */
  lastRoundMs: number;
  /** Sites whose state the holder could not store: what is stored of their healths is older than the last round. */
  unstored?: string[];
  /** Healths that are stored later than this, or not at all. */
  healths?: Handed;
  /** What the last looks could not see: with one look a minute no controller looks twice. */
  blind?: BlindRounds;
  /**
   * Bumped by the console, or by a controller that stored something late, so that the holder reads the states again.
   */
  wake: number;
};

/** What the holder notes of itself for its successor. */
export type BatonNote = Pick<Baton, 'lastRoundMs' | 'unstored' | 'healths' | 'blind'>;

/**
 * An event older than this is left: the ones after it have been delivered. Twice the schedule's minute, and some delay.
 */
export const OLDEST_EVENT_MS = 150_000;
/** Clocks of AWS services agree far better; an event from further ahead was made by hand. */
export const NEWEST_EVENT_MS = 10_000;
/** A controller looks at the baton at least this often. */
export const LOOK_EVERY_MS = 5_000;
/** A controller stops after this time whatever the baton says. */
export const HARD_LIMIT_MS = 150_000;

/**
 * How old the noted last round may be before it counts as a gap: three intervals, and never less than two looks at the
 * baton, since a controller notes its rounds no more often than that.
 */
export const gapMs = (intervalSeconds: number): number =>
  Math.max(STALE_INTERVALS * intervalSeconds * 1000, 2 * LOOK_EVERY_MS);

/** Why an event for `scheduledTime` must not take the baton; `undefined` when it may. */
export const refuseEvent = (scheduledTime: unknown, nowMs: number): string | undefined => {
  const scheduledMs = typeof scheduledTime === 'string' ? Date.parse(scheduledTime) : Number.NaN;
  if (!Number.isFinite(scheduledMs)) {
    return (
      `Expected an event {"scheduledTime": "2026-11-22T18:59:00Z"} from the schedule, received scheduledTime ${shownValue(scheduledTime, 200)}. ` +
      'This function is started by its schedule alone; a person talks to the console function.'
    );
  }
  const ageSeconds = Math.round((nowMs - scheduledMs) / 1000);
  if (nowMs - scheduledMs > OLDEST_EVENT_MS)
    return `This event was scheduled ${ageSeconds} s ago: later ones have been delivered.`;
  if (scheduledMs - nowMs > NEWEST_EVENT_MS)
    return `This event is scheduled ${-ageSeconds} s ahead of this clock: no schedule sends that.`;
  return undefined;
};
