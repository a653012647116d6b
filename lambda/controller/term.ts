import { soon } from '../async/deadline.ts';
import { runTask, type Task } from '../async/task.ts';
import type { Work } from '../async/work.ts';
import { readFault } from '../book/table.ts';
import { looksOnce } from '../core/evidence/jitter.ts';
import { type Baton, HARD_LIMIT_MS, refuseEvent } from '../core/state/baton.ts';
import { tellLast } from '../notify/teller.ts';
import type { Clock, Store, World } from '../ports.ts';
import { handOver, holdBaton } from './baton.ts';
import { noticeJump } from './clock-jumps.ts';
import { ASK_EVERY_MS, nothingDue } from './nothing-due.ts';
import { open } from './open.ts';
import { openRooms } from './rooms.ts';
import { type Rounds, round } from './round.ts';
import { dueSites, nextDue } from './schedule.ts';

/** Without the baton nobody can tell a controller to stop, and the next one starts within a minute. */
const WITHOUT_BATON_MS = 60_000;

/** What goes on along with the rounds begins once the zones are open, and waits no longer for that. */
const OPEN_FIRST_MS = 2000;

/** What became of one event. */
export type Ended = {
  ended: 'refused' | 'not-newer' | 'succeeded' | 'nothing-due' | 'hard-limit';
  message: string;
  rounds: number;
};

/** One controller's time: from taking the baton to the next controller's taking it. */
export const runTerm = async (world: World, scheduledTime: unknown): Promise<Ended> => {
  const { clock, store } = world;
  const startedMs = clock.steady();
  const refusal = refuseEvent(scheduledTime, clock.now());
  if (refusal !== undefined) return { ended: 'refused', message: refusal, rounds: 0 };
  const { baton, error } = await takeBaton(store, Date.parse(scheduledTime as string));
  if (baton === undefined && error === undefined) {
    const message = `The event of ${scheduledTime} or a later one has been taken.`;
    return { ended: 'not-newer', message, rounds: 0 };
  }
  const stop = new AbortController();
  const { signal } = stop;
  const { book, observer, rounds, schedule, tasks, tellers, work } = openRooms(
    world,
    signal,
    baton?.lastRoundMs,
  );
  if (error !== undefined) readFault(book, error);
  const held = baton && holdBaton(schedule, observer, baton);
  const opened = work.begin(() => open(schedule, observer, baton));
  if (held !== undefined) void work.begin(() => held.noteFirst(signal));
  const running: Task[] = [];
  const beside = [() => held?.task, ...tasks].map((make) =>
    work.begin(() => runBeside({ clock, work, opened, signal }, make, running)),
  );
  const limitMs = startedMs + (baton === undefined ? WITHOUT_BATON_MS : HARD_LIMIT_MS);
  const endsEarly = held !== undefined && looksOnce(world.config.intervalSeconds);
  const isDone = nothingDue(schedule, running, signal);
  const made = await keepRounds(rounds, limitMs, endsEarly ? isDone : undefined);
  const succeeded = work.over;
  work.over = true;
  stop.abort();
  await Promise.all(beside);
  while (work.underWay.size > 0) await Promise.all(work.underWay);
  await tellLast(book, tellers);
  if (succeeded) await handOver(schedule, held?.heldMs());
  if (succeeded) return { ended: 'succeeded', message: 'A newer controller holds the baton.', rounds: made };
  return clock.steady() < limitMs
    ? { ended: 'nothing-due', message: 'Nothing is due before the next controller.', rounds: made }
    : { ended: 'hard-limit', message: 'No newer controller came in time.', rounds: made };
};

/** The baton for an event, or why the table did not tell; neither when a newer event has been taken. */
const takeBaton = async (
  store: Store,
  scheduledMs: number,
): Promise<{ baton?: Baton | undefined; error?: unknown }> => {
  try {
    return { baton: await store.takeBaton(scheduledMs) };
  } catch (error) {
    return { error };
  }
};

/** Runs a task from when the zones are open until the signal. */
const runBeside = async (
  { clock, work, opened, signal }: { clock: Clock; work: Work; opened: Promise<void>; signal: AbortSignal },
  make: () => Task | undefined,
  running: Task[],
): Promise<void> => {
  await soon(clock, OPEN_FIRST_MS, opened);
  const task = make();
  if (task === undefined) return;
  running.push(task);
  await runTask(clock, task, signal, (error) => work.noteDefect(error));
};

/**
 * Starts rounds when they are due, until a newer controller holds the baton, the time is up or `isDone` says so;
 * answers how many.
 */
const keepRounds = async (rounds: Rounds, limitMs: number, isDone?: () => boolean): Promise<number> => {
  const { schedule } = rounds;
  const { clock, work } = rounds.apply;
  let made = 0;
  while (!work.over && clock.steady() < limitMs) {
    noticeJump(schedule);
    const nowMs = clock.now();
    const due = dueSites(schedule, nowMs);
    if (due.length > 0) {
      made += 1;
      void work.begin(() => round(rounds, due, nowMs));
    }
    if (isDone?.()) break;
    const leftMs = Math.min(limitMs - clock.steady(), nextDue(schedule) - clock.now());
    schedule.wake.reset();
    await clock.sleep(isDone === undefined ? leftMs : Math.min(leftMs, ASK_EVERY_MS), schedule.wake.signal());
  }
  return made;
};
