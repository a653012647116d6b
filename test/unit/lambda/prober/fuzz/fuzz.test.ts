import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Code } from '../../../../../lambda/core/probe/outcome.ts';
import { probeBatch } from '../../../../../lambda/prober/batch.ts';
import { overTls } from '../probing.ts';
import { AUTHORITY } from '../servers.ts';
import { NEEDLE } from './answers.ts';
import { caseOf } from './cases.ts';
import { speakAnything } from './frames.ts';
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

/** Codes that would blame this machine: no frame may bring one about. */
const OURS: Code[] = ['internal', 'refused', 'unreachable', 'no-descriptors', 'no-memory', 'batch-deadline'];

test('whatever frames a server sends, nothing is thrown and the code says what the server did', async (t) => {
  const thrown: unknown[] = [];
  const onThrown = (error: unknown) => thrown.push(error);
  process.on('uncaughtException', onThrown);
  t.after(() => process.off('uncaughtException', onThrown));
  const { port } = await speakAnything(t, SEED);
  const codes = new Set<string>();
  for (let batch = 0; batch < 4; batch += 1) {
    const probes = Array.from({ length: 40 }, (_, index) =>
      overTls(port, {
        id: String(index),
        ca: AUTHORITY,
        bodyIncludes: NEEDLE,
        followRedirects: 2,
        // Some are broken off wherever they are.
        timeoutMs: index % 4 === 0 ? 100 : 1_000,
      }),
    );
    const { observations } = await probeBatch({ probes, deadlineMs: 20_000 });
    for (const { code } of observations) codes.add(code);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(thrown, [], `seed ${SEED}`);
  assert.deepEqual(
    [...codes].filter((code) => OURS.includes(code as Code)),
    [],
    `seed ${SEED}`,
  );
  assert.ok(codes.has('ok') && codes.has('http-protocol'), [...codes].join(', '));
});
