import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  answeredByMs,
  answeredOrders,
  isUnanswered,
  type OrderNotice,
} from '../../../../../lambda/core/state/answered-order.ts';
import type { Asks, SiteNews } from '../../../../../lambda/core/state/news.ts';
import { type Notice, noticeOf } from '../../../../../lambda/core/state/notice.ts';
import type { Point } from '../../../../../lambda/core/state/site-state.ts';

const AT_MS = 1_000_000;
const GIVEN = { by: 'ops', reason: 'repaired' };
const EVIDENCE = { startMs: AT_MS, sightings: {} };
const HOLD = { mode: 'held', untilMs: AT_MS * 2 } as const;
const STAYS = { row: 7, reason: 'held', act: 'leave' } as const;

const notice = <N extends SiteNews>(news: N, atMs: number): Notice<N> =>
  noticeOf({ site: 'www', incident: 'www-1', kind: news.type, atMs, news });

const ordered = (asks: Asks | undefined, atMs = AT_MS): OrderNotice =>
  notice({ type: 'ordered', what: asks?.order ?? 'held', ...GIVEN, ...(asks && { asks }) }, atMs);

const moved = (to: string, more: object = {}): SiteNews => ({
  type: 'moved',
  reason: 'failover',
  row: 10,
  from: 'other',
  to,
  epoch: 2,
  members: [],
  evidence: EVIDENCE,
  ...more,
});
const refused = (from: string, to: string): SiteNews => ({
  type: 'refused',
  from,
  to,
  message: 'no',
  passes: false,
});
const stuck = (by: string): SiteNews => ({
  type: 'stuck',
  decision: STAYS,
  stays: 'a',
  forMs: 0,
  evidence: EVIDENCE,
  hold: { ...HOLD, ...GIVEN, by },
});
const notDone = (by: string): SiteNews => ({
  type: 'failback-not-done',
  ...GIVEN,
  by,
  decision: STAYS,
});
const over: SiteNews = { type: 'over', sinceMs: 1 };

const ANSWERS: [order: Asks, news: SiteNews, isAnswer: boolean, why: string][] = [
  [{ order: 'failback', to: 'a' }, moved('a', { reason: 'failback' }), true, 'the move'],
  [{ order: 'failback', to: 'a' }, moved('a'), true, 'a failover that goes where it would have gone'],
  [{ order: 'failback', to: 'a' }, moved('b'), false, 'a move to another server'],
  [{ order: 'failback', to: 'a' }, refused('b', 'a'), true, 'that it could not be written'],
  [{ order: 'failback', to: 'a' }, refused('b', 'b'), false, 'a write that moves nobody'],
  [{ order: 'failback', to: 'a' }, notDone('ops'), true, 'that it was not done'],
  [{ order: 'failback', to: 'a' }, notDone('amy'), false, "that another person's was not done"],
  [
    { order: 'point', to: 'b' },
    moved('a', { lowered: { to: 'b', by: 'ops' } }),
    true,
    'the lower TTL of a planned switch',
  ],
  [{ order: 'point', to: 'b' }, refused('a', 'a'), true, 'that the TTL could not be lowered'],
  [
    { order: 'point', to: 'b' },
    { type: 'switch-ended', planned: false, done: false, why: 'No.', to: 'b', ...GIVEN },
    true,
    'that it was not done',
  ],
  [{ order: 'pin', to: 'b' }, moved('b', { reason: 'pinned' }), true, 'the move'],
  [{ order: 'pin', to: 'b' }, stuck('ops'), true, 'that it keeps the site from moving'],
  [{ order: 'hold' }, stuck('ops'), true, 'that it keeps the site from moving'],
  [{ order: 'hold' }, stuck('amy'), false, "that another person's hold does"],
  [{ order: 'hold' }, refused('a', 'a'), true, 'that it is not in DNS'],
  [{ order: 'hold' }, moved('b'), false, 'a move that was on its way'],
  [{ order: 'hold' }, over, false, 'the end of an incident'],
  [{ order: 'release' }, moved('b'), true, 'whatever move was due'],
  [{ order: 'release' }, refused('a', 'b'), true, 'that what was due could not be written'],
  [{ order: 'release' }, over, true, 'the end of an incident'],
  [{ order: 'put-back', to: 'a' }, over, true, 'the end of an incident'],
  [{ order: 'put-back', to: 'a' }, moved('b'), false, 'a failover just after'],
  [{ order: 'adopt' }, moved('a'), false, 'a move, which it asks for none of'],
  [{ order: 'release' }, { type: 'address-answers', serving: 'a', epoch: 2, sinceSeconds: 1 }, false, 'news'],
];

describe('what comes of an order', () => {
  for (const [asks, news, isAnswer, why] of ANSWERS)
    test(`${asks.order}: ${why} is ${isAnswer ? '' : 'not '}told together with it`, () => {
      const [order, later] = [ordered(asks), notice(news, AT_MS + 500)];
      const outbox = [order, later];
      assert.deepEqual([...answeredOrders(outbox)], isAnswer ? [[later.id, [order]]] : []);
      assert.equal(isUnanswered(order, outbox), !isAnswer);
      assert.equal(isUnanswered(later, outbox), false);
      // What was so before it was given is no answer.
      assert.equal(answeredOrders([notice(news, AT_MS - 1), order]).size, 0);
    });

  test('two orders of which one move comes are told with it, in their order', () => {
    const [first, second] = [
      ordered({ order: 'point', to: 'a' }),
      ordered({ order: 'failback', to: 'a' }, AT_MS + 1),
    ];
    const move = notice(moved('a'), AT_MS + 500);
    assert.deepEqual(answeredOrders([first, second, move]).get(move.id), [first, second]);
  });

  test('is not waited for by an order that an earlier version stored, nor by one about messages', () => {
    const [early, quiet] = [
      ordered(undefined),
      notice({ type: 'ordered', what: 'silenced', about: 'silence', ...GIVEN } as const, AT_MS),
    ];
    const move = notice(moved('a'), AT_MS + 500);
    for (const one of [early, quiet]) {
      assert.equal(answeredOrders([one, move]).size, 0);
      assert.equal(isUnanswered(one, [one]), false);
    }
  });
});

describe('an order waits no longer', () => {
  const asked = { ...GIVEN, askedMs: AT_MS, untilMs: AT_MS + 60_000 };
  const point: Point = { ...asked, from: 'a', to: 'b' };
  for (const [what, state, seconds] of [
    ['than an interval and 10 s', {}, 20],
    ['than its minute on top of that, as a failback', { failbackAsked: asked }, 80],
    ['and as long as that, as a switch at once', { point }, 80],
    [
      'than an interval and 10 s, as a planned switch',
      { point: { ...point, planned: { waitSeconds: 60 } } },
      20,
    ],
    [
      'than an interval and 10 s, where another failback was asked for since',
      { failbackAsked: { ...asked, askedMs: AT_MS + 1 } },
      20,
    ],
  ] as const)
    test(what, () => {
      assert.equal(answeredByMs(ordered({ order: 'release' }), state, 10), AT_MS + seconds * 1000);
    });
});
