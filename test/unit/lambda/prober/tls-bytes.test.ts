import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect, type TlsOptions } from 'node:tls';
import { DEAR_CHAINS } from '../../../../fixtures/hostile/dear-chains.ts';
import {
  anotherChain,
  CERTIFICATE,
  helloRequests,
  inTheClear,
  keyUpdates,
  record,
  renegotiations,
  type TlsFlood,
} from '../../../../fixtures/hostile/tls-floods.ts';
import { FREE_TLS_BYTES, MAX_KEYS } from '../../../../lambda/core/probe/bounds.ts';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { underTls } from '../../../../lambda/prober/first-look.ts';
import { watchStalls } from '../../../../lambda/prober/stalls.ts';
import { boundTls } from '../../../../lambda/prober/tls-bytes.ts';
import { contextFor } from '../../../../lambda/prober/tls-offer.ts';
import { observe, observeBatch, overTls, requestOf } from './probing.ts';
import { ok, serve } from './servers.ts';

const ALERT = 21;
const HANDSHAKE = 22;
const NOTHING = Buffer.alloc(0);
/** Nobody hears of an alert about what is not to be renegotiated (no_renegotiation). */
const WARNING = record(ALERT, Buffer.of(1, 100));
/** A ServerHello that says that it is as long as may be. */
const LONG_HELLO = record(HANDSHAKE, Buffer.of(2, 0, 0xff, 0xff));

const FLOODS: [what: string, flood: TlsFlood, codes: Code[]][] = [
  ['new keys without end', keyUpdates(), ['flood']],
  ['new keys without end, each to be answered', keyUpdates({ isAsking: true }), ['flood']],
  ['requests to begin again, without end', helloRequests, ['flood']],
  ['handshakes without end', renegotiations, ['flood']],
  [
    'requests to begin that come before a handshake, without end',
    inTheClear(NOTHING, record(HANDSHAKE, Buffer.alloc(4))),
    ['flood'],
  ],
  [
    'a handshake in records of one byte',
    inTheClear(LONG_HELLO, record(HANDSHAKE, Buffer.of(1))),
    // What comes at once may be the whole of that hello.
    ['flood', 'tls-protocol'],
  ],
  ['empty records without end', inTheClear(NOTHING, record(HANDSHAKE, NOTHING)), ['tls-protocol']],
  ['warnings without end', inTheClear(NOTHING, WARNING), ['tls-protocol']],
  ['changes of cipher without end', inTheClear(NOTHING, record(20, Buffer.of(1))), ['tls-protocol']],
];

// The first of this file, before the process has met such a server.
test('a connection that is over when too much within TLS is noticed ends nothing but itself', async (t) => {
  const plain = await serve(t, ok('ok'));
  const { port } = await serve(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const raw = createConnection(port, '127.0.0.1');
  const socket = connect({ socket: raw, ca: CERTIFICATE, checkServerIdentity: () => undefined });
  const counted = { bytesRead: FREE_TLS_BYTES + 100_000 } as Socket;
  boundTls(counted, socket, { follow: (look) => () => void look() }, false);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  const observation = await observe(requestOf(plain.port, { id: 'good' }));
  assert.equal(observation.code, 'ok', 'the prober goes on');
});

test('of a server that nobody knows OpenSSL takes few keys more than may come, however many came at once', async (t) => {
  const { port } = await serve(t, keyUpdates({ times: 2_000, isAtOnce: true }));
  const stalls = watchStalls();
  t.after(stalls.stop);
  const raw = createConnection(port, '127.0.0.1');
  const { stream, watch, isFirst } = underTls(raw, `of this test ${port}`, stalls);
  const socket = connect({
    socket: stream,
    secureContext: contextFor({ ca: CERTIFICATE }, isFirst),
    checkServerIdentity: () => undefined,
  });
  watch(socket);
  boundTls(raw, socket, stalls, isFirst);
  let keys = 0;
  socket.on('keylog', (line) => {
    if (line.toString().startsWith('SERVER_TRAFFIC_SECRET_N')) keys += 1;
  });
  socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
  const [error] = await once(socket, 'error');
  await new Promise((resolve) => raw.once('close', resolve));
  assert.match(error.message, /more than 32 new keys/);
  assert.ok(keys > MAX_KEYS && keys < 2 * MAX_KEYS, `${keys} keys`);
});

// A silent neighbour takes its whole time, so several kinds are tried at a time.
describe('a server that goes on within TLS', { concurrency: 3 }, () => {
  for (const [what, flood, codes] of FLOODS) {
    test(`${what} is ${codes.join(' or ')}, and what stands beside it is not touched`, async (t) => {
      const timeoutMs = 3_000;
      const hostile = await serve(t, flood);
      const silent = await serve(t, () => {});
      const plain = await serve(t, ok('ok'));
      const probes: ProbeRequest[] = [
        ...[1, 2, 3].map((id) => overTls(hostile.port, { id: `hostile ${id}`, ca: CERTIFICATE, timeoutMs })),
        requestOf(silent.port, { id: 'silent', timeoutMs }),
        ...[1, 2, 3, 4, 5].map((id) => requestOf(plain.port, { id: `good ${id}`, timeoutMs })),
      ];
      const observations = await observeBatch(probes);
      for (const { id, code, detail, phases } of observations) {
        if (id.startsWith('good')) assert.equal(code, 'ok', detail);
        else if (id === 'silent') assert.equal(code, 'timeout-response', detail);
        else {
          assert.ok(codes.includes(code as Code), `${code}: ${detail}`);
          assert.ok(phases.totalMs < timeoutMs, `${phases.totalMs} ms`);
        }
      }
    });
  }
});

test('certificates of a second handshake are not verified, and a server that was known is known no more', async (t) => {
  const dear = DEAR_CHAINS['seventy-seven certificates on P-521']?.() as TlsOptions;
  for (const good of [0, 1]) {
    const { port } = await serve(t, anotherChain(good, dear));
    const codes: string[] = [];
    const spentMs: number[] = [];
    for (let times = 0; times < good + 2; times += 1) {
      const before = process.cpuUsage();
      const { code } = await observe(overTls(port, { ca: CERTIFICATE, http: 1, timeoutMs: 3_000 }));
      const { user, system } = process.cpuUsage(before);
      codes.push(code);
      spentMs.push((user + system) / 1_000);
    }
    // Of a server that is known they are, once.
    assert.deepEqual([codes[0], codes.at(-1)], [good === 0 ? 'flood' : 'ok', 'flood']);
    // Both ends of it, in this process. To verify that chain takes a hundred.
    assert.ok((spentMs.at(-1) as number) < 50, `${spentMs.join(', ')} ms of CPU`);
  }
});

test('a server that takes new keys now and then is read to its end', async (t) => {
  const then = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  for (const isAsking of [false, true]) {
    const { port } = await serve(t, keyUpdates({ times: 30, isAsking, then }));
    const observation = await observe(
      overTls(port, { ca: CERTIFICATE, bodyIncludes: 'ok', http: 1, timeoutMs: 5_000 }),
    );
    assert.equal(observation.code, 'ok', observation.detail);
  }
});
