import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { earlyHints } from '../../../../fixtures/hostile/early-hints.ts';
import {
  block,
  ERROR,
  frame,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../../../fixtures/hostile/http2-frames.ts';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { flood, wild } from './http2-servers.ts';
import { observeBatch, overTls, requestOf } from './probing.ts';
import { AUTHORITY, ok, serve } from './servers.ts';

const STATUS = block([[':status', '200']]);
const window = frame(8, 0, 0, number32(1));
const resets = Buffer.concat([
  headers(1, [[':status', '103']]),
  frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 1])),
]);

const HOSTILE: [what: string, then: (socket: TLSSocket) => void, codes: Code[]][] = [
  ['silence', (socket) => void socket.write(SETTINGS), ['timeout-response']],
  [
    'silence within the body',
    (socket) => void socket.write(Buffer.concat([SETTINGS, headers(1, [[':status', '200']])])),
    ['timeout-body'],
  ],
  ['an end', (socket) => void socket.end(SETTINGS), ['closed']],
  [
    'a reset of the stream',
    (socket) => void socket.write(Buffer.concat([SETTINGS, rst(1, ERROR.internal)])),
    ['http-protocol'],
  ],
  ['SETTINGS without end', flood(SETTINGS, SETTINGS), ['flood', 'tls-protocol']],
  ['PING without end', flood(SETTINGS, frame(TYPE.ping, 0, 0, Buffer.alloc(8))), ['flood', 'tls-protocol']],
  [
    'CONTINUATION without end',
    flood(
      Buffer.concat([SETTINGS, frame(TYPE.headers, 0, 1, STATUS)]),
      frame(TYPE.continuation, 0, 1, block([['x', 'y']])),
    ),
    ['http-protocol', 'flood', 'headers-too-large'],
  ],
  ['windows without end', flood(SETTINGS, window), ['flood', 'http-protocol']],
  [
    'frames that nobody knows without end',
    flood(SETTINGS, frame(0xee, 0, 0, Buffer.alloc(100))),
    ['flood', 'http-protocol'],
  ],
  ['interim answers and priorities without end', flood(SETTINGS, resets), ['flood', 'http-protocol']],
  ['interim answers without end', flood(SETTINGS, headers(1, [[':status', '103']])), ['flood']],
  [
    'interim answers of a hundred fields',
    (socket) => void socket.write(Buffer.concat([SETTINGS, earlyHints(249)])),
    ['flood'],
  ],
  ['GOAWAY without end', flood(SETTINGS, frame(TYPE.goaway, 0, 0, number32(1, ERROR.none))), ['flood']],
  ['ORIGIN without end', flood(SETTINGS, frame(0xc, 0, 0, Buffer.from([0, 1, 0x61]))), ['flood']],
  ['ALTSVC without end', flood(SETTINGS, frame(0xa, 0, 0, Buffer.from([0, 1, 0x61, 0x68]))), ['flood']],
  [
    'DATA byte by byte',
    flood(
      Buffer.concat([SETTINGS, headers(1, [[':status', '200']])]),
      frame(TYPE.data, 0, 1, Buffer.from('x')),
    ),
    ['flood'],
  ],
  [
    'empty DATA without end',
    flood(Buffer.concat([SETTINGS, headers(1, [[':status', '200']])]), frame(TYPE.data, 0, 1)),
    ['flood', 'body-cut-short', 'timeout-body'],
  ],
  [
    'frames in TLS records of one byte',
    (socket) => {
      const bytes = Buffer.concat([SETTINGS, ...Array(5_000).fill(window)]);
      let at = 0;
      // One write at a time: those that wait are sent as one record.
      const next = () => {
        if (socket.writable && at < bytes.length)
          socket.write(bytes.subarray(at, ++at), () => setImmediate(next));
      };
      next();
    },
    // As fast as this process can make them, which may be too slow for a flood.
    ['flood', 'timeout-response'],
  ],
  [
    'headers of a megabyte',
    (socket) =>
      void socket.write(
        Buffer.concat([
          SETTINGS,
          headers(1, [
            [':status', '200'],
            ['x', 'y'.repeat(1_000_000)],
          ]),
        ]),
      ),
    ['http-protocol', 'flood', 'closed'],
  ],
];

// A silent neighbour takes its whole time, so several kinds are tried at a time.
describe('a hostile server of HTTP/2', { concurrency: 4 }, () => {
  for (const [what, then, codes] of HOSTILE) {
    test(`over HTTP/2, ${what} is ${codes.join(' or ')}, and what stands beside it is not touched`, async (t) => {
      // The flooding server shares this process, and what it takes is a stall to the prober.
      const timeoutMs = 3_000;
      const { port } = await wild(t, then);
      const silent = await serve(t, () => {});
      const plain = await serve(t, ok('ok'));
      const probes: ProbeRequest[] = [
        ...[1, 2, 3].map((id) => overTls(port, { id: `hostile ${id}`, ca: AUTHORITY, timeoutMs })),
        requestOf(silent.port, { id: 'silent', timeoutMs }),
        ...[1, 2, 3, 4, 5].map((id) => requestOf(plain.port, { id: `good ${id}`, timeoutMs })),
      ];
      const observations = await observeBatch(probes);
      for (const { id, code, outcome, detail, phases } of observations) {
        assert.ok(phases.totalMs < 3 * timeoutMs, `took ${phases.totalMs} ms`);
        if (id.startsWith('good')) assert.equal(code, 'ok', detail);
        else if (id === 'silent') assert.equal(code, 'timeout-response', detail);
        else {
          assert.equal(outcome, 'failed', `${code}: ${detail}`);
          assert.ok(codes.includes(code as Code), `${code}: ${detail}`);
        }
      }
    });
  }
});
