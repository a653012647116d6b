import { act } from '../apply/act.ts';
import { moveAddress } from '../apply/move-address.ts';
import { publishTask } from '../apply/publish.ts';
import { OVER, soon } from '../async/deadline.ts';
import { newLanes } from '../async/lanes.ts';
import { newSlots } from '../async/pool.ts';
import { runTask, type Task } from '../async/task.ts';
import { rememberedDeployment } from '../book/announce.ts';
import { historyTask } from '../book/history.ts';
import { DOCUMENTS_AT_ONCE, readFault, storeTask } from '../book/table.ts';
import { begin, noteDefect, type Watch, type Watched, watchSite } from '../book/watch.ts';
import { type Baton, HARD_LIMIT_MS, refuseEvent } from '../core/state/baton.ts';
import { askTask } from '../dns/asking.ts';
import { checkupTask } from '../doctor/checkup.ts';
import { tellLast, tellTask } from '../notify/teller.ts';
import type { Asked } from '../observe/ask-vantages.ts';
import type { World } from '../ports.ts';
import { batonTask, handOver, listAnew } from './baton.ts';
import { clockOffsetMs, noticeJump } from './clock-jumps.ts';
import { open } from './open.ts';
import { type Hands, round } from './round.ts';
import { mayLook, nextLook } from './schedule.ts';

/** Without the baton nobody can tell a controller to stop, and the next one starts within a minute. */
const WITHOUT_BATON_MS = 60_000;

/** What goes on beside the rounds begins once the zones are open, and waits no longer for that. */
const OPEN_FIRST_MS = 2000;

/** What became of one event. */
export type Ended = {
  ended: 'refused' | 'not-newer' | 'succeeded' | 'hard-limit';
  message: string;
  rounds: number;
};

/** One controller's time: from taking the baton to the next controller's taking it. */
export const runTerm = async (world: World, scheduledTime: unknown): Promise<Ended> => {
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
  const stop = new AbortController();
  const watch = newWatch(world, stop.signal, baton?.lastRoundMs);
  if (storeError !== undefined) readFault(world, watch, storeError);
  const limitMs = startedMs + (baton === undefined ? WITHOUT_BATON_MS : HARD_LIMIT_MS);
  const { rounds, succeeded } = await keepWatch(world, watch, baton, limitMs, stop);
  return succeeded
    ? { ended: 'succeeded', message: 'A newer controller holds the baton.', rounds }
    : { ended: 'hard-limit', message: 'No newer controller came in time.', rounds };
};

/** What a controller begins with; `signal` says when it ends, `lastRoundMs` when anybody looked last. */
export const newWatch = (world: World, signal: AbortSignal, lastRoundMs = 0): Watch => {
  const { config, clock } = world;
  return {
    id: world.nonce(),
    sites: config.sites.map((site) => watchSite(site, clock.now(), config.intervalSeconds)),
    readsAway: false,
    savesAway: false,
    failing: new Set(),
    batonFailures: 0,
    storeFailed: false,
    saves: newSlots(DOCUMENTS_AT_ONCE),
    deploymentRead: false,
    progress: new Map(),
    ends: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    work: new Set(),
    claimedTokens: 0,
    telling: new Set(),
    told: new Set(),
    clockOffsetMs: clockOffsetMs(world),
    jumps: 0,
    over: false,
    lastRoundMs,
    roundsDecided: 0,
    lastHeartbeatMs: 0,
    blindVantages: new Map(),
    seeingVantages: new Set(),
    deployment: rememberedDeployment(world),
  };
};

/** Opens the zones, starts rounds when they are due, and keeps everything else going beside them, until it is over. */
const keepWatch = async (
  world: World,
  watch: Watch,
  baton: Baton | undefined,
  limitMs: number,
  stop: AbortController,
): Promise<{ rounds: number; succeeded: boolean }> => {
  const { signal } = stop;
  const { clock } = world;
  const hands = handsOf(world, watch);
  let wake = new AbortController();
  watch.wake = () => wake.abort(OVER);
  const opened = begin(world, watch, () => open(world, watch, baton));
  const tasks = tasksOf(world, watch, baton, signal).map((make) =>
    begin(world, watch, async () => {
      await soon(clock, OPEN_FIRST_MS, opened);
      const task = make();
      if (task !== undefined) await runTask(clock, task, signal, (error) => noteDefect(world, watch, error));
    }),
  );
  let rounds = 0;
  while (!watch.over && clock.steady() < limitMs) {
    noticeJump(world, watch);
    const nowMs = clock.now();
    const due = watch.sites.filter((w) => mayLook(w) && w.nextLookMs <= nowMs);
    if (due.length > 0) {
      rounds += 1;
      startRound(world, watch, hands, due, nowMs);
    }
    const ahead = watch.sites.filter(mayLook).map((w) => w.nextLookMs);
    const leftMs = Math.min(limitMs - clock.steady(), Math.min(...ahead) - clock.now());
    wake = new AbortController();
    await clock.sleep(leftMs, wake.signal);
  }
  const succeeded = watch.over;
  watch.over = true;
  stop.abort();
  await Promise.all(tasks);
  while (watch.work.size > 0) await Promise.all(watch.work);
  await tellLast(world, watch);
  if (succeeded) await handOver(world, watch);
  return { rounds, succeeded };
};

/** What goes on beside the rounds, each for itself. */
const tasksOf = (
  world: World,
  watch: Watch,
  baton: Baton | undefined,
  signal: AbortSignal,
): (() => Task | undefined)[] => [
  () => baton && batonTask(world, watch, baton),
  () => storeTask(world, watch, () => listAnew(world, watch, watch.sites)),
  () => publishTask(world, watch),
  () => tellTask(world, watch),
  () => checkupTask(world, watch),
  () => askTask(world, watch, signal),
  () => historyTask(world, watch),
];

/** A line of work for each zone, and one for each address that moves. */
export const handsOf = (world: World, watch: Watch): Hands => ({
  zones: newLanes(world.clock, (_, sites) => begin(world, watch, () => act(world, watch, sites))),
  addresses: newLanes(world.clock, (_, [watched]) =>
    begin(world, watch, async () => {
      if (watched !== undefined) await moveAddress(world, watch, watched);
    }),
  ),
});

const startRound = (world: World, watch: Watch, hands: Hands, due: Watched[], nowMs: number): void => {
  const asked: Asked[] = due.map((watched) => ({ watched, full: watched.pace.full }));
  for (const watched of due) {
    watched.underWay += 1;
    watched.lastLaunchMs = nowMs;
    watched.nextLookMs = nextLook(world, watched);
  }
  void begin(world, watch, () => round(world, watch, hands, { asked, startMs: nowMs }));
};
