import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, paint, screenBehind, wrap } from '../../../bin/screen.ts';

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
