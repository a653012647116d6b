import { type Code, OUTCOMES } from '../../../../../lambda/core/probe/outcome.ts';
import { type Random, random } from '../../../../simulation/random.ts';
import { goodAnswer, NEEDLE, noise, whole } from './answers.ts';

/** What a server does on one connection, and what a probe of it may say. */
export type Case = {
  kind: string;
  bytes: Buffer;
  /** What follows the last byte. */
  end: 'end' | 'reset' | 'silence';
  /** It does not wait for the request. */
  speaksFirst: boolean;
  asks: { scheme: 'http' | 'https'; method: 'GET' | 'HEAD'; looksAtBody: boolean };
  may: ReadonlySet<Code>;
};

const codes = (...list: Code[]): ReadonlySet<Code> => new Set(list);

/** Codes that would blame this machine or name nothing at all: no byte that a server sends may bring one about. */
const OURS = codes(
  'internal',
  'refused',
  'unreachable',
  'timeout-connect',
  'dns-not-found',
  'dns-unavailable',
  'no-descriptors',
  'no-memory',
  'no-buffers',
  'no-network',
  'not-permitted',
  'batch-deadline',
);
const ANYTHING: ReadonlySet<Code> = new Set(
  (Object.keys(OUTCOMES) as Code[]).filter((code) => !OURS.has(code)),
);
const NOT_OK: ReadonlySet<Code> = new Set([...ANYTHING].filter((code) => code !== 'ok'));
/** An answer that broke off before its end, by how it broke off. */
const BROKEN: Record<Case['end'], ReadonlySet<Code>> = {
  end: codes('closed', 'body-cut-short'),
  // A reset can overtake what was sent before it.
  reset: codes('reset', 'closed', 'body-cut-short'),
  silence: codes('timeout-response', 'timeout-body'),
};

type Made = Pick<Case, 'bytes' | 'may'> & Partial<Case>;
type Maker = (random: Random, asks: Case['asks'], end: Case['end']) => Made;

const text = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');
const OK = 'HTTP/1.1 200 OK\r\n';

const good: Maker = (r, asks) => {
  const answer = goodAnswer(r);
  const withoutBody = asks.method === 'HEAD';
  // One that says its end may stay open after it: nobody waits for that.
  const end = answer.saysItsEnd || withoutBody ? r.pick(['end', 'silence'] as const) : 'end';
  const bytes = withoutBody ? Buffer.concat([answer.interim, answer.head]) : whole(answer);
  const said = !asks.looksAtBody || answer.hasNeedle ? 'ok' : 'body';
  // The fuzzer asks over http, where browsers take no brotli.
  const isForeign = answer.encoding === 'br' && !withoutBody;
  return { bytes, end, may: codes(isForeign ? 'body-coding' : said) };
};

const brokenOff: Maker = (r, asks, end) => {
  const answer = goodAnswer(r, { framing: r.pick(['length', 'chunked']) });
  const bytes = whole(answer);
  const atMost = asks.method === 'HEAD' ? bytes.length - answer.body.length : bytes.length;
  return { bytes: bytes.subarray(0, r.between(0, atMost - 1)), end, may: BROKEN[end] };
};

const brokenOffWithoutLength: Maker = (r, asks, end) => {
  const answer = goodAnswer(r, { framing: 'connection', encoding: '' });
  const bytes = whole(answer);
  const cut = bytes.subarray(0, r.between(0, bytes.length - 1));
  const may = end === 'end' ? ANYTHING : BROKEN[end];
  return { bytes: cut, end, may, asks: { ...asks, method: 'GET' } };
};

