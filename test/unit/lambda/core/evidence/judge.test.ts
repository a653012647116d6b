import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { judgeTarget, settled, unseen } from '../../../../../lambda/core/evidence/judge.ts';
import type { Health, TargetHealth } from '../../../../../lambda/core/site/health.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { KEY, lookOf } from '../looks.ts';

type Round = [startS: number, letters: string, expected: Health | `${Health}*`];

const rules = { vantageCount: 3, intervalSeconds: 10 };
const at = (health: Health, freshS = 0): TargetHealth => ({
  ...unseen('203.0.113.10', freshS * 1000),
  health,
});

/** Judges rounds in order; a star after the expected health means that it is not settled yet. */
const judged = (before: TargetHealth, rounds: Round[], site: Partial<Site> = {}): TargetHealth =>
  rounds.reduce((target, [startS, letters, expected]) => {
    const next = judgeTarget(target, KEY, lookOf(startS, letters), {
      ...rules,
      site: virtualSite('www', site),
    });
    const shown = next.streak === undefined ? next.health : `${next.health}*`;
    assert.equal(shown, expected, `after the round at ${startS} s (${letters}): ${JSON.stringify(next)}`);
    assert.equal(next.address, before.address);
    return next;
  }, before);

/** failuresToDown 3, downForSeconds 10, successesToUp 3, intervalSeconds 10 unless the site says otherwise. */
const STORIES: [title: string, before: TargetHealth, rounds: Round[], site?: Partial<Site>][] = [
  [
    'the worked example: ten seconds and three rounds, whichever is later',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [2, 'FFF', 'up*'],
      [4, 'FFF', 'up*'],
      [6, 'FFF', 'up*'],
      [8, 'FFF', 'up*'],
      [10, 'FFF', 'down'],
    ],
  ],
  [
    'the span is long before there are enough rounds',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [12, 'FFF', 'up*'],
      [14, 'FFF', 'down'],
    ],
  ],
  [
    'a span of just under downForSeconds is not enough',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [5, 'FFF', 'up*'],
      [9.999, 'FFF', 'up*'],
      [10, 'FFF', 'down'],
    ],
  ],
  [
    'downForSeconds 0: the third failed verdict is enough',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [2, 'FFF', 'up*'],
      [4, 'FFF', 'down'],
    ],
    { downForSeconds: 0 },
  ],
  [
    'failuresToDown 1, downForSeconds 0: at once',
    at('up'),
    [[0, 'FFP', 'down']],
    { downForSeconds: 0, failuresToDown: 1 },
  ],
  [
    'one passed verdict begins the count anew',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [8, 'FFF', 'up*'],
      [9, 'PPP', 'up'],
      [10, 'FFF', 'up*'],
      [12, 'FFF', 'up*'],
      [14, 'FFF', 'up*'],
      [20, 'FFF', 'down'],
    ],
  ],
  [
    'a round without a verdict neither counts nor begins anew',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [4, 'FPU', 'up*'],
      [6, 'FFF', 'up*'],
      [8, 'UUU', 'up*'],
      [10, 'FFF', 'down'],
    ],
  ],
  [
    'failed verdicts more than three intervals apart are not in a row, and nothing is known in between',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [1, 'FFF', 'up*'],
      [32, 'FFF', 'unknown*'],
      [33, 'FFF', 'unknown*'],
      [42, 'FFF', 'down'],
    ],
  ],
  [
    'failed verdicts exactly three intervals apart are',
    at('up'),
    [
      [0, 'FFF', 'up*'],
      [30, 'FFF', 'up*'],
      [60, 'FFF', 'down'],
    ],
  ],
  [
    'up needs successesToUp passed verdicts in a row, and no span',
    at('down'),
    [
      [0, 'PPP', 'down*'],
      [1, 'PPU', 'down*'],
      [2, 'PPF', 'up'],
    ],
  ],
  [
    'one failed verdict begins the way up anew',
    at('down'),
    [
      [0, 'PPP', 'down*'],
      [1, 'PPP', 'down*'],
      [2, 'FFP', 'down'],
      [3, 'PPP', 'down*'],
      [4, 'PPP', 'down*'],
      [5, 'PPP', 'up'],
    ],
  ],
  ['successesToUp 1', at('down'), [[0, 'PPP', 'up']], { successesToUp: 1 }],
  [
    'from unknown to up by the same threshold',
    at('unknown'),
    [
      [0, 'PPP', 'unknown*'],
      [2, 'PPP', 'unknown*'],
      [4, 'PPP', 'up'],
    ],
  ],
  [
    'from unknown to down by the same threshold and span',
    at('unknown'),
    [
      [0, 'FFF', 'unknown*'],
      [2, 'FFF', 'unknown*'],
      [4, 'FFF', 'unknown*'],
      [10, 'FFF', 'down'],
    ],
  ],
  [
    'from unknown, passes and failures in turn settle nothing',
    at('unknown'),
    [
      [0, 'PPP', 'unknown*'],
      [2, 'FFF', 'unknown*'],
      [4, 'PPP', 'unknown*'],
      [6, 'FFF', 'unknown*'],
      [8, 'PPP', 'unknown*'],
      [10, 'FFF', 'unknown*'],
    ],
  ],
  [
    "a single vantage's pass keeps up fresh, for as long as it comes",
    at('up'),
    [
      [10, 'P..', 'up'],
      [20, '.P.', 'up'],
      [30, '..P', 'up'],
      [60, 'P..', 'up'],
      [90, '.P.', 'up'],
    ],
  ],
  [
    "a single vantage's failure changes nothing",
    at('up'),
    [
      [10, 'F..', 'up'],
      [12, 'F..', 'up'],
      [14, 'F..', 'up'],
      [24, 'F..', 'up'],
    ],
  ],
  [
    "a single vantage's pass keeps nothing but up: it does not raise what is down",
    at('down'),
    [
      [10, 'P..', 'down'],
      [20, 'P..', 'down'],
      [30, 'P..', 'down'],
      [31, 'P..', 'unknown'],
    ],
  ],
  [
    'one pass among all vantages is no pass of a quorum, and keeps nothing fresh',
    at('up'),
    [
      [10, 'PUU', 'up'],
      [20, 'PUU', 'up'],
      [30, 'PUU', 'up'],
      [30.001, 'PUU', 'unknown'],
    ],
  ],
  [
    'without verdicts, up goes stale after three intervals',
    at('up'),
    [
      [10, 'UUU', 'up'],
      [30, 'UUU', 'up'],
      [31, 'UUU', 'unknown'],
      [32, 'UUU', 'unknown'],
    ],
  ],
  [
    'without verdicts, down goes stale too: it is never kept by unknown',
    at('down'),
    [
      [10, 'FUU', 'down'],
      [30, 'UUU', 'down'],
      [31, 'FUU', 'unknown'],
    ],
  ],
  [
    'failed verdicts keep down fresh',
    at('down'),
    [
      [25, 'FFF', 'down'],
      [50, 'FFU', 'down'],
      [75, 'UUU', 'down'],
      [81, 'UUU', 'unknown'],
    ],
  ],
  [
    'what speaks against health does not keep it fresh, and goes on counting',
    at('up'),
    [
      [29, 'FFF', 'up*'],
      [31, 'UUU', 'unknown*'],
      [35, 'FFF', 'unknown*'],
      [39, 'FFF', 'down'],
    ],
  ],
  [
    'passes that come too slowly to raise what is down make it unknown, not down for ever',
    at('down'),
    [
      [20, 'PPP', 'down*'],
      [40, 'PPP', 'unknown*'],
    ],
  ],
  [
    'unknown failures never add up to down',
    at('up'),
    Array.from({ length: 30 }, (_, n): Round => [n, 'UUU', 'up']),
  ],
];

