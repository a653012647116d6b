import { type Der, DerError, hexOf, inside, readDer, TAG, valueAt, valuesIn, within } from './der.ts';

/**
 * What it takes OpenSSL to check one signature by a key, milliseconds of a whole core, as Node 24 was measured (OpenSSL 3.5,
 * a core of 2.9 GHz). An RSA key takes the square of its length and as much again as its exponent has bits.
 */
const CURVE_MS: ReadonlyMap<string, number> = new Map([
  ['2a8648ce3d030107', 0.07], // P-256
  ['2b81040022', 0.65], // P-384
  ['2b81040023', 1.5], // P-521
]);
const RSA_2048_MS = 0.02;
/** Of a key that is for no browser: 3 for the dearest curve that has a name, 4 for SLH-DSA, 8 for DSA with 10,000 bits. */
const OTHER_KEY_MS = 4;
/** To read a certificate, whatever is in it. */
const READING_MS = 0.03;
/** To compare a name with a constraint: so much, and so much more for each of its characters; for URIs and the like eight times. */
const [COMPARING_MS, CHARACTER_MS, FOREIGN_NAME_FACTOR] = [1e-5, 1e-6, 8];

/** Object identifiers (RFC 3279, RFC 5480), and of extensions (RFC 5280, 4.2.1.6 and 4.2.1.10), as hexadecimal digits. */
const [RSA, EC] = ['2a864886f70d010101', '2a8648ce3d0201'];
const [ALTERNATIVE_NAMES, NAME_CONSTRAINTS] = ['551d11', '551d1e'];
const [VERSION, EXTENSIONS, EMAIL, HOST_NAME, DIRECTORY_NAME, ADDRESS] = [0xa0, 0xa3, 0x81, 0x82, 0xa4, 0x87];
const PLAIN_NAMES = [EMAIL, HOST_NAME, DIRECTORY_NAME, ADDRESS];

/**
 * What it takes OpenSSL at most to verify a chain (DER), milliseconds of a whole core: a signature by each key, and each name
 * compared with each constraint. It verifies what leads nowhere too, and all at once. Infinity where a certificate cannot be read,
 * or names too much.
 */
export const chainCostMs = (chain: readonly Uint8Array[]): number =>
  readDer(() => {
    const all = chain.map(partsOf);
    const keysMs = all.reduce((sum, { key }) => sum + READING_MS + keyMs(key), 0);
    const constraints = all.reduce((sum, { extensions }) => sum + constraintsIn(extensions), 0);
    if (constraints === 0) return keysMs;
    const namesMs = all.reduce((sum, each) => sum + namesMsOf(each), 0);
    return keysMs + constraints * namesMs;
  }, Number.POSITIVE_INFINITY);

type Parts = { subject: Der; key: Der; extensions: Der[][] };

const partsOf = (der: Uint8Array): Parts => {
  const fields = inside(inside(valuesIn(der), 0, TAG.sequence), 0, TAG.sequence);
  const at = fields[0]?.tag === VERSION ? 1 : 0;
  const last = valueAt(fields, fields.length - 1);
  return {
    subject: valueAt(fields, at + 4, TAG.sequence),
    key: valueAt(fields, at + 5, TAG.sequence),
    extensions: last.tag === EXTENSIONS ? inside(within(last), 0, TAG.sequence).map(within) : [],
  };
};

const keyMs = (key: Der): number => {
  const [kind, bits] = within(key);
  const [algorithm, parameters] = kind === undefined ? [] : within(kind);
  if (algorithm === undefined || bits === undefined) throw new DerError('no key');
  const name = hexOf(algorithm);
  if (name === RSA) return rsaMs(bits);
  if (name !== EC || parameters === undefined) return OTHER_KEY_MS;
  return CURVE_MS.get(hexOf(parameters)) ?? OTHER_KEY_MS;
};

/** The bits hold a number of bits that are none, which is 0, then modulus and exponent (RFC 8017, A.1.1). */
const rsaMs = ({ bytes, start, end }: Der): number => {
  const numbers = inside(valuesIn(bytes, start + 1, end), 0, TAG.sequence);
  const [modulus, exponent] = [valueAt(numbers, 0), valueAt(numbers, 1)].map(
    (each) => 8 * (each.end - each.start),
  );
  return RSA_2048_MS * ((modulus as number) / 2_048) ** 2 * Math.max(1, (exponent as number) / 24);
};

/** Longer lists of names, in a chain that constrains them, would take long to be read here: it has room for 700 of them. */
const MAX_LIST_BYTES = 16_384;

const valuesOf = (extensions: readonly Der[][], kind: string): Der[] =>
  extensions
    .filter(([id]) => id !== undefined && hexOf(id) === kind)
    .map((extension) => valueAt(extension, extension.length - 1))
    .flatMap((value) => {
      if (value.end - value.start > MAX_LIST_BYTES) throw new DerError('a list that is too long');
      return within(value);
    });

/** Those that are permitted, and those that are not. */
const constraintsIn = (extensions: readonly Der[][]): number =>
  valuesOf(extensions, NAME_CONSTRAINTS)
    .flatMap(within)
    .reduce((sum, subtrees) => sum + within(subtrees).length, 0);

/** To compare all names of a certificate with one constraint. */
const namesMsOf = ({ subject, extensions }: Parts): number =>
  [subject, ...valuesOf(extensions, ALTERNATIVE_NAMES).flatMap(within)].reduce((sum, name) => {
    const factor = name === subject || PLAIN_NAMES.includes(name.tag) ? 1 : FOREIGN_NAME_FACTOR;
    return sum + factor * (COMPARING_MS + CHARACTER_MS * (name.end - name.start));
  }, 0);
