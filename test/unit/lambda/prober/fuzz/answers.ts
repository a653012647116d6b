import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../../simulation/random.ts';

/** What a probe of the fuzzer looks for. */
export const NEEDLE = 'all is well';

/** One whole answer of a server that keeps to HTTP/1.1, in its parts. */
export type GoodAnswer = {
  /** Interim answers (1xx) that come before. */
  interim: Buffer;
  head: Buffer;
  /** The body as it is sent: compressed, in chunks. */
  body: Buffer;
  /** Whether the answer says where it ends; one that does not ends with its connection. */
  saysItsEnd: boolean;
  hasNeedle: boolean;
  encoding: string;
};

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Bytes of any value. */
export const noise = (random: Random, atMost: number): Buffer =>
  Buffer.from(Array.from({ length: random.between(1, atMost) }, () => random.between(0, 255)));

const WORDS = [
  'x',
  'Server',
  'date',
  'ETag',
  'X-Request-Id',
  'Set-Cookie',
  'vary',
  "a!#$%&'*+.^_`|~-9",
  'Via',
];
const VALUES = [
  '',
  'a',
  'close',
  ' spaced out\t',
  '"q"',
  'gr\u00fcn',
  'a,b , c',
  'x'.repeat(900),
  '=;:?/@[]',
];

const headerLines = (random: Random, atMost: number): string => {
  let lines = '';
  for (let left = random.between(0, atMost); left > 0; left -= 1) {
    const blank = random.pick(['', ' ', ' ', '\t', '   ']);
    lines += `${random.pick(WORDS)}-${random.between(0, 999)}:${blank}${random.pick(VALUES)}\r\n`;
  }
  return lines;
};

const interimOf = (random: Random): Buffer => {
  let text = '';
  for (let left = random.weighted([[6, 0] as const, [2, 1], [1, 4]]); left > 0; left -= 1) {
    const status = random.pick(['102 Processing', '103 Early Hints', '199 ']);
    text += `HTTP/1.1 ${status}\r\n${headerLines(random, 2)}\r\n`;
  }
  return latin1(text);
};

const pageOf = (random: Random): { page: Buffer; hasNeedle: boolean } => {
  const hasNeedle = random.chance(0.85);
  const filler = () =>
    'lorem ipsum \u00e4\u20ac\n'.repeat(random.weighted([[6, 0] as const, [3, 9], [1, 600]]));
  return { page: Buffer.from(`${filler()}${hasNeedle ? NEEDLE : 'nothing'}${filler()}`), hasNeedle };
};

const ENCODINGS: readonly (readonly [
  weight: number,
  item: [name: string, pack: (page: Buffer) => Buffer],
])[] = [
  [6, ['', (page) => page]],
  [1, ['identity', (page) => page]],
  [2, ['gzip', gzipSync]],
  [1, ['deflate', deflateSync]],
  [1, ['br', brotliCompressSync]],
];

const inChunks = (random: Random, packed: Buffer): Buffer => {
  const chunks: Buffer[] = [];
  let at = 0;
  while (at < packed.length) {
    const size = Math.min(packed.length - at, random.weighted([[2, 1] as const, [3, 40], [3, 5_000]]));
    const digits = random.chance(0.5) ? size.toString(16) : `00${size.toString(16).toUpperCase()}`;
    const extension = random.chance(0.1) ? ';name=value' : '';
    chunks.push(latin1(`${digits}${extension}\r\n`), packed.subarray(at, at + size), latin1('\r\n'));
    at += size;
  }
  const trailer = random.chance(0.2) ? 'x-trailer: 1\r\n' : '';
  return Buffer.concat([...chunks, latin1(`0\r\n${trailer}\r\n`)]);
};

/** An answer with status 200 that every browser would take. `encoding` and `framing` may be asked for. */
export const goodAnswer = (
  random: Random,
  wish: { encoding?: string; framing?: string; status?: number } = {},
): GoodAnswer => {
  const { page, hasNeedle } = pageOf(random);
  const wished = ENCODINGS.find(([, [name]]) => name === wish.encoding)?.[1];
  const [encoding, pack] = wished ?? random.weighted(ENCODINGS);
  const packed = pack(page);
  const framing = wish.framing ?? random.pick(['length', 'length', 'chunked', 'chunked', 'connection']);
  const framed = framing === 'chunked' ? inChunks(random, packed) : packed;
  const FRAMES: Record<string, string> = {
    length: `${random.pick(['Content-Length', 'content-length'])}: ${packed.length}\r\n`,
    chunked: `${random.pick(['Transfer-Encoding: chunked', 'transfer-encoding:Chunked'])}\r\n`,
    connection: '',
  };
  const coding = encoding === '' ? '' : `content-encoding: ${encoding}\r\n`;
  const reason = random.pick([' OK', ' ', ' Tout va bien \u00e9', ' 200']);
  const lines = random.pick([
    `${headerLines(random, 6)}${FRAMES[framing]}${coding}`,
    `${coding}${FRAMES[framing]}${headerLines(random, 40)}`,
  ]);
  return {
    interim: interimOf(random),
    head: latin1(`HTTP/1.1 ${wish.status ?? 200}${reason}\r\n${lines}\r\n`),
    body: framed,
    saysItsEnd: framing !== 'connection',
    hasNeedle,
    encoding,
  };
};

export const whole = ({ interim, head, body }: GoodAnswer): Buffer => Buffer.concat([interim, head, body]);
