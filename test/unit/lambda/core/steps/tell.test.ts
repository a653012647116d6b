import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Facts } from '../../../../../lambda/core/decision/decide.ts';
import type { Look } from '../../../../../lambda/core/evidence/judge.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { tell } from '../../../../../lambda/core/steps/tell.ts';
import { inWords } from '../../../../support/in-words.ts';

const DAY_MS = 86_400_000;
const ENDS_MS = 400 * DAY_MS;
const site = virtualSite('www');
const config = virtualConfig([site]);

/** The state after a round `daysAhead` of the end of the standby's certificate. */
const after = (
  state: SiteState,
  daysAhead: number,
  endsMs = ENDS_MS,
  livesDays = 365,
  point?: Facts['point'],
  authority?: string,
): SiteState => {
  const nowMs = endsMs - daysAhead * DAY_MS;
  const seen = { outcome: 'passed', code: 'ok', detail: 'status 200', totalMs: 5 } as const;
  const validity = {
    certificateStartsMs: endsMs - livesDays * DAY_MS,
    certificateExpiresMs: endsMs,
    ...(authority !== undefined && { certificateAuthority: authority }),
  };
  const sightings = { 'eu-west-2': { primary: seen, standby: { ...seen, ...validity } } };
  const look: Look = { startMs: nowMs, full: false, sightings };
  const facts: Facts = {
    nowMs,
    servers: ['primary', 'standby'],
    zone: 'ours',
    remembered: true,
    mode: { mode: 'auto' },
    serving: 'primary',
    healths: { primary: 'up', standby: 'up' },
    verdicts: {},
    sighted: true,
    mayMoveAtMs: 0,
    failback: 'manual',
    sinceMs: {},
    configured: 'same',
    ...(point && { point }),
  };
  const decision = { row: 15, reason: 'fine', act: 'leave' } as const;
  const known = { blindRounds: 0, editConfirmed: false, stateLost: false, stateKnown: true, listed: true };
  return tell({ site, state, view: { kind: 'nothing' }, look, facts, decision, nowMs, config, ...known });
};

const told = (state: SiteState): string[] =>
  inWords(site, config, state)
    .filter((a) => a.kind === 'certificate-expires')
    .map((a) => a.subject.replace(/ \[\S+\]$/, ''));

test('a certificate is warned of once at 21, 7, 3 and 1 days, and when it has ended', () => {
  let state = emptyState();
  for (const daysAhead of [40, 22, 21, 20, 8, 6.9, 6, 2.5, 2, 0.9, 0.5, -0.1, -1])
    state = after(state, daysAhead);
  const name = 'CERTIFICATE www.dyn.example.net: that of standby';
  assert.deepEqual(told(state), [
    `${name} ends in 21 days`,
    `${name} ends in 7 days`,
    `${name} ends in 3 days`,
    `${name} ends in 21 h 36 min`,
    `${name} has ended`,
  ]);
});

test('an authority above a certificate that ends first is named, with what to do', () => {
  const text = (state: SiteState) => inWords(site, config, state)[0]?.text ?? '';
  const above = text(after(emptyState(), 2, ENDS_MS, 3650, undefined, 'Test Middle'));
  assert.match(
    above,
    /The certificate of the authority Test Middle, above the one that .* shows for .* ends at /,
  );
  assert.match(above, /Install the chain that your authority hands out today/);
  assert.doesNotMatch(text(after(emptyState(), 2)), /authority/);
});

test('a renewed certificate is warned of anew when its own end nears', () => {
  const renewedMs = ENDS_MS + 90 * DAY_MS;
  const state = after(after(after(emptyState(), 5), 60, renewedMs), 6, renewedMs);
  assert.equal(told(state).length, 2);
});

test('two certificates that are seen by turns behind one address are warned of once', () => {
  let state = emptyState();
  for (let turns = 0; turns < 20; turns += 1) {
    state = after(state, 5);
    // Another one that ends later, soon or not: looked at in the same moment.
    state = after(after(state, 6, ENDS_MS + DAY_MS), 85, ENDS_MS + 80 * DAY_MS);
  }
  assert.equal(told(state).length, 1);
  state = after(state, 2);
  assert.equal(told(state).length, 2, 'and again as the first of them nears its end');
});

test('a certificate that lives for weeks is warned of when it is late, not when it is young', () => {
  let state = emptyState();
  // Renewed with a third of its time left, as its authority advises: never warned of.
  for (let renewals = 0; renewals < 5; renewals += 1)
    for (const daysAhead of [45, 21, 15.1])
      state = after(state, daysAhead, ENDS_MS + renewals * 30 * DAY_MS, 45);
  assert.deepEqual(told(state), []);
  for (const daysAhead of [6, 3, 2]) state = after(state, daysAhead, ENDS_MS, 6);
  assert.deepEqual(told(state), []);
  state = after(state, 1.4, ENDS_MS, 6);
  assert.equal(told(state).length, 1);
});

test('what is decided rests on an order to move for as long as that stands, and no longer', () => {
  const point = { to: 'standby', due: false };
  const asked: SiteState = {
    ...emptyState(),
    point: {
      from: 'primary',
      to: 'standby',
      by: 'alice',
      reason: 'disks',
      askedMs: 0,
      untilMs: ENDS_MS * 2,
      planned: { waitSeconds: 60 },
    },
  };
  const decided = (state: SiteState) => [state.decided?.decision.reason, state.decided?.facts.point];
  const during = after(asked, 40, ENDS_MS, 365, point);
  assert.deepEqual(decided(during), ['fine', point]);
  const { point: _, ...released } = during;
  const later = after(released, 39);
  assert.deepEqual(decided(later), ['fine', undefined]);
  assert.equal(later.decided?.facts.nowMs, during.decided?.facts.nowMs, 'it is the same decision still');
  assert.equal(later.history.length, during.history.length);
});
