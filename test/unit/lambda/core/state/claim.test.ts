import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CLAIM_MS, hasClaim, withClaims } from '../../../../../lambda/core/state/claim.ts';
import type { Notice } from '../../../../../lambda/core/state/notice.ts';
import { worded } from '../../../../support/in-words.ts';

const NOW = Date.UTC(2026, 10, 22);
const [one, other] = ['server-down', 'failover'].map((kind) => worded(kind)) as [Notice, Notice];
const claimedBy = (by: string, untilMs: number): { outbox: Notice[] } => ({
  outbox: [{ ...one, claim: { by, untilMs } }],
});

describe('a claim on what is owed', () => {
  const cases: [what: string, state: { outbox: Notice[] }, isTaken: boolean][] = [
    ['nobody has claimed it', { outbox: [one] }, true],
    ['nothing is owed', { outbox: [] }, false],
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
      const next = withClaims(state, 'a', NOW);
      if (!isTaken) assert.equal(next, state);
      else assert.deepEqual(next.outbox[0]?.claim, { by: 'a', untilMs: NOW + CLAIM_MS });
      const isOurs = state.outbox[0]?.claim?.by === 'a';
      assert.equal(
        next.outbox.some((notice) => hasClaim(notice, 'a', NOW)),
        isTaken || isOurs,
      );
    });

  test('of another controller keeps nobody from telling what that one does not know', () => {
    const { outbox } = withClaims({ outbox: [...claimedBy('b', NOW + CLAIM_MS).outbox, other] }, 'a', NOW);
    assert.deepEqual(
      outbox.map(({ claim }) => claim?.by),
      ['b', 'a'],
    );
  });
});
