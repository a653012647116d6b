import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArguments } from '../../../bin/arguments.ts';
import type { SiteStatus } from '../../../lambda/core/orders/status.ts';
import {
  commandOf,
  consequenceOf,
  eventOf,
  type Filled,
  FOR_ALL,
  HANDS,
  type Hand,
  handsOf,
  handsOfAll,
  secondStep,
} from '../../../page/hands.ts';
import { drawnOf } from '../../../page/whom.ts';
import { NOW_MS, siteOfNight } from '../../support/mass-failure.ts';

const REFUSED = { code: 'refused', phrase: 'x' };
const filled = (more: Partial<Filled> = {}): Filled => ({
  server: 'standby',
  incident: 'www-k3f9ab',
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
      const site = siteOfNight('www', 1, {});
      const command = commandOf(action, site, given, {
        called: 'npx switchover',
        suffix: '--local .switchover',
      });
      const read = readArguments(words(command).slice(2), NOW_MS) as unknown as Record<string, unknown>;
      const event: Record<string, unknown> = eventOf(action, site, given);
      assert.equal(read.command, event.action);
      assert.deepEqual(read.which, action === 'acknowledge' ? {} : { site: site.site });
      assert.equal(event.site, action === 'acknowledge' ? undefined : site.site);
      for (const field of ['incident', 'reason', 'by', 'server', 'forSeconds', 'force', 'planned'])
        assert.equal(read[field], event[field], field);
      assert.equal(read.local, '.switchover');
    });

  for (const action of FOR_ALL as Hand[])
    test(`${action} of all sites is the event and the command of --all`, () => {
      const all = [siteOfNight('www', 1, {}), siteOfNight('blog', 2, {})];
      const command = commandOf(action, all, filled(), { called: 'npx switchover', suffix: '' });
      const read = readArguments(words(command).slice(2), NOW_MS) as unknown as Record<string, unknown>;
      assert.deepEqual([read.command, read.which], [action, { all: true }]);
      const { all: isAll, forSeconds } = eventOf(action, all, filled());
      assert.deepEqual([isAll, forSeconds], [true, read.forSeconds]);
    });

  test('on all sites says whose hands it goes over, and is offered where it does something', () => {
    const held = { by: 'bo', reason: 'x', untilMs: NOW_MS + 60_000 };
    const free = [siteOfNight('www', 1, {}), siteOfNight('blog', 2, { down: { primary: REFUSED } })];
    const offers = (sites: SiteStatus[]) => handsOfAll(sites).map(({ action }) => action);
    assert.deepEqual(offers(free), ['hold', 'silence']);
    const taken = [...free, siteOfNight('api', 3, { held })];
    assert.deepEqual(offers(taken), ['hold', 'release', 'silence']);
    assert.match(consequenceOf('release', taken, filled()), /1 site held or pinned now, by bo\./);
    assert.match(consequenceOf('hold', taken, filled()), /on any of 3 sites, .* 1 site DOWN now/);
    // A server that dies meanwhile stops nobody; a hand of somebody else does.
    assert.equal(
      drawnOf(free),
      drawnOf([siteOfNight('www', 1, { down: { primary: REFUSED } }), ...free.slice(1)]),
    );
    assert.notEqual(drawnOf(free), drawnOf([siteOfNight('www', 1, { held }), ...free.slice(1)]));
  });

  test('acknowledges an incident that is open and that nobody has', () => {
    const open = siteOfNight('www', 1, {
      down: { primary: REFUSED },
      serving: 'standby',
      incident: 'www-k3f9ab',
    });
    const has = (site: SiteStatus) => handsOf(site).some(({ action }) => action === 'acknowledge');
    assert.equal(has(open), true);
    assert.equal(
      has({ ...open, acknowledged: { by: 'bo', reason: 'x', since: '2026-11-22T20:00:00.000Z' } }),
      false,
    );
    assert.equal(has(siteOfNight('www', 1, {})), false);
    assert.match(
      secondStep('acknowledge', open, filled(), { called: 'x', suffix: '' }).markup,
      /Acknowledge incident www-k3f9ab of www/,
    );
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
