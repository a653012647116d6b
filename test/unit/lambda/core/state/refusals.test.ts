import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../../../../../lambda/core/state/notice.ts';
import { isOvertaken } from '../../../../../lambda/core/state/refusals.ts';
import type { SiteState } from '../../../../../lambda/core/state/site-state.ts';

const notice = (kind: string, atMs: number): Notice => ({ kind, atMs }) as Notice;
const orderedAt = (askedMs: number): Pick<SiteState, 'override'> => ({
  override: { by: 'ann', reason: 'over', askedMs, epoch: 3, mode: { mode: 'auto' } },
});

describe('that a write was not made is overtaken', () => {
  test('by an order that came after it, claimed or not', () => {
    for (const kind of ['write-refused', 'protected']) {
      assert.equal(isOvertaken(notice(kind, 1000), orderedAt(1001)), true, kind);
      assert.equal(
        isOvertaken({ ...notice(kind, 1000), claim: { by: 'c', untilMs: 9e9 } }, orderedAt(1000)),
        true,
      );
    }
  });

  test('by a release, where a hold or pin kept the site from moving, and by no other order', () => {
    const stuck = (kind: string, next?: string) =>
      ({
        kind,
        atMs: 1000,
        news: { type: 'stuck', decision: { reason: kind }, next, hold: {} },
      }) as unknown as Notice;
    const { override } = orderedAt(1001);
    const held = { override: { ...override, mode: { mode: 'held', untilMs: 9e9 } } } as Pick<
      SiteState,
      'override'
    >;
    for (const kind of ['held', 'pinned']) {
      assert.equal(isOvertaken(stuck(kind, 'standby'), orderedAt(1001)), true, kind);
      assert.equal(isOvertaken(stuck(kind, 'standby'), orderedAt(999)), false, 'it came before');
      assert.equal(isOvertaken(stuck(kind, 'standby'), held), false, 'another hold');
      assert.equal(isOvertaken(stuck(kind), orderedAt(1001)), false, 'no server works');
    }
    assert.equal(isOvertaken(stuck('flapping', 'standby'), orderedAt(1001)), false);
  });

  test('by no order before it, by none at all, and nothing else is by any', () => {
    assert.equal(isOvertaken(notice('write-refused', 1002), orderedAt(1001)), false);
    assert.equal(isOvertaken(notice('write-refused', 1000), {}), false);
    for (const kind of ['failover', 'server-down', 'over', 'order'])
      assert.equal(isOvertaken(notice(kind, 1000), orderedAt(1001)), false, kind);
  });
});
