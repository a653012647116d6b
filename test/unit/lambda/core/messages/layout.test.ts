import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, wrapped } from '../../../../../lambda/core/messages/layout.ts';

const word = (length: number): string => 'x'.repeat(length);

test('a line that fits stays as it is, and one that does not goes on under its own beginning', () => {
  assert.equal(COLUMNS, 72);
  assert.equal(wrapped(word(72)), word(72));
  assert.equal(wrapped(`${word(71)} y`), `${word(71)}\ny`);
  assert.equal(wrapped(`  ${word(60)} ${word(20)} z`), `  ${word(60)}\n  ${word(20)} z`);
  assert.equal(wrapped('a\n\nb  '), 'a\n\nb');
});

test('a row of a table goes on under its last column', () => {
  assert.equal(
    wrapped(`  primary  failed: ${word(50)} ${word(30)}`),
    `  primary  failed: ${word(50)}\n           ${word(30)}`,
  );
  const deep = `  ${word(40)}  ${word(20)} ${word(30)}`;
  assert.equal(wrapped(deep), `  ${word(40)}  ${word(20)}\n      ${word(30)}`);
});

test('a word that is longer than a line stays whole', () => {
  const address = `https://example.net/${word(80)}`;
  assert.equal(wrapped(`see ${address} for more`), `see\n${address}\nfor more`);
  assert.equal(wrapped(`    ${address}`), `    ${address}`);
});

test('no line is longer than 72 columns but for one word, and no word is lost, whatever the text', () => {
  for (let seed = 1; seed < 400; seed++) {
    const words = Array.from({ length: seed % 40 }, (_, at) => word(1 + ((seed * 7 + at * 13) % 90)));
    const text = `${' '.repeat(seed % 6)}${words.join(seed % 3 === 0 ? '  ' : ' ')}`;
    const lines = wrapped(text).split('\n');
    for (const line of lines) assert.ok(line.length <= COLUMNS || !/\S\s/.test(line.trimEnd()), line);
    assert.deepEqual(lines.join(' ').split(/\s+/).filter(Boolean), words);
  }
});
