/** Codes of the letters of these names (RFC 7541, appendix B). */
const HUFFMAN: Record<string, string> = {
  '-': '010110',
  a: '00011',
  c: '00100',
  d: '100100',
  e: '00101',
  g: '100110',
  h: '100111',
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
  ['content-length', 'content-lenght'],
  ['te', 'et'],
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

/** A block in which those headers have another name, in place; it keeps its length. */
export const withoutConnectionHeaders = (block: Buffer): Buffer => {
  for (const { from, to } of RENAMED) {
    for (let at = block.indexOf(from); at !== -1; at = block.indexOf(from, at + from.length))
      to.copy(block, at);
  }
  return block;
};
