import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameMaterial } from '../../../../../lambda/core/state/material.ts';

const MINUTE_MS = 60_000;
const state = {
  targets: {
    primary: {
      verdict: 'up',
      freshMs: 1,
      streak: { verdict: 'failed', count: 1, firstMs: 5, lastMs: 5 },
      byVantage: { a: 1 },
    },
  },
  incident: { lastDueMs: 20 * MINUTE_MS },
  outbox: [{ id: 'one' }],
};

const WORTH_A_WRITE: Record<string, [unknown, boolean]> = {
  'nothing but freshness': [
    { ...state, targets: { primary: { ...state.targets.primary, freshMs: 9 } } },
    false,
  ],
  'another cause at a vantage': [
    { ...state, targets: { primary: { ...state.targets.primary, byVantage: {} } } },
    false,
  ],
  'one more step of a streak': [
    {
      ...state,
      targets: { primary: { ...state.targets.primary, streak: { verdict: 'failed', count: 2, firstMs: 5 } } },
    },
    false,
  ],
  'a streak that began later': [
    {
      ...state,
      targets: { primary: { ...state.targets.primary, streak: { verdict: 'failed', count: 1, firstMs: 6 } } },
    },
    true,
  ],
  'a streak that ended': [
    { ...state, targets: { primary: { verdict: 'up', freshMs: 1, byVantage: {} } } },
    true,
  ],
  'another health': [{ ...state, targets: { primary: { ...state.targets.primary, verdict: 'down' } } }, true],
  'a wait of four minutes more': [{ ...state, incident: { lastDueMs: 24 * MINUTE_MS } }, false],
  'a wait of five minutes more': [{ ...state, incident: { lastDueMs: 25 * MINUTE_MS } }, true],
  'no wait any more': [{ ...state, incident: {} }, true],
  'a notice more': [{ ...state, outbox: [{ id: 'one' }, { id: 'two' }] }, true],
  'another notice': [{ ...state, outbox: [{ id: 'two' }] }, true],
  'a new field': [{ ...state, intent: { epoch: 2 } }, true],
  'a field that is not set': [{ ...state, intent: undefined }, false],
  'a field less': [{ targets: state.targets, outbox: state.outbox }, true],
};

for (const [what, [other, isWorth]] of Object.entries(WORTH_A_WRITE)) {
  test(`${what} is ${isWorth ? 'worth' : 'not worth'} a write`, () => {
    assert.equal(sameMaterial(state, other), !isWorth);
    assert.equal(sameMaterial(other, state), !isWorth);
    assert.equal(sameMaterial(state, structuredClone(state)), true);
  });
}
