import type { Headers } from '../blocked.ts';
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
