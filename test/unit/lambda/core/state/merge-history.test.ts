import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TargetHealth } from '../../../../../lambda/core/site/health.ts';
import { type Entry, noted } from '../../../../../lambda/core/state/history.ts';
import { merge } from '../../../../../lambda/core/state/merge.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { worded } from '../../../../support/in-words.ts';

const target = (health: TargetHealth['health'], sinceMs: number): TargetHealth => ({
  address: '203.0.113.10',
  health,
  sinceMs,
  freshMs: sinceMs,
});

/** The state after an entry at this moment, with what remembers its event. */
type Seeing = (state: SiteState, atMs: number) => SiteState;
const noting = (state: SiteState, entry: Omit<Entry, 'id'>): SiteState => ({
  ...state,
  history: noted(state.history, entry),
});
const textOf = ({ history }: SiteState): string[] => history.map(({ what, text }) => `${what} ${text}`);

const turns =
  (is: TargetHealth['health'], text = ''): Seeing =>
  (state, atMs) =>
    noting(
      { ...state, targets: { primary: target(is, atMs) } },
      { atMs, what: 'seen', text: `primary is ${is}${text}`, detail: { target: 'primary' } },
    );

const notice = worded('held', { atMs: 5 });
const before: SiteState = {
  ...emptyState(),
  targets: { primary: target('up', 1) },
  outbox: [notice],
  silence: { by: 'ann', reason: 'disks', askedMs: 1, untilMs: 9, suppressed: 0 },
  propagation: { epoch: 7, from: 'primary', to: 'standby', incident: 'www-1', acceptedMs: 1 },
};

const told: Seeing = (state, atMs) =>
  noting(
    { ...state, outbox: [{ ...notice, told: 'mail' }] },
    { atMs, what: 'told', text: 'held', detail: { notice: notice.id } },
  );

const writes =
  (epoch: number): Seeing =>
  (state, atMs) => {
    const role = `"v=1 epoch=${epoch} serving=standby mode=auto set=1a2b3c4d since=${atMs}"`;
    const written = { epoch, role: 'the one in the zone', records: [] };
    return noting(
      { ...state, written },
      { atMs, what: 'written', text: `pinned, epoch ${epoch}`, detail: { role } },
    );
  };

const EVENTS: [name: string, seeing: Seeing][] = [
  ['a server that turned', turns('down', ': refused')],
  [
    'a server that turned, whose failing each saw otherwise',
    (state, atMs) => {
      const causes = { primary: { byVantage: {}, failing: [`seen at ${atMs}`] } };
      const detail = { target: 'primary', was: 'up', is: 'down' };
      const turned = { ...state, causes, targets: { primary: target('down', atMs) } };
      return noting(turned, { atMs, what: 'seen', text: `primary was up and is down: ${atMs}`, detail });
    },
  ],
  ['a write of one epoch that both had decided', writes(8)],
  ['what was told', told],
  [
    'what was kept back',
    (state, atMs) =>
      noting(
        { ...state, outbox: [] },
        { atMs, what: 'suppressed', text: `${atMs}`, detail: { notice: notice.id } },
      ),
  ],
  [
    'the end of a silence',
    ({ silence: _, ...state }, atMs) =>
      noting(state, {
        atMs: 9,
        what: 'hand',
        text: `the silence has ended, ${atMs} kept back`,
        detail: { silence: 1 },
      }),
  ],
  [
    'what is visible',
    ({ propagation: _, ...state }, atMs) =>
      noting(state, { atMs, what: 'visible', text: `epoch 7, after ${atMs} ms` }),
  ],
];

describe('of an event that two controllers have seen, each at a moment of its own', () => {
  for (const [name, seeing] of EVENTS)
    test(`one entry is kept: ${name}`, () => {
      const [ours, theirs] = [seeing(before, 100), seeing(before, 141)];
      assert.deepEqual(textOf(merge(before, ours, theirs)), textOf(theirs));
      // Theirs may have its own item by now.
      assert.deepEqual(merge(before, ours, { ...theirs, history: [] }).history, []);
    });

  test('a write that the other has only found, or not come to yet, keeps its entry', () => {
    const ours = writes(8)(before, 100);
    const news = { type: 'found', from: 'primary', epoch: 8, serving: 'standby', mode: 'auto' } as const;
    const found = { ...notice, id: 'found', kind: 'found', news };
    const finding = { ...before, ...(ours.written && { written: ours.written }), outbox: [notice, found] };
    assert.deepEqual(textOf(merge(before, ours, finding)), ['written pinned, epoch 8']);
    const further = writes(9)(ours, 120);
    const all = textOf(merge(before, further, writes(7)(before, 90)));
    assert.deepEqual(all, ['written pinned, epoch 7', 'written pinned, epoch 8', 'written pinned, epoch 9']);
  });

  test('what only one has seen stands, and so does what each saw otherwise', () => {
    const down = turns('down')(before, 100);
    const other = { ...before, damping: { movesMs: [3], waits: 0, lastDueMs: 3 } };
    assert.deepEqual(textOf(merge(before, down, other)), ['seen primary is down']);
    assert.deepEqual(textOf(merge(before, other, down)), ['seen primary is down']);
    const both = merge(before, down, turns('unknown')(before, 141));
    assert.deepEqual(textOf(both), ['seen primary is unknown', 'seen primary is down']);
  });

  test('an order is its own, whatever came at the same time', () => {
    const ordered = (text: string): SiteState => noting(before, { atMs: 100, what: 'hand', text });
    const both = merge(before, ordered('ann: held'), ordered('bo: released'));
    assert.deepEqual(textOf(both), ['hand bo: released', 'hand ann: held']);
  });
});