/** Few changes to a good answer: what is left of it is anybody's guess. */
const mutated: Maker = (r, _asks, end) => {
  let bytes: Buffer = Buffer.from(whole(goodAnswer(r)));
  for (let left = r.between(1, 8); left > 0; left -= 1) {
    const at = r.between(0, bytes.length - 1);
    const to = Math.min(bytes.length, at + r.between(1, 30));
    const change = r.pick(['flip', 'flip', 'insert', 'delete', 'repeat', 'line']);
    if (change === 'flip') bytes[at] = r.between(0, 255);
    else {
      const between: Record<string, Buffer> = {
        insert: noise(r, 30),
        delete: Buffer.alloc(0),
        repeat: Buffer.concat([bytes.subarray(at, to), bytes.subarray(at, to)]),
        line: text(r.pick(['\r\n', '\n', '\r', '\r\n\r\n', '\0', ' \r\n', ':'])),
      };
      bytes = Buffer.concat([bytes.subarray(0, at), between[change] as Buffer, bytes.subarray(to)]);
    }
    if (bytes.length === 0) bytes = noise(r, 10);
  }
  return { bytes, end, may: ANYTHING };
};

const garbage: Maker = (r, _asks, end) => {
  const starts = [
    '',
    '\r\n',
    'HTTP',
    'HTTP/1.1 ',
    'HTTP/1.1 20',
    'HTTP/3.0 OK\r\n\r\n',
    'SSH-2.0-x\r\n',
    '\x16\x03\x03',
  ];
  const bytes = Buffer.concat([text(r.pick(starts)), noise(r, 400)]);
  return { bytes, end, may: NOT_OK, speaksFirst: r.chance(0.3) };
};

const headerFlood: Maker = (r, asks, end) => {
  const long = [`${'n'.repeat(3_000)}: v\r\n`, `v: ${'v'.repeat(9_000)}\r\n`, 'y'];
  // Whether blanks and line ends count is the parser's affair, and so are folded lines.
  const short = ['x: y\r\n', ' folded\r\n'];
  const line = r.pick([...long, ...short]);
  const flood = text(`${OK}a: ${line.repeat(Math.ceil(r.between(300_000, 500_000) / line.length))}`);
  const bytes = r.chance(0.5) ? flood : Buffer.concat([flood, text('\r\n')]);
  const tooLarge = codes('headers-too-large', ...(end === 'reset' ? BROKEN.reset : []));
  const may = short.includes(line) ? ANYTHING : tooLarge;
  return { bytes, end, may, asks: { ...asks, method: 'GET' } };
};

const interimFlood: Maker = (r, asks, end) => {
  const one = `HTTP/1.1 ${r.between(100, 199)} x\r\n${'link: </x>\r\n'.repeat(r.between(0, 20))}\r\n`;
  const flood = text(one.repeat(r.between(10, 2_000)));
  const after = r.chance(0.5) ? whole(goodAnswer(r)) : Buffer.alloc(0);
  return { bytes: Buffer.concat([flood, after]), end, may: after.length > 0 ? ANYTHING : NOT_OK, asks };
};

const wrongLength: Maker = (r, asks, end) => {
  const lengths = [
    '-1',
    '+11',
    '0x0b',
    '11, 11',
    '11 11',
    ' ',
    '1e3',
    '11\r\ncontent-length: 12',
    `${'9'.repeat(30)}`,
    '18446744073709551616',
  ];
  const tooLong = r.chance(0.4);
  const length = tooLong ? String(r.between(12, 100_000)) : r.pick([...lengths, '4']);
  const may = tooLong ? BROKEN[end] : ANYTHING;
  return {
    bytes: text(`${OK}content-length: ${length}\r\n\r\n${NEEDLE}`),
    end,
    may,
    asks: { ...asks, method: 'GET' },
  };
};

