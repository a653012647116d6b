import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyResult } from '../../../../bin/commands/look.ts';

const WIDE = { colour: false, width: Number.POSITIVE_INFINITY };
const answer = () => ({ ok: true, message: 'The last round started at T.' });

test('history is read downwards, with its site where there are several, and broken after its time', () => {
  const entry = (name: string, second: number, text: string) => ({
    site: name,
    at: `2026-11-22T03:14:0${second}.000Z`,
    what: 'seen' as const,
    text,
  });
  const newestFirst = [entry('b', 2, 'standby was up and is down'), entry('a', 1, 'first')];
  const { text, answer: told } = historyResult({ ...answer(), history: newestFirst }, newestFirst, {
    screen: { colour: false, width: 52 },
    isOfOne: false,
  });
  assert.deepEqual(text.split('\n'), [
    '2026-11-22 03:14:01 seen      a: first',
    '2026-11-22 03:14:02 seen      b: standby was up and',
    '                              is down',
    '2 entries, newest last, times in UTC.',
  ]);
  const firstLine = (isOfOne: boolean) =>
    historyResult(answer(), newestFirst.slice(1), { screen: WIDE, isOfOne }).text.split('\n')[0];
  assert.equal(firstLine(false), '2026-11-22 03:14:01 seen      a: first', 'nobody said which site is meant');
  assert.equal(firstLine(true), '2026-11-22 03:14:01 seen      first');
  assert.deepEqual((told as { history: unknown }).history, newestFirst);
  assert.equal(
    historyResult(answer(), [], { screen: WIDE, isOfOne: false }).text,
    'The last round started at T.',
  );
});
