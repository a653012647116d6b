import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, fitting, type Line, paint, screenBehind, wrap } from '../../../bin/screen.ts';

const PLAIN = { colour: false, width: 80 };

test('columns are as wide as what is widest in them, whatever its style', () => {
  const rows = columns([
    [['a'], [['red', 'long']], ['x']],
    [['abc'], ['b', ['green', 'c']], ['']],
  ]);
  assert.deepEqual(
    rows.map((row) => paint(PLAIN, row)),
    ['a    long  x', 'abc  bc    '],
  );
});

test('text is broken between words, and keeps its own line breaks and words that are too long', () => {
  assert.deepEqual(wrap('one two three\nfour', 9, '  '), ['  one two', '  three', '  four']);
  assert.deepEqual(wrap('unbreakable no', 5), ['unbreakable', 'no']);
  assert.deepEqual(wrap('as it is', Number.POSITIVE_INFINITY), ['as it is']);
});

test('only a terminal is coloured and has a width; NO_COLOR and FORCE_COLOR are respected', (t) => {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  t.after(() => {
    for (const [name, value] of Object.entries({ NO_COLOR, FORCE_COLOR }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  delete process.env.NO_COLOR;
  delete process.env.FORCE_COLOR;
  assert.deepEqual(screenBehind({ isTTY: true, columns: 72 }), { colour: true, width: 72 });
  assert.deepEqual(screenBehind({}), { colour: false, width: Number.POSITIVE_INFINITY });
  process.env.NO_COLOR = '1';
  assert.deepEqual(screenBehind({ isTTY: true, columns: 72 }), { colour: false, width: 72 });
  process.env.FORCE_COLOR = '1';
  assert.deepEqual(screenBehind({}), { colour: true, width: Number.POSITIVE_INFINITY }, 'FORCE_COLOR wins');
  delete process.env.NO_COLOR;
  process.env.FORCE_COLOR = '0';
  assert.deepEqual(screenBehind({ isTTY: true, columns: 72 }), { colour: false, width: 72 });
  assert.equal(paint({ colour: true, width: 9 }, ['a', ['red', 'b']]), 'a\u001b[31mb\u001b[39m');
});

test('a terminal is as narrow and as low as it is', () => {
  const { width, rows } = screenBehind({ isTTY: true, columns: 40, rows: 10 });
  assert.deepEqual([width, rows], [40, 10]);
  assert.equal(screenBehind({ isTTY: true, columns: 300, rows: 10 }).width, 120);
  assert.equal(screenBehind({ columns: 40, rows: 10 }).rows, undefined);
});

test('what does not fit on a screen is left out at its end, and counted', () => {
  const shown = (lines: Line[], rows: number | undefined) =>
    fitting(lines, { colour: false, width: 10, ...(rows !== undefined && { rows }) }).map((line) =>
      paint(PLAIN, line),
    );
  const lines = (...texts: string[]): Line[] => texts.map((text) => [text]);
  assert.deepEqual(shown(lines('a', 'b', 'c'), 4), ['a', 'b', 'c']);
  assert.deepEqual(shown(lines('a', 'b', 'c', 'd'), 4), ['a', 'b', '… 2 more lines']);
  assert.deepEqual(
    shown(lines('a', 'x'.repeat(11), 'c'), 4),
    ['a', '… 2 more lines'],
    'a line may take two of the terminal',
  );
  assert.deepEqual(shown(lines('a', 'b', 'c', 'd'), undefined), ['a', 'b', 'c', 'd']);
});
