import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyResult, statusResult, troubleWith } from '../../../bin/commands/look.ts';
import type { SiteStatus } from '../../../lambda/core/orders/status.ts';

const WIDE = { colour: false, width: Number.POSITIVE_INFINITY };
const site = (more: Partial<SiteStatus> = {}): SiteStatus => ({
  site: 'www.example.com',
  serving: 'primary',
  zone: 'ours',
  mode: 'auto',
  until: null,
  healths: { primary: 'up', standby: 'up' },
  incident: null,
  notes: [],
  ...more,
});
const answer = (ok = true) => ({
  ok,
  message: ok ? 'The last round started at T.' : 'The controller is silent.',
});

describe('a site is as it should be only when', () => {
  const cases: [Partial<SiteStatus>, string | undefined][] = [
    [{}, undefined],
    [{ serving: 'standby', healths: { primary: 'down', standby: 'up' } }, undefined],
    [{ mode: 'held', until: '2026-11-22T12:00:00.000Z' }, undefined],
    [{ healths: { primary: 'down', standby: 'up' } }, 'primary serves it and is down'],
    [{ healths: { primary: 'unknown', standby: 'up' } }, 'primary serves it and is unknown'],
    [{ serving: 'gone' }, 'gone serves it and is no longer configured'],
    [
      { serving: 'other', mode: 'held' },
      'it is served from addresses of no configured server, as a person adopted them',
    ],
    [{ serving: null }, 'nothing that is configured serves it'],
    [{ zone: 'nothing', serving: null }, 'it has no records yet'],
    [{ zone: 'adoptable' }, 'its records were found and are not adopted yet'],
    [{ zone: 'edited' }, 'its records were edited by hand'],
    [{ zone: 'unreadable', serving: null }, 'its zone could not be read'],
  ];
  for (const [more, trouble] of cases)
    test(trouble ?? JSON.stringify(more), () => assert.equal(troubleWith(site(more)), trouble));
});

describe('status', () => {
  test('says what it comes to that no other server is up, as the one that serves is', () => {
    const lineOf = (primary: 'up' | 'down' | 'unknown') =>
      statusResult(answer(), [site({ healths: { primary, standby: 'down' } })], WIDE).text.match(
        /no other .*/,
      )?.[0];
    assert.equal(lineOf('up'), 'no other server is up: if this one died now, nothing would take over');
    assert.equal(lineOf('down'), 'no other server is up: nothing takes over');
    assert.equal(lineOf('unknown'), 'no other server is up: if this one is dead, nothing takes over');
  });

  test('is a table, with notes below their site and the verdict last', () => {
    const held = site({
      site: 'shop.example.com',
      mode: 'held',
      until: '2026-11-22T12:34:56.000Z',
      notes: [{ code: 'unpublished', text: 'a note' }],
    });
    const alone = site({ healths: { primary: 'up', standby: 'down' }, incident: 'www-1' });
    const { ok, text } = statusResult(answer(), [alone, held], WIDE);
    assert.equal(ok, true);
    assert.deepEqual(text.split('\n'), [
      'SITE              SERVING  MODE                             HEALTH                    ZONE',
      'www.example.com   primary  auto                             primary up, standby down  ours',
      '  no other server is up: if this one died now, nothing would take over',
      '  incident www-1 is open',
      'shop.example.com  primary  held until 2026-11-22 12:34 UTC  primary up, standby up    ours',
      '  a note',
      '',
      'The last round started at T.',
      'All 2 sites are served, by a server that is up.',
    ]);
  });

  test('is a few lines a site where the terminal is narrow, none of them wider', () => {
    const notes = [{ code: 'unpublished', text: 'a note of more words than fit on a line' }] as const;
    const { text } = statusResult(answer(), [site({ notes: [...notes] })], { colour: false, width: 40 });
    const lines = text.split('\n');
    assert.deepEqual(lines.slice(0, 5), [
      'www.example.com',
      '  serving  primary',
      '  mode     auto',
      '  health   primary up, standby up',
      '  zone     ours',
    ]);
    assert.ok(lines.slice(0, 7).every((line) => line.length <= 40));
  });

  test('says the same by its exit code, to people and to programs', () => {
    const bad = statusResult(answer(), [site(), site({ site: 'b', zone: 'edited' })], WIDE);
    assert.equal(bad.ok, false);
    assert.match(bad.text, /\nb: its records were edited by hand\.$/);
    assert.deepEqual(bad.answer, {
      ok: false,
      message: 'The last round started at T. b: its records were edited by hand.',
    });
    const silent = statusResult(answer(false), [site()], WIDE);
    assert.equal(silent.ok, false);
    assert.match(silent.text, /\nThe controller is silent\.$/);
  });

  test('is coloured where it may be', () => {
    const { text } = statusResult(answer(), [site({ healths: { primary: 'up', standby: 'down' } })], {
      colour: true,
      width: 120,
    });
    assert.ok(text.includes('primary \u001b[32mup\u001b[0m, standby \u001b[31mdown\u001b[0m'));
  });
});

test('history is read downwards, with its site where there are several, and broken after its time', () => {
  const entry = (name: string, second: number, text: string) => ({
    site: name,
    at: `2026-11-22T03:14:0${second}.000Z`,
    what: 'seen',
    text,
  });
  const newestFirst = [entry('b', 2, 'standby was up and is down'), entry('a', 1, 'first')];
  const { text, answer: told } = historyResult({ ...answer(), history: newestFirst }, newestFirst, {
    colour: false,
    width: 52,
  });
  assert.deepEqual(text.split('\n'), [
    '2026-11-22 03:14:01 seen      a: first',
    '2026-11-22 03:14:02 seen      b: standby was up and',
    '                              is down',
    '2 entries, newest last, times in UTC.',
  ]);
  assert.deepEqual((told as { history: unknown }).history, newestFirst);
  assert.equal(historyResult(answer(), [], WIDE).text, 'The last round started at T.');
});
