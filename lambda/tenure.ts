import { loadDeployment } from './announce.ts';
import { type Baton, gapMs, HARD_LIMIT_MS, LOOK_EVERY_MS, refuseEvent } from './core/baton.ts';
import { emptyDeployment } from './core/deployment.ts';
import { nextDueMs } from './core/phase.ts';
import { isUnderWay } from './core/readdress.ts';
import type { SiteState } from './core/state.ts';
import { paceOf, servingOf } from './core/targets.ts';
import { keepAsking } from './dns/asking.ts';
import { keepCheckup } from './doctor/checkup.ts';
import { heartbeat } from './heartbeat.ts';
import { keepHistory } from './history.ts';
import { clockOffsetMs, noticeJump } from './jumps.ts';
import { listAgain } from './listing.ts';
import type { Asked } from './probe.ts';
import { publish } from './publish.ts';
import { noticeRemoved } from './removed.ts';
import { round } from './round.ts';
import { keepTelling } from './teller.ts';
import { noteDefect, type Queue, reload, storeFault, type Watch, type Watched, watchSite } from './watch.ts';
import type { World } from './world.ts';

/** Without the baton nobody can tell a controller to stop, and the next one starts within a minute. */
const WITHOUT_BATON_MS = 60_000;
/** How often accepted changes are asked after until all name servers answer with them. */
const PUBLISH_EVERY_MS = 1000;

/** What became of one event. */
export type Ended = {
  ended: 'refused' | 'not-newer' | 'succeeded' | 'hard-limit';
  message: string;
  rounds: number;
};

/** One controller's time: from taking the baton to the next controller's taking it. */
export const tenure = async (world: World, scheduledTime: unknown): Promise<Ended> => {
  const startedMs = world.clock.steady();
  const refusal = refuseEvent(scheduledTime, world.clock.now());
  if (refusal !== undefined) return { ended: 'refused', message: refusal, rounds: 0 };
  let baton: Baton | undefined;
  let storeError: unknown;
  try {
    baton = await world.store.takeBaton(Date.parse(scheduledTime as string));
    if (baton === undefined) {
      return {
        ended: 'not-newer',
        message: `The event of ${scheduledTime} or a later one has been taken.`,
        rounds: 0,
      };
    }
  } catch (error) {
    storeError = error;
  }
  const watch = await openWatch(world, baton, storeError);
  const limitMs = startedMs + (baton === undefined ? WITHOUT_BATON_MS : HARD_LIMIT_MS);
  const { rounds, succeeded } = await keepWatch(world, watch, baton, limitMs);
  return succeeded
    ? { ended: 'succeeded', message: 'A newer controller holds the baton.', rounds }
    : { ended: 'hard-limit', message: 'No newer controller came in time.', rounds };
};

/** Loads what the predecessor left and lists every zone once. */
const openWatch = async (world: World, baton: Baton | undefined, storeError: unknown): Promise<Watch> => {
  const { config, clock } = world;
  const nowMs = clock.now();
  const lastRoundMs = baton?.lastRoundMs ?? 0;
  const watch: Watch = {
    sites: config.sites.map((site) => watchSite(site, nowMs, config.intervalSeconds)),
    ...(baton === undefined ? {} : { term: baton.term }),
    storeAway: false,
    clockOffsetMs: clockOffsetMs(world),
    jumps: 0,
    storeRetryMs: 0,
    over: false,
    lastRoundMs,
    roundsDecided: 0,
    lastHeartbeatMs: 0,
    heartbeats: Promise.resolve(),
    blindVantages: new Map(),
    seeingVantages: new Set(),
    deployment: { state: emptyDeployment(), version: 0, saved: '' },
  };
  if (storeError !== undefined) storeFault(world, watch, storeError);
  await Promise.all([reload(world, watch, watch.sites), loadDeployment(world, watch)]);
  await noticeRemoved(world, watch);
  // Only now: a listing is judged against what is remembered of our own writes.
  await Promise.all(config.zones.map(({ name }) => listAgain(world, name, sitesOf(watch, name))));
  const freshMs = gapMs(config.intervalSeconds);
  // A last round that lies ahead was noted by a clock that is wrong: nothing it says of time can be used.
  const gap = clock.now() - lastRoundMs > freshMs || lastRoundMs > clock.now() + freshMs;
  for (const watched of watch.sites) resume(world, watched, gap, lastRoundMs);
  return watch;
};

