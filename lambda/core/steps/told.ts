import { noted } from '../state/history.ts';
import type { Step } from './step.ts';

/** These notices, by id with their subjects, were published: they leave the outbox, and stand in the history. */
export const acknowledged =
  (subjects: ReadonlyMap<string, string>, atMs: number): Step =>
  (state) => {
    const journal = state.owed.reduce((all, { id, kind }) => {
      const subject = subjects.get(id);
      return subject === undefined ? all : noted(all, { atMs, what: 'told', text: `${kind}: ${subject}` });
    }, state.journal);
    return { ...state, owed: state.owed.filter(({ id }) => !subjects.has(id)), journal };
  };

/** These entries of the history, by id, have items of their own. */
export const recorded =
  (ids: ReadonlySet<string>): Step =>
  (state) => ({ ...state, journal: state.journal.filter(({ id }) => !ids.has(id)) });
