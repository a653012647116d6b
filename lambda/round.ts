import { act } from './act.ts';
import { announce } from './announce.ts';
import { carry } from './carry.ts';
import { consider, judge } from './core/consider.ts';
import { afterWaiting } from './core/damping.ts';
import { type Look, sightedVantages } from './core/judge.ts';
import { advancePoint } from './core/point.ts';
import { quorum } from './core/site.ts';
import { noticeJump } from './jumps.ts';
import { type Asked, probe } from './probe.ts';
import { logRound } from './round-log.ts';
import { noteDefect, type Watch, type Watched } from './watch.ts';
import type { World } from './world.ts';

/**
 * One look at some sites, from probe to announcement. Rounds overlap while they probe; what they saw is judged in order of
 * start, so each waits for `before`, the round that started before it.
 */
export const round = async (
  world: World,
  watch: Watch,
  asked: Asked[],
  startMs: number,
  before: Promise<void>,
): Promise<void> => {
  const { jumps } = watch;
  const looks = await probe(world, watch, asked, startMs);
  for (const { watched } of asked) watched.waiting += 1;
  await before;
  for (const { watched } of asked) watched.waiting -= 1;
  noticeJump(world, watch);
  // A newer controller decides now, and what was seen here is its predecessor's; or nobody knows when it was seen.
  if (watch.over || watch.jumps !== jumps) return;
  const sites = asked.map((a) => a.watched);
  for (const watched of sites) {
    try {
      judgeAndDecide(world, watched, looks.get(watched.site.name) as Look);
    } catch (error) {
      // A defect at one site must not keep the others: it is left out of this round.
      delete watched.considered;
      noteDefect(world, watch, error, watched.site.name);
    }
  }
  watch.roundsDecided += 1;
  logRound(world, sites, looks, startMs);
  await act(world, watch, sites);
  await carry(world, watch, sites);
  await announce(world, watch, sites);
  // A successor takes healths for as fresh as this: it counts only what is stored.
  if (!watch.storeAway && !watch.sites.some((w) => w.unstored)) watch.lastRoundMs = startMs;
};

const judgeAndDecide = (world: World, watched: Watched, look: Look): void => {
  const { site, standing, blindRounds } = watched;
  const { config } = world;
  const known = { site, state: watched.state, standing: standing ?? { kind: 'nothing' as const } };
  watched.state = advancePoint(site, judge(known, look, config), known.standing, world.clock.now());
  watched.lastLook = look;
  if (look.full) {
    watched.blindRounds = sightedVantages(look).length < quorum(config.vantages.length) ? blindRounds + 1 : 0;
  }
  if (standing === undefined) {
    // Without a listing nobody knows what DNS says: health is judged, and nothing is decided until the zone could be read.
    delete watched.considered;
    return;
  }
  const nowMs = world.clock.now();
  const { state } = watched;
  const considered = consider({ site, state, standing }, look, nowMs, config);
  watched.moveWaits = considered.moveWaits;
  if (considered.decision.reason === 'flapping') {
    watched.state = { ...state, damping: afterWaiting(state.damping, nowMs) };
  }
  watched.considered = {
    site,
    state,
    standing,
    look,
    nowMs,
    config,
    blindRounds,
    editConfirmed: false,
    stateLost: false,
    stateKnown: true,
    ...considered,
  };
};
