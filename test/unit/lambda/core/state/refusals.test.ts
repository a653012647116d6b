import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../../../../../lambda/core/state/notice.ts';
import { isOvertaken } from '../../../../../lambda/core/state/refusals.ts';
import type { SiteState } from '../../../../../lambda/core/state/site-state.ts';

const notice = (kind: string, atMs: number): Notice => ({ kind, atMs, news: { type: 'over' } }) as Notice;
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

  test('by a release, where a hold or pin kept the site from moving, whenever that was noted', () => {
    const stuck = (hold: object, next?: string) =>
      ({
        kind: 'held',
        atMs: 1000,
        news: { type: 'stuck', decision: { reason: 'held' }, next, hold },
      }) as unknown as Notice;
    const pinned = { mode: 'pinned', server: 'primary' };
    const as = (mode: object, epoch: number, askedMs = 1001) =>
      ({ override: { by: 'ann', reason: 'over', askedMs, epoch, mode } }) as Pick<SiteState, 'override'>;
    const [auto, held] = [{ mode: 'auto' }, { mode: 'held', untilMs: 9e9 }];
    const rows: [string, object, Pick<SiteState, 'override'>, boolean][] = [
      ['a release after it', { mode: 'held', epoch: 2 }, as(auto, 3), true],
      ['a release of which nobody who noted it knew yet', { mode: 'held', epoch: 2 }, as(auto, 3, 999), true],
      ['a release before it', { mode: 'held', epoch: 4 }, as(auto, 3), false],
      [
        'a release before a hold that stands in the role record alone',
        { mode: 'held', epoch: 104 },
        as(auto, 3),
        false,
      ],
      ['the order that keeps it', { mode: 'held', epoch: 3 }, as(held, 3), false],
      ['another hold', { mode: 'held', epoch: 2 }, as(held, 3), false],
      ['a hold instead of a pin', { ...pinned, epoch: 2 }, as(held, 3), true],
      ['a pin to another server', { ...pinned, epoch: 2 }, as({ mode: 'pinned', pin: 'standby' }, 3), true],
      ['a pin to the same server', { ...pinned, epoch: 2 }, as({ mode: 'pinned', pin: 'primary' }, 3), false],
      ['no order at all', { mode: 'held', epoch: 2 }, {}, false],
      ['a release after one that an earlier version noted', { mode: 'held' }, as(auto, 3), true],
      ['a release before one that an earlier version noted', { mode: 'held' }, as(auto, 3, 999), false],
    ];
    for (const [what, hold, by, is] of rows) {
      assert.equal(isOvertaken(stuck(hold, 'standby'), by), is, what);
      assert.equal(isOvertaken(stuck(hold), by), false, `${what}: no server works`);
    }
    const flapping = {
      kind: 'flapping',
      atMs: 1000,
      news: { type: 'stuck', decision: { reason: 'flapping' } },
    };
    assert.equal(isOvertaken(flapping as unknown as Notice, orderedAt(1001)), false);
  });

  test('by no order before it, by none at all, and nothing else is by any', () => {
    assert.equal(isOvertaken(notice('write-refused', 1002), orderedAt(1001)), false);
    assert.equal(isOvertaken(notice('write-refused', 1000), {}), false);
    for (const kind of ['failover', 'server-down', 'over', 'order'])
      assert.equal(isOvertaken(notice(kind, 1000), orderedAt(1001)), false, kind);
  });
});
