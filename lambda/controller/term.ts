import { soon } from '../async/deadline.ts';
import { runTask, type Task } from '../async/task.ts';
import type { Work } from '../async/work.ts';
import { readFault } from '../book/table.ts';
import { type Baton, HARD_LIMIT_MS, refuseEvent } from '../core/state/baton.ts';
import { tellLast } from '../notify/teller.ts';
import type { Clock, Store, World } from '../ports.ts';
import { handOver, holdBaton } from './baton.ts';
import { noticeJump } from './clock-jumps.ts';
import { open } from './open.ts';
import { openRooms } from './rooms.ts';
import { type Rounds, round } from './round.ts';
import { dueSites, nextDue } from './schedule.ts';

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
  const { book, rounds, schedule, tasks, teller, work } = openRooms(world, signal, baton?.lastRoundMs);
  if (error !== undefined) readFault(book, error);
  const held = baton && holdBaton(schedule, baton);
  const opened = work.begin(() => open(schedule, baton));
  const beside = [() => held?.task, ...tasks].map((make) =>
    work.begin(() => runBeside({ clock, work, opened, signal }, make)),
  );
  const made = await keepRounds(rounds, startedMs + (baton === undefined ? WITHOUT_BATON_MS : HARD_LIMIT_MS));
  const succeeded = work.over;
  work.over = true;
  stop.abort();
  await Promise.all(beside);
  while (work.underWay.size > 0) await Promise.all(work.underWay);
  await tellLast(teller);
  if (succeeded) await handOver(schedule, held?.heldMs());
  return succeeded
    ? { ended: 'succeeded', message: 'A newer controller holds the baton.', rounds: made }
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
): Promise<void> => {
  await soon(clock, OPEN_FIRST_MS, opened);
  const task = make();
  if (task !== undefined) await runTask(clock, task, signal, (error) => work.noteDefect(error));
};

/** Starts rounds when they are due, until a newer controller holds the baton or the time is up; answers how many. */
const keepRounds = async (rounds: Rounds, limitMs: number): Promise<number> => {
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
    const leftMs = Math.min(limitMs - clock.steady(), nextDue(schedule) - clock.now());
    schedule.wake.reset();
    await clock.sleep(leftMs, schedule.wake.signal());
  }
  return made;
};
