import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Decision, Facts } from '../../../../../lambda/core/decision/decide.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { tellTurns } from '../../../../../lambda/core/steps/tell-servers.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { sealed } from '../../../../../lambda/core/zone/role-record.ts';
import { roleRecordOf, type ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';
import { inWords } from '../../../../support/in-words.ts';

const NOW_MS = Date.UTC(2026, 10, 29);
const site = virtualSite('www', {
  servers: ['primary', 'standby', 'third'].map((name, index) => ({
    name,
    ipv4: [`203.0.113.${index + 10}`],
    ipv6: [],
  })),
  lastResort: 'third',
});

const ours = (serving: string): ZoneView => {
  const address = site.servers.find(({ name }) => name === serving)?.ipv4 ?? [];
  const records: RecordSet[] = [{ name: site.name, type: 'A', ttlSeconds: 60, values: address }];
  const role = sealed({ epoch: 2, serving, mode: 'auto', sinceSeconds: 1 }, records);
  return { kind: 'ours', role, roleRecord: roleRecordOf(site, role), records };
};

/** What is owed after a round that looked at `primary` as serving and found it down; `now` serves by the time it is told. */
const after = (
  decision: Decision,
  now: string,
  serving = 'primary',
  { down = [], ...turned }: { down?: string[]; healths?: Facts['healths'] } = {},
): SiteState => {
  const facts: Facts = {
    nowMs: NOW_MS,
    servers: ['primary', 'standby', 'third'],
    lastResort: 'third',
    zone: 'ours',
    remembered: true,
    mode: { mode: 'auto' },
    serving,
    healths: { primary: 'up', standby: 'up', third: 'up', [serving]: 'down', ...turned.healths },
    verdicts: {},
    sighted: true,
    mayMoveAtMs: 0,
    failback: 'manual',
    sinceMs: {},
    configured: 'same',
  };
  const look = { startMs: NOW_MS, full: true, sightings: {} };
  const known = { blindRounds: 0, editConfirmed: false, stateLost: false, stateKnown: true, listed: true };
  const state = { ...emptyState(), told: { down } };
  const seen = { site, state, view: ours(now), look, facts, decision, nowMs: NOW_MS };
  return tellTurns({ ...seen, config: virtualConfig([site]), ...known }, state);
};
const mails = (state: SiteState) => inWords(site, virtualConfig([site]), state);
const serve = (row: number, reason: Decision['reason'], server: string): Decision => ({
  row,
  reason,
  act: 'serve',
  server,
});

describe('that the serving server is down', () => {
  for (const decision of [serve(10, 'failover', 'standby'), serve(11, 'nowhere-better', 'third')])
    test(`is told by the move itself, once that was made: ${decision.reason}`, () => {
      const state = after(decision, decision.server ?? '');
      assert.deepEqual(state.outbox, []);
      assert.deepEqual(state.told.down, ['primary'], 'so that people are told when it is up again');
    });

  test('is told with what is due, while that was not made', () => {
    const [told] = mails(after(serve(10, 'failover', 'standby'), 'primary'));
    assert.match(
      told?.subject ?? '',
      /^SERVER DOWN www\.dyn\.example\.net: primary, which serves, is down \[/,
    );
    assert.match(told?.text ?? '', /It serves the site: the site is due to move to standby\./);
  });

  test('is told of a last resort that was left, since the mail of that move does not say so', () => {
    const [told] = mails(after(serve(10, 'recovered', 'primary'), 'primary', 'third'));
    assert.match(told?.subject ?? '', /^SERVER DOWN .*: third, which served until now, is down \[/);
  });

  test('never says that it serves, or that a move is due, once DNS names another', () => {
    for (const decision of [
      { row: 7, reason: 'held', act: 'leave' } as const,
      serve(10, 'failover', 'standby'),
      serve(10, 'recovered', 'standby'),
    ]) {
      const [told] = mails(after(decision, 'third'));
      assert.match(told?.subject ?? '', /^SERVER DOWN .*: primary, which served until now, is down \[/);
      assert.match(told?.text ?? '', /It served until now; DNS names third by now\./);
      assert.doesNotMatch(told?.text ?? '', /It serves the site|due to move/);
    }
  });
});

describe('of the other servers', () => {
  for (const reason of ['failover', 'recovered'] as const)
    test(`that the one which took over is up is told by the move itself: ${reason}`, () => {
      const serving = reason === 'recovered' ? 'third' : 'primary';
      const more = { down: ['standby', serving], healths: { [serving]: 'down' as const } };
      const state = after(serve(10, reason, 'standby'), 'standby', serving, more);
      assert.deepEqual([state.outbox, state.told.down], [[], [serving]]);
    });

  test("the one which took over by a person's word meanwhile is told to serve", () => {
    const more = { down: ['standby'], healths: { primary: 'up' as const } };
    const [told] = mails(after({ row: 7, reason: 'held', act: 'leave' }, 'standby', 'primary', more));
    assert.match(told?.subject ?? '', /^BACK .*: standby, which serves, is up again \[/);
    assert.match(told?.text ?? '', /It serves the site\./);
  });

  test('one that is down is no net for the one that serves by now, nor is that its own', () => {
    const more = { healths: { third: 'down' as const } };
    const [told, ...others] = mails(after(serve(10, 'failover', 'standby'), 'standby', 'primary', more));
    assert.match(told?.subject ?? '', /^NO STANDBY .*: third is down, nothing would take over \[/);
    assert.match(told?.text ?? '', /If the serving server died now, nothing would take over\./);
    assert.deepEqual(others, []);
  });
});
