import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { merge } from '../../../../../lambda/core/state/merge.ts';
import type { Channel } from '../../../../../lambda/core/state/notice.ts';
import { withReminders } from '../../../../../lambda/core/state/reminders.ts';
import { emptyState, parseState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
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

  test('what both have to tell since each opened an incident is told under one id', () => {
    let seen = 0;
    holds(({ base, ours, theirs }) => {
      if (base.incident !== undefined || ours.incident === undefined || theirs.incident === undefined) return;
      const merged = merge(base, ours, theirs);
      for (const { kind, incident } of merged.outbox)
        if (kind === 'created') assert.equal(incident, merged.incident?.id);
      seen += 1;
    });
    assert.ok(seen > 50, `${seen} cases`);
  });

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
      assert.deepEqual(Object.keys(one.reminders).sort(), Object.keys(other.reminders).sort());
      assert.deepEqual(
        [one.override, one.targets, one.point, one.silence],
        [other.override, other.targets, other.point, other.silence],
      );
      assert.deepEqual(ids(one.history), ids(other.history));
      // Of news that both came by for themselves, that of the first is told; of all else the same.
      const isOfBoth = ({ kind }: { kind: string }) => ['server-down', 'held', 'unsure'].includes(kind);
      assert.deepEqual(
        ids(one.outbox.filter((each) => !isOfBoth(each))),
        ids(other.outbox.filter((each) => !isOfBoth(each))),
      );
    }));

  test('nothing that either has struck off is owed again, and nothing that it removed comes back', () =>
    holds(({ base, ours, theirs }) => {
      const { outbox, history } = merge(base, ours, theirs);
      for (const side of [ours, theirs]) {
        for (const { id } of base.outbox)
          if (!side.outbox.some((one) => one.id === id)) assert.ok(outbox.every((one) => one.id !== id));
        for (const { id } of base.history)
          if (!side.history.some((one) => one.id === id)) assert.ok(history.every((one) => one.id !== id));
      }
    }));

  test('all that waits is told: a move by its own notice, a server that is down by that of either', () =>
    holds(({ base, ours, theirs }) => {
      const merged = merge(base, ours, theirs);
      const done = (id: string) =>
        [ours, theirs].some(
          (side) => base.outbox.some((one) => one.id === id) && !side.outbox.some((one) => one.id === id),
        );
      // Told by the one that has settled the intent which both began with.
      const isSettled = (id: string) =>
        base.intent?.notice.id === id &&
        [ours, theirs].some(
          (side) =>
            side.intent?.nonce !== base.intent?.nonce &&
            epochOf(side) === base.intent?.epoch &&
            !side.outbox.some((one) => one.id === id),
        );
      const ordersOf = ({ override, point }: SiteState) => JSON.stringify([override, point]);
      const isOrdered = (side: SiteState) => ordersOf(side) !== ordersOf(base);
      for (const side of [ours, theirs])
        for (const one of side.outbox) {
          if (merged.outbox.some(({ id }) => id === one.id) || done(one.id) || isSettled(one.id)) continue;
          if (one.kind === 'write-refused') {
            assert.deepEqual([ours, theirs].filter(isOrdered), [side === ours ? theirs : ours]);
            continue;
          }
          assert.equal(side, ours, `${one.kind} of theirs is stored, and stays`);
          assert.ok(['server-down', 'held', 'unsure'].includes(one.kind), one.kind);
          // Theirs remembers to have told the same.
          const tells = (state: SiteState) => [...state.told.down, ...Object.keys(state.reminders)];
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
      const { override } = merge(base, ours, theirs);
      const given = [ours.override, theirs.override].filter((one) => one !== undefined);
      if (given.length === 0) return assert.equal(override, undefined);
      const rank = (one: NonNullable<SiteState['override']>) => [one.epoch, one.askedMs] as const;
      const last = given.reduce((a, b) => {
        const [[epochA, atA], [epochB, atB]] = [rank(a), rank(b)];
        return epochA > epochB || (epochA === epochB && atA > atB) ? a : b;
      });
      assert.deepEqual(override, last);
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
        [theirs.override, theirs.point, theirs.written, theirs.intent],
        [base.override, base.point, base.written, base.intent],
      );
    }));

  test('a third writer loses nothing either: two merges one after the other', () =>
    fc.assert(
      fc.property(writers, thirdCourse, ({ base, ours, theirs }, third) => {
        const after = third(theirs);
        const merged = merge(theirs, merge(base, ours, theirs), after);
        for (const one of ours.outbox.filter(({ kind }) => kind === 'hand')) {
          const isDone =
            base.outbox.some(({ id }) => id === one.id) && !after.outbox.some(({ id }) => id === one.id);
          assert.ok(isDone || merged.outbox.some(({ id }) => id === one.id));
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
  const kinds = (state: SiteState): string[] => state.outbox.map(({ kind }) => kind);
  const of = (...all: string[]) => all.map((kind) => news(kind, kind, NOW_MS));
  const found = (epoch: number) => [news('found', 'found', NOW_MS, epoch)];

  test('a move that was found is told by who made it', () => {
    assert.deepEqual(kinds(merge(wrote(1), wrote(2, { outbox: found(2) }), wrote(2))), []);
    assert.deepEqual(
      kinds(merge(wrote(1), wrote(2, { outbox: found(2) }), wrote(1, { outbox: of('visible') }))),
      ['visible', 'found'],
    );
    assert.deepEqual(kinds(merge(wrote(1), wrote(3, { outbox: found(3) }), wrote(2))), ['found']);
    const made = wrote(2, { outbox: [news('failover', 'standby serves', NOW_MS, 2)] });
    assert.deepEqual(kinds(merge(wrote(1), made, wrote(2, { outbox: found(2) }))), ['failover']);
  });

  test('a move that was found is none to who reads that it was only decided and saved', () => {
    const intent = intentOf('theirs', 2, 'standby', NOW_MS);
    const merged = merge(wrote(1), wrote(2, { outbox: found(2) }), wrote(1, { intent }));
    assert.deepEqual([kinds(merged), merged.intent?.nonce], [[], intent.nonce]);
  });

  test('an edit that was judged without knowing of a newer write may be none', () => {
    const edit = { outbox: of('edited-by-hand'), told: { down: [], edit: 'www A' } };
    for (const [ours, theirs] of [
      [wrote(1, edit), wrote(2)],
      [wrote(2), wrote(1, edit)],
    ] as const) {
      const merged = merge(wrote(1), ours, theirs);
      // It is told anew if it is one.
      assert.deepEqual([kinds(merged), merged.told.edit], [[], undefined]);
    }
    assert.deepEqual(kinds(merge(wrote(1), wrote(1, edit), wrote(1, { outbox: of('visible') }))), [
      'visible',
      'edited-by-hand',
    ]);
  });

  test('a switch that both have settled is told once, and not again once it was told', () => {
    const intent = intentOf('before', 2, 'standby', NOW_MS);
    const base = wrote(1, { intent });
    const settled = wrote(2, { outbox: [intent.notice] });
    assert.deepEqual(kinds(merge(base, settled, wrote(2, { outbox: [intent.notice], history: [] }))), [
      'failover',
    ]);
    assert.deepEqual(kinds(merge(base, settled, wrote(2, { told: { down: ['primary'] } }))), []);
  });

  test('what one has told by mail and the other by event is told; what was told one way alone is owed the other way', () => {
    const [one] = of('failover');
    const told = (way?: Channel) =>
      wrote(1, { outbox: one === undefined ? [] : [{ ...one, ...(way && { told: way }) }] });
    const owed = (state: SiteState) => state.outbox.map((notice) => notice.told);
    assert.deepEqual(owed(merge(told(), told('mail'), told('event'))), []);
    assert.deepEqual(owed(merge(told(), told('event'), told('mail'))), []);
    assert.deepEqual(owed(merge(told(), told('mail'), told('mail'))), ['mail']);
    const claimed = told();
    claimed.outbox = claimed.outbox.map((notice) => ({ ...notice, claim: { by: 'x', untilMs: NOW_MS } }));
    const merged = merge(told(), told('mail'), claimed);
    assert.deepEqual([owed(merged), merged.outbox[0]?.claim?.by], [['mail'], 'x']);
    assert.deepEqual(owed(merge(told(), told('mail'), wrote(1))), []);
  });

  test('an alert that either has opened is open, and one that either has ended is not', () => {
    const open = (...keys: string[]) =>
      wrote(1, { alerts: Object.fromEntries(keys.map((key) => [key, 'failover'])) });
    const merged = merge(open('a', 'b'), open('a', 'b', 'c'), open('b', 'd'));
    assert.deepEqual(Object.keys(merged.alerts ?? {}).sort(), ['b', 'c', 'd']);
    assert.equal('alerts' in merge(open('a'), { ...wrote(1), told: { down: ['x'] } }, wrote(1)), false);
  });

  test('a server that both see down is told once; one that only ours sees down is told as well', () => {
    const down = (...names: string[]) => ({
      ...wrote(1, { outbox: of('server-down') }),
      told: { down: names },
    });
    const told = (...names: string[]) => ({ ...wrote(1), told: { down: names } });
    assert.deepEqual(kinds(merge(wrote(1), down('primary'), told('primary'))), []);
    const both = merge(wrote(1), down('primary'), told('standby'));
    assert.deepEqual([kinds(both), both.told.down], [['server-down'], ['standby', 'primary']]);
  });

  test('an address that theirs has seen to answer is not told as away by who was late', () => {
    const late = {
      reminders: withReminders({}, 'address', { 90: NOW_MS }),
      outbox: of('not-moved'),
    };
    const merged = merge(
      wrote(2),
      wrote(2, late),
      wrote(2, { answeredAs: { serving: 'standby', sinceSeconds: 90 } }),
    );
    assert.deepEqual([kinds(merged), merged.reminders], [[], {}]);
  });

  test('a change that Route 53 lost is told once by two who find it lost', () => {
    const base = wrote(2, { rolledBack: [{ epoch: 1, role: '', records: [] }] });
    assert.deepEqual(kinds(merge(base, wrote(1, { outbox: of('stranded') }), wrote(1))), []);
    assert.deepEqual(kinds(merge(base, wrote(1, { outbox: of('stranded') }), base)), ['stranded']);
  });

  test('what was refused before an order is not told after it, unless it may be on its way to people', () => {
    const override = { by: 'b', reason: 'r', askedMs: NOW_MS, epoch: 2, mode: { mode: 'auto' as const } };
    const reminders = withReminders({}, 'refused', { late: NOW_MS });
    const writeRefused = { why: 'Rate exceeded', atMs: NOW_MS, passes: true };
    const noted = { outbox: of('write-refused'), reminders, writeRefused };
    for (const [ours, theirs] of [
      [wrote(1, noted), wrote(1, { override })],
      [wrote(1, { override }), wrote(1, noted)],
    ] as const) {
      const merged = merge(wrote(1), ours, theirs);
      assert.deepEqual([kinds(merged), merged.reminders, merged.writeRefused], [[], {}, undefined]);
    }
    const claim = { by: 'another', untilMs: NOW_MS };
    const told = wrote(1, { ...noted, outbox: noted.outbox.map((one) => ({ ...one, claim })) });
    assert.deepEqual(kinds(merge(wrote(1), wrote(1, { override }), told)), ['write-refused']);
    // Nobody has ordered anything.
    assert.deepEqual(kinds(merge(wrote(1), wrote(1, noted), wrote(1, { outbox: of('visible') }))), [
      'visible',
      'write-refused',
    ]);
  });

  test('that nothing was stored is told by who stored something first', () => {
    assert.deepEqual(kinds(merge(emptyState(), wrote(1, { outbox: of('state-lost') }), wrote(1))), []);
  });

  test('an order to move gives way to a hold that was given after it', () => {
    const point = { by: 'a', reason: 'r', askedMs: 1, from: 'primary', to: 'standby', untilMs: 9 };
    const override = {
      by: 'b',
      reason: 'r',
      askedMs: 2,
      epoch: 2,
      mode: { mode: 'held' as const, untilMs: 9 },
    };
    assert.equal(merge(wrote(1), wrote(1, { point }), wrote(1, { override })).point, undefined);
    const after = { ...point, askedMs: 3 };
    assert.deepEqual(merge(wrote(1), wrote(1, { point: after }), wrote(1, { override })).point, after);
  });

  test('a proof that theirs has told as visible is not begun again', () => {
    const propagation = { epoch: 2, from: 'primary', to: 'standby', incident: 'www-1', acceptedMs: NOW_MS };
    const seen = { propagation: { ...propagation, insyncMs: NOW_MS } };
    assert.equal(merge(wrote(2, { propagation }), wrote(2, seen), wrote(2)).propagation, undefined);
    assert.equal(merge(wrote(1), wrote(2, seen), wrote(2, { history: [] })).propagation, undefined);
    assert.equal(merge(wrote(1), wrote(2, seen), wrote(1, { outbox: of('override') })).propagation?.epoch, 2);
  });
});
