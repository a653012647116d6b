import { change } from '../book/change.ts';
import { isoTime } from '../core/base/time.ts';
import { clockSet } from '../core/steps/observed.ts';
import { type Schedule, slotOf } from './schedule.ts';

/** Clocks are kept right by milliseconds a minute; by so much they are set. */
const JUMP_MS = 1000;

/**
 * Notices that the clock was set since it was last looked at. What was noted by the old time is moved to the new one,
 * so that no span of time is longer or shorter than it was, and all sites are looked at again. A round that was under
 * way compares `jumps` and discards what it saw: nobody knows when it began.
 */
export const noticeJump = (schedule: Schedule): void => {
  const { book, clock, config, log } = schedule;
  const nowMs = clock.now();
  const offsetMs = nowMs - clock.steady();
  const byMs = Math.round(offsetMs - schedule.clockOffsetMs);
  if (Math.abs(byMs) < JUMP_MS) return;
  schedule.clockOffsetMs = offsetMs;
  schedule.jumps += 1;
  schedule.lastRoundMs += byMs;
  for (const site of config.sites) {
    change(book, site, clockSet(byMs));
    const slot = slotOf(schedule, site);
    slot.lastLaunchMs += byMs;
    slot.nextLookMs = nowMs;
  }
  const way = `${byMs > 0 ? 'forward' : 'back'} by ${(Math.abs(byMs) / 1000).toFixed(1)} s`;
  const message = `The clock was set ${way}; what was being looked at meanwhile is discarded.`;
  log({ event: 'note', message, at: isoTime(nowMs) });
};
