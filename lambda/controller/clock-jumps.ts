import { change } from '../book/change.ts';
import type { Watch } from '../book/watch.ts';
import { isoTime } from '../core/base/time.ts';
import { clockSet } from '../core/steps/observed.ts';
import type { World } from '../ports.ts';

/** Clocks are kept right by milliseconds a minute; by so much they are set. */
const JUMP_MS = 1000;

/** By how much the clock is ahead of one that nobody sets. */
export const clockOffsetMs = ({ clock }: World): number => clock.now() - clock.steady();

/**
 * Notices that the clock was set since it was last looked at. What was noted by the old time is moved to the new one, so that
 * no span of time is longer or shorter than it was, and all sites are looked at anew. A round that was under way compares
 * `watch.jumps` and discards what it saw: nobody knows when it began.
 */
export const noticeJump = (world: World, watch: Watch): void => {
  const offsetMs = clockOffsetMs(world);
  const byMs = Math.round(offsetMs - watch.clockOffsetMs);
  if (Math.abs(byMs) < JUMP_MS) return;
  watch.clockOffsetMs = offsetMs;
  watch.jumps += 1;
  watch.lastRoundMs += byMs;
  const nowMs = world.clock.now();
  for (const watched of watch.sites) {
    change(watched, clockSet(byMs));
    watched.lastLaunchMs += byMs;
    watched.nextLookMs = nowMs;
  }
  const way = `${byMs > 0 ? 'forward' : 'back'} by ${(Math.abs(byMs) / 1000).toFixed(1)} s`;
  const message = `The clock was set ${way}; what was being looked at meanwhile is discarded.`;
  world.log({ event: 'note', message, at: isoTime(nowMs) });
};
