import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { merge } from '../../../../lambda/core/state/merge.ts';
import { emptyState, parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import { intentOf, NOW_MS, news, thirdCourse, type Writers, writers } from './arbitrary.ts';

const RUNS = { numRuns: 3000, seed: 1 };
const holds = (check: (made: Writers) => void): void => fc.assert(fc.property(writers, check), RUNS);

const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id).sort();
const epochOf = ({ written }: SiteState): number => written?.epoch ?? 0;

describe('two writers of one state, whatever they did', () => {
  test('one that changed nothing takes what the other made of it', () =>
    holds(({ base, ours, theirs }) => {
      assert.deepEqual(merge(base, base, theirs), theirs);
      assert.deepEqual(merge(base, ours, base), ours);
      assert.deepEqual(merge(base, ours, ours), ours);
    }));

  test('merging once more changes nothing', () =>
    holds(({ base, ours, theirs }) => {
      const merged = merge(base, ours, theirs);
      // Ours is saved as what was merged; or it is not, and meets what is stored once more.
      assert.deepEqual(merge(theirs, merged, theirs), merged);
      assert.deepEqual(merge(base, merged, merged), merged);
    }));

  test('what comes of them is a state that is read again', () =>
    holds(({ base, ours, theirs }) => {
      const merged = merge(base, ours, theirs);
      assert.deepEqual(parseState(JSON.stringify(merged)), JSON.parse(JSON.stringify(merged)));
    }));

  test('it does not matter which of them saves first', () =>
    holds(({ base, ours, theirs }) => {
      const [one, other] = [merge(base, ours, theirs), merge(base, theirs, ours)];
      assert.equal(epochOf(one), epochOf(other));
      assert.deepEqual([...one.told.down].sort(), [...other.told.down].sort());
      assert.deepEqual(Object.keys(one.told.stuck ?? {}).sort(), Object.keys(other.told.stuck ?? {}).sort());
      assert.deepEqual([one.hand, one.targets, one.point], [other.hand, other.targets, other.point]);
      assert.deepEqual(ids(one.journal), ids(other.journal));
      // Of news that both came by for themselves, that of the first is told; of all else the same.
      const isOfBoth = ({ kind }: { kind: string }) => ['server-down', 'held', 'unsure'].includes(kind);
      assert.deepEqual(
        ids(one.owed.filter((each) => !isOfBoth(each))),
        ids(other.owed.filter((each) => !isOfBoth(each))),
      );
    }));

  test('nothing that either has struck off is owed again, and nothing that it removed comes back', () =>
    holds(({ base, ours, theirs }) => {
      const { owed, journal } = merge(base, ours, theirs);
      for (const side of [ours, theirs]) {
        for (const { id } of base.owed)
          if (!side.owed.some((one) => one.id === id)) assert.ok(owed.every((one) => one.id !== id));
        for (const { id } of base.journal)
          if (!side.journal.some((one) => one.id === id)) assert.ok(journal.every((one) => one.id !== id));
      }
    }));

  test('all that waits is told: a move by its own notice, a server that is down by that of either', () =>
    holds(({ base, ours, theirs }) => {
      const merged = merge(base, ours, theirs);
      const done = (id: string) =>
        [ours, theirs].some(
          (side) => base.owed.some((one) => one.id === id) && !side.owed.some((one) => one.id === id),
        );
      // Told by the one that has settled the intent which both began with.
      const isSettled = (id: string) =>
        base.intent?.notice.id === id &&
        [ours, theirs].some(
          (side) =>
            side.intent?.nonce !== base.intent?.nonce &&
            epochOf(side) === base.intent?.epoch &&
            !side.owed.some((one) => one.id === id),
        );
      for (const side of [ours, theirs])
        for (const one of side.owed) {
          if (merged.owed.some(({ id }) => id === one.id) || done(one.id) || isSettled(one.id)) continue;
          assert.equal(side, ours, `${one.kind} of theirs is stored, and stays`);
          assert.ok(['server-down', 'held', 'unsure'].includes(one.kind), one.kind);
          // Theirs remembers to have told the same.
          const tells = (state: SiteState) => [...state.told.down, ...Object.keys(state.told.stuck ?? {})];
          const own = tells(ours).filter((each) => !tells(base).includes(each));
          assert.ok(own.some((each) => tells(theirs).includes(each)));
        }
    }));

  test('the epoch never goes down', () =>
    holds(({ base, ours, theirs }) => {
      assert.equal(epochOf(merge(base, ours, theirs)), Math.max(epochOf(ours), epochOf(theirs)));
    }));

  test('an order that was given is never lost to anything but a later one', () =>
    holds(({ base, ours, theirs }) => {
      const { hand } = merge(base, ours, theirs);
      const given = [ours.hand, theirs.hand].filter((one) => one !== undefined);
      if (given.length === 0) return assert.equal(hand, undefined);
      const rank = (one: NonNullable<SiteState['hand']>) => [one.epoch, one.askedMs] as const;
      const last = given.reduce((a, b) => {
        const [[epochA, atA], [epochB, atB]] = [rank(a), rank(b)];
        return epochA > epochB || (epochA === epochB && atA > atB) ? a : b;
      });
      assert.deepEqual(hand, last);
    }));

  test('of each target counts what was seen last', () =>
    holds(({ base, ours, theirs }) => {
      const { targets } = merge(base, ours, theirs);
      for (const key of new Set([...Object.keys(ours.targets), ...Object.keys(theirs.targets)])) {
        const seen = [ours.targets[key]?.freshMs ?? 0, theirs.targets[key]?.freshMs ?? 0];
        assert.equal(targets[key]?.freshMs, Math.max(...seen));
      }
    }));

  test('an intent of ours counts only where theirs has changed nothing that it rests on', () =>
    holds(({ base, ours, theirs }) => {
      const { intent } = merge(base, ours, theirs);
      const isOurs = intent !== undefined && intent.nonce === ours.intent?.nonce;
      if (!isOurs || intent.nonce === base.intent?.nonce || intent.nonce === theirs.intent?.nonce) return;
      assert.deepEqual(
        [theirs.hand, theirs.point, theirs.written, theirs.intent],
        [base.hand, base.point, base.written, base.intent],
      );
    }));

  test('a third writer loses nothing either: two merges one after the other', () =>
    fc.assert(
      fc.property(writers, thirdCourse, ({ base, ours, theirs }, third) => {
        const after = third(theirs);
        const merged = merge(theirs, merge(base, ours, theirs), after);
        for (const one of ours.owed.filter(({ kind }) => kind === 'hand')) {
          const isDone =
            base.owed.some(({ id }) => id === one.id) && !after.owed.some(({ id }) => id === one.id);
          assert.ok(isDone || merged.owed.some(({ id }) => id === one.id));
        }
        assert.ok(epochOf(merged) >= Math.max(epochOf(ours), epochOf(after)));
      }),
      RUNS,
    ));
});

