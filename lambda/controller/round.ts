import { needsListing } from '../apply/act.ts';
import { noteDue } from '../apply/due.ts';
import type { Apply } from '../apply/gate.ts';
import { announce } from '../assess/announce.ts';
import { forgetAssessment, judgeAndDecide } from '../assess/assess.ts';
import { soon } from '../async/deadline.ts';
import type { Lanes } from '../async/lanes.ts';
import type { Look } from '../core/evidence/judge.ts';
import type { Site } from '../core/site/site.ts';
import { type Observer, observe } from '../observe/observe.ts';
import { announceDeployment } from './announce-all.ts';
import { noticeJump } from './clock-jumps.ts';
import { type Heart, heartbeat } from './heartbeat.ts';
import { logProbes, logRound } from './round-log.ts';
import { launch, planNextLook, replan, type Schedule, slotOf } from './schedule.ts';

/** The rooms that a round goes through. Zones and addresses have lines of their own, where what is decided is done. */
export type Rounds = {
  schedule: Schedule;
  observer: Observer;
  apply: Apply;
  lanes: { zones: Lanes<Site>; addresses: Lanes<Site> };
  heart: Heart;
};

/**
 * What people hear tells what came of a decision, where that is known so soon; later it is told apart. A move whose
 * save was late, and which was made then, is still known by this time.
 */
const HEAR_OF_ACT_MS = 3000;

/**
 * One look at some sites, from probe to announcement. Each site is judged as soon as its own look is over, in order of
 * start, and judging waits for nothing else: what is decided is done in lines of work that no judgement waits for.
 */
export const round = async (rounds: Rounds, sites: Site[], startMs: number): Promise<void> => {
  const { heart, observer, schedule } = rounds;
  const { clock, work } = rounds.apply;
  const { jumps } = schedule;
  const asked = sites.map((site) => ({ site, full: launch(schedule, site, startMs) }));
  const looks = observe(observer, asked, startMs);
  const seen = new Map<Site, Look>();
  const acts: Promise<void>[] = [];
  const judged = asked.map(({ site, full }) =>
    inOrder(rounds, site, async (before) => {
      const look = (await looks.get(site)) as Look;
      await before;
      slotOf(schedule, site).underWay -= 1;
      noticeJump(schedule);
      // A newer controller decides now, and what was seen here is its predecessor's; or nobody knows when it was seen.
      if (!work.over && schedule.jumps === jumps) {
        seen.set(site, look);
        judgeOne(rounds, site, look);
        const done = act(rounds, site);
        if (done !== undefined) acts.push(done);
        void work.begin(() => follow(rounds, site, done));
      }
      planNextLook(schedule, site, full, startMs);
    }),
  );
  await Promise.all(judged);
  if (seen.size === 0) return;
  logRound(schedule.book, seen, startMs);
  logProbes(schedule.book, seen);
  heart.roundsDecided += 1;
  schedule.lastRoundMs = Math.max(schedule.lastRoundMs, startMs);
  schedule.judged.ring();
  void work.begin(() => heartbeat(heart));
  await soon(clock, HEAR_OF_ACT_MS, Promise.all(acts));
  await announceDeployment(observer);
};

/** Begins a site's turn to be judged; `before` ends with the turn of the look before it. */
const inOrder = (
  { apply, schedule }: Rounds,
  site: Site,
  turn: (before: Promise<void>) => Promise<void>,
): Promise<void> => {
  const slot = slotOf(schedule, site);
  const before = slot.looks;
  slot.looks = apply.work.begin(() => turn(before));
  return slot.looks;
};

const judgeOne = ({ apply }: Rounds, site: Site, look: Look): void => {
  const { assessments, work } = apply;
  try {
    judgeAndDecide(assessments, site, look);
  } catch (error) {
    // A defect at one site must not keep the others: it is left out of this round.
    forgetAssessment(assessments, site);
    work.noteDefect(error, site.name);
  }
  noteDue(apply, site);
};

/** Tells people of a decision, in time, whether it is done by then or not. */
const follow = async (
  { apply, schedule }: Rounds,
  site: Site,
  done: Promise<void> | undefined,
): Promise<void> => {
  const { assessments, clock } = apply;
  if (done === undefined) return announce(assessments, site);
  const launchMs = slotOf(schedule, site).lastLaunchMs;
  const isDone = await soon(clock, HEAR_OF_ACT_MS, done);
  if (isDone && slotOf(schedule, site).lastLaunchMs === launchMs) replan(schedule, site);
  await announce(assessments, site);
  if (isDone) return;
  await done;
  await announce(assessments, site);
};

/** Ends when what was decided is done, or could not be. Most sites have nothing to do, and wait for nothing. */
const act = ({ apply, lanes }: Rounds, site: Site): Promise<void> | undefined =>
  needsListing(apply, site) || site.readdress !== undefined ? actInTurn(lanes, site) : undefined;

const actInTurn = async ({ zones, addresses }: Rounds['lanes'], site: Site): Promise<void> => {
  // EC2 has a part in how these stand, and may be slow where the zone is not.
  const moves = site.readdress?.allocationId !== undefined;
  await zones.add(moves ? `${site.zone} ${site.name}` : site.zone, site);
  if (site.readdress !== undefined) await addresses.add(site.name, site);
};
