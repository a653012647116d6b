import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readdressed } from '../../../../../fixtures/virtual/moving.ts';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Facts } from '../../../../../lambda/core/decision/decide.ts';
import { standingText } from '../../../../../lambda/core/orders/standing.ts';
import {
  type NoteCode,
  type Seen,
  type SiteStatus,
  statusOf,
} from '../../../../../lambda/core/orders/status.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { newPoint } from '../../../../../lambda/core/state/planned-switch.ts';
import { withReminders } from '../../../../../lambda/core/state/reminders.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { type Role, sealed } from '../../../../../lambda/core/zone/role-record.ts';
import { roleRecordOf, type ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';
import { worded } from '../../../../support/in-words.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const SITE = virtualSite('www');
const MOVED = readdressed(SITE, true);
const ASKED = { by: 'alice', reason: 'disks', askedMs: NOW_MS };

const ours = (given: Partial<Role> = {}, values = ['203.0.113.10']): ZoneView => {
  const records: RecordSet[] = [{ name: SITE.name, type: 'A', ttlSeconds: 60, values }];
  const role = sealed({ epoch: 2, serving: 'primary', mode: 'auto', sinceSeconds: 1, ...given }, records);
  return { kind: 'ours', role, roleRecord: roleRecordOf(SITE, role), records };
};
const NAMED: Site = {
  ...SITE,
  servers: SITE.servers.map((one) =>
    one.name === 'standby' ? { ...one, ipv4: [], ipv6: [], hostname: 'standby.example.net' } : one,
  ),
};
const record = (type: string, value: string): RecordSet => ({
  name: SITE.name,
  type,
  ttlSeconds: 60,
  values: [value],
});
const edited: ZoneView = { kind: 'edited', detail: 'A 192.0.2.99', records: [] };
const state = (given: Partial<SiteState>): SiteState => ({ ...emptyState(), ...given });
const seen = (given: Partial<Seen> = {}): Seen => ({
  nowMs: NOW_MS,
  state: emptyState(),
  view: ours(),
  silent: false,
  ...given,
});

const outbox = (count: number): SiteState =>
  state({ outbox: Array.from({ length: count }, (_, atMs) => worded('failover', { atMs })) });
const waiting = state({
  decided: {
    decision: { row: 10, reason: 'failover', act: 'leave', server: 'standby', waits: true },
    facts: { nowMs: NOW_MS } as Facts,
  },
});
const refused = (more: Partial<SiteState>): SiteState =>
  state({
    ...more,
    decided: {
      decision: { row: 10, reason: 'failover', act: 'serve', server: 'standby' },
      facts: { nowMs: NOW_MS } as Facts,
    },
  });
const propagation = {
  epoch: 2,
  from: null,
  to: 'standby',
  incident: 'www-1',
  acceptedMs: NOW_MS,
  servers: { 'ns-1.test': NOW_MS, 'ns-2.test': null },
};
const target = { health: 'up', sinceMs: 0, address: '203.0.113.10', freshMs: 0 } as const;
const untilMs = NOW_MS + 60_000;
const DOWN = { ...target, health: 'down' as const, sinceMs: NOW_MS, address: '192.0.2.20' };

/** What was seen of a site, and what is told of it. Each code is there, or this does not compile. */
const TOLD: Record<NoteCode, [given: Partial<Seen>, text: RegExp, site?: Site][]> = {
  'zone-unreadable': [[{ view: undefined }, /^the hosted zone could not be read/]],
  'edited-by-hand': [[{ view: edited }, /^edited by hand: A 192\.0\.2\.99; "adopt" takes it, "put-back"/]],
  'standby-blocked': [
    [
      { view: { ...ours(), others: [record('TXT', '"proof"'), record('MX', '10 mail.example.net.')] } },
      /^Route 53 would refuse a move to standby: www\.\S+ has MX and TXT records, .* \(standby\.example\.net\).*; nothing would take over$/,
      NAMED,
    ],
  ],
  'server-blocked': [
    [
      { view: { ...ours(), others: [record('CAA', '0 issue "ca.example"')] } },
      /^Route 53 would refuse a move to standby: .* CAA records, .* or give standby addresses or an `alias`$/,
      { ...NAMED, servers: [...NAMED.servers, { name: 'third', ipv4: ['192.0.2.7'], ipv6: [] }] },
    ],
  ],
  'address-hints': [
    [
      {
        view: {
          ...ours(),
          others: [record('HTTPS', '1 . alpn="h2,h3" ipv4hint="203.0.113.10" ipv6hint="2001:0db8::1"')],
        },
      },
      /^the HTTPS record of www\.\S+ names 203\.0\.113\.10 \(primary\), 2001:db8::1, and stays as it is when the site moves$/,
    ],
  ],
  'serving-unconfigured': [
    [{ view: ours({ serving: 'gone' }) }, /^gone serves and is no configured server; "pin" moves/],
    [{ view: ours({ serving: 'other' }, ['192.0.2.99']) }, /^192\.0\.2\.99 serves and is no configured/],
  ],
  'state-unreadable': [[{ state: undefined }, /^the stored state is not one that this version understands$/]],
  'store-away': [
    [
      { state: undefined, away: true, silent: true },
      /^the state table is away: no health is known.*; hold works, so does pin with force/,
    ],
  ],
  'announcements-waiting': [
    [{ state: outbox(1) }, /^one announcement is still to be sent$/],
    [{ state: outbox(2) }, /^2 announcements are still to be sent$/],
  ],
  protected: [
    [
      { state: state({ protected: { message: 'frozen', retryMs: NOW_MS } }) },
      /^a record protection forbids changes, tried again at .*12:00:00.*: frozen$/,
    ],
  ],
  'server-flapping': [
    [
      {
        state: state({
          told: {
            down: [],
            flaps: {
              standby: { turnsMs: [NOW_MS - 20_000], flapping: { sinceMs: NOW_MS - 600_000, turns: 12 } },
              primary: { turnsMs: [NOW_MS - 5000] },
            },
          },
        }),
      },
      /^standby is flapping: its health turned 12 times since 2026-11-22 11:50:00 UTC, last at 2026-11-22 11:59:40 UTC$/,
    ],
  ],
  'write-refused': [
    [
      { state: refused({ writeRefused: { why: 'AccessDenied: no', atMs: NOW_MS, passes: false } }) },
      /^Route 53 refuses what is due, last at .* 12:00:00 UTC, .*: AccessDenied: no$/,
    ],
    [
      { state: refused({ writeRefused: { why: 'Throttling: Rate exceeded', atMs: NOW_MS, passes: true } }) },
      /^Route 53 has not taken what is due, tried at .* 12:00:00 UTC, .*: Throttling: Rate exceeded$/,
    ],
    [
      { state: refused({ reminders: withReminders({}, 'refused', { late: NOW_MS }) }) },
      /^what is due could not be written in time.* 12:00:00 UTC/,
    ],
    [
      {
        state: state({
          override: { ...ASKED, epoch: 3, mode: { mode: 'auto' } },
          writeRefused: { why: 'AccessDenied: no', atMs: NOW_MS, passes: false },
        }),
        view: ours({ mode: 'held', untilSeconds: 1 }),
      },
      /^Route 53 refuses the role record with the last order, last at .*: AccessDenied: no$/,
    ],
  ],
  'moves-wait': [[{ state: waiting }, /^it is due to move to standby\. It waits .*maxMoveShare/]],
  pinned: [
    [{ view: ours({ mode: 'pinned', pin: 'standby', untilSeconds: untilMs / 1000 }) }, /^pinned to standby$/],
    [
      {
        state: state({ override: { ...ASKED, epoch: 3, mode: { mode: 'pinned', pin: 'standby', untilMs } } }),
      },
      /^pinned to standby$/,
    ],
  ],
  'address-held': [
    [
      {
        state: state({ answeredAs: { serving: 'primary', sinceSeconds: 1 } }),
        association: {},
      },
      / is held by nothing$/,
      MOVED,
    ],
  ],
  'address-moving': [[{}, / has not answered since primary is to have it$/, MOVED]],
  unpublished: [
    [
      { state: state({ unpublished: { changeId: 'C1', epoch: 2, acceptedMs: NOW_MS } }) },
      /^Route 53 has accepted a change and does not yet say/,
    ],
  ],
  unproven: [
    [{ state: state({ propagation }) }, /not yet proven: 1 of 2 name servers .* not yet ns-2\.test$/],
  ],
  point: [
    [
      { state: state({ point: newPoint(SITE, { ...ASKED, from: 'primary', to: 'standby' }, [], true) }) },
      /^planned switch to standby, asked for by alice: the TTL is being lowered/,
    ],
  ],
};

describe('a note has a code for programs and a text for people', () => {
  for (const [code, cases] of Object.entries(TOLD))
    for (const [given, text, site = SITE] of cases)
      test(`${code}: ${text.source}`, () => {
        const { notes } = statusOf(site, seen(given));
        assert.deepEqual(
          notes.map((note) => note.code),
          [code],
        );
        assert.match(notes[0]?.text ?? '', text);
      });

  test('and several are told in their order', () => {
    const { notes } = statusOf(SITE, seen({ view: edited, state: { ...outbox(1), propagation } }));
    assert.deepEqual(
      notes.map(({ code }) => code),
      ['edited-by-hand', 'announcements-waiting', 'unproven'],
    );
  });
});

describe('the status of a site', () => {
  test('says since when it fares so, which is since the last of all that makes it so', () => {
    const at = (minute: number): number => NOW_MS - 3_600_000 + minute * 60_000;
    const up = (minute: number) => ({ ...target, sinceMs: at(minute) });
    const down = (minute: number) => ({ ...DOWN, sinceMs: at(minute) });
    const serves = (serving: string, minute: number) =>
      ours({ serving, sinceSeconds: at(minute) / 1000 }, serving === 'primary' ? undefined : ['192.0.2.20']);
    const held = { mode: 'held', untilSeconds: untilMs / 1000 } as const;
    const override = { ...ASKED, askedMs: at(40), mode: { mode: 'held' as const, untilMs }, epoch: 2 };
    const found = { decision: { row: 5, reason: 'edited-by-hand', act: 'leave' }, facts: { nowMs: at(50) } };
    const cases: [string, number | null, Partial<Seen>][] = [
      [
        'fine',
        3,
        { view: serves('primary', 1), state: state({ targets: { primary: up(3), standby: up(9) } }) },
      ],
      [
        'failed-over',
        30,
        { view: serves('standby', 30), state: state({ targets: { primary: down(29), standby: up(2) } }) },
      ],
      [
        'down',
        29,
        { view: serves('primary', 1), state: state({ targets: { primary: down(29), standby: down(31) } }) },
      ],
      [
        'no-standby',
        31,
        { view: serves('primary', 1), state: state({ targets: { primary: up(2), standby: down(31) } }) },
      ],
      [
        'held',
        40,
        {
          view: { ...ours({ ...held, sinceSeconds: at(1) / 1000 }) },
          state: state({ targets: { primary: up(2), standby: up(2) }, override }),
        },
      ],
      [
        'edited',
        50,
        {
          view: { ...edited, serving: 'primary' },
          state: state({ targets: { primary: up(2) }, decided: found as SiteState['decided'] }),
        },
      ],
      ['unreadable', null, { view: undefined }],
      ['unknown', null, { view: serves('primary', 1), silent: true }],
    ];
    for (const [condition, minute, given] of cases) {
      const status = statusOf(SITE, seen(given));
      const since = minute === null ? null : new Date(at(minute)).toISOString();
      assert.deepEqual([status.condition, status.since], [condition, since]);
    }
  });

  test('names nobody as next in line whom Route 53 would refuse', () => {
    const well = state({
      targets: { primary: target, standby: { ...target, address: 'standby.example.net' } },
    });
    const given = { state: well, view: ours() };
    assert.equal(statusOf(NAMED, seen(given)).next, 'standby');
    const others = [record('TXT', '"proof"')];
    assert.equal(statusOf(NAMED, seen({ ...given, view: { ...ours(), others } })).next, null);
  });

  test('has no note when all is well, and what is not known is unknown', () => {
    const status = statusOf(SITE, seen({ state: state({ targets: { primary: target, standby: DOWN } }) }));
    const { servers, decision, ...rest } = status;
    assert.deepEqual(rest, {
      site: SITE.name,
      tags: [],
      ttlSeconds: 60,
      condition: 'no-standby',
      since: '2026-11-22T12:00:00.000Z',
      serving: 'primary',
      servingSince: '1970-01-01T00:00:01.000Z',
      zone: 'ours',
      mode: 'auto',
      until: null,
      holder: null,
      epoch: 2,
      healths: { primary: 'up', standby: 'down' },
      next: null,
      incident: null,
      silence: null,
      acknowledged: null,
      notes: [],
    });
    assert.deepEqual(
      servers.map(({ server, serves, armed, notArmed }) => [server, serves, armed, notArmed]),
      [
        ['primary', true, false, 'it serves'],
        ['standby', false, false, 'it is down'],
      ],
    );
    assert.deepEqual(decision, {
      row: 15,
      reason: 'fine',
      text: 'what serves is up and as configured; nothing is due.',
    });
  });

  test('names who holds or pinned it, and the command that ends it, if the record is still theirs', () => {
    const hand = { ...ASKED, mode: { mode: 'pinned' as const, pin: 'standby', untilMs }, epoch: 3 };
    const pinned = ours({ mode: 'pinned', pin: 'standby', untilSeconds: untilMs / 1000 });
    const { holder } = statusOf(SITE, seen({ view: pinned, state: state({ override: hand }) }));
    assert.deepEqual(holder, {
      by: 'alice',
      reason: 'disks',
      server: 'standby',
      since: '2026-11-22T12:00:00.000Z',
      until: '2026-11-22T12:01:00.000Z',
      end: `release ${SITE.name} --reason "why"`,
    });
    const lost = statusOf(SITE, seen({ view: pinned })).holder;
    assert.deepEqual([lost?.by, lost?.reason, lost?.server], [null, null, 'standby']);
  });

  test('trusts no health and no waiting of a controller that is silent', () => {
    const state = { ...waiting, targets: { primary: target } };
    const { healths, notes } = statusOf(SITE, seen({ state, silent: true }));
    assert.deepEqual([healths, notes], [{ primary: 'unknown', standby: 'unknown' }, []]);
  });

  test('says until when a hold lasts, and nothing of one that is over', () => {
    const held = (nowMs: number) => {
      const view = ours({ mode: 'held', untilSeconds: untilMs / 1000 });
      const { mode, until } = statusOf(SITE, seen({ view, nowMs }));
      return [mode, until];
    };
    assert.deepEqual(held(NOW_MS), ['held', '2026-11-22T12:01:00.000Z']);
    assert.deepEqual(held(untilMs), ['auto', null]);
  });

  test('names the server that an edit left, or nobody', () => {
    const serving = (view: ZoneView | undefined) => {
      const status = statusOf(SITE, seen({ view }));
      return [status.zone, status.serving];
    };
    assert.deepEqual(serving({ ...edited, serving: 'standby' }), ['edited', 'standby']);
    assert.deepEqual(serving(edited), ['edited', null]);
    assert.deepEqual(serving({ kind: 'nothing' }), ['nothing', null]);
    assert.deepEqual(serving(undefined), ['unreadable', null]);
  });
});

const DEAD = statusOf(SITE, seen({ state: state({ targets: { primary: DOWN } }) })).servers;

test('how a site stands in its zone is told as far as it is known', () => {
  const cases: [Partial<SiteStatus>, string, string][] = [
    [{ zone: 'ours', epoch: 7, serving: 'primary' }, 'primary serves', 'epoch 7'],
    [
      { serving: 'standby', servingSince: '2026-11-22T11:56:00.000Z' },
      'standby serves since 11:56:00 UTC (4 min)',
      'epoch 2',
    ],
    [
      { servingSince: '2026-11-02T11:56:00.000Z', servers: DEAD },
      'primary is named in DNS since 2026-11-02 11:56 UTC (20 days) and is down',
      'epoch 2',
    ],
    [{ zone: 'edited', epoch: null, serving: 'standby' }, 'standby serves', 'not as Switchover left it'],
    [{ zone: 'unreadable', epoch: null, serving: null }, 'nobody knows what serves', 'zone not read'],
    [{ zone: 'nothing', epoch: null, serving: null }, 'nothing of ours serves', 'no role record'],
  ];
  const status = statusOf(SITE, seen({}));
  for (const [given, who, role] of cases)
    assert.equal(
      standingText({ ...status, servingSince: null, ...given, mode: 'auto' }, NOW_MS),
      `${who} · ${role} · auto`,
    );
});
