import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type Facts } from '../../../../../lambda/core/decision/decide.ts';
import { ROWS } from '../../../../../lambda/core/decision/row-words.ts';
import { factsOf, situations } from './decide-table.ts';

/** The zone and mode of a situation, in the words of the table. */
const zoneWord = { nothing: 'nothing', adoptable: 'adoptable', edited: 'not as we left it', ours: 'ours' };
const covers = (said: string, is: string): boolean =>
  said === 'any' || said.startsWith(is) || said.includes(`, or ${is}`);

test('every row that a decision can name is there, with its zone, its mode and what is done', () => {
  const met = new Set<number>();
  for (const situation of situations()) {
    const facts: Facts = factsOf(situation);
    const { row, act } = decide(facts);
    met.add(row);
    const said = ROWS[row];
    assert.ok(said, `row ${row}`);
    if (row !== 5) assert.equal(said.zone, zoneWord[facts.zone], `row ${row}`);
    assert.ok(covers(said.mode, facts.mode.mode), `row ${row} in mode ${facts.mode.mode}`);
    if (act === 'serve') assert.match(said.decision, /serve|rewrite|last resort/, `row ${row}`);
    if (act === 'leave' && row !== 6) assert.match(said.decision, /leave/, `row ${row}`);
    if (act === 'adopt') assert.match(said.decision, /role record/, `row ${row}`);
  }
  assert.deepEqual(
    [...met].sort((a, b) => a - b),
    Object.keys(ROWS).map(Number),
  );
});
