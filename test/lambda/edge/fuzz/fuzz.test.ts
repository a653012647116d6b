import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseOf } from './cases.ts';
import { fuzz } from './run.ts';

/** Another seed each run finds more; the one that failed is in the message and may be asked for. */
const SEED = process.env.FUZZ_SEED ?? 'fixed';

test('whatever bytes a server sends, in whatever pieces: a known code, in time, and nothing left open', async () => {
  const { codes, troubles, leftOpen, serverOpen } = await fuzz(SEED, 0, 600);
  assert.deepEqual(troubles, []);
  assert.deepEqual(leftOpen, []);
  assert.equal(serverOpen, 0);
  // A fuzzer whose cases all came to the same would find nothing.
  const met = Object.keys(codes).sort();
  const wanted = [
    'body',
    'body-cut-short',
    'closed',
    'headers-too-large',
    'http-protocol',
    'ok',
    'tls-protocol',
  ];
  assert.deepEqual(
    wanted.filter((code) => !met.includes(code)),
    [],
  );
});

test('a seed and a number are always the same case', () => {
  assert.deepEqual(caseOf('seed', 7), caseOf('seed', 7));
  assert.notDeepEqual(caseOf('seed', 7).bytes, caseOf('another', 7).bytes);
});