const sitesOf = (watch: Watch, zone: string): Watched[] => watch.sites.filter((w) => w.site.zone === zone);

/** Goes on where the predecessor stopped; after a gap every health is unknown and all vantages look until it is settled. */
const resume = (world: World, watched: Watched, gap: boolean, lastRoundMs: number): void => {
  const nowMs = world.clock.now();
  if (gap) watched.state = { ...watched.state, targets: {} };
  for (const target of Object.values(watched.state.targets)) {
    if (target.lapsed === undefined) target.freshMs = Math.max(target.freshMs, lastRoundMs);
  }
  watched.pace = paceNow(world, watched);
  const settledPace = watched.pace.everyMs >= world.config.intervalSeconds * 1000;
  watched.nextLookMs = settledPace && !gap ? nextInterval(world, lastRoundMs) : nowMs;
};

const nextInterval = ({ config, nextDueMs: own }: World, afterMs: number): number =>
  own?.(afterMs) ?? nextDueMs(config.deployment, config.intervalSeconds * 1000, afterMs);

const paceNow = (world: World, { site, state, standing, blindRounds, moveWaits }: Watched) =>
  Object.keys(state.targets).length === 0
    ? { full: true, everyMs: site.confirmEverySeconds * 1000 }
    : paceOf(
        site,
        state.targets,
        {
          serving: standing && servingOf(standing),
          blind: blindRounds > 0,
          moveWaits: moveWaits || state.failbackAsked !== undefined,
          underWay: isUnderWay(site, standing, state),
        },
        world.config.intervalSeconds,
      );

/** Starts rounds when they are due, keeps the baton and asks after changes, side by side, until it is over. */
const keepWatch = async (
  world: World,
  watch: Watch,
  baton: Baton | undefined,
  limitMs: number,
): Promise<{ rounds: number; succeeded: boolean }> => {
  const stop = new AbortController();
  let rounds = 0;
  // Rounds are judged, and states written, one after the other in order of start: this is the end of that line.
  let line: Promise<void> = Promise.resolve();
  const queue: Queue = (task) => {
    line = guarded(world, watch, line, task);
    return line;
  };
  const helpers = [
    ...(baton === undefined ? [] : [keepBaton(world, watch, baton, queue, stop.signal)]),
    askPublished(world, watch, queue, stop.signal),
    keepTelling(world, watch, queue, stop.signal),
    keepCheckup(world, watch, queue, stop.signal),
    keepAsking(world, watch, queue, stop.signal),
    keepHistory(world, watch, queue, stop.signal),
    // A defect in one of them ends that one, and neither the process nor the watch.
  ].map((helper) => helper.catch((error) => noteDefect(world, watch, error)));
  let wake = new AbortController();
  watch.wake = () => wake.abort();
  while (!watch.over && world.clock.steady() < limitMs) {
    noticeJump(world, watch);
    const nowMs = world.clock.now();
    const free = watch.sites.filter(mayLook);
    const due = free.filter((w) => w.nextLookMs <= nowMs);
    if (due.length > 0) {
      rounds += 1;
      line = startRound(world, watch, due, nowMs, line);
    }
    const ahead = watch.sites.filter(mayLook).map((w) => w.nextLookMs);
    const leftMs = Math.min(limitMs - world.clock.steady(), Math.min(...ahead) - world.clock.now());
    wake = new AbortController();
    await world.clock.sleep(leftMs, wake.signal);
  }
  const succeeded = watch.over;
  watch.over = true;
  stop.abort();
  await Promise.all([line, ...helpers]);
  await Promise.all([line, watch.heartbeats]);
  return { rounds, succeeded };
};

/**
 * A site that still waits to be judged is not looked at again: what is seen now would be old when its turn comes. Nor is one
 * with more looks under way than start within a probe's timeout: its probers are behind already, and more would keep them there.
 */
const mayLook = ({ site, waiting, underWay }: Watched): boolean =>
  waiting === 0 && underWay <= site.probe.timeoutSeconds / site.confirmEverySeconds;

const startRound = async (
  world: World,
  watch: Watch,
  due: Watched[],
  nowMs: number,
  before: Promise<void>,
): Promise<void> => {
  const asked: Asked[] = due.map((watched) => ({ watched, full: watched.pace.full }));
  for (const watched of due) {
    watched.underWay += 1;
    watched.lastLaunchMs = nowMs;
    watched.nextLookMs = nextLook(world, watched);
  }
  await guarded(world, watch, Promise.resolve(), () => round(world, watch, asked, nowMs, before));
  for (const { watched } of asked) watched.underWay -= 1;
  await guarded(world, watch, Promise.resolve(), async () => {
    for (const { watched, full } of asked) plan(world, watched, full, nowMs);
  });
  const beat = guarded(world, watch, Promise.resolve(), () => heartbeat(world, watch));
  watch.heartbeats = Promise.all([watch.heartbeats, beat]).then(() => undefined);
  watch.wake?.();
};

