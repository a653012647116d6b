import type { Evidence } from '../evidence/evidence.ts';
import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { enqueue } from '../state/outbox.ts';
import { reminderKey, withReminders } from '../state/reminders.ts';
import type { Role } from '../zone/role-record.ts';
import type { Step } from './step.ts';

/** A step of a moving address was taken, or refused. */
export const addressStep =
  (what: 'written' | 'refused', text: string, atMs: number): Step =>
  (state) => ({ ...state, history: noted(state.history, { atMs, what, text }) });

/** The address is not where the role record says, and people are told why. */
export const addressLate =
  (
    site: Site,
    { serving, sinceSeconds }: Role,
    { why, evidence, atMs }: { why: string; evidence: Evidence; atMs: number },
  ): Step =>
  (state) => {
    const again = reminderKey('address', String(sinceSeconds)) in state.reminders && { again: true as const };
    const news = { type: 'address-late', serving, why, evidence, ...again } as const;
    const reminders = withReminders(state.reminders, 'address', { [sinceSeconds]: atMs });
    return { ...enqueue(site, state, { kind: 'not-moved', news }, atMs), reminders };
  };

/** The site answers at its address, which the serving server is to have. */
export const addressAnswers =
  ({ serving, sinceSeconds }: Role): Step =>
  (state) => ({
    ...state,
    reminders: withReminders(state.reminders, 'address', {}),
    answeredAs: { serving, sinceSeconds },
  });
