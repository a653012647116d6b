import type { Task } from '../async/task.ts';
import { isDeploymentStored } from '../book/deployment.ts';
import { isAway, isSaved } from '../book/table.ts';
import { nextStart } from '../core/evidence/jitter.ts';
import type { SiteState } from '../core/state/site-state.ts';
import type { Schedule } from './schedule.ts';

/** How often it is asked while something is under way, milliseconds; Lambda is paid by the millisecond. */
export const ASK_EVERY_MS = 100;

/** What a state waits for: a write, name servers, people, a record in the history. */
const waits = ({ intent, unpublished, propagation, point, failbackAsked, outbox, history }: SiteState) =>
  [intent, unpublished, propagation, point, failbackAsked].some((each) => each !== undefined) ||
  outbox.length + history.length > 0;

/**
 * Whether a controller has nothing to do before its successor starts: each site was looked at and is due with that one,
 * everything is stored and told, and nothing is under way but as many `tasks` as go on for as long as it lives.
 */
const isIdle = ({ book, slots }: Schedule, tasks: number): boolean => {
  const { deployment, entries, work } = book;
  const isLeft = [...slots.values()].every(
    ({ underWay, lastLaunchMs, nextLookMs }) =>
      underWay === 0 && lastLaunchMs > 0 && nextLookMs >= nextStart(lastLaunchMs),
  );
  const isStored = [...entries.values()].every((entry) => isSaved(entry) && !waits(entry.state));
  const isHeard = deployment.state.outbox.length === 0 && isDeploymentStored(book);
  return isLeft && isStored && isHeard && !isAway(book) && work.underWay.size <= tasks;
};

/**
 * Answers whether the controller may end, asked again and again. A process that waits costs as much as one that works,
 * and one look a minute takes a second or two. Before it ends, each task has its turn, since the times between their
 * turns are longer than that.
 */
export const nothingDue = (
  schedule: Schedule,
  tasks: readonly Task[],
  signal: AbortSignal,
): (() => boolean) => {
  const { work } = schedule.book;
  let hadTurns = false;
  return () => {
    if (!isIdle(schedule, tasks.length)) return false;
    if (hadTurns) return true;
    hadTurns = true;
    void work.begin(async () => {
      for (const task of tasks) await task.run(signal);
    });
    return false;
  };
};
