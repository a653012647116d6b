import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blindOf, handedOver, laterHealths } from '../../../../../lambda/core/evidence/handover.ts';
import { type Look, type Sighting, unseen } from '../../../../../lambda/core/evidence/judge.ts';
import type { TargetHealth } from '../../../../../lambda/core/site/health.ts';

const UP: TargetHealth = { ...unseen('192.0.2.1', 0), health: 'up' };
const FAILING: TargetHealth = {
  ...UP,
  streak: { verdict: 'failed', count: 3, firstMs: 1000, lastMs: 5000 },
};
const look = (outcome: Sighting['outcome'], full: boolean): Look => ({
  startMs: 0,
  full,
  sightings: { 'eu-west-2': { primary: { outcome, code: 'x', detail: 'x', totalMs: 1 } } },
});
const site = (name: string, target: TargetHealth, lastLook?: Look) => ({
  name,
  targets: { primary: target },
  lastLook,
  unstored: false,
  isLate: false,
});

describe('what a controller hands over beside what is stored', () => {
  test('is the healths of sites in doubt, and of those that could not be stored', () => {
    const handed = handedOver([
      site('well', UP, look('passed', false)),
      site('counted', FAILING, look('failed', true)),
      site('glimpsed', UP, look('failed', false)),
      site('blind', UP, look('unknown', true)),
      site('new', UP),
      { ...site('unstored', UP, look('passed', false)), unstored: true },
      { ...site('unanswered', UP, look('passed', false)), isLate: true },
    ]);
    assert.deepEqual(handed, {
      counted: { primary: FAILING },
      glimpsed: { primary: UP },
      unstored: { primary: UP },
      unanswered: { primary: UP },
    });
  });

  test('is not too large where many sites fail together', () => {
    const sites = Array.from({ length: 500 }, (_, nth) => site(`site${nth}`, FAILING));
    assert.equal(Object.keys(handedOver(sites)).length, 100);
  });
});

describe('what was not seen is handed over', () => {
  const sites = [
    { name: 'well', blindRounds: 0 },
    { name: 'blind', blindRounds: 2 },
  ];

  test('by how many looks in a row saw too little of a site, or nothing at all from a vantage', () => {
    assert.deepEqual(blindOf(sites, new Map([['eu-west-1', 3]])), {
      sites: { blind: 2 },
      vantages: { 'eu-west-1': 3 },
    });
  });

  test('and is left out where everything was seen', () => {
    assert.equal(blindOf(sites.slice(0, 1), new Map()), undefined);
  });

  test('for more sites than healths are', () => {
    const many = Array.from({ length: 500 }, (_, nth) => ({ name: `site${nth}`, blindRounds: 1 }));
    assert.equal(Object.keys(blindOf(many, new Map())?.sites ?? {}).length, 500);
  });
});

describe('a successor begins', () => {
  const begins = (stored: TargetHealth, noted: TargetHealth) =>
    laterHealths({ primary: stored }, { primary: noted }).primary;

  test('with the streak as far as it was counted', () => {
    const stored = {
      ...FAILING,
      streak: { verdict: 'failed', count: 1, firstMs: 1000, lastMs: 1000 },
    } as const;
    assert.equal(begins(stored, FAILING), FAILING);
  });

  test('with what was seen last: stored after the note, it is newer', () => {
    const down: TargetHealth = { ...UP, health: 'down', sinceMs: 7000, freshMs: 7000 };
    assert.equal(begins(down, FAILING), down);
    const recovered: TargetHealth = { ...UP, freshMs: 6000 };
    assert.equal(begins(recovered, FAILING), recovered);
  });

  test('with what was stored where nothing was noted, and with what was noted where nothing was stored', () => {
    assert.deepEqual(laterHealths({ primary: UP }), { primary: UP });
    assert.deepEqual(laterHealths({}, { primary: UP }), { primary: UP });
  });
});
