import { type Random, random } from '../../../simulation/random.ts';
import { REFUSED, SHAPES } from '../browser-shapes.ts';

/** How a side ends after its last byte. `waits` says nothing more until the other ends. */
export type End = 'end' | 'reset' | 'waits';

/** What one side sends: bytes in pieces, with a pause between some of them, then its end. */
export type Part = { pieces: Buffer[]; pauseMs: number; end: End };

/** One exchange: what a visitor sends, and what the application answers. */
export type Exchange = { visitor: Part; application: Part };

const HOSTS = [
  'www.example.com',
  'www-primary.example.com',
  'WWW.example.com.',
  '[::1]:80',
  '',
  'a@b',
  'x'.repeat(300),
];
const TARGETS = [
  '/',
  '/a//b/../c?x=%00',
  '*',
  'http://other.example/x',
  '//evil.example',
  'x',
  `/${'y'.repeat(9000)}`,
  '/\xff',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE', 'CONNECT', 'TRACE', 'PRI', 'get'];
const LINES = [
  'Connection: close',
  'Connection: keep-alive, X-A, Host',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Content-Length: 5',
  'Content-Length: 99',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Expect: 100-continue',
  'Expect: nothing',
  'TE: trailers',
  'Trailer: X-A',
  'X-Probe-Key: let me in',
  'X-Forwarded-For: 192.0.2.1',
  'Host: second.example',
  'X-A: 1',
  'X-\x01: 2',
  'Cookie: a=\xe9\x02',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=1\r\nhello\r\n0\r\nX-A: 1\r\n\r\n',
  'zz\r\n',
  'x'.repeat(70_000),
];

const requestText = (draw: Random): string => {
  const host = draw.chance(0.85) ? 'www.example.com' : draw.pick(HOSTS);
  const target = draw.chance(0.7) ? '/' : draw.pick(TARGETS);
  const method = draw.chance(0.6) ? 'GET' : draw.pick(METHODS);
  const version = draw.weighted([[8, '1.1'] as const, [1, '1.0'], [1, '2.0']]);
  const lines = draw.chance(0.5)
    ? draw.some(LINES.slice(0, draw.between(1, LINES.length)))
    : ['Connection: close'];
  const head = [`${method} ${target} HTTP/${version}`, `Host: ${host}`, ...lines].join('\r\n');
  const again = draw.chance(0.05) ? 'GET /next HTTP/1.1\r\nHost: www.example.com\r\n\r\n' : '';
  return `${head}\r\n\r\n${draw.pick(BODIES)}${again}`;
};

/** Large shapes are left to the tests of single shapes: copies of them would take most of the time. */
const ANSWERS = Object.values({ ...SHAPES, ...REFUSED }).filter((text) => text.length < 10_000);
const answerText = (draw: Random): string =>
  draw.chance(0.1)
    ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes'
    : draw.pick(ANSWERS);

const noise = (draw: Random): Buffer =>
  Buffer.from(Array.from({ length: draw.between(1, 40) }, () => draw.between(0, 255)));

/** Bytes cut out, put in, doubled or turned into others. */
const mangled = (draw: Random, bytes: Buffer): Buffer => {
  const from = draw.between(0, bytes.length);
  const to = Math.min(bytes.length, from + draw.between(0, 30));
  const middle = draw.weighted([
    [2, Buffer.alloc(0)] as const,
    [2, noise(draw)],
    [2, Buffer.concat([bytes.subarray(from, to), bytes.subarray(from, to)])],
    [1, Buffer.from('\r\n')],
    [1, Buffer.from('\0')],
  ]);
  return Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
};

const partOf = (draw: Random, text: string, ends: readonly (readonly [number, End])[]): Part => {
  let bytes: Buffer = Buffer.from(text, 'latin1');
  for (let times = draw.weighted([[5, 0] as const, [3, 1], [1, 4]]); times > 0; times--)
    bytes = mangled(draw, bytes);
  if (draw.chance(0.03)) bytes = noise(draw);
  if (draw.chance(0.15)) bytes = bytes.subarray(0, draw.between(0, bytes.length));
  const pieces: Buffer[] = [];
  for (let left = draw.weighted([[6, 1] as const, [2, 2], [1, 5]]); left > 1 && bytes.length > 0; left--) {
    const at = draw.between(0, bytes.length);
    pieces.push(bytes.subarray(0, at));
    bytes = bytes.subarray(at);
  }
  pieces.push(bytes);
  return {
    pieces,
    pauseMs: draw.chance(0.1) ? draw.between(1, 20) : 0,
    end: draw.weighted(ends),
  };
};

/** A visitor who ends its side at once is taken for one who has left. */
const VISITOR_ENDS = [
  [10, 'waits'],
  [2, 'end'],
  [2, 'reset'],
] as const;
const APPLICATION_ENDS = [
  [24, 'end'],
  [6, 'reset'],
  [1, 'waits'],
] as const;

/** Every other visitor is a good one, so that hostile answers come to somebody. */
const visitorOf = (draw: Random): Part => {
  if (draw.chance(0.4)) return partOf(draw, requestText(draw), VISITOR_ENDS);
  const method = draw.weighted([[6, 'GET'] as const, [2, 'HEAD'], [2, 'POST']]);
  const upgrade =
    method === 'GET' && draw.chance(0.15) ? 'Upgrade: websocket\r\nConnection: Upgrade\r\n' : '';
  const body = method === 'POST' ? 'Content-Length: 5\r\n\r\nhello' : '\r\n';
  const version = draw.chance(0.2) ? '1.0' : '1.1';
  const text = `${method} /path HTTP/${version}\r\nHost: www.example.com\r\n${upgrade}${body}`;
  return { pieces: [Buffer.from(text)], pauseMs: 0, end: 'waits' };
};

/** Always the same for a seed and a number. */
export const exchangeOf = (seed: string, number: number): Exchange => {
  const draw = random(`${seed}/${number}`);
  return {
    visitor: visitorOf(draw.fork('visitor')),
    application: partOf(draw.fork('application'), answerText(draw), APPLICATION_ENDS),
  };
};
