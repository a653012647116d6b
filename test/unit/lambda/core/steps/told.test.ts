import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyState } from '../../../../../lambda/core/state/site-state.ts';
import { acknowledged, recorded } from '../../../../../lambda/core/steps/told.ts';
import { worded } from '../../../../support/in-words.ts';

const outbox = ['server-down', 'failover'].map((kind, atMs) => worded(kind, { atMs }));
const subjects = new Map(outbox.map(({ id, kind }) => [id, `about ${kind}`]));
const state = { ...emptyState(), outbox };

test('what was published leaves the outbox and stands in the history', () => {
  const first = acknowledged(new Map([...subjects].slice(0, 1)), 100)(state);
  assert.deepEqual(first.outbox, outbox.slice(1));
  assert.deepEqual(
    first.history.map(({ what, text }) => [what, text]),
    [['told', 'server-down: about server-down']],
  );
  const all = acknowledged(subjects, 100)(state);
  assert.deepEqual(all.outbox, []);
});

test('entries that have items of their own leave the state, and no others', () => {
  const { history } = acknowledged(subjects, 100)(state);
  const [one, two] = history;
  const left = recorded(new Set([one?.id ?? '']))({ ...state, history });
  assert.deepEqual(left.history, [two]);
});
