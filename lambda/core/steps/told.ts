import { noted } from '../state/history.ts';
import type { Step } from './step.ts';

/** These notices, by id with their subjects, were published: they leave the outbox, and stand in the history. */
export const acknowledged =
  (subjects: ReadonlyMap<string, string>, atMs: number): Step =>
  (state) => {
    const history = state.outbox.reduce((all, { id, kind }) => {
      const subject = subjects.get(id);
      return subject === undefined ? all : noted(all, { atMs, what: 'told', text: `${kind}: ${subject}` });
    }, state.history);
    return { ...state, outbox: state.outbox.filter(({ id }) => !subjects.has(id)), history };
  };

/** These entries of the history, by id, have items of their own. */
export const recorded =
  (ids: ReadonlySet<string>): Step =>
  (state) => ({ ...state, history: state.history.filter(({ id }) => !ids.has(id)) });
