import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { observe, overTls, requestOf } from './probing.ts';
import { onRequest, serve, serveTls } from './servers.ts';

/** Sends each piece when the one before it has gone: in a packet, and over TLS in a record, of its own. */
const sendEach = (socket: Socket, pieces: string[]): void => {
  const [first, ...rest] = pieces;
  if (first === undefined || !socket.writable) return;
  socket.write(first, () => setImmediate(() => sendEach(socket, rest)));
};

const NEEDLE = 'all is well';
/** What a page of 500 lines is when each of them is flushed: chunks of 60 bytes. */
const flushed = (lines: number): string[] => [
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
  ...Array.from({ length: lines }, (_, nth) => `3c\r\n${String(nth).padEnd(60, '.')}\r\n`),
  `${NEEDLE.length.toString(16)}\r\n${NEEDLE}\r\n0\r\n\r\n`,
];
const asking = { bodyIncludes: NEEDLE, timeoutMs: 5_000 };

test('a page that is flushed line by line is there at once, over TLS too', async (t) => {
  const behaviour = onRequest((socket) => sendEach(socket, flushed(500)));
  const plain = await serve(t, behaviour);
  const secure = await serveTls(t, 'site.pem', behaviour);
  for (const request of [requestOf(plain.port, asking), overTls(secure.port, { ...asking, http: 1 })]) {
    const { code, detail, phases } = await observe(request);
    assert.equal(code, 'ok', detail);
    // One line each 20 ms, which is how often a flood is read, would be ten seconds.
    assert.ok(phases.totalMs < 3_000, JSON.stringify(phases));
  }
});

test('a head in more pieces than any page has is a flood', async (t) => {
  const { port } = await serveTls(
    t,
    'site.pem',
    onRequest((socket) => sendEach(socket, ['HTTP/1.1 200 OK\r\nx: ', ...Array(20_000).fill('y')])),
  );
  const { code, detail } = await observe(overTls(port, { ...asking, http: 1, timeoutMs: 10_000 }));
  assert.equal(code, 'flood', detail);
  assert.match(detail, /pieces/);
});