describe('judgeTarget, one target over many rounds', () => {
  for (const [title, before, rounds, site] of STORIES) {
    test(title, () => {
      judged(before, rounds, site);
    });
  }
});

test('times: since the round that turned it, fresh by the rounds that kept it', () => {
  const down = judged(at('up'), [
    [0, 'FFF', 'up*'],
    [2, 'FFF', 'up*'],
    [10, 'FFF', 'down'],
  ]);
  const failed = { outcome: 'failed', code: '', detail: '' };
  assert.deepEqual(down, {
    health: 'down',
    sinceMs: 10_000,
    firstMs: 0,
    address: '203.0.113.10',
    freshMs: 10_000,
    turnedBy: { v0: failed, v1: failed, v2: failed },
  });
  const kept = judged(down, [[20, 'FFF', 'down']]);
  assert.deepEqual(kept, { ...down, freshMs: 20_000 });
  const stale = judged(kept, [[51, 'UUU', 'unknown']]);
  assert.deepEqual(stale, {
    health: 'unknown',
    sinceMs: 51_000,
    address: '203.0.113.10',
    freshMs: 51_000,
    lapsed: true,
  });
});

test('health that is stale counts for nothing, whatever the verdict', () => {
  assert.equal(judged(at('down'), [[31, 'FFF', 'unknown*']]).streak?.count, 1);
  assert.equal(judged(at('up'), [[31, 'PPP', 'unknown*']]).streak?.count, 1);
});

test('the span of a streak is from the first failed round to the latest', () => {
  const { streak } = judged(at('up'), [
    [1, 'FFF', 'up*'],
    [3, 'FFF', 'up*'],
  ]);
  assert.deepEqual(streak, { verdict: 'failed', count: 2, firstMs: 1000, lastMs: 3000 });
});

test('a streak that a clock noted which was ahead begins anew, and turns by the clock that goes on', () => {
  const ahead = {
    ...at('up'),
    streak: { verdict: 'failed', count: 2, firstMs: 600_000, lastMs: 602_000 },
  } as const;
  const { streak } = judged(ahead, [[10, 'FFF', 'up*']]);
  assert.deepEqual(streak, { verdict: 'failed', count: 1, firstMs: 10_000, lastMs: 10_000 });
});

test('a full round that sees nothing lapses, and what sees again ends that', () => {
  const lapsed = judged(at('up'), [[10, 'UUP', 'up']]);
  assert.equal(lapsed.lapsed, true);
  assert.equal(judged(at('up'), [[10, 'U..', 'up']]).lapsed, undefined, 'one vantage alone does not');
  assert.equal(judged(lapsed, [[12, '.P.', 'up']]).lapsed, undefined);
  assert.equal(judged(lapsed, [[12, 'PPP', 'up']]).lapsed, undefined);
  assert.equal(judged(lapsed, [[12, 'FFF', 'up*']]).lapsed, undefined);
});

test('settled: known, and no verdict in a row speaks against it', () => {
  assert.equal(settled(at('up')), true);
  assert.equal(settled(at('down')), true);
  assert.equal(settled(at('unknown')), false);
  assert.equal(settled(judged(at('up'), [[0, 'FFF', 'up*']])), false);
});
