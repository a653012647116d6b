import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Certificate, certificateIn, isNamed } from '../core/probe/certificate.ts';
import { isRevoked } from './revoked.ts';

/** What was agreed upon in the handshake, and what came with it. */
export type Handshake = {
  /** The cipher suite, as the standard calls it; asked for only where a key is limited. */
  cipher: () => string;
  /** The answer about its revocation that the server sent along (OCSP), if it did. */
  stapled?: Uint8Array | undefined;
  /** The authorities that are trusted, PEM, if they are not the public ones. */
  ca?: string | undefined;
};

/** What is wrong with a certificate that leads to a trusted authority: what browsers look at and OpenSSL does not. */
export const certificateError = (
  host: string,
  shown: X509Certificate,
  handshake: Handshake,
): Error | undefined => {
  const certificate = certificateIn(shown.raw);
  return (
    nameError(host, shown, certificate) ??
    usageError(certificate, handshake) ??
    revocationError(shown, certificate, handshake)
  );
};

const turnedDown = (code: string, message: string): Error => Object.assign(new Error(message), { code });

const nameError = (
  host: string,
  shown: X509Certificate,
  certificate: Certificate | undefined,
): Error | undefined => {
  if (certificate?.isMisnamed) {
    return turnedDown(
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'one of its alternative names (subjectAltName) is none, such as an address of five bytes, and browsers read no such certificate',
    );
  }
  // Node compares addresses with nothing but the addresses among the alternative names, as browsers do.
  const named =
    isIP(host) === 0 ? isNamed(host, certificate?.names ?? []) : shown.checkIP(host) !== undefined;
  if (named) return undefined;
  const names = namesOf(shown);
  return turnedDown(
    'ERR_TLS_CERT_ALTNAME_INVALID',
    names === undefined
      ? `it has no alternative names (subjectAltName), and browsers look at nothing else: not for ${host}`
      : `not for ${host} but for ${names}`,
  );
};

/** As OpenSSL writes them; it cannot write an empty list, nor some kinds of names that are none. */
const namesOf = (shown: X509Certificate): string | undefined => {
  try {
    return shown.subjectAltName;
  } catch {
    return 'names that cannot be read';
  }
};

/** Suites in which the server's key decrypts; in all others it signs. */
const DECRYPTS = 'TLS_RSA_';

/** Chromium wants a key to be allowed to do what it did (RFC 5280, 4.2.1.3); OpenSSL only that it may be a server's. */
const usageError = (certificate: Certificate | undefined, { cipher }: Handshake): Error | undefined => {
  const usage = certificate?.usage;
  if (usage === undefined) return undefined;
  if (usage.signs && usage.encrypts) return undefined;
  const suite = cipher();
  const decrypts = suite.startsWith(DECRYPTS);
  if (decrypts ? usage.encrypts : usage.signs) return undefined;
  const lacks = decrypts ? 'keyEncipherment' : 'digitalSignature';
  return turnedDown('KEY_USAGE', `the key usage of the certificate lacks ${lacks}, which ${suite} needs`);
};

const revocationError = (
  shown: X509Certificate,
  certificate: Certificate | undefined,
  { stapled, ca }: Handshake,
): Error | undefined =>
  stapled !== undefined && certificate !== undefined && isRevoked(stapled, shown, certificate, ca)
    ? turnedDown('CERT_REVOKED', "the server itself sends its authority's answer that it is")
    : undefined;
