import { change } from '../book/change.ts';
import { type Watch, type Watched, zoneViewOf } from '../book/watch.ts';
import { nextDueMs } from '../core/evidence/jitter.ts';
import { isDoubt } from '../core/evidence/judge.ts';
import { type Pace, paceOf, servingOf } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import { type Left, resumed } from '../core/steps/observed.ts';
import { isUnderWay } from '../core/zone/moved-address.ts';
import type { World } from '../ports.ts';

/** Goes on where the predecessor stopped; after a gap every health is unknown and all vantages look until it is settled. */
export const resume = (world: World, watched: Watched, left: Left): void => {
  const { gap, lastRoundMs, handed } = left;
  const nowMs = world.clock.now();
  change(watched, resumed(left));
  watched.pace = handed === undefined ? paceNow(world, watched) : confirming(watched.site);
  const settledPace = watched.pace.everyMs >= world.config.intervalSeconds * 1000;
  watched.nextLookMs = settledPace && !gap && handed === undefined ? nextInterval(world, lastRoundMs) : nowMs;
};

const nextInterval = ({ config, nextDueMs: own }: World, afterMs: number): number =>
  own?.(afterMs) ?? nextDueMs(config.deployment, config.intervalSeconds * 1000, afterMs);

const confirming = ({ confirmEverySeconds }: Site): Pace => ({
  full: true,
  everyMs: confirmEverySeconds * 1000,
});

/** How often a site is looked at, and by all vantages or one, after what is known of it now. */
export const paceNow = (world: World, watched: Watched): Pace => {
  const { site, state, view, blindRounds, moveWaits } = watched;
  if (Object.keys(state.targets).length === 0) return confirming(site);
  const stands = zoneViewOf(watched);
  const now = {
    serving: stands && servingOf(stands),
    blind: blindRounds > 0,
    moveWaits: moveWaits || state.failbackAsked !== undefined,
    underWay: isUnderWay(site, view, state),
  };
  return paceOf(site, state.targets, now, world.config.intervalSeconds);
};

/**
 * A site with more looks under way than start within a probe's timeout is not looked at again: its probers are behind already, and
 * more looks would keep them there.
 */
export const mayLook = ({ site, underWay }: Watched): boolean =>
  underWay <= site.probe.timeoutSeconds / site.confirmEverySeconds;

/** Confirmation rounds are exactly so far apart, even where that is an interval: thresholds count on it. */
export const nextLook = (world: World, { lastLaunchMs, pace, site }: Watched): number => {
  const { intervalSeconds } = world.config;
  const confirms = pace.full && site.confirmEverySeconds >= intervalSeconds;
  return pace.everyMs >= intervalSeconds * 1000 && !confirms
    ? nextInterval(world, lastLaunchMs)
    : lastLaunchMs + pace.everyMs;
};

/** When and how a site is looked at next, after what was seen. The first look that is not all passed calls all vantages at once. */
export const planNextLook = (world: World, watched: Watched, full: boolean, startMs: number): void => {
  const { lastLook } = watched;
  const alarmed = !full && lastLook !== undefined && isDoubt(lastLook);
  watched.pace = alarmed ? confirming(watched.site) : paceNow(world, watched);
  // Another alarm may have called all vantages already: what follows keeps its distance from that.
  const called = watched.lastLaunchMs > startMs;
  watched.nextLookMs = alarmed && !called ? world.clock.now() : nextLook(world, watched);
};

/** The same once it is known what came of the decision: a site that was moved need not be looked at in haste. */
export const replan = (world: World, watch: Watch, watched: Watched): void => {
  if (watched.underWay > 0 || watched.nextLookMs <= world.clock.now()) return;
  watched.pace = paceNow(world, watched);
  watched.nextLookMs = nextLook(world, watched);
  watch.wake?.();
};
