import type { Headers } from './blocked.ts';
import { listOf } from './head-lines.ts';

/** Codings that are undone. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

const NAMES: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/**
 * The codings of a body, the last one first, which is how they are undone. As in Chromium one name that is no coding (`none`, `utf-8`,
 * `identity`) makes the whole header say nothing.
 */
export const codingsOf = (headers: Headers): Coding[] => {
  const codings = listOf(headers, 'content-encoding').map((name) => NAMES.get(name.toLowerCase()));
  return codings.includes(undefined) ? [] : (codings as Coding[]).reverse();
};

/**
 * A coding with a sign or a blank in it that is in no list of codings: Chromium shows no page with one, whatever its body is. An empty
 * line behind another one is a blank to it.
 */
export const misnamedCoding = (headers: Headers): string | undefined => {
  const lines = [headers['content-encoding'] ?? []].flat();
  if (lines.length > 1 && lines.at(-1) === '') return 'a blank';
  return listOf(headers, 'content-encoding').find((name) => /["=;* \t]/.test(name));
};

/** Codings that browsers read from `https` servers alone, since boxes in the middle used to spoil what they did not know. */
export const isForHttpsAlone = (coding: Coding): boolean => coding === 'br' || coding === 'zstd';

const [EXTRA, NAME, COMMENT, CHECKSUM] = [4, 8, 16, 2];

/** Where the compressed data of a gzip file begins (RFC 1952, 2.3); undefined if this is the beginning of no such file. */
export const gzipDataAt = (bytes: Buffer): number | undefined => {
  if (bytes.length < 10 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return undefined;
  const flags = bytes[3] as number;
  let at = 10;
  if (flags & EXTRA) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [NAME, COMMENT]) if (flags & flag) at = endOfText(bytes, at);
  return flags & CHECKSUM ? at + 2 : at;
};

const endOfText = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(0, from);
  return end === -1 ? bytes.length : end + 1;
};

/** Whether `deflate` is what its name means (RFC 9110), zlib's format, and not the bare data that some servers send. */
export const hasZlibHeader = ([first = 0, second = 0]: Buffer): boolean =>
  (first & 15) === 8 && first >> 4 <= 7 && (256 * first + second) % 31 === 0;

/** The window of brotli, in the four lowest bits of its first byte: 1, and a number of 1 to 7 for 2^18 to 2^24 (RFC 7932, 9.1). */
const WINDOW_BITS = 0x0f;
const [WINDOW_NAMED, WINDOW_NUMBER, WINDOW_256_KB] = [0x01, 0x0e, 0x03];

/**
 * Brotli data that says that its window is one of 256 KB, where it said a larger one. A decoder takes memory, and time to fill it, for as
 * much as a block has and the window allows, and hands out nothing before: 16 MB for a body of a few bytes. What a window allows makes
 * no difference before it is full, and four times less is read of a body.
 */
export const withSmallWindow = (brotli: Buffer): Buffer => {
  const first = brotli[0] ?? 0;
  const isLarge = (first & WINDOW_NAMED) !== 0 && (first & WINDOW_NUMBER) !== 0;
  if (!isLarge) return brotli;
  const smaller = Buffer.from(brotli);
  smaller[0] = (first & ~WINDOW_BITS) | WINDOW_256_KB;
  return smaller;
};

const [ZSTD_FRAME, ZSTD_SKIPPED] = [0xfd2fb528, 0x184d2a5];

/** Where the first frame of Zstandard is, behind those that are to be skipped (RFC 8878, 3.1.2); the end if there is none. */
export const zstdFrameAt = (bytes: Buffer): number => {
  let at = 0;
  while (at + 8 <= bytes.length && bytes.readUInt32LE(at) >>> 4 === ZSTD_SKIPPED)
    at += 8 + bytes.readUInt32LE(at + 4);
  return Math.min(at, bytes.length);
};

/** Whether another frame of Zstandard begins here: data may be in several (RFC 8878, 3). */
export const isZstdFrame = (bytes: Buffer): boolean =>
  bytes.length >= 4 && bytes.readUInt32LE(0) === ZSTD_FRAME;
