import { generateKeyPairSync } from 'node:crypto';
import { SOUND } from '../../../fixtures/x509/validity.ts';
import {
  alternativeNames,
  basicConstraints,
  type Certificate,
  extendedKeyUsage,
  issue,
  type Keys,
  keyUsage,
  type Signer,
  type Wanted,
} from '../../../fixtures/x509/x509.ts';
import { HOST } from '../case.ts';

export { DAY_MS, EARLY, HOUR_MS, OLD, SOUND } from '../../../fixtures/x509/validity.ts';

/** Made when it is first wanted, and once: keys take time. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

export const rsaKeys = (bits = 2048): Keys => generateKeyPairSync('rsa', { modulusLength: bits });

/** An authority with the certificate that others make for it, or it for itself. */
export type Authority = Signer & { certificate: Certificate };

const AUTHORITY = [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign')];

/** The authority that the prober under test trusts, and one that it does not know. */
const rootOf = (name: string): Authority => {
  const keys = rsaKeys();
  const by = { name, keys };
  const certificate = issue({ name, publicKey: keys.publicKey, by, ...SOUND, extensions: AUTHORITY });
  return { ...by, certificate };
};
export const ROOT = once(() => rootOf('Truth root'));
export const STRANGER = once(() => rootOf('Strange root'));

const middleKeys = once(() => rsaKeys());

/** An authority between the root and the leaves, in order but for `changes`; all have one name and one key. */
export const middle = (changes: Partial<Wanted> = {}): Authority => {
  const signer = { name: 'Truth intermediate', keys: middleKeys() };
  const { publicKey } = signer.keys;
  const certificate = issue({
    name: signer.name,
    publicKey,
    by: ROOT(),
    ...SOUND,
    extensions: AUTHORITY,
    ...changes,
  });
  return { ...signer, certificate };
};
export const MIDDLE = once(() => middle());

export const LEAF_KEYS = once(() => rsaKeys());

/** What a leaf of a public authority says, for these names. */
export const leafExtensions = (names: string[] = [HOST]): Buffer[] => [
  basicConstraints(false),
  keyUsage('digitalSignature', 'keyEncipherment'),
  extendedKeyUsage('server', 'client'),
  alternativeNames(names),
];

/** A certificate for a server, in order but for `changes`. */
export const leaf = (changes: Partial<Wanted> = {}): Certificate =>
  issue({
    name: HOST,
    publicKey: LEAF_KEYS().publicKey,
    by: MIDDLE(),
    ...SOUND,
    extensions: leafExtensions(),
    ...changes,
  });
