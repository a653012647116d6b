import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { frameOf, statusResult } from '../../../../bin/commands/status.ts';
import { CONDITIONS } from '../../../../lambda/core/orders/condition.ts';
import type { StatusDocument } from '../../../../lambda/core/orders/status-document.ts';
import { massFailure, NOW_MS, siteOfNight } from '../../../support/mass-failure.ts';

const screen = (width: number) => ({ colour: false, width });
const SHOWN = { all: false, notFine: false, sort: 'worst' } as const;
const GOLDEN = new URL('./status-mass-failure.txt', import.meta.url);

/** A document of one site, as the function answers it when it is asked for by name. */
const alone = (told: Parameters<typeof siteOfNight>[2]): StatusDocument => {
  const site = siteOfNight('www', 7, told);
  const text = 'failover: www: standby serves';
  const night = massFailure();
  return {
    ...night,
    ok: CONDITIONS[site.condition].ok,
    message: 'The last round started at 2026-11-22 21:14:04 UTC.',
    sites: [site],
    told: [{ at: new Date(NOW_MS - 240_000).toISOString(), text }],
    mailedTo: ['oncall@example.net'],
  };
};

describe('200 sites after a rack died', () => {
  test('read as prose, and fit on a screen', () => {
    const { ok, text } = statusResult(massFailure(), screen(120), SHOWN);
    if (process.env.SWITCHOVER_UPDATE_GOLDEN) writeFileSync(GOLDEN, `${text}\n`);
    assert.equal(`${text}\n`, readFileSync(GOLDEN, 'utf8'));
    assert.equal(ok, false);
    for (const width of [80, 100, 120]) {
      const lines = statusResult(massFailure(), screen(width), SHOWN).text.split('\n');
      assert.ok(lines.length <= 24, `${lines.length} lines of ${width} characters`);
      const long = lines.find((line) => line.length > width && !line.includes('npm run switchover'));
      assert.equal(long, undefined);
    }
  });

  test('fit on it also when all 200 are dead', () => {
    const { sites, ...rest } = massFailure();
    const dead = sites.map((site) => ({ ...(sites[0] as (typeof sites)[number]), site: site.site }));
    const { text } = statusResult({ ...rest, sites: dead }, screen(100), SHOWN);
    assert.ok(text.split('\n').length <= 24, text);
    assert.match(text, /SITE DOWN +200 sites/);
  });

  test('are each on a line of their own with --all', () => {
    const { text } = statusResult(massFailure(), screen(120), { ...SHOWN, all: true });
    assert.match(text, /\nFINE +j196\.dyn\.example\.net +primary serves · standby up, armed/);
    assert.equal(text.match(/FAILED OVER +a\d\d\./g)?.length, 20);
  });

  test('leave out what is fine with --not-fine, to programs too', () => {
    const { text, answer } = statusResult(massFailure(), screen(120), { ...SHOWN, notFine: true });
    assert.doesNotMatch(text, /\n\d+ fine/);
    assert.equal((answer as StatusDocument).sites.length, 56);
    assert.equal((answer as StatusDocument).counts.sites, 200);
  });

  test('are sorted by name, or by what changed last', () => {
    const sorted = (sort: 'name' | 'since') =>
      statusResult(massFailure(), screen(120), { all: true, notFine: true, sort }).text.split('\n').slice(3);
    assert.match(sorted('name')[0] ?? '', /a00/);
    const since = sorted('since').findIndex((line) => line.startsWith('NO STANDBY'));
    assert.ok(since >= 50, 'what has been so for days stands last');
    assert.match(
      sorted('since')[0] ?? '',
      /^FAILED OVER/,
      'what moved after its primary had died comes first',
    );
  });
});

describe('a narrow terminal', () => {
  const lines = (document: StatusDocument, width: number) =>
    statusResult(document, screen(width), SHOWN).text.split('\n');
  const tooLong = (all: string[], width: number) =>
    all.filter((line) => line.length > width && !line.includes('npm run switchover'));

  test('breaks no line of many sites', () => {
    assert.deepEqual(tooLong(lines(massFailure(), 40), 40), []);
    const name = `${'long-name-'.repeat(3)}x`;
    const site = siteOfNight(name, 7, {
      down: { primary: { code: 'refused', phrase: 'x' } },
      incident: 'long-tk3',
    });
    assert.deepEqual(tooLong(lines({ ...massFailure(), sites: [site] }, 55), 55), []);
  });

  test('nor of one', () => {
    const phrase = 'the server refused the connection (ECONNREFUSED)';
    const all = lines(alone({ down: { primary: { code: 'refused', phrase } }, serving: 'standby' }), 40);
    assert.deepEqual(tooLong(all, 40), []);
    assert.match(
      all.join(' ').replaceAll(/ +/g, ' '),
      /primary DOWN since 21:10:02 UTC \(4 min\) · NOT ARMED: it is down/,
    );
  });
});

