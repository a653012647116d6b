import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { announcement } from '../../../../lambda/core/state/announcement.ts';
import { CLAIM_MS, hasClaim, withClaim, withoutOwed } from '../../../../lambda/core/state/claim.ts';
import { emptyState, type SiteState } from '../../../../lambda/core/state/site-state.ts';

const NOW = Date.UTC(2026, 10, 22);
const words = { subject: 'www: primary is down', text: 'What happened' };
const owed = [announcement({ site: 'www', incident: 'www-1', kind: 'server-down', words, atMs: NOW })];
const told = new Set(owed.map(({ id }) => id));
const owing: SiteState = { ...emptyState(), owed };
const claimedBy = (by: string, untilMs: number): SiteState => ({ ...owing, telling: { by, untilMs } });

describe('a claim on what is owed', () => {
  const cases: [what: string, state: SiteState, isTaken: boolean][] = [
    ['nobody has claimed it', owing, true],
    ['nothing is owed', emptyState(), false],
    ['it is ours, and lasts for another message', claimedBy('a', NOW + 10_000), false],
    ['it is ours, and would end while a message is published', claimedBy('a', NOW + 9_999), true],
    ['another one has just claimed it', claimedBy('b', NOW + CLAIM_MS), false],
    ["another one's is about to end", claimedBy('b', NOW + 1), false],
    ["another one's has ended", claimedBy('b', NOW), true],
    ['another one claimed it by a clock that is ahead', claimedBy('b', NOW + CLAIM_MS + 1), true],
    ['another one claimed it by a clock that is a day ahead', claimedBy('b', NOW + 86_400_000), true],
  ];
  for (const [what, state, isTaken] of cases)
    test(`is ${isTaken ? '' : 'not '}made where ${what}`, () => {
      const next = withClaim(state, 'a', NOW);
      if (!isTaken) assert.equal(next, state);
      else assert.deepEqual(next.telling, { by: 'a', untilMs: NOW + CLAIM_MS });
      assert.equal(hasClaim(next, 'a', NOW), isTaken || state.telling?.by === 'a');
    });

  test('ends with the last that is owed, and not before', () => {
    const two = [...owed, { ...owed[0], id: 'another' }] as SiteState['owed'];
    const state = { ...claimedBy('a', NOW + CLAIM_MS), owed: two };
    assert.deepEqual(withoutOwed(state, told).telling, state.telling);
    const none = withoutOwed(state, new Set([...told, 'another']));
    assert.deepEqual([none.owed, 'telling' in none], [[], false]);
  });
});