/** A defect in one task must not end the watch: the next one starts from what is saved and listed. */
const guarded = async (
  world: World,
  watch: Watch,
  before: Promise<void>,
  task: () => Promise<void>,
): Promise<void> => {
  await before;
  try {
    await task();
  } catch (error) {
    noteDefect(world, watch, error);
  }
};

/** Confirmation rounds are exactly so far apart, even where that is an interval: thresholds count on it. */
const nextLook = (world: World, { lastLaunchMs, pace, site }: Watched): number => {
  const { intervalSeconds } = world.config;
  const confirms = pace.full && site.confirmEverySeconds >= intervalSeconds;
  return pace.everyMs >= intervalSeconds * 1000 && !confirms
    ? nextInterval(world, lastLaunchMs)
    : lastLaunchMs + pace.everyMs;
};

/** When and how a site is looked at next, after what was seen. The first look that is not all passed calls all vantages at once. */
const plan = (world: World, watched: Watched, full: boolean, startMs: number): void => {
  const { lastLook } = watched;
  const alarmed =
    !full &&
    Object.values(lastLook?.sightings ?? {}).some((byTarget) =>
      Object.values(byTarget).some((s) => s.outcome !== 'passed'),
    );
  watched.pace = alarmed
    ? { full: true, everyMs: watched.site.confirmEverySeconds * 1000 }
    : paceNow(world, watched);
  // Another alarm may have called all vantages already: what follows keeps its distance from that.
  const called = watched.lastLaunchMs > startMs;
  watched.nextLookMs = alarmed && !called ? world.clock.now() : nextLook(world, watched);
};

/** Keeps the baton by noting the last round, and learns from it when it is over and when a hand wrote something. */
const keepBaton = async (
  world: World,
  watch: Watch,
  taken: Baton,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> => {
  let { wake } = taken;
  let notedMs = taken.lastRoundMs;
  while (!watch.over) {
    await world.clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      const note = watch.lastRoundMs > notedMs;
      notedMs = watch.lastRoundMs;
      const baton = note ? await world.store.keepBaton(taken.term, notedMs) : await world.store.readBaton();
      if (baton === undefined || baton.term !== taken.term) {
        watch.over = true;
        watch.wake?.();
      } else if (baton.wake !== wake || watch.storeAway) {
        wake = baton.wake;
        void queue(() => readAgain(world, watch));
      }
    } catch (error) {
      storeFault(world, watch, error);
    }
  }
};

/** A hand wrote something: the states are read, and the sites it concerns are looked at now. */
const readAgain = async (world: World, watch: Watch): Promise<void> => {
  const orders = ({ hand, failbackAsked, point }: SiteState) =>
    JSON.stringify([hand, failbackAsked, point?.askedMs]);
  // What was decided on last counts: a save that met the hand's has read its order, and nothing was decided on it yet.
  const before = watch.sites.map(({ state, considered }) => orders(considered?.state ?? state));
  const { storeAway: wasAway } = watch;
  await reload(world, watch, watch.sites);
  const ordered = watch.sites.filter(({ state }, index) => orders(state) !== before[index]);
  // A hand may have written to the zone as well. After the table was away nobody has yet held what it says against the zone.
  const zones = [...new Set((wasAway ? watch.sites : ordered).map((w) => w.site.zone))];
  await Promise.all(zones.map((zone) => listAgain(world, zone, sitesOf(watch, zone))));
  for (const watched of ordered) {
    watched.pace = { ...paceNow(world, watched), full: true };
    watched.nextLookMs = world.clock.now();
  }
  watch.tell?.();
  watch.wake?.();
};

const askPublished = async (world: World, watch: Watch, queue: Queue, signal: AbortSignal): Promise<void> => {
  while (!watch.over) {
    await world.clock.sleep(PUBLISH_EVERY_MS, signal);
    if (signal.aborted) return;
    if (watch.sites.some((w) => w.state.unpublished !== undefined)) await queue(() => publish(world, watch));
  }
};