const chunkGarbage: Maker = (r, asks, end) => {
  const head = `${OK}transfer-encoding: chunked\r\n\r\n`;
  const surelyBad = [
    'zz\r\nok',
    '\r\n\r\n',
    `b\r\n${NEEDLE}XX0\r\n\r\n`,
    '-b\r\n',
    `ffffffffffffffffff\r\n${NEEDLE}`,
    `;x\r\n${NEEDLE}`,
  ];
  const perhaps = [
    `b;${'x'.repeat(70_000)}\r\n${NEEDLE}\r\n0\r\n\r\n`,
    `0\r\n${'t: v\r\n'.repeat(20_000)}\r\n`,
    `b \r\n${NEEDLE}\r\n0\r\n\r\n`,
  ];
  const bad = r.chance(0.7);
  return {
    bytes: text(`${head}${r.chance(0.3) ? '3\r\nabc\r\n' : ''}${r.pick(bad ? surelyBad : perhaps)}`),
    end,
    may: bad ? NOT_OK : ANYTHING,
    asks: { ...asks, method: 'GET' },
  };
};

const compressedGarbage: Maker = (r, asks, end) => {
  const encoding = r.pick(['gzip', 'deflate', 'br']);
  const packed = goodAnswer(r, { encoding, framing: 'connection' }).body;
  const at = r.between(0, packed.length - 1);
  const body = r.pick([
    () => noise(r, 300),
    () => packed.subarray(0, at),
    () => Buffer.concat([packed.subarray(0, at), noise(r, 20), packed.subarray(at)]),
    () => Buffer.concat([packed, packed, noise(r, 20)]),
  ])();
  const claimed = r.pick([encoding, encoding, 'x-gzip', 'GZIP', 'zstd', 'gzip, br', 'br;q=1', 'constructor']);
  const head = `${OK}content-encoding: ${claimed}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return {
    bytes: Buffer.concat([text(head), body]),
    end,
    may: ANYTHING,
    asks: { ...asks, method: 'GET', looksAtBody: true },
  };
};

const anyStatus: Maker = (r, asks, end) => {
  const status = r.between(100, 999);
  const may = status === 200 ? ANYTHING : NOT_OK;
  return { bytes: whole(goodAnswer(r, { status })), end, may, asks };
};

const tlsGarbage: Maker = (r, asks, end) => {
  const record = (type: number, length: number) =>
    Buffer.from([type, 3, r.between(0, 4), length >> 8, length & 255]);
  const body = noise(r, 300);
  const bytes = r.pick([
    () => body,
    () => Buffer.concat([record(22, body.length), body]),
    () => Buffer.concat([record(r.between(20, 24), r.between(0, 65_535)), body]),
    () => Buffer.concat([record(21, 2), Buffer.from([2, r.between(0, 120)])]),
    () => whole(goodAnswer(r)),
  ])();
  return { bytes, end, may: NOT_OK, asks: { ...asks, scheme: 'https' }, speaksFirst: r.chance(0.3) };
};

const MAKERS: Record<string, readonly [weight: number, make: Maker]> = {
  good: [6, good],
  'broken off': [4, brokenOff],
  'broken off without a length': [2, brokenOffWithoutLength],
  mutated: [5, mutated],
  garbage: [2, garbage],
  'header flood': [1, headerFlood],
  'interim flood': [1, interimFlood],
  'wrong length': [2, wrongLength],
  'chunk garbage': [2, chunkGarbage],
  'compressed garbage': [2, compressedGarbage],
  'any status': [1, anyStatus],
  'tls garbage': [1, tlsGarbage],
};

/** The case of this number: the same seed, the same case, in the server and in whoever asks it. */
export const caseOf = (seed: string, number: number): Case => {
  const r = random(`${seed}/${number}`);
  const kinds = Object.keys(MAKERS).map((kind) => [MAKERS[kind]?.[0] ?? 0, kind] as const);
  const kind = r.weighted(kinds);
  const method = r.chance(0.05) ? 'HEAD' : 'GET';
  const asks: Case['asks'] = { scheme: 'http', method, looksAtBody: method === 'GET' && r.chance(0.7) };
  const end = r.weighted<Case['end']>([
    [6, 'end'],
    [2, 'reset'],
    [1, 'silence'],
  ]);
  const made = (MAKERS[kind] as (typeof MAKERS)[string])[1](r, asks, end);
  return { kind, end, speaksFirst: false, asks, ...made };
};
