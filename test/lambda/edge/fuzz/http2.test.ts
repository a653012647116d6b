import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { probeBatch } from '../../../../lambda/batch.ts';
import type { Code } from '../../../../lambda/core/outcome.ts';
import {
  data,
  frame,
  goaway,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../../browser-truth/http2-server.ts';
import { type Random, random } from '../../../simulation/random.ts';
import { overTls } from '../probing.ts';
import { AUTHORITY, serveTls } from '../servers.ts';
import { noise } from './answers.ts';

/** Another seed each run finds more; the one that failed may be asked for. */
const SEED = process.env.FUZZ_SEED ?? 'fixed';
const WINDOW = 8;

const anyFrame = (r: Random): Buffer =>
  r.pick([
    () => SETTINGS,
    () => frame(TYPE.settings, 0, 0, Buffer.from([0, r.between(0, 7), 0, 0, 0, r.between(0, 2)])),
    () => frame(TYPE.settings, 1, 0),
    () => headers(1, [[':status', '200']]),
    () => headers(1, [[':status', '103']]),
    () =>
      headers(1, [
        [':status', '302'],
        ['location', '/x'],
      ]),
    () => data(1, 'all is well', 0),
    () => data(1, 'all is well'),
    () => rst(1, r.between(0, 13)),
    () => goaway(r.between(0, 13)),
    () => frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
    () => frame(WINDOW, 0, r.between(0, 1), number32(r.between(0, 2))),
    () => frame(r.between(0, 11), r.between(0, 255), r.between(0, 3), noise(r, 40)),
  ])();

/** Up to eight frames, some with a byte that is wrong, in one piece or several, and then any end. */
const speakAnything = (t: TestContext, seed: string) => {
  let connections = 0;
  return serveTls(
    t,
    'site.pem',
    (socket) => {
      connections += 1;
      const r = random(`${seed}/${connections}`);
      const talk = () => {
        for (let left = r.between(0, 8); left > 0; left -= 1) {
          const bytes = Buffer.from(anyFrame(r));
          if (r.chance(0.1)) bytes[r.between(0, bytes.length - 1)] = r.between(0, 255);
          if (socket.writable) socket.write(bytes);
        }
        const end = r.pick(['end', 'destroy', 'silence'] as const);
        if (end !== 'silence') setTimeout(() => socket[end](), r.between(0, 20));
      };
      if (r.chance(0.8)) socket.write(SETTINGS);
      if (r.chance(0.2)) talk();
      else socket.once('data', talk);
    },
    { ALPNProtocols: ['h2'] },
  );
};

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
        bodyIncludes: 'all is well',
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
