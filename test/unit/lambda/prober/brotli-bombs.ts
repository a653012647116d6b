import { brotliCompressSync, constants } from 'node:zlib';

/** Bits of brotli, each number with its lowest bit first (RFC 7932, 1.5.1). */
const writer = () => {
  const bits: number[] = [];
  return {
    bits,
    put: (value: number, count: number): void => {
      for (let bit = 0; bit < count; bit += 1) bits.push((value >> bit) & 1);
    },
  };
};

const packed = (bits: number[]): Buffer =>
  Buffer.from(
    Array.from({ length: Math.ceil(bits.length / 8) }, (_, nth) =>
      bits.slice(8 * nth, 8 * nth + 8).reduce((byte, bit, at) => byte | (bit << at), 0),
    ),
  );

const WINDOW_16_MB = { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } };
/** 16 MB of zeros in a block or two, in 14 bytes. */
export const LARGE_BLOCK = brotliCompressSync(Buffer.alloc(16_777_216), WINDOW_16_MB);

/** The same behind an empty block of metadata: not the last block, no length, a bit that is 0, no bytes to skip, up to a whole byte. */
export const BEHIND_METADATA = ((): Buffer => {
  const bits = [...LARGE_BLOCK].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));
  const head = [...bits.slice(0, 4), 0, 1, 1, 0, 0, 0];
  while (head.length % 8 !== 0) head.push(0);
  return packed([...head, ...bits.slice(4)]);
})();

/**
 * 64 KB of blocks of one byte, each with 256 kinds of literals and a map of 16,384 contexts to make (RFC 7932, 7.3): they take a decoder
 * some 50 ms, and unpack to 800 bytes.
 */
export const contextMaps = (bytes = 65_000, types = 256): Buffer => {
  const { bits, put } = writer();
  /** A code of one symbol. */
  const simple = (alphabetBits: number, symbol: number) => {
    put(1, 4);
    put(symbol, alphabetBits);
  };
  /** How many there are of something: 256, 2 and 1. */
  const COUNTS: Record<number, [value: number, bits: number]> = { 1: [0, 1], 2: [1, 4], 256: [0x7ff, 11] };
  const count = (number: number) => put(...(COUNTS[number] as [number, number]));
  put(3, 4);
  while (bits.length < 8 * bytes) {
    // Not the last block, one byte long, compressed.
    put(0, 1 + 2 + 16 + 1);
    count(types);
    simple(9, 0);
    simple(5, 0);
    put(0, 2);
    count(1);
    count(1);
    put(0, 2 + 4);
    for (let type = 0; type < types; type += 1) put(0, 2);
    count(2);
    // The whole map is one run of zeros, and is then moved to the front.
    put(1, 1);
    put(15, 4);
    simple(5, 14);
    put(0, 14);
    put(1, 1);
    count(1);
    simple(8, 65);
    simple(8, 65);
    simple(10, 8);
    simple(6, 0);
  }
  put(3, 2);
  return packed(bits);
};
