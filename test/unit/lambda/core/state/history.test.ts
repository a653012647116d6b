import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storedBytes } from '../../../../../lambda/core/base/stored-bytes.ts';
import { type Entry, noted } from '../../../../../lambda/core/state/history.ts';

const AT_MS = Date.UTC(2026, 10, 22);
const entry = (n: number, text: string): Omit<Entry, 'id'> => ({ atMs: AT_MS + n, what: 'seen', text });
const notedAll = (count: number, text: string): Entry[] => {
  let history: Entry[] = [];
  for (let n = 0; n < count; n++) history = noted(history, entry(n, `${n} ${text}`));
  return history;
};

describe('the journal that waits', () => {
  test('keeps the newest hundred entries', () => {
    const history = notedAll(150, 'went down');
    assert.equal(history.length, 100);
    assert.deepEqual([history[0]?.text, history.at(-1)?.text], ['50 went down', '149 went down']);
  });

  test('stays within its share of a stored document, whatever is written in it', () => {
    for (const text of ['x'.repeat(4000), 'ü'.repeat(2000), '\u{1f480}"\n'.repeat(1000)]) {
      const history = notedAll(100, text);
      assert.ok(storedBytes(history) < 101_000, `${storedBytes(history)} bytes`);
      assert.ok(history.length > 5);
      assert.match(history.at(-1)?.text ?? '', /^99 /);
    }
  });

  test('keeps the last entry however long it is', () => {
    assert.deepEqual(
      noted(notedAll(3, 'short'), entry(9, 'x'.repeat(200_000))).map(({ atMs }) => atMs),
      [AT_MS + 9],
    );
  });

  test('gives the same entry the same id', () => {
    const [one, two] = noted(noted([], entry(1, 'up')), entry(1, 'up'));
    assert.equal(one?.id, two?.id);
  });
});
