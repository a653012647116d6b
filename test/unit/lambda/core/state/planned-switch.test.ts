import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { TargetHealth } from '../../../../../lambda/core/site/health.ts';
import {
  advancePoint,
  endOfPoint,
  newPoint,
  type PointNow,
  plannedTtl,
  pointStatus,
  stageOf,
} from '../../../../../lambda/core/state/planned-switch.ts';
import {
  emptyState,
  type Point,
  parseState,
  type SiteState,
} from '../../../../../lambda/core/state/site-state.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { sealed } from '../../../../../lambda/core/zone/role-record.ts';
import { desiredRecords, roleRecordOf, type ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';

const NOW_MS = 1_800_000_000_000;
const SITE = virtualSite('www');
const [PRIMARY, STANDBY] = SITE.servers as [(typeof SITE.servers)[0], (typeof SITE.servers)[0]];
const ASKED = { by: 'alice', reason: 'disks', askedMs: NOW_MS, from: 'primary', to: 'standby' };

const planned = (progress: Partial<NonNullable<Point['planned']>> = {}): Point => {
  const point = newPoint(SITE, ASKED, desiredRecords(SITE, PRIMARY), true);
  return { ...point, planned: { waitSeconds: 60, ...point.planned, ...progress } };
};

const view = (serving: 'primary' | 'standby', ttlSeconds: number): ZoneView => {
  const records: RecordSet[] = desiredRecords(
    SITE,
    serving === 'primary' ? PRIMARY : STANDBY,
    [],
    ttlSeconds,
  );
  const role = sealed({ epoch: 2, serving, mode: 'auto', sinceSeconds: 1 }, records);
  return { kind: 'ours', role, roleRecord: roleRecordOf(SITE, role), records };
};
const stateWith = (point: Point, more: Partial<SiteState> = {}): SiteState => ({
  ...emptyState(),
  point,
  ...more,
});

const UP: TargetHealth = { health: 'up', sinceMs: 0, address: '', freshMs: NOW_MS };
const FAILING: TargetHealth = {
  ...UP,
  streak: { verdict: 'failed', count: 1, firstMs: NOW_MS, lastMs: NOW_MS },
};

describe('a planned switch comes as far as the zone shows it to have come', () => {
  const unpublished = { changeId: 'C1', epoch: 2, acceptedMs: NOW_MS };
  const low = { lowMs: NOW_MS - 5000 };
  const switched = { switchedMs: NOW_MS - 60_000 };
  const table: [
    what: string,
    state: SiteState,
    zone: ZoneView,
    expected: Partial<NonNullable<Point['planned']>>,
  ][] = [
    ['the TTL is not lowered yet', stateWith(planned()), view('primary', 60), {}],
    ['lowered, and not published', stateWith(planned(), { unpublished }), view('primary', 10), {}],
    ['lowered and published', stateWith(planned()), view('primary', 10), { lowMs: NOW_MS }],
    ['noted once', stateWith(planned(low)), view('primary', 10), low],
    ['switched, and not published', stateWith(planned(low), { unpublished }), view('standby', 10), low],
    ['switched and published', stateWith(planned(low)), view('standby', 10), { ...low, switchedMs: NOW_MS }],
    [
      'up at the end of the watch',
      stateWith(planned(switched), { targets: { standby: UP } }),
      view('standby', 10),
      { ...switched, watchedMs: NOW_MS },
    ],
    [
      'the watch goes on',
      stateWith(planned({ switchedMs: NOW_MS - 59_999 }), { targets: { standby: UP } }),
      view('standby', 10),
      { switchedMs: NOW_MS - 59_999 },
    ],
    ['not known at its end', stateWith(planned(switched)), view('standby', 10), switched],
    [
      'failing at its end',
      stateWith(planned(switched), { targets: { standby: FAILING } }),
      view('standby', 10),
      switched,
    ],
    ['an edit is no progress', stateWith(planned()), { kind: 'edited', detail: '', records: [] }, {}],
  ];
  for (const [what, state, zone, expected] of table) {
    test(what, () => {
      const { point } = advancePoint(SITE, state, zone, NOW_MS);
      assert.deepEqual(point?.planned, { waitSeconds: 60, ...expected });
    });
  }
});

test('its stages, and the time that it still needs', () => {
  const asked = (agoMs: number, progress: Partial<NonNullable<Point['planned']>>): Point => ({
    ...planned(progress),
    askedMs: NOW_MS - agoMs,
  });
  const ago = (ms: number) => NOW_MS - ms;
  const stages: [Point, string, number, RegExp][] = [
    // Nobody knows yet how long Route 53 takes: up to a minute for each of three changes.
    [
      planned(),
      'lowering',
      60 + 61 + 60 + 60 + 60,
      /; 61 s to 2 min until it switches, 2 min to 5 min in all$/,
    ],
    // The lowering took five seconds, and so will the others.
    [
      asked(25_000, { lowMs: ago(20_000) }),
      'waiting',
      41 + 5 + 60 + 5,
      /; 41 s until it switches, about 111 s left$/,
    ],
    [asked(66_000, { lowMs: ago(61_000) }), 'switching', 5 + 60 + 5, /see.* pass; about 70 s left$/],
    [
      asked(95_000, { lowMs: ago(90_000), switchedMs: ago(10_000) }),
      'watching',
      50 + 5,
      /watched; about 55 s left$/,
    ],
    [
      asked(170_000, { lowMs: ago(165_000), switchedMs: ago(80_000), watchedMs: ago(2000) }),
      'restoring',
      3,
      /; about 3 s left$/,
    ],
    // It took longer than usual, or moved before that was known: the usual time is as good as any other.
    [
      asked(400_000, { lowMs: ago(90_000), switchedMs: ago(10_000) }),
      'watching',
      50 + 60,
      /about 110 s left$/,
    ],
    [planned({ switchedMs: ago(80_000), watchedMs: ago(20_000) }), 'restoring', 40, /about 40 s left$/],
  ];
  for (const [point, stage, remainingSeconds, text] of stages) {
    assert.equal(stageOf(point, NOW_MS), stage);
    const status = pointStatus(point, NOW_MS);
    assert.deepEqual(
      [status.stage, status.remainingSeconds, status.planned],
      [stage, remainingSeconds, true],
    );
    assert.match(status.text, /^planned switch to standby, asked for by alice: /);
    assert.match(status.text, text);
  }
  const atOnce = newPoint(SITE, ASKED, [], false);
  assert.equal(stageOf(atOnce, NOW_MS), 'switching');
  assert.match(
    pointStatus(atOnce, NOW_MS + 20_000).text,
    /^move to standby, .* sees it pass; it is given up if that takes another 40 s$/,
  );
});

test('the longest TTL that resolvers may have is waited out, and that of an alias cannot be lowered', () => {
  const waits = (records: RecordSet[]) => newPoint(SITE, ASKED, records, true).planned?.waitSeconds;
  assert.equal(waits(desiredRecords(SITE, PRIMARY, [], 10)), 60);
  assert.equal(waits(desiredRecords(SITE, PRIMARY, [], 300)), 300);
  const alias = { name: 'd1.cloudfront.net', zoneId: 'Z2FDTNDATAQYW2', ipv6: true };
  assert.equal(waits(desiredRecords(SITE, { name: 'primary', ipv4: [], ipv6: [], alias })), 0);
});

test('the TTL is low at the old server before the switch and at the new one after it, and nowhere else', () => {
  const ttls = (point: Point) =>
    ['primary', 'standby', 'third'].map((server) => plannedTtl(SITE, point, server));
  assert.deepEqual(ttls(planned()), [10, 10, undefined]);
  assert.deepEqual(ttls(planned({ switchedMs: NOW_MS })), [undefined, 10, undefined]);
  assert.deepEqual(ttls(planned({ switchedMs: 1, watchedMs: 2 })), [undefined, undefined, undefined]);
  assert.deepEqual(ttls(newPoint(SITE, ASKED, [], false)), [undefined, undefined, undefined]);
  assert.equal(plannedTtl({ ...SITE, ttlFloorSeconds: 30 }, planned(), 'primary'), 30);
});

describe('how it ends', () => {
  const now = {
    nowMs: NOW_MS,
    ours: true,
    mode: 'auto',
    serving: 'primary',
    healths: { primary: 'up', standby: 'up' },
    well: true,
    restored: true,
    writes: false,
  } as const;
  const watched = planned({ lowMs: NOW_MS - 200_000, switchedMs: NOW_MS - 60_000 });
  const through = planned({ switchedMs: NOW_MS - 90_000, watchedMs: NOW_MS - 30_000 });
  const down = { serving: 'standby', healths: { standby: 'down' }, well: false } as const;
  const lateMs = NOW_MS + 15 * 60_000;
  const atOnce = newPoint(SITE, ASKED, [], false);
  const table: [what: string, point: Point, now: Partial<PointNow>, how: string | undefined, why?: RegExp][] =
    [
      ['it goes on', planned(), {}, undefined],
      ['the target is down', planned(), { healths: { standby: 'down' } }, 'abandoned', /standby is down/],
      ['the target is not known', planned(), { healths: { standby: 'unknown' } }, undefined],
      ['an edit', planned(), { ours: false }, 'abandoned', /edited by hand/],
      ['a hold', planned(), { mode: 'held' }, 'abandoned', /held now/],
      ['a failover elsewhere', planned(), { serving: 'third' }, 'abandoned', /third serves now/],
      ['a failover to the target goes on as a switch', planned(), { serving: 'standby' }, undefined],
      ['out of time', planned(), { nowMs: NOW_MS + 1_000_000 }, 'abandoned', /not possible in time/],
      ['watched, well, and restored', through, { serving: 'standby' }, 'done', /usual TTL is restored/],
      ['the TTL is not read back yet', through, { serving: 'standby', restored: false }, undefined],
      [
        'it is never read back',
        through,
        { serving: 'standby', restored: false, nowMs: lateMs },
        'abandoned',
        /usual TTL was not read back/,
      ],
      ['it fails again as the TTL is read back', through, { serving: 'standby', well: false }, undefined],
      ['the end of the watch is not the end', watched, { serving: 'standby' }, undefined],
      ['dead at the end of the watch', watched, down, 'abandoned', /standby serves and is down/],
      ['dead once the TTL is written', through, down, 'abandoned', /standby serves and is down/],
      ['dead, and the site moves in this very round', watched, { ...down, writes: true }, undefined],
      [
        'dead, and its move is refused for long',
        watched,
        { ...down, writes: true, nowMs: lateMs + 1 },
        'abandoned',
        /down/,
      ],
      [
        'nobody can tell how it is',
        watched,
        { serving: 'standby', healths: {}, well: false, nowMs: lateMs + 1 },
        'abandoned',
        /is unknown/,
      ],
      ['not yet', watched, { serving: 'standby', nowMs: NOW_MS - 1 }, undefined],
      ['failed while it was watched', watched, {}, 'abandoned', /primary serves again/],
      ['at once, and done', atOnce, { serving: 'standby' }, 'done'],
      ['at once, and out of time', atOnce, { nowMs: NOW_MS + 60_001 }, 'abandoned', /not possible in time/],
    ];
  for (const [what, point, changed, how, why] of table) {
    test(what, () => {
      const end = endOfPoint(point, { ...now, ...changed });
      assert.equal(end?.how, how);
      if (why === undefined) assert.equal(end?.why, undefined);
      else assert.match(end?.why ?? '', why);
    });
  }
});

test('it survives being stored', () => {
  const state = stateWith(planned({ lowMs: 1, switchedMs: 2, watchedMs: 3 }));
  assert.deepEqual(parseState(JSON.stringify(state)), state);
});
