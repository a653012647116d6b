import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Rows of the table of docs/faults.md: number, what goes wrong, what holds us to it, what is to be known. */
const ROWS = read('docs/faults.md')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
/** The names after a word in a cell, such as the scenarios. */
const after = (cell: string, word: RegExp): string[] =>
  cell
    .split('; ')
    .filter((part) => word.test(part))
    .flatMap(quoted);

test('every fault has a row, in order', () => {
  assert.deepEqual(
    ROWS.map(([number]) => Number(number)),
    Array.from({ length: 88 }, (_, index) => index + 1),
  );
});

test('a row names what holds us to it, or why nothing does', () => {
  for (const [number, what = '', where, note] of ROWS) {
    assert.ok(what !== '', `row ${number} says nothing`);
    assert.ok(where !== '-' || /^(why not|not yet)/.test(note ?? ''), `row ${number} names nothing`);
  }
});

test('every file and scenario that is named exists', () => {
  const paths = ROWS.flatMap(([, , where = '']) => [
    ...quoted(where).filter((name) => name.includes('/')),
    ...after(where, /^scenario/).map((name) => `test/scenarios/${name}.txt`),
  ]);
  assert.ok(paths.length > 100);
  assert.deepEqual(
    paths.filter((path) => !existsSync(new URL(path, ROOT))),
    [],
  );
});

test('every kind of simulated trouble that is named exists, and none is left out', () => {
  const named = new Set(ROWS.flatMap(([, , where = '']) => after(where, /^simulation/)));
  const source = read('test/simulation/world/troubles.ts');
  const known = new Set([...source.matchAll(/kind: '([a-z]+)'/g)].map(([, kind = '']) => kind));
  assert.deepEqual([...named].sort(), [...known].sort());
});
