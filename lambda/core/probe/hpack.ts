/**
 * A header whose value is written out: where it begins, how many bits of its first byte number its name, and that number; where the length
 * of its value stands, where the value begins, and where it ends.
 */
export type Literal = {
  at: number;
  prefixBits: number;
  nameIndex: number;
  lengthAt: number;
  valueAt: number;
  end: number;
};

/**
 * The headers that are written out in a block of HPACK (RFC 7541, 6), as far as it is whole. Nothing is unpacked: only lengths are
 * followed.
 */
export const literalsIn = (block: Buffer): Literal[] => {
  const found: Literal[] = [];
  let at = 0;
  const number = (prefixBits: number): number => {
    const most = 2 ** prefixBits - 1;
    let value = (block[at] ?? 0) & most;
    at += 1;
    if (value < most) return value;
    for (let factor = 1; at < block.length; factor *= 128) {
      const byte = block[at] as number;
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  };
  /** Where the text begins that is skipped. */
  const skipText = (): number => {
    const length = number(7);
    const start = at;
    at += length;
    return start;
  };
  while (at < block.length) {
    const first = block[at] as number;
    const start = at;
    if (first & 0x80) number(7);
    else if ((first & 0xe0) === 0x20) number(5);
    else {
      const prefixBits = first & 0x40 ? 6 : 4;
      const nameIndex = number(prefixBits);
      if (nameIndex === 0) skipText();
      const lengthAt = at;
      const valueAt = skipText();
      if (at <= block.length) found.push({ at: start, prefixBits, nameIndex, lengthAt, valueAt, end: at });
    }
  }
  return found;
};

/** The length of a text that is not packed, as it stands before it (RFC 7541, 5.1 and 5.2). */
const lengthBytes = (length: number): Buffer => {
  if (length < 127) return Buffer.of(length);
  const bytes = [127];
  let left = length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push(0x80 | (left % 128));
  return Buffer.from([...bytes, left]);
};

/** Packed texts are told by the first bit of their length. */
const isPacked = (block: Buffer, { lengthAt }: Literal): boolean => ((block[lengthAt] ?? 0) & 0x80) !== 0;

/** To how much a value is cut: what is not to be remembered; and what is, to more than can be, which empties all that was (4.4). */
const [SHORT_BYTES, REMEMBERED_BYTES] = [1_024, 4_200];

/** A block without its longest values: of each there is its beginning, or as many signs where it is packed. Nothing else in it changes. */
export const withShortValues = (block: Buffer): Buffer => {
  const parts: Buffer[] = [];
  let at = 0;
  for (const literal of literalsIn(block)) {
    const most = literal.prefixBits === 6 ? REMEMBERED_BYTES : SHORT_BYTES;
    if (literal.end - literal.valueAt <= most) continue;
    const value = isPacked(block, literal)
      ? Buffer.alloc(most, 'x')
      : block.subarray(literal.valueAt, literal.valueAt + most);
    parts.push(block.subarray(at, literal.lengthAt), lengthBytes(most), value);
    at = literal.end;
  }
  return Buffer.concat([...parts, block.subarray(at)]);
};
