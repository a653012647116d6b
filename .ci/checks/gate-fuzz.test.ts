/**
 * Twenty thousand exchanges of a gate with visitors who send whatever comes to mind, before an application that does: the gate goes
 * on, every answer of its own is whole, and nothing is left open. About half a minute on two cores. FUZZ_EXCHANGES sets another
 * number, FUZZ_SEED another seed; a failure names its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzGate } from '../../test/unit/gate/fuzz/run.ts';

const EXCHANGES = Number(process.env.FUZZ_EXCHANGES ?? 20_000);
const SEED = process.env.FUZZ_SEED ?? new Date().toISOString();
/** Buffers of a hundred exchanges side by side, and the code; a leak of one answer each would be several times as much. */
const MAX_RSS_MB = 600;

test(`${EXCHANGES} exchanges of a hostile visitor with a hostile application, seed ${SEED}`, async (t) => {
  const fuzzed = await fuzzGate(SEED, 0, EXCHANGES);
  const rssMb = process.memoryUsage().rss / 1_048_576;
  t.diagnostic(JSON.stringify({ ...fuzzed, rssMb }));
  assert.deepEqual(fuzzed.troubles, []);
  assert.equal(fuzzed.leftOpen, 0);
  assert.ok(rssMb < MAX_RSS_MB, `${rssMb.toFixed(0)} MB, seed ${SEED}`);
});
