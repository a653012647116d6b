import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { clockTime, duration } from '../../../../../lambda/core/base/time.ts';
import { announcementOf, subjectLine } from '../../../../../lambda/core/messages/announcement.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { noticeOf } from '../../../../../lambda/core/state/notice.ts';

/** What SNS takes: fewer than 100 UTF-16 units, no control characters or line breaks; and nothing that turns text around. */
const assertSafe = (subject: string): void => {
  assert.ok(subject.length < 100, `${subject.length} characters: ${subject}`);
  assert.doesNotMatch(subject, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u, JSON.stringify(subject));
  assert.ok(subject.isWellFormed(), 'no character is cut in two');
  assert.match(subject, /^[\p{L}\p{N}\p{P}]/u, 'SNS wants a letter, digit or mark first');
  assert.match(subject, /\[www-k3f9ab\]$/, 'the incident is never cut');
  assert.equal(subject, subject.trim());
};

/** Numbers that look random and are the same in every run (Numerical Recipes' generator). */
const generator = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const NASTY = [
  'a',
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\x1b[31m',
  '\x7f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u200f',
  '\u2066',
  '\ufeff',
  '\u200b',
  '\u00ad',
  'é',
  'e\u0301',
  '漢',
  '😀',
  '👩‍👩‍👧‍👦',
  '🏳️‍🌈',
  '\ud83d',
  '\ude00',
  '\ue000',
  '\u{10ffff}',
  '"',
  '[',
  ']',
  '…',
  'FAILOVER',
  'www.dyn.example.co.uk',
];

describe('a subject is safe, whatever it is made of', () => {
  test('each nasty text alone, and 100 times', () => {
    for (const text of NASTY) {
      assertSafe(subjectLine('www-k3f9ab', text));
      assertSafe(subjectLine('www-k3f9ab', text.repeat(100)));
      assertSafe(subjectLine('www-k3f9ab', `${'x'.repeat(85)}${text.repeat(9)}`));
    }
  });

  test('5,000 mixtures of every length', () => {
    const random = generator(1);
    for (let run = 0; run < 5000; run++) {
      const text = Array.from({ length: random(140) }, () => NASTY[random(NASTY.length)]).join('');
      assertSafe(subjectLine('www-k3f9ab', text));
    }
  });
});

describe('a subject keeps what can be kept', () => {
  const cases: [title: string, text: string, expected: string][] = [
    ['a plain text', 'www.example.net: all is well', 'www.example.net: all is well [i-1]'],
    ['other scripts and emoji', 'güter 漢字 😀', 'güter 漢字 😀 [i-1]'],
    ['line breaks become one space', 'one\r\n\r\ntwo', 'one two [i-1]'],
    ['what SNS takes as a first character', '😀 one', 'one [i-1]'],
    ['99 characters', 'x'.repeat(93), `${'x'.repeat(93)} [i-1]`],
    ['100 characters are cut', 'x'.repeat(94), `${'x'.repeat(92)}… [i-1]`],
    ['no space before the ellipsis', `${'x'.repeat(91)} ${'x'.repeat(9)}`, `${'x'.repeat(91)}… [i-1]`],
    ['a pair is cut whole', `${'x'.repeat(91)}😀😀`, `${'x'.repeat(91)}… [i-1]`],
    ['nothing', '', '[i-1]'],
  ];
  for (const [title, text, expected] of cases) {
    test(title, () => {
      assert.equal(subjectLine('i-1', text), expected);
    });
  }
});

test('times are in UTC, in words a person reads', () => {
  assert.equal(clockTime(Date.UTC(2026, 10, 22, 18, 59, 3, 999)), '2026-11-22 18:59:03 UTC');
  const durations: [ms: number, text: string][] = [
    [0, '0 s'],
    [1499, '1 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [3_600_000, '60 min'],
    [7_140_000, '119 min'],
    [7_200_000, '2 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000, '24 h'],
  ];
  for (const [ms, text] of durations) assert.equal(duration(ms), text);
});

test('what this version has no words for is told as it was noted', () => {
  const site = virtualSite('www');
  for (const type of ['of-a-later-version', 'visible']) {
    const news = { type, server: 'standby' } as unknown as SiteNews;
    const notice = noticeOf({ site: site.name, incident: 'www-1', kind: 'later', atMs: 5, news });
    const { subject, text } = announcementOf(site, virtualConfig([site]), notice);
    assert.equal(subject, 'www.dyn.example.net: later [www-1]');
    assert.ok(text.includes(JSON.stringify(news)), text);
  }
});

test('an announcement carries its time and what happened in the first line, and the incident in subject and text', () => {
  const site = virtualSite('www');
  const news = { type: 'ordered', what: 'held', by: 'alice', reason: 'disks' } as const;
  const notice = noticeOf({ site: site.name, incident: 'www-1', kind: 'hand', atMs: 5, news });
  const made = announcementOf(site, virtualConfig([site]), notice);
  assert.equal(made.subject, 'ORDER www.dyn.example.net: held by alice [www-1]');
  assert.ok(made.text.startsWith(`${clockTime(5)}: alice: held. Reason: disks\n\nWhat you can do\n`));
  assert.ok(made.text.endsWith('\n\nIncident www-1 (hand, info)'));
  assert.match(made.text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: /);
  assert.deepEqual([made.kind, made.id, made.severity], ['hand', notice.id, 'info']);
});

describe("a subject that is too long loses a part of the site's name before anything else", () => {
  const named = (name: string, what: string): string => {
    const site = { ...virtualSite('www'), name };
    const news = { type: 'ordered', what, by: 'oncall-b', reason: 'db migration' } as const;
    const [label = ''] = name.split('.');
    return announcementOf(
      site,
      virtualConfig([site]),
      noticeOf({ site: name, incident: `${label.slice(0, 16)}-tpc0nv`, kind: 'hand', atMs: 0, news }),
    ).subject;
  };
  const UNTIL = 'until 2026-12-01 00:15:35 UTC';

  test('who and until when stay', () => {
    for (const name of [
      'www.dyn.example.net',
      'xn--bcher-kva.dyn.example.test',
      `${'a'.repeat(44)}.example.net`,
    ])
      for (const what of [`held ${UNTIL}`, `silenced ${UNTIL}`, `pinned to standby ${UNTIL}`]) {
        const subject = named(name, what);
        assert.ok(subject.length < 100, subject);
        assert.ok(subject.includes(`: ${what} by oncall-b [`), subject);
        assert.ok(subject.startsWith(`ORDER ${name.slice(0, 4)}`), subject);
      }
  });

  test('no more of the name goes than has to', () => {
    const subject = named('xn--bcher-kva.dyn.example.test', `held ${UNTIL}`);
    assert.equal(subject.length, 99, subject);
    assert.equal(named('www.example.net', `held ${UNTIL}`).includes('www.example.net: held'), true);
  });
});
