import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CORPUS } from './corpus.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { disagreement, probeAll, tenth } from './run.ts';
import { browsersSay, LINES } from './table.ts';

describe('what browsers show', () => {
  test('is measured of 474 servers, and each has one here', () => {
    assert.equal(LINES.length, 474);
    assert.deepEqual(Object.keys(CORPUS).sort(), LINES.map(({ id }) => id).sort());
  });

  test('is what a probe should say, but for exceptions that differ from it', () => {
    const excepted = EXCEPTIONS.flatMap(({ ids, verdict }) => ids.map((id) => ({ id, verdict })));
    assert.equal(new Set(excepted.map(({ id }) => id)).size, excepted.length, 'an exception stands twice');
    for (const { id, verdict } of excepted) {
      const line = LINES.find((each) => each.id === id);
      assert.ok(line, `${id} is in no line of the table.`);
      assert.notEqual(browsersSay(line), verdict, `${id} is no exception.`);
    }
  });

  test('is what the prober says, in every tenth line', async () => {
    const lines = tenth(LINES);
    assert.ok(lines.length > 40, `${lines.length} lines`);
    assert.equal(new Set(lines.map(({ section }) => section)).size, 6);
    const told = await probeAll(lines);
    assert.equal(told.length, lines.length);
    assert.deepEqual(
      told.flatMap((each) => disagreement(each) ?? []),
      [],
    );
  });
});
