import { soon } from '../async/deadline.ts';
import { noteNews } from '../book/announce.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { begin, type Progress, type Watch, type Watched } from '../book/watch.ts';
import { evidenceOf } from '../core/evidence/evidence.ts';
import { servingOf } from '../core/evidence/targets.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { LATE, refusalTold, tellRefusal } from '../core/steps/refused.ts';
import type { World } from '../ports.ts';

/**
 * A move is made within a second when all is well. What takes longer is told as not made, in the time in which people would have heard
 * of the move, unless its zone's line gets on.
 */
const LATE_MS = 4500;
const SOON_MS = 1000;

/** Whether the site should move and has not; not while it waits for its turn, or a person or a protection keeps it. */
const isDue = ({ assessment, view, state }: Watched): boolean => {
  if (assessment?.decision.act !== 'serve' || assessment.decision.waits) return false;
  const now = view ?? assessment.view;
  return (
    now.kind !== 'edited' && state.protected === undefined && servingOf(now) !== assessment.decision.server
  );
};

/** Notes since when a move is due, and watches over it. */
export const noteDue = (world: World, watch: Watch, watched: Watched): void => {
  if (!isDue(watched)) {
    delete watched.dueSinceMs;
    return;
  }
  watched.dueSinceMs ??= world.clock.now();
  if (watched.dueWatched) return;
  watched.dueWatched = true;
  void begin(world, watch, async () => {
    try {
      await watchOver(world, watch, watched);
    } finally {
      watched.dueWatched = false;
    }
  });
};

/** A zone's line that stood still before the move was due is not waited for as long again. */
const lateAtMs = (dueSinceMs: number, progress: Progress | undefined): number => {
  const stuckMs = progress?.waitsFor ? progress.stuckMs : Math.max(dueSinceMs, progress?.stuckMs ?? 0);
  return Math.max(dueSinceMs + SOON_MS, stuckMs + LATE_MS);
};

/** Ends when the move was made or is no longer due, or once it was told as not made. */
const watchOver = async (world: World, watch: Watch, watched: Watched): Promise<void> => {
  for (;;) {
    if (watch.over || watched.dueSinceMs === undefined || !isDue(watched)) return;
    const progress = watch.progress.get(watched.site.zone);
    const leftMs = lateAtMs(watched.dueSinceMs, progress) - world.clock.now();
    if (leftMs <= 0) return tellLate(world, watch, watched, progress?.waitsFor);
    await soon(world.clock, leftMs, watch.ends);
  }
};

const tellLate = async (
  world: World,
  watch: Watch,
  watched: Watched,
  waitsFor = 'nothing has been tried yet',
): Promise<void> => {
  // First why the site should move: people read in the order of what happened.
  noteNews(world, watch, watched);
  const { site, state, assessment, dueSinceMs = 0 } = watched;
  const nowMs = world.clock.now();
  // Why it cannot be made was told in Route 53's own words, perhaps by the controller before.
  const isTold = Object.values(state.told.refusals ?? {}).some((atMs) => !isReminderDue(atMs, nowMs));
  if (assessment === undefined || isTold) return;
  // The same trouble says so many milliseconds in ever other words.
  const refusals = tellRefusal(state.told.refusals, LATE, nowMs);
  if (refusals === undefined) return;
  const { facts, decision, look } = assessment;
  const { reason, server: to = '' } = decision;
  const write = { from: facts.serving ?? null, to, reason };
  const evidence = evidenceOf(site, look);
  const news = { type: 'late', ...write, sinceMs: dueSinceMs, waitsFor, evidence } as const;
  change(watched, refusalTold(site, news, refusals, nowMs));
  await save(world, watch, watched);
  watch.tell?.();
};
