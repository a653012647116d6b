/** Servers that do all that a server can do to a prober, one kind a port, in a process of its own. Started by `hostile.ts`. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { BEHIND_METADATA, contextMaps, LARGE_BLOCK } from '../fixtures/hostile/brotli-bombs.ts';
import { DEAR_CHAINS } from '../fixtures/hostile/dear-chains.ts';
import { earlyHints } from '../fixtures/hostile/early-hints.ts';
import { block, frame, headers, number32, SETTINGS, TYPE } from '../fixtures/hostile/http2-frames.ts';
import {
  helloRequests,
  inTheClear,
  keyUpdates,
  record,
  renegotiations,
} from '../fixtures/hostile/tls-floods.ts';

const file = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/certificates/${name}`, import.meta.url)));
const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;

type Act = (socket: Socket) => void;

/** `one` again and again, as fast as it is read. */
const flood =
  (start: string | Buffer, one: string | Buffer): Act =>
  (socket) => {
    const bytes = Buffer.concat(Array(Math.ceil(65_536 / one.length)).fill(Buffer.from(one)));
    const more = () => {
      while (socket.writable && socket.write(bytes));
    };
    socket.write(start);
    socket.on('drain', more);
    more();
  };

/** `one` again and again, so many times every few milliseconds, each in a packet of its own if it may. */
const drip =
  (start: string, one: string, times: number, everyMs: number): Act =>
  (socket) => {
    socket.setNoDelay(true);
    socket.write(start);
    const timer = setInterval(() => {
      for (let each = 0; each < times && socket.writable; each += 1) socket.write(one);
    }, everyMs);
    socket.on('close', () => clearInterval(timer));
  };

