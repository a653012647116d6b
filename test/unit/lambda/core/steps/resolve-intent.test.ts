import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { merge } from '../../../../../lambda/core/state/merge.ts';
import {
  emptyState,
  type Intent,
  roleFields,
  type SiteState,
} from '../../../../../lambda/core/state/site-state.ts';
import { resolveIntent, tellFound } from '../../../../../lambda/core/steps/resolve-intent.ts';
import { formatRole, type Mode, sealed } from '../../../../../lambda/core/zone/role-record.ts';
import type { ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';
import { worded } from '../../../../support/in-words.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const site = virtualSite('www');
const records = [{ name: site.name, type: 'A', ttlSeconds: 60, values: ['203.0.113.10'] }];

/** The zone as a write of ours left it half a minute ago. */
const ours = (epoch: number, serving: string, mode: Mode = { mode: 'auto' }): ZoneView & { kind: 'ours' } => {
  const fields = { epoch, serving, ...roleFields(mode), sinceSeconds: NOW_MS / 1000 - 30 };
  const role = sealed(fields, records);
  const values = [formatRole(role)];
  return {
    kind: 'ours',
    role,
    roleRecord: { name: `_switchover.${site.name}`, type: 'TXT', ttlSeconds: 10, values },
    records,
  };
};

const remembering = (epoch: number, serving: string, more: Partial<SiteState> = {}): SiteState => ({
  ...emptyState(),
  written: { epoch, role: formatRole(ours(epoch, serving).role), records },
  ...more,
});

describe('a write of ours that nobody remembers', () => {
  const pinned = { mode: 'pinned', pin: 'primary', untilMs: NOW_MS + 60_000 } as const;
  const override = {
    by: 'ops',
    reason: 'drill',
    askedMs: NOW_MS,
    mode: { mode: 'auto' },
    serving: 'primary',
  } as const;
  const cases: [name: string, state: SiteState, zone: ZoneView, told: boolean, moves: number[]][] = [
    [
      'is a move by itself where the mode is auto',
      remembering(4, 'standby'),
      ours(5, 'primary'),
      true,
      [NOW_MS - 30_000],
    ],
    ['is none on a pin', remembering(4, 'standby'), ours(5, 'primary', pinned), true, []],
    ['is none where nothing moved', remembering(4, 'primary'), ours(5, 'primary'), true, []],
    [
      'is none of a hand',
      remembering(4, 'standby', { override: { ...override, epoch: 5 } }),
      ours(5, 'primary'),
      false,
      [],
    ],
    ['is nothing new once it is noted', remembering(5, 'primary'), ours(5, 'primary'), false, []],
  ];
  for (const [name, state, zone, told, moves] of cases) {
    test(name, () => {
      const { state: next } = resolveIntent(site, state, zone, NOW_MS);
      assert.equal(
        next.outbox.some(({ kind }) => kind === 'found'),
        told,
      );
      assert.deepEqual(next.damping.movesMs, moves);
    });
  }
  for (const [name, nowMs, acceptedMs] of [
    ['is followed from the moment that its record has', NOW_MS, NOW_MS - 30_000],
    ['is not late because it is long ago', NOW_MS + 3_600_000, NOW_MS + 3_600_000],
  ] as const)
    test(name, () => {
      const { state } = resolveIntent(site, remembering(4, 'standby'), ours(5, 'primary'), nowMs);
      assert.equal(state.propagation?.acceptedMs, acceptedMs);
    });
});

test('a move that is found beside an edit is told with it, once; another deployment has made none of ours', () => {
  const { roleRecord } = ours(5, 'primary');
  const edit = { kind: 'edited' as const, detail: 'the zone holds A 192.0.2.9', records: [], roleRecord };
  const state = remembering(4, 'standby');
  const kinds = (told: SiteState) => told.outbox.map(({ kind }) => kind);
  const found = tellFound(site, state, edit, NOW_MS);
  assert.deepEqual(kinds(found), ['found']);
  // As an order meets it, which comes after the mails.
  const told = { ...found, outbox: [], told: { down: [], edit: edit.detail } };
  assert.deepEqual(kinds(tellFound(site, told, edit, NOW_MS + 5000)), []);
  assert.deepEqual(kinds(tellFound(site, state, { ...edit, owner: 'shop' }, NOW_MS)), []);
});

test('what two controllers find in the zone at two moments is one entry of the history', () => {
  const zone = ours(5, 'primary');
  const { role } = zone as ZoneView & { kind: 'ours' };
  const notice = worded('failover', { site: site.name });
  const intent: Intent = {
    nonce: 'n',
    epoch: 5,
    from: 'standby',
    to: 'primary',
    reason: 'failover',
    row: 10,
    act: 'serve',
    evidenceMs: NOW_MS - 2000,
    decidedMs: NOW_MS - 1000,
    role: formatRole(role),
    records,
    notice,
  };
  const base = remembering(4, 'standby', { intent });
  const [first, second] = [0, 120].map((laterMs) => resolveIntent(site, base, zone, NOW_MS + laterMs).state);
  assert.ok(first !== undefined && second !== undefined);
  const written = ({ history }: SiteState) => history.filter(({ what }) => what === 'written');
  assert.equal(written(merge(base, second, first)).length, 1);
  // The first has moved its entry to an item of its own: nothing is left to write.
  assert.deepEqual(written(merge(base, second, { ...first, history: [] })), []);
  // Were it written again, it would be the same item.
  assert.deepEqual(
    written(second).map(({ id }) => id),
    written(first).map(({ id }) => id),
  );
  assert.equal(merge(base, second, first).outbox.length, 1);
});
