import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { SOUND } from '../../../browser-truth/certificates/authorities.ts';
import {
  basicConstraints,
  constraints,
  issue,
  type Keys,
  keyUsage,
  rawNames,
  uriName,
} from '../../../browser-truth/certificates/x509.ts';

const onCurve = (namedCurve: string): Keys => generateKeyPairSync('ec', { namedCurve });

/** RSA whose exponent is as long as its modulus: to check a signature takes as long as to make one. */
const longExponent = (keys: Keys): KeyObject => {
  const jwk = keys.publicKey.export({ format: 'jwk' });
  const exponent = Buffer.from(jwk.n as string, 'base64url');
  exponent[0] = 0x7f;
  return createPublicKey({ key: { ...jwk, e: exponent.toString('base64url') }, format: 'jwk' });
};

const AUTHORITY = [basicConstraints(true), keyUsage('keyCertSign')];
const many = (count: number, make: (nth: number) => string): Buffer[] =>
  Array.from({ length: count }, (_, nth) => uriName(make(nth)));

/** A server's certificate and `count` above it, each signed by the next; the last one leads nowhere. */
const chainOf = (
  count: number,
  keys: Keys,
  {
    publicKey = keys.publicKey,
    extensions = AUTHORITY,
    names = many(1, () => 'https://www.site.test/'),
  } = {},
): TlsOptions => {
  const own = onCurve('P-256');
  const by = (nth: number) => ({ name: `authority ${nth}`, keys });
  const leaf = { ...SOUND, name: 'www.site.test', publicKey: own.publicKey, by: by(0) };
  const above = Array.from({ length: count }, (_, nth) =>
    issue({ ...SOUND, name: by(nth).name, publicKey, by: by(nth + 1), extensions }),
  );
  const all = [issue({ ...leaf, extensions: [rawNames(names)] }), ...above];
  return {
    cert: all.map(({ pem }) => pem).join(''),
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

/** Chains that take OpenSSL 60 to 200 ms of a whole core, all of it in one call. */
export const DEAR_CHAINS: Record<string, () => TlsOptions> = {
  'seventy-seven certificates on P-521': () => chainOf(76, onCurve('P-521')),
  'thirty on a curve that no browser knows, in 16 KB': () => chainOf(30, onCurve('sect571r1')),
  'twelve with RSA exponents of 3,072 bits, in 16 KB': () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 3072 });
    return chainOf(12, keys, { publicKey: longExponent(keys) });
  },
  'a thousand addresses (URI) under a thousand constraints': () =>
    chainOf(1, onCurve('P-256'), {
      extensions: [
        ...AUTHORITY,
        constraints(
          'excluded',
          many(1_000, (nth) => `z${nth}`),
        ),
      ],
      names: many(1_000, (nth) => `http://a${nth}.bc/`),
    }),
};

/** The most that is taken: six authorities on the dearest curve that browsers know. */
export const LONG_CHAIN = () => chainOf(5, onCurve('P-521'));
