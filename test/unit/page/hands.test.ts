import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArguments } from '../../../bin/arguments.ts';
import {
  commandOf,
  consequenceOf,
  eventOf,
  type Filled,
  HANDS,
  type Hand,
  handsOf,
} from '../../../page/hands.ts';
import { NOW_MS, siteOfNight } from '../../support/mass-failure.ts';

const REFUSED = { code: 'refused', phrase: 'x' };
const filled = (more: Partial<Filled> = {}): Filled => ({
  server: 'standby',
  for: '14400',
  reason: "it's time",
  by: 'ann',
  force: false,
  planned: false,
  drawn: '',
  ...more,
});
const ORDERS = Object.keys(HANDS) as Hand[];
const words = (command: string): string[] =>
  [...command.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll("'\\''", "'"),
  );

describe('a hand', () => {
  for (const action of ORDERS)
    test(`${action} is the event that the command line sends for the command that is shown`, () => {
      const given = filled({ force: action !== 'point', planned: true });
      const command = commandOf(action, 'www.example.com', given, {
        called: 'npx switchover',
        suffix: '--local .switchover',
      });
      const read = readArguments(words(command).slice(2), NOW_MS) as unknown as Record<string, unknown>;
      const event: Record<string, unknown> = eventOf(action, 'www.example.com', given);
      assert.equal(read.command, event.action);
      assert.deepEqual(read.which, { site: 'www.example.com' });
      for (const field of ['reason', 'by', 'server', 'forSeconds', 'force', 'planned'])
        assert.equal(read[field], event[field], field);
      assert.equal(read.local, '.switchover');
    });

  test('is offered where it would not be refused', () => {
    const offered = (...args: Parameters<typeof siteOfNight>) =>
      handsOf(siteOfNight(...args)).map(({ action }) => action);
    assert.deepEqual(offered('www', 1, {}), ['hold', 'pin', 'point', 'silence']);
    assert.deepEqual(offered('www', 1, { down: { primary: REFUSED }, serving: 'standby' }), [
      'hold',
      'pin',
      'silence',
    ]);
    assert.deepEqual(offered('www', 1, { down: { primary: REFUSED } }), ['hold', 'pin', 'silence']);
    assert.deepEqual(offered('www', 1, { serving: 'standby' }), [
      'hold',
      'pin',
      'point',
      'failback',
      'silence',
    ]);
    const held = { by: 'bo', reason: 'x', untilMs: NOW_MS + 60_000 };
    assert.deepEqual(offered('www', 1, { held }), ['hold', 'pin', 'point', 'release', 'silence']);
    const silence = {
      by: 'bo',
      reason: 'x',
      since: '2026-11-22T20:00:00.000Z',
      until: '2026-11-22T22:00:00.000Z',
      suppressed: 0,
      end: 'unsilence www --reason "why"',
    };
    assert.deepEqual(
      handsOf({ ...siteOfNight('www', 1, {}), silence }).map(({ action }) => action),
      ['hold', 'pin', 'point', 'silence', 'unsilence'],
    );
  });

  test('repeats the server and its health before it is done', () => {
    const up = siteOfNight('www', 1, {});
    assert.equal(
      consequenceOf('pin', up, filled()),
      'standby is UP and ARMED. Visitors move to it within about two minutes.',
    );
    const dead = siteOfNight('www', 1, { down: { standby: REFUSED } });
    assert.match(
      consequenceOf('point', dead, filled()),
      /^standby is DOWN and NOT ARMED: it is down\. This is refused until it is up\.$/,
    );
    assert.match(
      consequenceOf('pin', dead, filled()),
      /This is refused until it is up, unless it shall serve/,
    );
    assert.match(
      consequenceOf('pin', dead, filled({ force: true })),
      /Visitors move to it within about two minutes, whatever/,
    );
    const unserved = siteOfNight('www', 1, { down: { primary: REFUSED } });
    assert.match(consequenceOf('point', unserved, filled()), /This is refused while what serves is not up/);
    assert.match(
      consequenceOf('hold', unserved, filled()),
      /^primary is DOWN and stays named in DNS: visitors go on without a site\./,
    );
    const moved = siteOfNight('www', 1, { down: { primary: REFUSED }, serving: 'standby' });
    assert.match(
      consequenceOf('failback', moved, filled()),
      /^primary is DOWN .* This is refused until it is up\.$/,
    );
    assert.doesNotMatch(consequenceOf('failback', moved, filled()), /Visitors move/);
    const held = siteOfNight('www', 1, {
      down: { primary: REFUSED },
      held: { by: 'bo', reason: 'x', untilMs: NOW_MS + 60_000 },
    });
    assert.match(
      consequenceOf('release', held, filled()),
      /primary is DOWN and standby is ARMED\. Once it is released/,
    );
  });
});
