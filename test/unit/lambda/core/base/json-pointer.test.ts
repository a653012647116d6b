import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPointer, valueAt } from '../../../../../lambda/core/base/json-pointer.ts';

/** The example of RFC 6901, section 5. */
const DOCUMENT = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

test('the examples of RFC 6901', () => {
  const examples: [string, unknown][] = [
    ['', DOCUMENT],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ];
  for (const [pointer, value] of examples) {
    assert.ok(isPointer(pointer), pointer);
    assert.deepEqual(valueAt(DOCUMENT, pointer), value, pointer);
  }
});

test('what is not in the document is nothing', () => {
  for (const pointer of [
    '/foo/2',
    '/foo/01',
    '/foo/-',
    '/foo/length',
    '/bar',
    '/foo/0/0',
    '/__proto__',
    '/toString',
  ])
    assert.equal(valueAt(DOCUMENT, pointer), undefined, pointer);
  assert.equal(valueAt({ '~1': 1 }, '/~01'), 1);
});

test('a pointer begins each step with a slash and escapes two characters', () => {
  for (const text of ['a', 'a/b', '/~', '/~2', '/a~']) assert.ok(!isPointer(text), text);
});
