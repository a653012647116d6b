import { noteNews } from '../assess/announce.ts';
import { assessmentOf } from '../assess/assess.ts';
import { soon } from '../async/deadline.ts';
import { stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { same } from '../core/base/same.ts';
import { evidenceOf } from '../core/evidence/evidence.ts';
import { servingOf } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import { isReminderDue, remindersOf } from '../core/state/reminders.ts';
import { LATE, refusalTold, tellRefusal } from '../core/steps/refused.ts';
import { dueLine } from '../log/lines.ts';
import { listedOf } from '../zones/listing.ts';
import { type Apply, gateOf, type Progress } from './gate.ts';

/**
 * A move is made within a second when all is well. What takes longer is told as not made, in the time in which people
 * would have heard of the move, unless its zone's line gets on.
 */
const LATE_MS = 4500;
const SOON_MS = 1000;

/** Whether the site should move and has not; not while it waits for its turn, or a person or a protection keeps it. */
const isDue = ({ assessments, book, listings }: Apply, site: Site): boolean => {
  const assessment = assessmentOf(assessments, site);
  if (assessment?.decision.act !== 'serve' || assessment.decision.waits) return false;
  // What a person has ordered since is decided on at the next look.
  if (!same(assessment.state.override, stateOf(book, site).override)) return false;
  const view = listedOf(listings, site).view ?? assessment.view;
  const isKept = view.kind === 'edited' || stateOf(book, site).protected !== undefined;
  return !isKept && servingOf(view) !== assessment.decision.server;
};

/** Notes since when a move is due, and watches over it. */
export const noteDue = (apply: Apply, site: Site): void => {
  const gate = gateOf(apply, site);
  if (!isDue(apply, site)) {
    delete gate.dueSinceMs;
    return;
  }
  // A failover is not late because the failback before it was.
  const { reason = '', server: to = '' } = assessmentOf(apply.assessments, site)?.decision ?? {};
  const move = `${reason} to ${to}`;
  if (gate.dueSinceMs === undefined || gate.dueMove !== move) {
    gate.dueSinceMs = apply.clock.now();
    apply.log(dueLine(apply.config.deployment, { site: site.name, to, reason }, gate.dueSinceMs));
    gate.dueMove = move;
    // What was refused before this move was due may be taken by now, and people are to hear of this one why it is not.
    gate.holdWritesUntilMs = 0;
  }
  if (gate.dueWatched) return;
  gate.dueWatched = true;
  void apply.work.begin(async () => {
    try {
      await watchOver(apply, site);
    } finally {
      gate.dueWatched = false;
    }
  });
};

/** A zone's line that stood still before the move was due is not waited for as long again. */
const lateAtMs = (dueSinceMs: number, progress: Progress | undefined): number => {
  const stuckMs = progress?.waitsFor ? progress.stuckMs : Math.max(dueSinceMs, progress?.stuckMs ?? 0);
  return Math.max(dueSinceMs + SOON_MS, stuckMs + LATE_MS);
};

/** Ends when the move was made or is no longer due, or once it was told as not made. */
const watchOver = async (apply: Apply, site: Site): Promise<void> => {
  const { clock, work } = apply;
  for (;;) {
    const { dueSinceMs } = gateOf(apply, site);
    if (work.over || dueSinceMs === undefined || !isDue(apply, site)) return;
    const progress = apply.progress.get(site.zone);
    const leftMs = lateAtMs(dueSinceMs, progress) - clock.now();
    if (leftMs <= 0) return tellLate(apply, site, dueSinceMs, progress?.waitsFor);
    await soon(clock, leftMs, work.ends);
  }
};

const tellLate = async (
  { assessments, book, clock }: Apply,
  site: Site,
  sinceMs: number,
  waitsFor = 'nothing has been tried yet',
): Promise<void> => {
  // First why the site should move: people read in the order of what happened.
  noteNews(assessments, site);
  const assessment = assessmentOf(assessments, site);
  const before = stateOf(book, site).reminders;
  const nowMs = clock.now();
  // Why it cannot be made was told in Route 53's own words, perhaps by the controller before.
  const isTold = Object.values(remindersOf(before, 'refused')).some((atMs) => !isReminderDue(atMs, nowMs));
  if (assessment === undefined || isTold) return;
  // The same trouble says so many milliseconds in ever other words.
  const reminders = tellRefusal(before, LATE, nowMs);
  if (reminders === undefined) return;
  const { facts, decision, look } = assessment;
  const { reason, server: to = '' } = decision;
  const write = { from: facts.serving ?? null, to, reason };
  const evidence = evidenceOf(site, look);
  const news = { type: 'late', ...write, sinceMs, waitsFor, evidence } as const;
  change(book, site, refusalTold(site, news, reminders, nowMs));
  await save(book, site);
  book.tell.ring();
};