describe('what two writers have come by for themselves', () => {
  const wrote = (epoch: number, state: Partial<SiteState> = {}): SiteState => ({
    ...emptyState(),
    written: { epoch, role: '', records: [] },
    ...state,
  });
  const kinds = (state: SiteState): string[] => state.owed.map(({ kind }) => kind);
  const of = (...all: string[]) => all.map((kind) => news(kind, kind, NOW_MS));
  const found = (epoch: number) => [news('found', 'found', NOW_MS, epoch)];

  test('a move that was found is told by who made it', () => {
    assert.deepEqual(kinds(merge(wrote(1), wrote(2, { owed: found(2) }), wrote(2))), []);
    assert.deepEqual(
      kinds(merge(wrote(1), wrote(2, { owed: found(2) }), wrote(1, { owed: of('visible') }))),
      ['visible', 'found'],
    );
    assert.deepEqual(kinds(merge(wrote(1), wrote(3, { owed: found(3) }), wrote(2))), ['found']);
    const made = wrote(2, { owed: [news('failover', 'standby serves', NOW_MS, 2)] });
    assert.deepEqual(kinds(merge(wrote(1), made, wrote(2, { owed: found(2) }))), ['failover']);
  });

  test('a move that was found is none to who reads that it was only decided and saved', () => {
    const intent = intentOf('theirs', 2, 'standby', NOW_MS);
    const merged = merge(wrote(1), wrote(2, { owed: found(2) }), wrote(1, { intent }));
    assert.deepEqual([kinds(merged), merged.intent?.nonce], [[], intent.nonce]);
  });

  test('an edit that was judged without knowing of a newer write may be none', () => {
    const edit = { owed: of('edited-by-hand'), told: { down: [], edit: 'www A' } };
    assert.deepEqual(kinds(merge(wrote(1), wrote(1, edit), wrote(2))), []);
    assert.deepEqual(kinds(merge(wrote(1), wrote(1, edit), wrote(1, { owed: of('visible') }))), [
      'visible',
      'edited-by-hand',
    ]);
  });

  test('a switch that both have settled is told once, and not again once it was told', () => {
    const intent = intentOf('before', 2, 'standby', NOW_MS);
    const base = wrote(1, { intent });
    const settled = wrote(2, { owed: [intent.notice] });
    assert.deepEqual(kinds(merge(base, settled, wrote(2, { owed: [intent.notice], journal: [] }))), [
      'failover',
    ]);
    assert.deepEqual(kinds(merge(base, settled, wrote(2, { told: { down: ['primary'] } }))), []);
  });

  test('a server that both see down is told once; one that only ours sees down is told as well', () => {
    const down = (...names: string[]) => ({
      ...wrote(1, { owed: of('server-down') }),
      told: { down: names },
    });
    const told = (...names: string[]) => ({ ...wrote(1), told: { down: names } });
    assert.deepEqual(kinds(merge(wrote(1), down('primary'), told('primary'))), []);
    const both = merge(wrote(1), down('primary'), told('standby'));
    assert.deepEqual([kinds(both), both.told.down], [['server-down'], ['standby', 'primary']]);
  });

  test('an address that theirs has seen to answer is not told as away by who was late', () => {
    const late = {
      told: { down: [], uncarried: { why: 'gone', atMs: NOW_MS, sinceSeconds: 90 } },
      owed: of('not-moved'),
    };
    const merged = merge(
      wrote(2),
      wrote(2, late),
      wrote(2, { carried: { serving: 'standby', sinceSeconds: 90 } }),
    );
    assert.deepEqual([kinds(merged), merged.told.uncarried], [[], undefined]);
  });

  test('that nothing was stored is told by who stored something first', () => {
    assert.deepEqual(kinds(merge(emptyState(), wrote(1, { owed: of('state-lost') }), wrote(1))), []);
  });

  test('an order to move gives way to a hold that was given after it', () => {
    const point = { by: 'a', reason: 'r', askedMs: 1, from: 'primary', to: 'standby', untilMs: 9 };
    const hand = { by: 'b', reason: 'r', askedMs: 2, epoch: 2, mode: { mode: 'held' as const, untilMs: 9 } };
    assert.equal(merge(wrote(1), wrote(1, { point }), wrote(1, { hand })).point, undefined);
    const after = { ...point, askedMs: 3 };
    assert.deepEqual(merge(wrote(1), wrote(1, { point: after }), wrote(1, { hand })).point, after);
  });

  test('a proof that theirs has told as visible is not begun again', () => {
    const proof = { epoch: 2, from: 'primary', to: 'standby', incident: 'www-1', acceptedMs: NOW_MS };
    const seen = { proof: { ...proof, insyncMs: NOW_MS } };
    assert.equal(merge(wrote(2, { proof }), wrote(2, seen), wrote(2)).proof, undefined);
    assert.equal(merge(wrote(1), wrote(2, seen), wrote(2, { journal: [] })).proof, undefined);
    assert.equal(merge(wrote(1), wrote(2, seen), wrote(1, { owed: of('hand') })).proof?.epoch, 2);
  });
});
