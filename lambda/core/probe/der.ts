/** One value of DER (X.690): its tag, and where in `bytes` it begins, its content begins, and both end. */
export type Der = { bytes: Uint8Array; tag: number; from: number; start: number; end: number };

/** The tags that certificates and answers about them are made of here. */
export const TAG = { bits: 0x03, sequence: 0x30, time: 0x18 } as const;

/** Bytes that are no DER, or not the DER that was expected. */
export class DerError extends RangeError {}

/** A length of up to four bytes: more is no certificate. */
const LENGTH_BYTES_MAX = 4;

const readAt = (bytes: Uint8Array, from: number, limit: number): Der => {
  const tag = bytes[from] ?? 0;
  const first = bytes[from + 1] ?? 0x80;
  // No tag of two bytes and no length without an end is in anything that is read here.
  if ((tag & 0x1f) === 0x1f || first === 0x80) throw new DerError('a value that cannot be read');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > LENGTH_BYTES_MAX) throw new DerError('a value longer than can be');
  const start = from + 2 + lengthBytes;
  let length = lengthBytes === 0 ? first : 0;
  for (let index = from + 2; index < start; index += 1) length = length * 256 + (bytes[index] ?? 0);
  if (start + length > limit) throw new DerError('a value that is cut short');
  return { bytes, tag, from, start, end: start + length };
};

/**
 * The values that `bytes` hold one after the other, not what is inside of them. Throws a `DerError`. It never goes deeper by
 * itself, so that nobody's nesting costs anything.
 */
export const valuesIn = (bytes: Uint8Array, start = 0, end = bytes.length): Der[] => {
  const values: Der[] = [];
  for (let at = start; at < end; ) {
    const value = readAt(bytes, at, end);
    values.push(value);
    at = value.end;
  }
  return values;
};

/** The value at `index`: it must be there and, if `tag` is given, of that kind. */
export const valueAt = (values: readonly Der[], index: number, tag?: number): Der => {
  const value = values[index];
  if (value === undefined || (tag !== undefined && value.tag !== tag)) throw new DerError('another value');
  return value;
};

/** The values inside of a value. */
export const within = ({ bytes, start, end }: Der): Der[] => valuesIn(bytes, start, end);

/** The values inside of the value at `index`. */
export const inside = (values: readonly Der[], index: number, tag?: number): Der[] =>
  within(valueAt(values, index, tag));

/** What a value holds, and the same with its tag and length, which is what is signed. */
export const contentOf = ({ bytes, start, end }: Der): Uint8Array => bytes.subarray(start, end);
export const wholeOf = ({ bytes, from, end }: Der): Uint8Array => bytes.subarray(from, end);

/** What a value holds as one number, behind a 1 so that zeros count: quicker to compare than text, and exact up to six bytes. */
export const numberOf = ({ bytes, start, end }: Der): number => {
  let number = 1;
  for (let at = start; at < end; at += 1) number = number * 256 + (bytes[at] ?? 0);
  return number;
};

/** What a value holds as hexadecimal digits: long object identifiers are compared so. */
export const hexOf = ({ bytes, start, end }: Der): string => {
  let text = '';
  for (let at = start; at < end; at += 1) text += ((bytes[at] ?? 0) + 256).toString(16).slice(1);
  return text;
};

/** What a value holds as text, one character a byte. */
export const textOf = ({ bytes, start, end }: Der): string => {
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
};

/** What `read` makes of DER; `otherwise` where the bytes are not what it expects. */
export const readDer = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return otherwise;
    throw error;
  }
};
