import { noted } from '../state/history.ts';
import type { Step } from './step.ts';

/** People were told these announcements, by id: they are owed no longer, and stand in the history. */
export const told =
  (ids: Set<string>, atMs: number): Step =>
  (state) => {
    const journal = state.owed
      .filter(({ id }) => ids.has(id))
      .reduce(
        (all, { kind, subject }) => noted(all, { atMs, what: 'told', text: `${kind}: ${subject}` }),
        state.journal,
      );
    return { ...state, owed: state.owed.filter(({ id }) => !ids.has(id)), journal };
  };

/** These entries of the history, by id, have items of their own. */
export const recorded =
  (ids: ReadonlySet<string>): Step =>
  (state) => ({ ...state, journal: state.journal.filter(({ id }) => !ids.has(id)) });