test('--watch keeps what is worst in sight in any terminal, in colour or not, and redraws it', () => {
  for (const colour of [true, false])
    for (const [width, rows] of [
      [40, 10],
      [80, 24],
      [120, 50],
    ] as const) {
      const frame = frameOf(massFailure(), { colour, width, rows }, { ...SHOWN, all: true });
      assert.ok(frame.startsWith('\u001b[H\u001b[2J'));
      const lines = stripVTControlCharacters(frame).trimEnd().split('\n');
      const taken = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0);
      assert.ok(taken < rows, `${taken} lines in ${rows}`);
      assert.match(lines[0] ?? '', /^147 fine/);
      assert.ok(
        lines.some((line) => line.startsWith('SITE DOWN')),
        frame,
      );
      assert.match(lines.at(-1) ?? '', /^… \d+ more lines$/);
    }
  const piped = frameOf(massFailure(), screen(120), SHOWN);
  assert.ok(!piped.includes('\u001b') && !piped.includes('more line'));
});

test('one site shows who serves, each server as each vantage saw it, the row, and what was told to whom', () => {
  const phrase = 'the server refused the connection (ECONNREFUSED)';
  const document = alone({ down: { primary: { code: 'refused', phrase } }, serving: 'standby' });
  const { text } = statusResult(document, screen(110), SHOWN);
  assert.deepEqual(text.split('\n'), [
    'www.dyn.example.net  FAILED OVER  standby serves since 21:10:04 UTC (4 min) · epoch 2 · auto',
    '  primary refused 4 min · standby serves 4 min · no standby left',
    '',
    '  primary  DOWN since 21:10:02 UTC (4 min) · NOT ARMED: it is down · certificate 61 days · 203.0.113.8',
    '      eu-west-2, us-east-1, ap-southeast-1: refused: the server refused the connection (ECONNREFUSED), since',
    '      21:10:02 UTC (4 min)',
    '  standby  UP since 2026-11-10 21:14 UTC (12 days) · serves · certificate 61 days · 192.0.2.8',
    '      eu-west-2, us-east-1, ap-southeast-1: ok: status 200 in 14 ms, since 2026-11-10 21:14 UTC (12 days)',
    '',
    '  row 15 (fine): what serves is up and as configured; nothing is due.',
    '  next in line: nobody',
    '  told last, to oncall@example.net:',
    '  21:10:07 UTC failover: www: standby serves',
    '',
    'The last round started at 2026-11-22 21:14:04 UTC.',
    'The site is served, by a server that is up.',
  ]);
});

test('a hold is shown with its owner, its reason, its end and the command that ends it', () => {
  const untilMs = NOW_MS + 3_600_000;
  const document = alone({ held: { by: 'bo', reason: 'ticket 1', untilMs } });
  const { text } = statusResult(document, screen(110), SHOWN);
  assert.deepEqual(text.match(/held by bo until 22:14.*/g), ['held by bo until 22:14: "ticket 1"']);
  assert.match(text, /end it: npm run switchover -- release www\.dyn\.example\.net --reason "why"/);
});

test('nobody is said to be served by a server that is down', () => {
  const refused = { code: 'refused', phrase: 'x' };
  const { text } = statusResult(alone({ down: { primary: refused, standby: refused } }), screen(160), SHOWN);
  assert.match(
    text,
    /SITE DOWN {2}primary is named in DNS since 2026-11-10 21:14 UTC \(12 days\) and is down ·/,
  );
  assert.match(text, / {2}primary {2}DOWN since 21:10:02 UTC \(4 min\) · named in DNS ·/);
  assert.doesNotMatch(text, /primary serves|· serves/);
});

test('is coloured where it may be', () => {
  const { text } = statusResult(massFailure(), { colour: true, width: 120 }, SHOWN);
  assert.ok(text.includes('\u001b[31mSITE DOWN'));
  assert.ok(text.includes('\u001b[32m'));
});
