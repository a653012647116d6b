import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { evidenceOf } from '../../../../../lambda/core/evidence/evidence.ts';
import type { Look, Sighting } from '../../../../../lambda/core/evidence/judge.ts';
import { commonCause } from '../../../../../lambda/core/messages/cause.ts';
import { causesOf, serversOf } from '../../../../../lambda/core/messages/event-parts.ts';
import { moved } from '../../../../../lambda/core/messages/moved.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { emptyState, parseState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { assess, judge } from '../../../../../lambda/core/steps/assess.ts';
import { tell } from '../../../../../lambda/core/steps/tell.ts';
import type { ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';
import { inWords } from '../../../../support/in-words.ts';

const site = virtualSite('www');
const config = virtualConfig([site]);
const PASSED: Sighting = { outcome: 'passed', code: 'ok', detail: 'as expected', status: 200, totalMs: 5 };
const REFUSED: Sighting = { outcome: 'failed', code: 'refused', detail: 'nothing listens there', totalMs: 5 };
const STARVED: Sighting = { outcome: 'unknown', code: 'starved', detail: 'too little CPU', totalMs: 5 };

/** What all vantages see of both servers in the round that starts at this second. */
const lookAt = (startS: number, primary: Sighting, standby: Sighting): Look => ({
  startMs: startS * 1000,
  full: true,
  sightings: Object.fromEntries(config.vantages.map((vantage) => [vantage, { primary, standby }])),
});
const view: ZoneView = { kind: 'adoptable', serving: 'primary', records: [] };
const judged = (state: SiteState, ...looks: Look[]): SiteState =>
  looks.reduce((before, look) => judge({ site, state: before, view }, look, config), state);
const up = [0, 2, 4].map((at) => lookAt(at, PASSED, PASSED));
const down = [10, 12, 14, 16, 18, 20].map((at) => lookAt(at, REFUSED, PASSED));

/** The look that people are told when a round sees this of a primary that is down. */
const toldOf = (state: SiteState, look: Look): Look =>
  assess({ site, state, view }, look, look.startMs, config).look ?? look;
const letterOf = (look: Look): string => {
  const move = { reason: 'failover', row: 10, from: 'primary', to: 'standby', epoch: 2 } as const;
  const evidence = evidenceOf(site, look);
  return moved({ ...move, members: [], evidence }, { site, config, atMs: look.startMs }).text;
};

describe('the evidence that is told', () => {
  const state = judged(emptyState(), ...up, ...down);

  test('is the round that decided, when the server has turned down in it', () => {
    assert.equal(state.targets.primary?.health, 'down');
    assert.equal(toldOf(state, down.at(-1) as Look).deciding, undefined, 'the look itself says so');
    assert.match(letterOf(toldOf(state, down.at(-1) as Look)), /primary {2}failed: nothing listens there/);
  });

  test('has what turned a server down, when a later round sees nothing of it', () => {
    const blind = lookAt(22, STARVED, PASSED);
    const later = judged(state, blind);
    assert.equal(later.targets.primary?.health, 'down');
    const text = letterOf(toldOf(later, blind));
    assert.match(text, /primary {2}unknown: too little CPU/);
    assert.match(text, /What decided that primary is down \(round of 1970-01-01 00:00:20 UTC\)$/m);
    assert.match(text, /\n {2}failed: nothing listens there \(all 3 vantages\)/);
  });

  test('is kept with the state, and is that of the round that turned it up from then on', () => {
    const stored = parseState(JSON.stringify(state));
    assert.deepEqual(stored?.targets.primary?.turnedBy, state.targets.primary?.turnedBy);
    assert.equal(stored?.targets.primary?.turnedBy?.['eu-west-1']?.code, 'refused');
    const recovered = judged(state, ...[22, 24, 26].map((at) => lookAt(at, PASSED, PASSED)));
    assert.equal(recovered.targets.primary?.health, 'up');
    assert.equal(recovered.targets.primary?.turnedBy?.['eu-west-1']?.outcome, 'passed');
  });

  /** What is told of a round when the table is back, before which nobody knew what was told. */
  const toldWhenBack = (before: SiteState, look: Look): SiteState => {
    const later = judged(before, look);
    const nowMs = look.startMs;
    const { moveWaits: _, ...decided } = assess({ site, state: later, view }, look, nowMs, config);
    const known = { blindRounds: 0, editConfirmed: false, stateLost: false, stateKnown: true, listed: true };
    return tell({ site, state: later, view, look, nowMs, config, ...known, ...decided });
  };
  const letterTold = (next: SiteState, kind: string): string =>
    inWords(site, config, next).find((letter) => letter.kind === kind)?.text ?? '';

  test('has it too where a turn was not known to be told before', () => {
    const next = toldWhenBack(state, lookAt(22, STARVED, PASSED));
    assert.match(letterTold(next, 'server-down'), /What decided that primary is down/);
  });

  test('has what turned a server up, when the table was away in that round', () => {
    const told = { ...state.told, down: ['primary'] };
    const recovered = judged({ ...state, told }, ...[22, 24, 26].map((at) => lookAt(at, PASSED, PASSED)));
    for (const [seen, words] of [
      [STARVED, 'unknown: too little CPU'],
      [REFUSED, 'failed: nothing listens there'],
    ] as const) {
      const text = letterTold(toldWhenBack(recovered, lookAt(28, seen, PASSED)), 'server-up');
      assert.match(text, new RegExp(`primary ${words}`));
      assert.match(text, /What decided that primary is up \(round of 1970-01-01 00:00:26 UTC\) passed: as/);
    }
    const seen = letterTold(toldWhenBack(recovered, lookAt(28, PASSED, PASSED)), 'server-up');
    assert.match(seen, /primary passed/);
    assert.doesNotMatch(seen, /What decided/);
    // While all is well one vantage looks, and its pass is what keeps a server up.
    const [vantage = ''] = config.vantages;
    const one = lookAt(28, PASSED, PASSED);
    const alone = { ...one, full: false, sightings: { [vantage]: one.sightings[vantage] ?? {} } };
    assert.doesNotMatch(letterTold(toldWhenBack(recovered, alone), 'server-up'), /What decided/);
  });

  test('is what events say of each server, and why it fails', () => {
    const next = toldWhenBack(state, lookAt(22, STARVED, PASSED));
    const news = next.outbox.find(({ kind }) => kind === 'server-down')?.news as SiteNews;
    const [primary, standby] = serversOf(news, { site, state: next }) ?? [];
    assert.deepEqual(
      [primary?.causes['eu-west-1']?.code, standby?.causes['eu-west-1']?.code],
      ['refused', 'ok'],
    );
    assert.deepEqual(
      causesOf(news, site).map(({ server, code, vantages }) => [server, code, vantages]),
      [['primary', 'refused', 3]],
    );
    assert.match(commonCause([{ site, news }]), /^connection refused/);
  });

  test('shows a server at the addresses that it is configured with now, where it is probed there too', () => {
    const look = lookAt(0, PASSED, PASSED);
    for (const seen of Object.values(look.sightings)) seen['primary+next'] = REFUSED;
    assert.match(
      letterOf(look),
      /\n {2}primary {7}passed.*\n {2}primary, new {2}failed: nothing listens there/,
    );
  });
});