const packed =
  (coding: string, body: Buffer): Act =>
  (socket) => {
    socket.write(`${HEAD}content-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };

const TLS: TlsOptions = { cert: file('self-signed.pem'), key: file('test-only.key') };

/** Sound to as many as are asked for in one look, and only then what it is. */
const behindSoundLook = (act: Act, looks = 10): Act => {
  const sound = createTlsServer(TLS, (socket) => socket.end(`${HEAD}content-length: 2\r\n\r\nok`));
  let connections = 0;
  return (socket) => {
    connections += 1;
    if (connections > looks) act(socket);
    else sound.emit('connection', socket);
  };
};

const ping = frame(TYPE.ping, 0, 0, Buffer.alloc(8));
const status: [string, string][] = [[':status', '200']];

/** `tls`: what is done begins with the connection, below TLS. */
type On = 'http' | 'https' | 'h2' | 'tls';

const KINDS: Record<string, [on: On, act: Act, tls?: TlsOptions]> = {
  'interim answers': ['http', flood('', 'HTTP/1.1 100 Continue\r\n\r\n')],
  'interim answers, 200 kB/s': ['http', drip('', 'HTTP/1.1 100 Continue\r\n\r\n', 40, 5)],
  'line ends before the status': ['http', flood('', '\r\n')],
  'one header': ['http', flood(`${HEAD}x: `, 'y')],
  'many headers': ['http', flood(HEAD, 'x: y\r\n')],
  'a chunk size without end': ['http', flood(`${CHUNKED}1`, '0')],
  'one-byte chunks': ['http', flood(CHUNKED, '1\r\nx\r\n')],
  trailers: ['http', flood(`${CHUNKED}0\r\n`, 'x: y\r\n')],
  'one-byte packets': ['http', drip(`${HEAD}x: `, 'y', 20, 1)],
  'one-byte TLS records': ['https', drip(`${HEAD}x: `, 'y', 50, 1)],
  'a body without end': ['http', flood(`${HEAD}\r\n`, 'x')],
  'a gzip bomb': ['http', packed('gzip', gzipSync(Buffer.alloc(50_000_000)))],
  'brotli, window 2^24': ['https', packed('br', LARGE_BLOCK)],
  'brotli, window 2^24 behind metadata': ['https', packed('br', BEHIND_METADATA)],
  'brotli, maps of contexts': ['https', packed('br', contextMaps())],
  'zstd, window 2^23': [
    'https',
    packed(
      'zstd',
      zstdCompressSync(Buffer.alloc(8_388_608), { params: { [constants.ZSTD_c_windowLog]: 23 } }),
    ),
  ],
  'TLS: new keys': ['tls', keyUpdates()],
  'TLS: new keys, each to be answered': ['tls', keyUpdates({ isAsking: true })],
  'TLS: new keys, of servers that were sound': ['tls', behindSoundLook(keyUpdates())],
  'TLS: new keys, each to be answered, of servers that were sound': [
    'tls',
    behindSoundLook(keyUpdates({ isAsking: true })),
  ],
  'TLS: requests to begin again': ['tls', helloRequests],
  'TLS: requests before a handshake': ['tls', inTheClear(Buffer.alloc(0), record(22, Buffer.alloc(4)))],
  'TLS: handshakes': ['tls', renegotiations],
  'TLS: a handshake in records of one byte': [
    'tls',
    inTheClear(record(22, Buffer.of(2, 0, 0xff, 0xff)), record(22, Buffer.of(1))),
  ],
  'HTTP/2: SETTINGS': ['h2', flood(SETTINGS, SETTINGS)],
  'HTTP/2: PING': ['h2', flood(SETTINGS, ping)],
  'HTTP/2: windows': ['h2', flood(SETTINGS, frame(8, 0, 0, number32(1)))],
  'HTTP/2: interim answers': ['h2', flood(SETTINGS, headers(1, [[':status', '103']]))],
  'HTTP/2: interim answers of a hundred fields': [
    'h2',
    (socket) => socket.write(Buffer.concat([SETTINGS, earlyHints(249)])),
  ],
  'HTTP/2: GOAWAY': ['h2', flood(SETTINGS, frame(TYPE.goaway, 0, 0, number32(1, 0)))],
  'HTTP/2: ORIGIN': ['h2', flood(SETTINGS, frame(0xc, 0, 0, Buffer.from([0, 1, 0x61])))],
  'HTTP/2: unknown frames': ['h2', flood(SETTINGS, frame(0xee, 0, 0, Buffer.alloc(100)))],
  'HTTP/2: CONTINUATION': [
    'h2',
    flood(
      Buffer.concat([SETTINGS, frame(TYPE.headers, 0, 1, block(status))]),
      frame(TYPE.continuation, 0, 1, block([['x', 'y']])),
    ),
  ],
  'HTTP/2: one-byte DATA': [
    'h2',
    flood(Buffer.concat([SETTINGS, headers(1, status)]), frame(TYPE.data, 0, 1, Buffer.from('x'))),
  ],
  'HTTP/2: empty DATA': ['h2', flood(Buffer.concat([SETTINGS, headers(1, status)]), frame(TYPE.data, 0, 1))],
};

const answerOk: Act = (socket) => socket.end(`${HEAD}content-length: 2\r\n\r\nok`);

for (const [what, make] of Object.entries(DEAR_CHAINS)) KINDS[`TLS: ${what}`] = ['https', answerOk, make()];

const listen = (on: On, act: Act, own?: TlsOptions): Promise<number> => {
  const onSocket = (socket: Socket) => {
    socket.on('error', () => {});
    if (on === 'tls') act(socket);
    else socket.once('data', () => act(socket));
  };
  const ALPNProtocols = [on === 'h2' ? 'h2' : 'http/1.1'];
  const tls = { ...TLS, ALPNProtocols, ...own };
  const server = on === 'http' || on === 'tls' ? createServer(onSocket) : createTlsServer(tls, onSocket);
  server.on('tlsClientError', () => {});
  return new Promise((resolve) =>
    server.listen(0, '0.0.0.0', 1_024, () => resolve((server.address() as AddressInfo).port)),
  );
};

const kinds = await Promise.all(
  Object.entries(KINDS).map(async ([kind, [on, act, own]]) => ({
    kind,
    scheme: on === 'http' ? 'http' : 'https',
    isSoundFirst: kind.endsWith('that were sound'),
    port: await listen(on, act, own),
  })),
);
process.send?.(kinds);
process.once('disconnect', () => process.exit());
