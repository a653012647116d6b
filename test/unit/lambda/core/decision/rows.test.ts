import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type Facts } from '../../../../../lambda/core/decision/decide.ts';
import { firstRowOf, rowsAbove, whyNotArmed } from '../../../../../lambda/core/decision/rows.ts';
import { factsOf, NOW_MS, situations } from './decide-table.ts';

test('the first row that nothing excludes is the row that is decided, in every situation of the table', () => {
  let count = 0;
  for (const situation of situations()) {
    const facts = factsOf(situation);
    const { row } = decide(facts);
    count += 1;
    if (firstRowOf(facts) !== row) assert.equal(firstRowOf(facts), row, JSON.stringify(facts));
  }
  assert.ok(count > 1000, String(count));
});

test('every row above the one that holds says what excludes it', () => {
  const { mode: _, ...auto } = DOWN;
  const situations: Facts[] = [
    DOWN,
    { ...DOWN, zone: 'edited' },
    { ...DOWN, healths: { primary: 'up', standby: 'up' } },
    { ...auto, mode: { mode: 'held', untilMs: NOW_MS + 1 } },
  ];
  for (const facts of situations) {
    const { row } = decide(facts);
    const above = rowsAbove(facts, row);
    assert.equal(above.length, row - 1);
    for (const { because } of above) assert.doesNotMatch(because, /it holds|undefined/);
  }
});

const DOWN: Facts = {
  nowMs: NOW_MS,
  servers: ['primary', 'standby'],
  zone: 'ours',
  remembered: true,
  mode: { mode: 'auto' },
  serving: 'primary',
  healths: { primary: 'down', standby: 'down' },
  verdicts: { primary: 'failed', standby: 'failed' },
  sighted: true,
  mayMoveAtMs: 0,
  failback: 'manual',
  sinceMs: { primary: 0, standby: 0 },
  configured: 'same',
};

test('what excludes a row is said of this site, in words', () => {
  const above = new Map(rowsAbove(DOWN, 11).map(({ row, because }) => [row, because]));
  assert.equal(above.get(1), 'the records are as Switchover left them');
  assert.equal(above.get(7), 'the mode is auto');
  assert.equal(above.get(9), 'nothing is due to move');
  assert.equal(above.get(10), 'standby is not armed: it is down');
});

test('why a server is not armed is the first thing in its way', () => {
  const facts: Facts = {
    ...DOWN,
    servers: ['primary', 'standby', 'third', 'sorry'],
    lastResort: 'sorry',
    healths: { primary: 'down', standby: 'up', third: 'up', sorry: 'up' },
    verdicts: { standby: 'passed', third: 'none', sorry: 'passed' },
  };
  assert.equal(whyNotArmed(facts, 'primary'), 'it serves');
  assert.equal(whyNotArmed(facts, 'standby'), undefined);
  assert.equal(whyNotArmed(facts, 'third'), 'it did not pass in the last round');
  assert.equal(whyNotArmed(facts, 'sorry'), 'it is the last resort');
  assert.equal(whyNotArmed(facts, 'gone'), 'it is no configured server');
});
