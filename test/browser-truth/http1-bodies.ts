import { gzipSync } from 'node:zlib';
import { bytes, type Case, type Cases, hold, PAGE, reset, type Step } from './case.ts';
import { LENGTH, OK, TYPE, withLines } from './http1-heads.ts';

const SIZE = PAGE.length.toString(16);
const LAST = '0\r\n\r\n';
/** A whole chunked body whose one chunk has `size` as its size line. */
const sized = (size: string) => `${size}\r\n${PAGE}\r\n${LAST}`;
const chunked = (...body: Step[]): Case => bytes(`${OK}${TYPE}Transfer-Encoding: chunked\r\n\r\n`, ...body);
const chunk = (size: string): Case => chunked(sized(size));
const SHORT = `${OK}${TYPE}Content-Length: 200\r\n\r\n${PAGE}`;
const UNTIL_END = `${OK}${TYPE}\r\n${PAGE}`;
const FIRST = `${SIZE}\r\n${PAGE}\r\n`;

const ends: Cases = {
  'h1-behind': bytes(`${withLines('')}and more than that`),
  'h1-behindresp': bytes(`${withLines('')}${withLines('')}`),
  'h1-short': bytes(SHORT),
  'h1-shortrst': bytes(SHORT, reset),
  'h1-shorthang': bytes(SHORT, hold),
  'h1-untilend': bytes(UNTIL_END),
  'h1-untilrst': bytes(UNTIL_END, reset),
  'h1-nohead': bytes(`${OK}\r\n${PAGE}`),
  'h1-headcut': bytes(`${OK}${TYPE}Content-Le`),
  'h1-headcutrst': bytes(`${OK}${TYPE}Content-Le`, reset),
  'h1-nolast': chunked(FIRST),
  'h1-nolastrst': chunked(FIRST, reset),
  'h1-lastnocrlf': chunked(`${FIRST}0\r\n`),
  'h1-last0': chunked(`${FIRST}0`),
  'h1-inchunk': chunked(`ff\r\n${PAGE}`),
  'h1-chunkopen': chunked(FIRST, hold),
};

const chunks: Cases = {
  'h1-chunk-bad': chunk('zz'),
  'h1-chunk-none': chunk(''),
  'h1-chunk-0x': chunk(`0x${SIZE}`),
  'h1-chunk-plus': chunk(`+${SIZE}`),
  'h1-chunk-lead': chunk(` ${SIZE}`),
  'h1-chunk-trail': chunk(`${SIZE}  `),
  'h1-chunk-trailtab': chunk(`${SIZE}\t`),
  'h1-chunk-ext': chunk(`${SIZE};a=1`),
  'h1-chunk-extq': chunk(`${SIZE};a="b;c"`),
  'h1-chunk-extspace': chunk(`${SIZE} ;a=1`),
  'h1-chunk-extbad': chunk(`${SIZE};=;;"`),
  'h1-chunk-neg': chunk(`-${SIZE}`),
  'h1-chunk-huge': chunk('f'.repeat(16)),
  'h1-chunk-over': chunk(`1${SIZE.padStart(16, '0')}`),
  'h1-chunk-zeros': chunk(`${'0'.repeat(20)}${SIZE}`),
  'h1-chunk-upper': chunk(SIZE.toUpperCase()),
  'h1-chunk-comma': chunk(`${SIZE},`),
  'h1-chunk-extlong': chunk(`${SIZE};${'a'.repeat(20_000)}`),
  'h1-chunk-nocrlf': chunked(`${SIZE}\r\n${PAGE}${LAST}`),
  'h1-chunk-lf': chunked(sized(SIZE).replaceAll('\r\n', '\n')),
  'h1-chunk-lfsize': chunked(`${SIZE}\n${PAGE}\r\n${LAST}`),
  'h1-chunk-plain': chunked(PAGE),
  'h1-trailer': chunked(`${FIRST}0\r\nX-A: b\r\n\r\n`),
  'h1-trailerbad': chunked(`${FIRST}0\r\nnonsense\r\n\r\n`),
  'h1-trailerbig': chunked(`${FIRST}0\r\n${`X-A: ${'b'.repeat(93)}\r\n`.repeat(1024)}\r\n`),
  'h1-behindchunk': chunked(`${sized(SIZE)}and more than that`),
};

/** A transfer coding by this name, and what follows the head. */
const coded = (name: string, body: Step, lines = ''): Case =>
  bytes(`${OK}${TYPE}Transfer-Encoding: ${name}\r\n${lines}\r\n`, body);
const PACKED = gzipSync(PAGE);
const packedChunk = Buffer.concat([
  Buffer.from(`${PACKED.length.toString(16)}\r\n`),
  PACKED,
  Buffer.from(`\r\n${LAST}`),
]);

const codings: Cases = {
  'h1-te-x': coded('xchunked', PAGE),
  'h1-te-identity': coded('identity', PAGE),
  'h1-te-twice': coded('chunked, chunked', sized(SIZE)),
  'h1-te-gzip': coded('gzip, chunked', packedChunk),
  'h1-te-gziponly': coded('gzip', PACKED),
  'h1-te-caps': coded('Chunked', sized(SIZE)),
  'h1-te-blank': coded(' chunked ', sized(SIZE)),
  // Whether a browser takes these for chunked cannot be seen: sizes that are taken for text are shown beside it.
  'h1-te-param': coded('chunked;a=1', sized(SIZE)),
  'h1-te-chunkgz': coded('chunked, gzip', sized(SIZE)),
  'h1-te-vt': coded('\x0bchunked', sized(SIZE)),
  'h1-te-empty': coded('', PAGE),
  'h1-te-idchunk': coded('identity, chunked', sized(SIZE)),
  'h1-te-xlen': coded('xchunked', PAGE, LENGTH),
  'h1-te-idlen': coded('identity', PAGE, LENGTH),
  'h1-te-2lines': coded('chunked', sized(SIZE), 'Transfer-Encoding: chunked\r\n'),
  'h1-te-10': bytes(`HTTP/1.0 200 OK\r\n${TYPE}Transfer-Encoding: chunked\r\n\r\n${sized(SIZE)}`),
};

const disposition = (value: string) => `Content-Disposition: ${value}\r\n`;

/** What kind of page it says it is. */
const kinds: Cases = {
  'h1-notype': bytes(`${OK}${LENGTH}\r\n${PAGE}`),
  'h1-octet': bytes(`${OK}Content-Type: application/octet-stream\r\n${LENGTH}\r\n${PAGE}`),
  'h1-attach': bytes(withLines(disposition('attachment; filename="page.html"'))),
  'h1-type2': bytes(withLines('Content-Type: application/octet-stream\r\n')),
  'h1-disp2': bytes(withLines(`${disposition('inline')}${disposition('attachment; filename="page.html"')}`)),
};

export const HTTP1_BODIES: Cases = { ...ends, ...chunks, ...codings, ...kinds };
