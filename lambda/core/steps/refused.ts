import { clockTime } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import type { NewsOf } from '../state/news.ts';
import { enqueue } from '../state/outbox.ts';
import { isReminderDue, type Reminders, remindersOf, withReminders } from '../state/reminders.ts';
import { roleLags, type SiteState } from '../state/site-state.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Step } from './step.ts';

/**
 * So many reasons within an hour are told apart; where each refusal has words of its own, more would be a mail a
 * minute.
 */
const MOST_REASONS = 5;
/** The reason for which nothing was refused: it could not be made in time, and may be later. */
export const LATE = 'late';
/** Characters of a reason that are remembered. */
const LONGEST_REASON = 300;

/**
 * A refusal without what each try writes again in the role record, and Route 53 quotes: two in the same words are the
 * same one.
 */
const reasonOf = (message: string): string =>
  cutAtWord(message.replace(/\b(epoch|set|since)=[0-9a-f]+/g, '$1=…'));

const cutAtWord = (text: string): string =>
  text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON).replace(/\s\S*$/, '')} …`;

/**
 * The reminders with this refusal, of those that were told within the hour; undefined when it is not to be told, since
 * it was one of them. Reasons may take turns: each is told once an hour.
 */
export const tellRefusal = (reminders: Reminders, message: string, nowMs: number): Reminders | undefined => {
  const lately = Object.entries(remindersOf(reminders, 'refused')).filter(
    ([, atMs]) => !isReminderDue(atMs, nowMs),
  );
  const reason = reasonOf(message);
  if (lately.length >= MOST_REASONS || lately.some(([known]) => known === reason)) return undefined;
  return withReminders(reminders, 'refused', { ...Object.fromEntries(lately), [reason]: nowMs });
};

type Refused = NonNullable<SiteState['writeRefused']>;
type Known = Pick<SiteState, 'reminders' | 'decided' | 'writeRefused' | 'override'>;

const latestRefusal = ({ reminders }: Known): [why: string, atMs: number] | undefined =>
  Object.entries(remindersOf(reminders, 'refused')).sort(([, a], [, b]) => b - a)[0];

/**
 * Why a move that a person asked for then was not made until the order ended, as a clause; undefined when no write kept
 * it.
 */
export const unwrittenSince = (state: Known, askedMs: number): string | undefined => {
  const last = state.writeRefused;
  if (last !== undefined)
    return `it was due, and Route 53 ${last.passes ? 'did not take' : 'refused'} the change: ${last.why}`;
  const [why, atMs = 0] = latestRefusal(state) ?? [];
  const isTold = atMs >= askedMs;
  if (!isTold && state.decided?.decision.act !== 'serve') return undefined;
  return why === undefined || why === LATE
    ? 'it was due, and the change could not be written'
    : `it was due, and Route 53 refused the change: ${why}`;
};

/**
 * What keeps a write that is due from being made, for a person who looks, in Route 53's own words; undefined when
 * nothing is due, or nothing was refused.
 */
export const refusedNow = (state: Known, view: ZoneView | undefined): string | undefined => {
  const { decided, writeRefused: last } = state;
  const isDue = decided !== undefined && decided.decision.act !== 'leave';
  if (last !== undefined) {
    const lags = view?.kind === 'ours' && roleLags(view.role, state.override);
    const what = lags && !isDue ? 'the role record with the last order' : 'what is due';
    const how = last.passes ? `has not taken ${what}, tried at` : `refuses ${what}, last at`;
    return `Route 53 ${how} ${clockTime(last.atMs)}, and it is tried again: ${last.why}`;
  }
  const [, atMs] = latestRefusal(state) ?? [];
  return atMs === undefined || !isDue
    ? undefined
    : `what is due could not be written in time, as was told at ${clockTime(atMs)}, and is tried again`;
};

/** A write was refused, or its answer never came. `text` is for the history, `last` for who looks while it lasts. */
export const writeRefused =
  (text: string, last: Refused): Step =>
  (state) => ({
    ...state,
    history: noted(state.history, { atMs: last.atMs, what: 'refused', text }),
    writeRefused: last,
  });

/** The same reason is noted again after this time, milliseconds: each note is stored. */
const NOTED_AGAIN_MS = 60_000;

/** A write that is due was not even sent, because the zone could not be listed. */
export const unlisted =
  (last: Refused): Step =>
  (state) => {
    const before = state.writeRefused;
    const isKnown = before?.why === last.why && last.atMs - before.atMs < NOTED_AGAIN_MS;
    return isKnown ? state : { ...state, writeRefused: last };
  };

/** What may be told again: why a write that is due is not made. */
type Refusal = NewsOf<'refused' | 'late'>;

/** People are told that a write which is due is not made. `reminders` is what `tellRefusal` answered. */
export const refusalTold =
  (site: Site, refusal: Refusal, reminders: Reminders, nowMs: number): Step =>
  (state) => {
    const [before, after] = [state.reminders, reminders].map((all) => remindersOf(all, 'refused'));
    const isAgain = Object.entries(after ?? {}).some(([why, atMs]) => (before?.[why] ?? atMs) !== atMs);
    const news = isAgain ? { ...refusal, again: true as const } : refusal;
    return { ...enqueue(site, state, { kind: 'write-refused', news }, nowMs), reminders };
  };
