import { loadDeployment, rememberedDeployment } from './announce.ts';
import { handOver, keepBaton } from './baton.ts';
import { type Baton, gapMs, HARD_LIMIT_MS, refuseEvent } from './core/baton.ts';
import { keepAsking } from './dns/asking.ts';
import { keepCheckup } from './doctor/checkup.ts';
import { heartbeat } from './heartbeat.ts';
import { keepHistory } from './history.ts';
import { clockOffsetMs, noticeJump } from './jumps.ts';
import { listAgain } from './listing.ts';
import { mayLook, nextLook, planNextLook, resume } from './pacing.ts';
import type { Asked } from './probe.ts';
import { publish } from './publish.ts';
import { noticeRemoved } from './removed.ts';
import { round } from './round.ts';
import { keepTelling } from './teller.ts';
import {
  noteDefect,
  type Queue,
  reload,
  sitesOf,
  storeFault,
  type Watch,
  type Watched,
  watchSite,
} from './watch.ts';
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
    deployment: rememberedDeployment(world),
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
  if (succeeded) await handOver(world, watch);
  return { rounds, succeeded };
};

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
    for (const { watched, full } of asked) planNextLook(world, watched, full, nowMs);
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

const askPublished = async (world: World, watch: Watch, queue: Queue, signal: AbortSignal): Promise<void> => {
  while (!watch.over) {
    await world.clock.sleep(PUBLISH_EVERY_MS, signal);
    if (signal.aborted) return;
    if (watch.sites.some((w) => w.state.unpublished !== undefined)) await queue(() => publish(world, watch));
  }
};
