import type { Config } from '../site/site.ts';
import { type DeploymentState, enqueueNews } from '../state/deployment-state.ts';
import type { Finding } from '../state/finding.ts';
import type { NewsOf } from '../state/news.ts';
import { isReminderDue, remindersOf, withReminders } from '../state/reminders.ts';
import type { Diagnosis } from './diagnosis.ts';
import { keyOf } from './findings.ts';

/** The doctor looks once a day. Milliseconds. */
const EVERY_MS = 24 * 3_600_000;
/** The first time an hour after the first deployment: by then its mails are confirmed and its zone is delegated, or they are forgotten. */
const FIRST_MS = 3_600_000;
/** What stays broken is told again after a week. */
const AGAIN_MS = 7 * EVERY_MS;
/** What was not answered is asked once more after so long, before anybody is told. Milliseconds. */
const UNANSWERED_AGAIN_MS = 10 * 60_000;
/** Findings in one message: a tired person reads no more. */
const LISTED = 20;

/** What is announced at once, by its own name, is not told a second time by the daily check. */
const TOLD_ELSEWHERE = [
  'edited-by-hand',
  'no-record',
  'no-standby',
  'standby-blocked',
  'server-blocked',
  'held',
  'pinned',
  'vantage-blind',
  'quorum-blind',
  'zone-unread',
  'state-away',
  'state-unreadable',
  'controller-silent',
  'announcements-waiting',
  'checkup-overdue',
];
/** What only the controller can find, and the console repeats to who asks. */
const KEPT = [
  'permission-write',
  'permission-announce',
  'permission-store',
  'permission-follow',
  'family-unseen',
];

/** Whether the daily check is due, and the state to save when it was never thought of before. */
export const checkupDue = (state: DeploymentState, nowMs: number): boolean =>
  state.checked !== undefined && nowMs >= (state.checked.againMs ?? state.checked.atMs + EVERY_MS);

/** Sets the time of the first check, once. */
export const planCheckup = (state: DeploymentState, nowMs: number): DeploymentState =>
  state.checked === undefined
    ? { ...state, checked: { atMs: nowMs - EVERY_MS + FIRST_MS, kept: [] } }
    : state;

/**
 * The state after a check. When something was not answered, the check is made a second time before anything of it is told; what
 * is not answered then is told as not known. Else what is new is told as one; what has gone is forgotten, so that it is news when it
 * comes back.
 */
export const noteCheckup = (
  state: DeploymentState,
  { findings, prognoses }: Diagnosis,
  nowMs: number,
  config: Config,
): DeploymentState => {
  const { checked } = state;
  if (checked && checked.againMs === undefined && findings.some((one) => one.unknown !== undefined))
    return { ...state, checked: { ...checked, againMs: nowMs + UNANSWERED_AGAIN_MS } };
  const before = remindersOf(state.reminders, 'checkup');
  const worth = findings.filter((one) => one.severity !== 'note' && !TOLD_ELSEWHERE.includes(one.code));
  const isNews = (one: Finding) => isReminderDue(before[keyOf(one)], nowMs, AGAIN_MS);
  const fresh = worth.filter(isNews);
  const told = Object.fromEntries(
    worth.map((one) => [keyOf(one), isNews(one) ? nowMs : (before[keyOf(one)] ?? nowMs)]),
  );
  const kept = findings.filter(({ code }) => KEPT.includes(code));
  const news = fresh.length === 0 ? [] : [{ kind: 'checkup', news: newsOf(fresh, prognoses), atMs: nowMs }];
  const reminders = withReminders(state.reminders, 'checkup', told);
  return enqueueNews({ ...state, checked: { atMs: nowMs, kept }, reminders }, news, config);
};

/** The first of them, in a sentence each, and how many there are. */
const some = (prognoses: Diagnosis['prognoses'], would: string) => {
  const all = prognoses.filter((one) => one.would === would);
  return { first: all.slice(0, LISTED).map(({ text }) => text), count: all.length };
};

/** The first of each code before the second of any: what is so of many sites hides nothing else. */
const firstOfEach = (findings: readonly Finding[]): Finding[] => {
  const met = new Map<string, number>();
  const ranked = findings.map((one) => {
    const rank = met.get(one.code) ?? 0;
    met.set(one.code, rank + 1);
    return { one, rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
};

const newsOf = (findings: Finding[], prognoses: Diagnosis['prognoses']): NewsOf<'checkup'> => ({
  type: 'checkup',
  findings: firstOfEach(findings).slice(0, LISTED),
  count: findings.length,
  sites: prognoses.length,
  not: some(prognoses, 'not'),
  open: some(prognoses, 'unknown'),
});
