import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyState } from '../../../../lambda/core/state/site-state.ts';
import { acknowledged, recorded } from '../../../../lambda/core/steps/told.ts';
import { worded } from '../../../support/in-words.ts';

const owed = ['server-down', 'failover'].map((kind, atMs) => worded(kind, { atMs }));
const subjects = new Map(owed.map(({ id, kind }) => [id, `about ${kind}`]));
const state = { ...emptyState(), owed };

test('what was published leaves the outbox and stands in the history', () => {
  const first = acknowledged(new Map([...subjects].slice(0, 1)), 100)(state);
  assert.deepEqual(first.owed, owed.slice(1));
  assert.deepEqual(
    first.journal.map(({ what, text }) => [what, text]),
    [['told', 'server-down: about server-down']],
  );
  const all = acknowledged(subjects, 100)(state);
  assert.deepEqual(all.owed, []);
});

test('entries that have items of their own leave the state, and no others', () => {
  const { journal } = acknowledged(subjects, 100)(state);
  const [one, two] = journal;
  const left = recorded(new Set([one?.id ?? '']))({ ...state, journal });
  assert.deepEqual(left.journal, [two]);
});
