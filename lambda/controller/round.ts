import { needsListing } from '../apply/act.ts';
import { noteDue } from '../apply/due.ts';
import { soon } from '../async/deadline.ts';
import type { Lanes } from '../async/lanes.ts';
import { announce, announceDeployment } from '../book/announce.ts';
import { change } from '../book/change.ts';
import { begin, noteDefect, type Watch, type Watched, zoneViewOf } from '../book/watch.ts';
import { afterWaiting } from '../core/decision/damping.ts';
import { type Look, sightedVantages } from '../core/evidence/judge.ts';
import { quorum } from '../core/site/site.ts';
import { advancePoint } from '../core/state/planned-switch.ts';
import { assess, judge } from '../core/steps/assess.ts';
import type { Asked } from '../observe/ask-vantages.ts';
import { observe } from '../observe/observe.ts';
import type { World } from '../ports.ts';
import { noticeJump } from './clock-jumps.ts';
import { heartbeat } from './heartbeat.ts';
import { logRound } from './round-log.ts';
import { planNextLook, replan } from './schedule.ts';

/** Where what is decided is done: a line for each zone's records, and one for each site's address. */
export type Hands = { zones: Lanes<Watched>; addresses: Lanes<Watched> };

/**
 * What people hear tells what came of a decision, where that is known so soon; later it is told apart. A move whose
 * save was late, and which was made then, is still known by this time.
 */
const HEAR_OF_ACT_MS = 3000;

/**
 * One look at some sites, from probe to announcement. Each site is judged as soon as its own look is over, in order of start, and
 * judging waits for nothing else: what is decided is done in lines of work that no judgement waits for.
 */
export const round = async (
  world: World,
  watch: Watch,
  hands: Hands,
  { asked, startMs }: { asked: Asked[]; startMs: number },
): Promise<void> => {
  const { jumps } = watch;
  const seen = new Map<string, Look>();
  const acts: Promise<void>[] = [];
  const looks = observe(world, watch, asked, startMs);
  const judged = asked.map((one) => {
    const { watched } = one;
    const before = watched.looks;
    const turn = async () => {
      const found = (await looks.get(watched.site.name)) as Look;
      await before;
      watched.underWay -= 1;
      noticeJump(world, watch);
      // A newer controller decides now, and what was seen here is its predecessor's; or nobody knows when it was seen.
      if (!watch.over && watch.jumps === jumps) {
        seen.set(watched.site.name, found);
        judgeOne(world, watch, watched, found);
        const done = act(hands, watched);
        if (done !== undefined) acts.push(done);
        void begin(world, watch, () => follow(world, watch, watched, done));
      }
      planNextLook(world, watched, one.full, startMs);
      watch.wake?.();
    };
    watched.looks = begin(world, watch, turn);
    return watched.looks;
  });
  await Promise.all(judged);
  if (seen.size === 0) return;
  watch.roundsDecided += 1;
  const sites = asked.map((one) => one.watched).filter(({ site }) => seen.has(site.name));
  logRound(world, sites, seen, startMs);
  watch.lastRoundMs = Math.max(watch.lastRoundMs, startMs);
  void begin(world, watch, () => heartbeat(world, watch));
  await soon(world.clock, HEAR_OF_ACT_MS, Promise.all(acts));
  await announceDeployment(world, watch);
};

const judgeOne = (world: World, watch: Watch, watched: Watched, look: Look): void => {
  try {
    judgeAndDecide(world, watched, look);
  } catch (error) {
    // A defect at one site must not keep the others: it is left out of this round.
    delete watched.assessment;
    noteDefect(world, watch, error, watched.site.name);
  }
  noteDue(world, watch, watched);
};

/** Tells people of a decision, in time, whether it is done by then or not. */
const follow = async (
  world: World,
  watch: Watch,
  watched: Watched,
  done: Promise<void> | undefined,
): Promise<void> => {
  if (done === undefined) return announce(world, watch, watched);
  const launchMs = watched.lastLaunchMs;
  const isDone = await soon(world.clock, HEAR_OF_ACT_MS, done);
  if (isDone && watched.lastLaunchMs === launchMs) replan(world, watch, watched);
  await announce(world, watch, watched);
  if (isDone) return;
  await done;
  await announce(world, watch, watched);
};

/** Ends when what was decided is done, or could not be. Most sites have nothing to do, and wait for nothing. */
const act = (hands: Hands, watched: Watched): Promise<void> | undefined =>
  needsListing(watched) || watched.site.readdress !== undefined ? actInTurn(hands, watched) : undefined;

const actInTurn = async (hands: Hands, watched: Watched): Promise<void> => {
  const { site } = watched;
  // EC2 has a part in how these stand, and may be slow where the zone is not.
  const moves = site.readdress?.allocationId !== undefined;
  await hands.zones.add(moves ? `${site.zone} ${site.name}` : site.zone, watched);
  if (site.readdress !== undefined) await hands.addresses.add(site.name, watched);
};

const judgeAndDecide = (world: World, watched: Watched, look: Look): void => {
  const { site, blindRounds } = watched;
  const { config } = world;
  const nowMs = world.clock.now();
  const view = zoneViewOf(watched);
  const listed = watched.view ?? { kind: 'nothing' as const };
  const judged = judge({ site, state: watched.state, view: view ?? listed }, look, config);
  change(watched, () => advancePoint(site, judged, listed, nowMs));
  watched.lastLook = look;
  if (look.full) {
    watched.blindRounds = sightedVantages(look).length < quorum(config.vantages.length) ? blindRounds + 1 : 0;
  }
  if (view === undefined) {
    // Nobody knows what DNS says: health is judged, and nothing is decided until the zone could be read.
    delete watched.assessment;
    return;
  }
  const { state } = watched;
  const assessment = assess({ site, state, view }, look, nowMs, config);
  watched.moveWaits = assessment.moveWaits;
  if (assessment.decision.reason === 'flapping') {
    change(watched, (now) => ({ ...now, damping: afterWaiting(now.damping, nowMs) }));
  }
  watched.assessment = {
    site,
    state,
    view,
    look,
    nowMs,
    config,
    blindRounds,
    editConfirmed: false,
    stateLost: false,
    stateKnown: true,
    listed: watched.view !== undefined,
    ...assessment,
  };
};
