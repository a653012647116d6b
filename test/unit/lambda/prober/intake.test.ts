import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { data, headers, SETTINGS } from '../../../../fixtures/hostile/http2-frames.ts';
import { observe, overTls, requestOf } from './probing.ts';
import { type Behaviour, onRequest, serve, serveTls } from './servers.ts';

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

/** More than may be read without a pause (`FREE_READS`). */
const ROWS = 150;
const row = (nth: number) => `<li>row ${nth}</li>`.padEnd(24);

const PAGE_1 = [
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
  ...Array.from({ length: ROWS }, (_, nth) => `18\r\n${row(nth)}\r\n`),
  `${NEEDLE.length.toString(16)}\r\n${NEEDLE}\r\n0\r\n\r\n`,
];
/** A field that nghttp2 refuses and browsers let pass: what comes is mended, by a reader of our own. */
const ODD: [string, string][] = [['upgrade', 'h2,h2c']];
const page2 = (odd: [string, string][]) => [
  Buffer.concat([SETTINGS, headers(1, [[':status', '200'], ...odd])]),
  ...Array.from({ length: ROWS }, (_, nth) => data(1, row(nth), 0)),
  data(1, NEEDLE),
];

const RESETS = 'resets the connection';

/** Ways in which a server closes once all is sent; `tcp` is what lies below TLS. */
const CLOSES: Record<string, (socket: Socket) => void> = {
  'ends at once': (socket) => void socket.end(),
  'ends without a word of TLS': (socket) => void tcpOf(socket).end(),
  'ends while its last bytes wait': (socket) => void setTimeout(() => socket.end(), 5),
  'goes away with all of it': (socket) => void setTimeout(() => socket.destroy(), 5),
  [RESETS]: (socket) => void setTimeout(() => tcpOf(socket).resetAndDestroy(), 5),
};

const tcpOf = (socket: Socket): Socket => (socket as Socket & { _parent?: Socket })._parent ?? socket;

/** Sends each piece when the one before it has gone, then closes: each is a packet, and over TLS a record, of its own. */
const sendingEach =
  (pieces: (string | Buffer)[], close: (socket: Socket) => void): Behaviour =>
  (socket) => {
    const send = ([first, ...rest]: (string | Buffer)[]): void => {
      if (first === undefined) close(socket);
      else if (socket.writable) socket.write(first, () => send(rest));
    };
    socket.once('data', () => send(pieces));
  };

/** All of it in one write, so that nothing lies between the last byte and the close. */
const sendingAll =
  (pieces: (string | Buffer)[], close: (socket: Socket) => void): Behaviour =>
  (socket) =>
    void socket.once('data', () => {
      for (const piece of pieces) socket.write(piece);
      setImmediate(() => close(socket));
    });

describe('what came before a close is read to its end, and the server', () => {
  for (const [what, close] of Object.entries(CLOSES))
    for (const sending of [sendingEach, sendingAll])
      test(`${what}, ${sending.name}`, async (t) => {
        const plain = await serve(t, sending(PAGE_1, close));
        const { code, detail } = await observe(requestOf(plain.port, asking));
        assert.equal(code, 'ok', detail);
        const kinds: [name: string, pieces: (string | Buffer)[], options: TlsOptions][] = [
          ['TLS 1.2', PAGE_1, { maxVersion: 'TLSv1.2' }],
          ['TLS 1.3', PAGE_1, {}],
          ['HTTP/2', page2([]), { ALPNProtocols: ['h2'] }],
          ['HTTP/2, mended', page2(ODD), { ALPNProtocols: ['h2'] }],
        ];
        for (const [name, pieces, options] of kinds) {
          // Over HTTP/2 both sides write, and what we write may meet the reset before we have read all.
          if (what === RESETS && name.startsWith('HTTP/2')) continue;
          const { port } = await serveTls(t, 'site.pem', sending(pieces, close), {
            ...options,
            noDelay: true,
          } as TlsOptions);
          // The first time its bytes are looked at before OpenSSL gets them, and then no more.
          for (const look of ['first', 'second']) {
            const seen = await observe(overTls(port, asking));
            assert.equal(seen.code, 'ok', `${name}, ${look} look: ${seen.detail}`);
          }
        }
      });
});
