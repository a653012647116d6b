import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literalsIn, withShortValues } from '../../../../../lambda/core/probe/hpack.ts';

/** A text of HPACK that is not packed; of 127 bytes and more its length goes on in sevens. */
const text = (value: string): Buffer => {
  const { length } = value;
  const size = length < 127 ? [length] : [127, 0x80 | ((length - 127) & 127), ((length - 127) >> 7) & 127];
  return Buffer.concat([Buffer.from(size), Buffer.from(value)]);
};
const literal = (first: number, name: string, value: string): Buffer =>
  Buffer.concat([Buffer.of(first), text(name), text(value)]);

const INDEXED = Buffer.of(0x82);
const short = literal(0x40, 'x-a', 'b');

test('only values that are too long are cut, and all that stands around them is left', () => {
  const forgotten = literal(0x00, 'x-long', 'y'.repeat(9_000));
  const remembered = literal(0x40, 'x-kept', 'z'.repeat(9_000));
  const block = Buffer.concat([INDEXED, short, forgotten, INDEXED, remembered, short]);
  const cut = withShortValues(block);
  const expected = [
    INDEXED,
    short,
    literal(0x00, 'x-long', 'y'.repeat(1_024)),
    INDEXED,
    literal(0x40, 'x-kept', 'z'.repeat(4_200)),
    short,
  ];
  assert.deepEqual(cut, Buffer.concat(expected));
  assert.equal(literalsIn(cut).length, 4);
});

test('a block without long values stays as it is, and one that ends too early is cut nowhere', () => {
  const block = Buffer.concat([INDEXED, short]);
  assert.deepEqual(withShortValues(block), block);
  const open = literal(0x00, 'x', 'y'.repeat(9_000)).subarray(0, 5_000);
  assert.deepEqual(withShortValues(open), open);
});
