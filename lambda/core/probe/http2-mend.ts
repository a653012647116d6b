/**
 * Browsers let servers of HTTP/2 do two things that nghttp2, by which Node reads HTTP/2, takes for an end (tried with
 * Chromium 156): answer without SETTINGS first, and send headers that are about a connection of HTTP/1.1. nghttp2
 * cannot be told otherwise, so its bytes are mended: SETTINGS are put in, and those headers get names that mean
 * nothing.
 */
export type Http2Mender = { rest: Buffer; seenFrames: boolean; gaveUp: boolean };

export const newHttp2Mender = (): Http2Mender => ({
  rest: Buffer.alloc(0),
  seenFrames: false,
  gaveUp: false,
});

/** Sizes and types of RFC 9113, 4.1, 6.2 and 6.4. */
const [HEAD_BYTES, MAX_FRAME_BYTES] = [9, 9 + 16_384];
const [HEADERS, SETTINGS] = [1, 4];
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]);

/** The next bytes of a server, mended, as far as its frames are whole. What is no HTTP/2 is handed on as it is. */
export const mendHttp2 = (mender: Http2Mender, bytes: Buffer): Buffer => {
  if (mender.gaveUp) return bytes;
  let left = mender.rest.length === 0 ? bytes : Buffer.concat([mender.rest, bytes]);
  const mended: Buffer[] = [];
  while (left.length >= HEAD_BYTES) {
    const size = HEAD_BYTES + left.readUIntBE(0, 3);
    if (size > MAX_FRAME_BYTES) {
      mender.gaveUp = true;
      mended.push(left);
      left = Buffer.alloc(0);
    }
    if (left.length < size) break;
    const frame = left.subarray(0, size);
    left = left.subarray(size);
    if (!mender.seenFrames && !isSettings(frame)) mended.push(EMPTY_SETTINGS);
    mender.seenFrames = true;
    mended.push(frame[3] === HEADERS ? withoutConnectionHeaders(frame) : frame);
  }
  mender.rest = left;
  return Buffer.concat(mended);
};

/** Not those that only acknowledge ours. */
const isSettings = (frame: Buffer): boolean => frame[3] === SETTINGS && ((frame[4] as number) & 1) === 0;

/** Codes of the letters of these names (RFC 7541, appendix B). */
const HUFFMAN: Record<string, string> = {
  '-': '010110',
  a: '00011',
  c: '00100',
  d: '100100',
  e: '00101',
  g: '100110',
  i: '00110',
  k: '1110101',
  l: '101000',
  n: '101010',
  o: '00111',
  p: '101011',
  r: '101100',
  t: '01001',
  u: '101101',
  v: '1110111',
  x: '1111001',
  y: '1111010',
};

/** A name of these letters, packed. */
export const packedName = (name: string): Buffer => {
  const bits = [...name].map((letter) => HUFFMAN[letter]).join('');
  const octets = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? [];
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)));
};

/**
 * What stands before a header whose name is written out: it is remembered, not remembered, or never to be (RFC 7541,
 * 6.2).
 */
const LITERALS = [0x40, 0x00, 0x10];
const PACKED = 0x80;

/**
 * Not `transfer-encoding`, which Chromium refuses too. The other name has the same letters, so the same length, packed
 * or not.
 */
const NAMES = [
  ['connection', 'connectoin'],
  ['upgrade', 'upgraed'],
  ['keep-alive', 'keep-alvie'],
  ['proxy-connection', 'proxy-connectoin'],
] as const;

const written = (name: string): Buffer[] => [
  Buffer.concat([Buffer.of(name.length), Buffer.from(name)]),
  Buffer.concat([Buffer.of(PACKED | packedName(name).length), packedName(name)]),
];

const RENAMED = LITERALS.flatMap((literal) =>
  NAMES.flatMap(([from, to]) =>
    written(from).map((each, nth) => ({
      from: Buffer.concat([Buffer.of(literal), each]),
      to: Buffer.concat([Buffer.of(literal), written(to)[nth] as Buffer]),
    })),
  ),
);

const withoutConnectionHeaders = (frame: Buffer): Buffer => {
  const copy = Buffer.from(frame);
  for (const { from, to } of RENAMED) {
    for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + from.length)) to.copy(copy, at);
  }
  return copy;
};
