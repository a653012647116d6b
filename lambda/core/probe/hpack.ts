/** A header whose value is written out: where it begins, how many bits of its first byte number its name, and that number. */
export type Literal = { at: number; prefixBits: number; nameIndex: number };

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
  const skipText = () => {
    const length = number(7);
    at += length;
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
      skipText();
      if (at <= block.length) found.push({ at: start, prefixBits, nameIndex });
    }
  }
  return found;
};
