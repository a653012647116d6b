/**
 * Writes DER (ITU-T X.690), as much of it as certificates and OCSP answers need: Node cannot make either, and a fresh machine
 * may have no OpenSSL.
 */
const tagged = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);

const lengthOf = ({ length }: Buffer): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const digits = Buffer.from(
    length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
};

export const sequence = (...items: Buffer[]): Buffer => tagged(0x30, Buffer.concat(items));
export const setOf = (...items: Buffer[]): Buffer => tagged(0x31, Buffer.concat(items));
export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));
/** A whole number that is not negative. */
export const integer = (value: number | Buffer): Buffer => {
  const hex = Buffer.isBuffer(value) ? value.toString('hex') : value.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return tagged(0x02, (digits[0] as number) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
};
export const enumerated = (value: number): Buffer => tagged(0x0a, Buffer.of(value));
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const bits = (content: Buffer, unused = 0): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.of(unused), content]));
export const nothing = (): Buffer => tagged(0x05, Buffer.alloc(0));
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
/** A tag of the context: around other values (`explicit`), or in place of their own. */
export const explicit = (number: number, ...content: Buffer[]): Buffer =>
  tagged(0xa0 | number, Buffer.concat(content));
export const implicit = (number: number, content: Buffer): Buffer => tagged(0x80 | number, content);

export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const sevens = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) sevens.unshift(0x80 | (left & 0x7f));
    return sevens;
  });
  return tagged(0x06, Buffer.from(bytes));
};

const digitsOf = (atMs: number): string => `${new Date(atMs).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
/** A date as certificates write it until 2049; `atMs`: milliseconds since 1970. */
export const utcTime = (atMs: number): Buffer => tagged(0x17, Buffer.from(digitsOf(atMs).slice(2)));
export const generalTime = (atMs: number): Buffer => tagged(0x18, Buffer.from(digitsOf(atMs)));
