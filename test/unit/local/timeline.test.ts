import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Happening, Health } from '../../../local/events.ts';
import type { Screen } from '../../../local/terminal.ts';
import { createTimeline, jsonLine } from '../../../local/timeline.ts';

const START = Date.parse('2026-11-22T18:59:43.120Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const PLAIN: Screen = { colour: false, live: false, width: 60 };

const round = (seconds: number, primary: Health, standby: Health = 'up'): Happening => ({
  event: 'round',
  at: at(seconds),
  site: 'a.test',
  vantages: ['eu-west-1'],
  healths: { primary, standby },
});

const shown = (happenings: Happening[], screen: Partial<Screen> = {}): string => {
  const timeline = createTimeline({ ...PLAIN, ...screen });
  return happenings.map((happening) => timeline.show(happening, at(0))).join('') + timeline.rest();
};

describe('the timeline shows', () => {
  const cases: [string, Happening[], string][] = [
    [
      'ready',
      [{ event: 'ready' } as Happening],
      '18:59:43  ✓ ready: DNS names a server for every site that has one up\n',
    ],
    [
      'a first server',
      [
        {
          event: 'switch',
          site: 'a.test',
          from: null,
          to: 'primary',
          reason: 'created',
          epoch: 1,
          at: at(1),
        },
      ],
      '18:59:44  ⇄ a.test  now served by primary (created, epoch 1)\n',
    ],
    [
      'a switch',
      [
        {
          event: 'switch',
          site: 'a.test',
          from: 'primary',
          to: 'standby',
          reason: 'failover',
          epoch: 2,
          at: at(1),
        },
      ],
      '18:59:44  ⇄ a.test  moved from primary to standby (failover, epoch 2)\n',
    ],
    [
      'a publication',
      [{ event: 'published', site: 'a.test', epoch: 2, at: at(2) }],
      '18:59:45  ✓ a.test  every name server has it (epoch 2)\n',
    ],
    [
      'an error, without what a terminal would obey',
      [{ event: 'error', code: 'denied', message: 'no \u001b[2Jway', at: at(1) }],
      '18:59:44  ! denied  no  [2Jway\n',
    ],
    [
      'what a function printed',
      [{ event: 'output', function: 'main-prober', region: 'eu-west-1', line: 'hello', at: at(1) }],
      '18:59:44  │ main-prober eu-west-1  hello\n',
    ],
    [
      'a mail in a box, its long lines wrapped, its tables as they are',
      [
        {
          event: 'announcement',
          kind: 'failover',
          site: 'a.test',
          subject: '[a-1] a.test moved',
          text: 'The primary refused connections from every vantage.\n  eu-west-1   refused, and that for quite a long while\n',
          at: at(1),
        },
      ],
      [
        '18:59:44  ╭─ mail ──────────────────────────────────────────',
        '          │ [a-1] a.test moved',
        '          │',
        '          │ The primary refused connections from every',
        '          │ vantage.',
        '          │   eu-west-1   refused, and that for quite a long',
        '          │     while',
        '          ╰─────────────────────────────────────────────────',
        '',
      ].join('\n'),
    ],
  ];
  for (const [title, happenings, expected] of cases) {
    test(title, () => assert.equal(shown(happenings), expected));
  }
});

describe('rounds', () => {
  test('leave a line where a health changed, and else one a minute', () => {
    const rounds = [
      round(0, 'unknown'),
      round(2, 'up'),
      round(12, 'up'),
      round(22, 'up'),
      round(71, 'up'),
      round(72, 'up'),
      round(80, 'down'),
      round(82, 'down'),
      round(140, 'down'),
      round(150, 'up'),
    ];
    assert.deepEqual(shown(rounds).split('\n'), [
      '18:59:43  ● a.test  primary unknown · standby up',
      '18:59:45  ● a.test  primary up · standby up',
      '18:59:55  · all well; seen from eu-west-1',
      '19:00:55  · all well; seen from eu-west-1',
      '19:01:03  ● a.test  primary DOWN · standby up',
      '19:02:03  · in trouble: a.test; seen from eu-west-1',
      '19:02:13  ● a.test  primary up · standby up',
      '',
    ]);
  });

  test('on a terminal rewrite the last line, which goes before the next that stays', () => {
    const text = shown([round(0, 'up'), round(10, 'up'), round(20, 'up'), round(30, 'down')], { live: true });
    assert.equal(
      text,
      '18:59:43  ● a.test  primary up · standby up\n' +
        '\r\u001b[2K18:59:53  · all well; seen from eu-west-1' +
        '\r\u001b[2K19:00:03  · all well; seen from eu-west-1' +
        '\r\u001b[2K19:00:13  ● a.test  primary DOWN · standby up\n',
    );
  });
});

test('an error that comes each round is shown once a minute, with how often it came', () => {
  const denied = (seconds: number, message = 'no'): Happening => ({
    event: 'error',
    code: 'denied',
    message,
    at: at(seconds),
  });
  assert.deepEqual(
    shown([denied(0), denied(10), denied(20, 'other'), denied(59), denied(60), denied(120)]).split('\n'),
    [
      '18:59:43  ! denied  no',
      '19:00:03  ! denied  other',
      '19:00:43  ! denied  no (and 2 times since it was last shown)',
      '19:01:43  ! denied  no',
      '',
    ],
  );
});

test('colour only where it is wanted', () => {
  const happenings = [round(0, 'down')];
  assert.ok(shown(happenings, { colour: true }).includes('\u001b[31mprimary DOWN\u001b[39m'));
  assert.ok(!shown(happenings).includes('\u001b'));
});

test('as JSON, an event is one line and what is only for people is none', () => {
  assert.equal(
    jsonLine({ event: 'published', site: 'a.test', epoch: 2, at: at(0) }),
    '{"v":1,"event":"published","site":"a.test","epoch":2,"at":"2026-11-22T18:59:43.120Z"}\n',
  );
  assert.equal(jsonLine({ event: 'output', function: 'f', region: 'r', line: 'x', at: at(0) }), '');
});
