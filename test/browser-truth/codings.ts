import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { bytes, type Case, type Cases, PAGE } from './case.ts';
import { siteTls } from './certificates.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';

/** An answer with this Content-Encoding, or these, and a body. */
export const coded = (names: string | string[], body: Buffer | string): Case => {
  const lines = [names].flat().map((name) => `Content-Encoding: ${name}\r\n`);
  return {
    ...bytes(`${ANSWER}${lines.join('')}Content-Length: ${body.length}\r\n\r\n`, body),
    scheme: 'https',
    tls: siteTls,
  };
};
const overHttp = (names: string, body: Buffer | string): Case => ({
  ...coded(names, body),
  scheme: undefined,
  tls: undefined,
});

/** 40 KB that does not compress to nothing: what is cut in the middle still holds the text at its start. */
const LONG_PAGE =
  `${PAGE.replace('</body></html>', '')}${Array.from({ length: 4200 }, (_, nth) => `<p>${(nth * 7919) % 99991}`).join('')}`.slice(
    0,
    40_960,
  );

const half = (body: Buffer): Buffer => body.subarray(0, body.length / 2);
const changed = (body: Buffer, at: number): Buffer => {
  const copy = Buffer.from(body);
  // A byte within the packed data, and one of the checksum: all its bits.
  copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
};
const gzip = gzipSync(PAGE);
const longGzip = gzipSync(LONG_PAGE);
/** Letters as they are: one that is broken stands for another, and is no error before the checksum. */
const stored = gzipSync(LONG_PAGE, { level: constants.Z_NO_COMPRESSION });
/** The first of them ends within the title. */
const twoMembers = Buffer.concat([gzipSync(PAGE.slice(0, 38)), gzipSync(PAGE.slice(38))]);

const brotli = (text: string, params: Record<number, number | boolean> = {}): Buffer =>
  brotliCompressSync(text, { params });
const brotli24 = brotli(PAGE, { [constants.BROTLI_PARAM_LGWIN]: 24 });
const brotli30 = brotli(PAGE, {
  [constants.BROTLI_PARAM_LARGE_WINDOW]: true,
  [constants.BROTLI_PARAM_LGWIN]: 30,
});

/** A block of a Zstandard frame that holds its bytes as they are (RFC 8878, 3.1.1.2). */
const rawBlock = (text: string, last: boolean): Buffer => {
  const header = Buffer.alloc(3);
  header.writeUIntLE((text.length << 3) | Number(last), 0, 3);
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
};
/** A Zstandard frame of such blocks that says it needs a window of 2^`bits`. */
const zstdFrame = (bits: number, ...blocks: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (bits - 10) << 3]), ...blocks]);
const longZstd = zstdFrame(17, rawBlock(LONG_PAGE, false), rawBlock(LONG_PAGE, true));

const packed: Cases = {
  'enc-gzip': coded('gzip', gzip),
  'enc-xgzip': coded('x-gzip', gzip),
  'enc-caps': coded('GZIP', gzip),
  'enc-zlib': coded('deflate', deflateSync(PAGE)),
  'enc-raw': coded('deflate', deflateRawSync(PAGE)),
  'enc-gzcut': coded('gzip', half(longGzip)),
  'enc-gznotail': coded('gzip', gzip.subarray(0, -8)),
  'enc-gzcrc': coded('gzip', changed(gzip, gzip.length - 8)),
  'enc-gzmore': coded('gzip', Buffer.concat([gzip, Buffer.from('and more than that')])),
  'enc-gzzeros': coded('gzip', Buffer.concat([gzip, Buffer.alloc(20)])),
  'enc-gz2': coded('gzip', twoMembers),
  'enc-gzbroken': coded('gzip', changed(stored, stored.length / 2)),
  'enc-br': coded('br', brotli(PAGE)),
  'enc-brcut': coded('br', half(brotli(LONG_PAGE))),
  'enc-br24': coded('br', brotli24),
  'enc-br30': coded('br', brotli30),
  'enc-zstd': coded('zstd', zstdCompressSync(PAGE)),
  'enc-zstdcut': coded('zstd', longZstd.subarray(0, -100)),
  'enc-zstd27': coded('zstd', zstdFrame(27, rawBlock(PAGE, true))),
};

const plain = Object.fromEntries(
  Object.entries({
    'enc-none': 'none',
    'enc-utf8': 'utf-8',
    'enc-identity': 'identity',
    'enc-empty': '',
    'enc-foo': 'foo',
    'enc-awschunked': 'aws-chunked',
    'enc-binary': '8bit',
    'enc-compress': 'compress',
    'enc-identcaps': 'Identity',
    'enc-comma': ',',
    'enc-quoted': '"identity"',
    'enc-liegz': 'gzip',
    'enc-liebr': 'br',
    'enc-liedef': 'deflate',
    'enc-liezstd': 'zstd',
  }).map(([id, name]) => [id, coded(name, PAGE)]),
);

const several: Cases = {
  'enc-gzgz': coded('gzip, gzip', gzipSync(gzip)),
  'enc-gzgzlie': coded('gzip, gzip', gzip),
  'enc-2lines': coded(['gzip', 'gzip'], gzipSync(gzip)),
  'enc-gzid': coded('gzip, identity', gzip),
  'enc-idgz': coded('identity, gzip', gzip),
  'enc-brgz': coded('br, gzip', gzipSync(brotli(PAGE))),
  'enc-gzfoo': coded('gzip, foo', gzip),
  'enc-gzblank': coded('  gzip  , ', gzip),
  'enc-gzsecret': coded([], gzip),
  'enc-gzempty': coded('gzip', ''),
  'enc-brempty': coded('br', ''),
};

const http: Cases = {
  'enc-http-gzip': overHttp('gzip', gzip),
  'enc-http-br': overHttp('br', brotli(PAGE)),
  'enc-http-zstd': overHttp('zstd', zstdCompressSync(PAGE)),
  'enc-http-liegz': overHttp('gzip', PAGE),
};

export const CODINGS: Cases = { ...packed, ...plain, ...several, ...http };
