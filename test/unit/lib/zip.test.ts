import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipOf } from '../../../lib/zip.ts';
import { filesInZip } from './unzip.ts';

test('a zip holds each file with its bytes, and the same files give the same zip', () => {
  const files = new Map([
    ['index.cjs', Buffer.from('exports.handler = 1;\n'.repeat(1000))],
    ['node_modules/a/index.js', Buffer.from([0, 255, 128])],
    ['empty', Buffer.alloc(0)],
    ['name-é.json', Buffer.from('{}')],
  ]);
  const zip = zipOf(files);
  assert.deepEqual(filesInZip(zip), new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1))));
  assert.deepEqual(zipOf(new Map([...files].reverse())), zip);
  assert.ok(zip.length < 1000, 'it is deflated');
});
