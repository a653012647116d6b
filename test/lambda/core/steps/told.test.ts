import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcement } from '../../../../lambda/core/state/announcement.ts';
import { emptyState } from '../../../../lambda/core/state/site-state.ts';
import { recorded, told } from '../../../../lambda/core/steps/told.ts';

const owed = ['server-down', 'failover'].map((kind, index) =>
  announcement({
    site: 'www',
    incident: 'www-1',
    kind,
    words: { subject: `about ${kind}`, text: '' },
    atMs: index,
  }),
);
const state = { ...emptyState(), owed };

test('what was told is owed no longer and stands in the history', () => {
  const first = told(new Set([owed[0]?.id ?? '']), 100)(state);
  assert.deepEqual(first.owed, owed.slice(1));
  assert.deepEqual(
    first.journal.map(({ what, text }) => [what, text]),
    [['told', `server-down: ${owed[0]?.subject}`]],
  );
  const all = told(new Set(owed.map(({ id }) => id)), 100)(state);
  assert.deepEqual(all.owed, []);
});

test('entries that have items of their own leave the state, and no others', () => {
  const { journal } = told(new Set(owed.map(({ id }) => id)), 100)(state);
  const [one, two] = journal;
  const left = recorded(new Set([one?.id ?? '']))({ ...state, journal });
  assert.deepEqual(left.journal, [two]);
});
