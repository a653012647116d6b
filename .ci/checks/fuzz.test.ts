/**
 * A hundred thousand servers that send whatever comes to mind, spread over 127.0.0.0/8: no crash, no hang, no leak.
 * FUZZ_PROBES sets another number, FUZZ_SEED another seed; a failure names its own. About two minutes on two cores.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzz } from '../../test/unit/lambda/prober/fuzz/run.ts';

const PROBES = Number(process.env.FUZZ_PROBES ?? 100_000);
const SEED = process.env.FUZZ_SEED ?? new Date().toISOString();
/** What a process may have gained after all but the first tenth of its probes; a leak of one small object a probe is 10 MB. */
const MAX_GROWTH_MB = 8;
/** Two batches of a thousand at once, of bodies and headers at their limits, in a process that also makes up the cases. */
const MAX_RSS_MB = 600;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory in use, buffers included, after what is not in use has been thrown away: objects of Node's own take two turns. */
const usedMb = (): number => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
};

test(`${PROBES} probes of hostile servers, seed ${SEED}`, { timeout: 1_200_000 }, async (t) => {
  const used: number[] = [];
  const fuzzed = await fuzz(SEED, 0, PROBES, (done) => {
    // After the first tenth, when all code is loaded and compiled, and again at each further tenth.
    if (done >= ((used.length + 1) * PROBES) / 10) used.push(usedMb());
  });
  const growthMb = (used.at(-1) as number) - (used[0] as number);
  t.diagnostic(JSON.stringify({ ...fuzzed, growthMb }));
  assert.deepEqual(fuzzed.troubles, []);
  assert.deepEqual(fuzzed.leftOpen, []);
  assert.equal(fuzzed.serverOpen, 0);
  // On a busy machine some probes measure nothing; if many do, little was tested.
  assert.ok(fuzzed.starved < PROBES / 20, `${fuzzed.starved} were starved, seed ${SEED}`);
  assert.ok(growthMb < MAX_GROWTH_MB, `${growthMb.toFixed(1)} MB more in use than early on, seed ${SEED}`);
  assert.ok(fuzzed.peakRssMb < MAX_RSS_MB, `${fuzzed.peakRssMb.toFixed(0)} MB at most, seed ${SEED}`);
});
