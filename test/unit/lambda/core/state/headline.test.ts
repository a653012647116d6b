import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HEADLINES, headlineOf, severityOf, worseness } from '../../../../../lambda/core/state/headline.ts';
import type { News } from '../../../../../lambda/core/state/news.ts';

const evidence = { startMs: 0, sightings: {} };
const leave = (row: number, reason: string) => ({ row, reason, act: 'leave' });
const move = { type: 'moved', row: 10, from: 'primary', to: 'standby', epoch: 2, members: [], evidence };
const turned = { type: 'turned', server: 'standby', decision: leave(15, 'fine'), evidence };
const stuck = { type: 'stuck', serving: 'primary', stays: 'primary', forMs: 0, evidence };
const hold = { mode: 'held', untilMs: 5, by: 'amy', reason: 'r' };

describe('how bad it is, by what has happened', () => {
  for (const [what, news, headline, severity] of [
    ['a failover', { ...move, reason: 'failover' }, 'FAILOVER', 'critical'],
    ['the last resort', { ...move, reason: 'nowhere-better' }, 'LAST RESORT', 'critical'],
    ['a failback', { ...move, reason: 'failback' }, 'BACK', 'info'],
    ['a TTL', { ...move, reason: 'refresh', lowered: { to: 'standby', by: 'amy' } }, 'TTL LOWERED', 'info'],
    ['no server works', { ...stuck, decision: leave(11, 'nowhere-better') }, 'SITE DOWN', 'critical'],
    ['held, and none works', { ...stuck, decision: leave(7, 'held'), hold }, 'SITE DOWN', 'critical'],
    [
      'held, and one would do',
      { ...stuck, decision: leave(7, 'held'), hold, next: 'standby' },
      'NOT MOVED',
      'critical',
    ],
    ['too often', { ...stuck, decision: leave(9, 'flapping') }, 'NOT MOVED', 'critical'],
    ['nobody can tell', { ...stuck, decision: leave(12, 'unsure') }, 'NOT KNOWN', 'critical'],
    ['blind', { ...stuck, decision: leave(8, 'blind') }, 'NOT KNOWN', 'critical'],
    ['no record yet', { ...stuck, decision: leave(3, 'waiting') }, 'NO RECORDS', 'warning'],
    ['what serves is down', { ...turned, health: 'down', serves: true }, 'SERVER DOWN', 'critical'],
    [
      'what served is down',
      { ...turned, health: 'down', serves: false, movedTo: 'third' },
      'SERVER DOWN',
      'critical',
    ],
    ['the only standby', { ...turned, health: 'down', serves: false }, 'NO STANDBY', 'warning'],
    [
      'one of two standbys',
      { ...turned, health: 'down', serves: false, next: 'third' },
      'STANDBY DOWN',
      'warning',
    ],
    ['up again', { ...turned, health: 'up', serves: false }, 'BACK', 'info'],
    [
      'a failover refused',
      { type: 'refused', from: 'a', to: 'b', reason: 'failover', message: '', passes: true },
      'NOT MOVED',
      'critical',
    ],
    [
      'a failback refused',
      { type: 'refused', from: 'b', to: 'a', reason: 'failback', message: '', passes: true },
      'NOT WRITTEN',
      'warning',
    ],
    [
      'a rewrite refused',
      { type: 'refused', from: 'a', to: 'a', message: '', passes: true },
      'NOT IN DNS',
      'warning',
    ],
    [
      'an older notice of one',
      { type: 'late', from: 'a', to: 'b', sinceMs: 1, waitsFor: '', evidence },
      'NOT MOVED',
      'critical',
    ],
    ['an order', { type: 'ordered', what: 'released', by: 'amy', reason: 'r' }, 'ORDER', 'info'],
    ['the end', { type: 'over', sinceMs: 1 }, 'BACK', 'info'],
    ['the end of many', { type: 'mass-over', group: 'g', sinceMs: 1, count: 9 }, 'BACK', 'info'],
  ] as unknown as [string, News, string, string][])
    test(`${what}: ${headline}`, () => {
      assert.equal(headlineOf(news), headline);
      assert.equal(severityOf(news), severity);
    });

  test('what could not be told in time is as bad as the worst of it', () => {
    const one = (news: object) => ({ kind: 'k', incident: 'i', atMs: 1, news: news as News });
    const calm = one({ type: 'ordered', what: 'held', by: 'a', reason: 'r' });
    const several = (...of: ReturnType<typeof one>[]): News => ({ type: 'several', of, more: 0 }) as News;
    assert.equal(severityOf(several(calm)), 'info');
    assert.equal(severityOf(several(calm, one({ ...move, reason: 'failover' }))), 'critical');
  });

  test('words of another version are a warning', () => {
    assert.equal(headlineOf({ type: 'worded', subject: 's', text: 't' }), undefined);
    assert.equal(severityOf({ type: 'worded', subject: 's', text: 't' }), 'warning');
    assert.equal(severityOf({ type: 'of-a-later-version' } as unknown as News), 'warning');
  });
});

test('the worst stand first, and no severity is among those of another', () => {
  const severities = Object.values(HEADLINES);
  assert.deepEqual([...new Set(severities)], ['critical', 'warning', 'info']);
  assert.deepEqual(
    severities,
    [...severities].sort((a, b) => rank(a) - rank(b)),
  );
  assert.ok(worseness('SITE DOWN') < worseness('FAILOVER'));
});

const rank = (severity: string): number => ['critical', 'warning', 'info'].indexOf(severity);
