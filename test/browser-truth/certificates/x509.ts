import { type KeyObject, sign } from 'node:crypto';
import {
  bits,
  boolean,
  explicit,
  implicit,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  setOf,
  utcTime,
  utf8,
} from './der.ts';

export type Keys = { publicKey: KeyObject; privateKey: KeyObject };

/** Who signs: an authority's name and keys, of RSA or of an elliptic curve. */
export type Signer = { name: string; keys: Keys };

export type Certificate = { der: Buffer; pem: string; serial: Buffer };

export type Wanted = {
  /** Common name; without it the subject is empty. */
  name?: string;
  publicKey: KeyObject;
  by: Signer;
  /** Milliseconds since 1970. */
  fromMs: number;
  untilMs: number;
  /** None makes a certificate of version 1. */
  extensions?: Buffer[];
  /** Hash of the signature. */
  hash?: 'sha256' | 'sha1';
};

/** RSA with SHA-1 and with SHA-256 (RFC 8017, appendix C). */
const SIGNATURES = { sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11' };

export const algorithm = (hash: 'sha256' | 'sha1'): Buffer => sequence(oid(SIGNATURES[hash]), nothing());

/** ECDSA with SHA-256 (RFC 5758, 3.2). */
const ecdsa = (): Buffer => sequence(oid('1.2.840.10045.4.3.2'));

/** A distinguished name of one common name. */
export const distinguished = (name?: string): Buffer =>
  name === undefined ? sequence() : sequence(setOf(sequence(oid('2.5.4.3'), utf8(name))));

let serials = 0x1000;

/** Signs a certificate (RFC 5280, 4.1). */
export const issue = (wanted: Wanted): Certificate => {
  const { name, publicKey, by, fromMs, untilMs, extensions, hash = 'sha256' } = wanted;
  serials += 1;
  const serial = Buffer.from(serials.toString(16), 'hex');
  const signed = by.keys.privateKey.asymmetricKeyType === 'ec' ? ecdsa() : algorithm(hash);
  const body = sequence(
    ...(extensions === undefined ? [] : [explicit(0, integer(2))]),
    integer(serial),
    signed,
    distinguished(by.name),
    sequence(utcTime(fromMs), utcTime(untilMs)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions === undefined ? [] : [explicit(3, sequence(...extensions))]),
  );
  const der = sequence(body, signed, bits(sign(hash, body, by.keys.privateKey)));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return { der, serial, pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
};

export const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

/** Whether it is an authority, and over how many others (`pathLength`). */
export const basicConstraints = (authority: boolean, pathLength?: number): Buffer =>
  extension(
    '2.5.29.19',
    true,
    sequence(
      ...(authority ? [boolean(true)] : []),
      ...(pathLength === undefined ? [] : [integer(pathLength)]),
    ),
  );

/** Bits of the key usage, from the left (RFC 5280, 4.2.1.3). */
const USAGES = {
  digitalSignature: 0x80,
  keyEncipherment: 0x20,
  keyAgreement: 0x08,
  keyCertSign: 0x04,
  cRLSign: 0x02,
};

export const keyUsage = (...usages: (keyof typeof USAGES)[]): Buffer => {
  const byte = usages.reduce((all, each) => all | USAGES[each], 0);
  return extension(
    '2.5.29.15',
    true,
    bits(Buffer.of(byte), Math.clz32(byte & -byte) === 0 ? 0 : 31 - Math.clz32(byte & -byte)),
  );
};

const PURPOSES = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  any: '2.5.29.37.0',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
};

export const extendedKeyUsage = (...purposes: (keyof typeof PURPOSES)[]): Buffer =>
  extension('2.5.29.37', false, sequence(...purposes.map((each) => oid(PURPOSES[each]))));

const dnsName = (name: string): Buffer => implicit(2, Buffer.from(name));
export const uriName = (uri: string): Buffer => implicit(6, Buffer.from(uri));
const ipName = (address: string): Buffer => implicit(7, Buffer.from(address.split('.').map(Number)));

/** Host names, and IPv4 addresses as `ip:192.0.2.1`. */
export const alternativeNames = (names: string[], critical = false): Buffer =>
  extension(
    '2.5.29.17',
    critical,
    sequence(...names.map((each) => (each.startsWith('ip:') ? ipName(each.slice(3)) : dnsName(each)))),
  );

/** An authority that may name hosts under this domain alone. */
export const nameConstraints = (domain: string): Buffer => constraints('permitted', [dnsName(domain)]);

/** What may be named under an authority, or may not (RFC 5280, 4.2.1.10). */
export const constraints = (which: 'permitted' | 'excluded', names: Buffer[]): Buffer =>
  extension(
    '2.5.29.30',
    true,
    sequence(explicit(which === 'permitted' ? 0 : 1, ...names.map((name) => sequence(name)))),
  );

/** Alternative names as they are. */
export const rawNames = (names: Buffer[]): Buffer => extension('2.5.29.17', false, sequence(...names));

/** "Must staple": the TLS feature status_request, number 5 (RFC 7633). */
export const mustStaple = (): Buffer => extension('1.3.6.1.5.5.7.1.24', false, sequence(integer(5)));

/** A critical extension that nobody knows, under a number for examples. */
export const unknownCritical = (): Buffer => extension('1.3.6.1.4.1.32473.1', true, utf8('unknown'));
