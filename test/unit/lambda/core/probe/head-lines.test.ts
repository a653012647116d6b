import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../../../lambda/core/probe/charset.ts';
import { newChunks, readChunks } from '../../../../../lambda/core/probe/chunks.ts';
import { headIn, listOf, withoutBlanks } from '../../../../../lambda/core/probe/head-lines.ts';

const blanks = ' '.repeat(250_000);
/** Minutes, where each character is looked at once for each blank; some milliseconds otherwise. */
const LONGEST_MS = 2000;

const inTime = (what: string, work: () => unknown): void => {
  const fromMs = performance.now();
  work();
  const tookMs = performance.now() - fromMs;
  assert.ok(tookMs < LONGEST_MS, `${what} took ${tookMs.toFixed(0)} ms`);
};

test('no answer within the bounds takes the time of the others: what is read takes as long as it is', () => {
  inTime('blanks in a value', () => headIn(`HTTP/1.1 200 OK\r\nx: a${blanks}b`));
  inTime('blanks in a name', () => headIn(`HTTP/1.1 200 OK\r\nx${blanks}y: a`));
  inTime('blanks in a list', () => listOf({ 'content-encoding': `gzip${blanks}x` }, 'content-encoding'));
  inTime('lines that go on', () => headIn(`HTTP/1.1 200 OK\r\nx: a${'\r\n b'.repeat(80_000)}`));
  const type = `text/html; charset=${blanks};charset${blanks}`;
  inTime('blanks in a character set', () => textOf(Buffer.from('a'), { 'content-type': type }));
  inTime('zeros in the size of a chunk', () =>
    assert.throws(() => readChunks(newChunks(), Buffer.from(`${'0'.repeat(16_000)}x\r\n`), () => true)),
  );
});

test('a value is read without the blanks around it, and with those within', () => {
  assert.equal(withoutBlanks(' \t a \t b\t '), 'a \t b');
  assert.equal(withoutBlanks(' \t '), '');
  const { headers } = headIn('HTTP/1.1 200 OK\r\nx: one \r\n  two\t\r\n \r\n\tthree\r\ny:\r\n z');
  assert.deepEqual({ ...headers }, { x: ['one two three'], y: ['z'] });
});

test('of several types the last that says a character set counts, as long as the type is the same', () => {
  const read = (...types: string[]) => textOf(Buffer.from([0xe9, 0x21]), { 'content-type': types });
  assert.equal(read('text/html; charset=iso-8859-1', 'text/html'), 'é!');
  assert.equal(read('text/html; charset=koi8-r', 'text/plain; charset=iso-8859-1'), 'é!');
  assert.equal(read('text/html; charset="iso-8859-1"'), 'é!');
  assert.equal(
    read('text/html; xcharset=koi8-r'),
    'é!',
    'no parameter of that name: as if nothing were said',
  );
  assert.equal(read("text/html; charset='koi8-r'"), 'é!', 'a label that nobody knows');
});
