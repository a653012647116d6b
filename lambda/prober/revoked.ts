import { createHash, verify, type X509Certificate } from 'node:crypto';
import type { Certificate } from '../core/probe/certificate.ts';
import { type Revocation, revocationIn } from '../core/probe/ocsp.ts';
import { systemClock } from '../edge/clock.ts';
import { authoritiesOf, readable, sentWith } from './authorities.ts';

/** Hashes and signature algorithms by their object identifiers, as hexadecimal digits (RFC 3279, RFC 4055, RFC 5758). */
const HASHES: Record<string, string> = { '2b0e03021a': 'sha1', '608648016503040201': 'sha256' };
const SIGNED_WITH: Record<string, string> = {
  '2a864886f70d010105': 'sha1',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

/** The extended key usage of those who may sign such answers for an authority (RFC 6960, 4.2.2.2). */
const SIGNS_ANSWERS = '1.3.6.1.5.5.7.3.9';

/**
 * Whether the answer that came with a certificate says that it was revoked, and says so rightly: it is about this certificate, it is
 * in date, and the authority that issued the certificate signed it, or one whom it lets sign. Browsers refuse nothing for less. Keys
 * are reckoned with only once an answer says "revoked", which hardly any does. Of what cannot be understood or proved the
 * certificate is taken as good, as Chromium does.
 */
export const isRevoked = (
  stapled: Uint8Array,
  shown: X509Certificate,
  certificate: Certificate,
  ca: string | undefined,
): boolean => {
  const said = revocationIn(stapled, certificate);
  const now = systemClock.now();
  if (said === undefined || !(said.fromMs <= now && now <= said.untilMs)) return false;
  const hash = HASHES[said.hash];
  if (hash === undefined) return false;
  if (!createHash(hash).update(certificate.issuer).digest().equals(said.issuerHash)) return false;
  // An authority that is trusted need not be sent; of the public ones none issues servers' certificates itself.
  const above = [
    ...sentWith(shown),
    ...(ca === undefined ? [] : [...authoritiesOf(ca).byName.values()].flat()),
  ];
  return above.filter((each) => isIssuedBy(shown, each)).some((issuer) => isSignedFor(said, issuer));
};

/** Keys of a kind that is not known, and keys that do not go with a signature, are errors; they prove nothing. */
const proves = (reckon: () => boolean): boolean => {
  try {
    return reckon();
  } catch {
    return false;
  }
};

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && proves(() => certificate.verify(issuer.publicKey));

const isSignedFor = (said: Revocation, issuer: X509Certificate): boolean => {
  const hash = SIGNED_WITH[said.algorithm];
  if (hash === undefined) return false;
  const signers = said.signers.flatMap(readable).filter((each) => maySign(each, issuer));
  // Elliptic curves sign as DER here, as `verify` expects them by itself.
  return [issuer, ...signers].some((signer) =>
    proves(() => verify(hash, said.signed, signer.publicKey, said.signature)),
  );
};

const maySign = (signer: X509Certificate, issuer: X509Certificate): boolean =>
  isIssuedBy(signer, issuer) && (signer.keyUsage?.includes(SIGNS_ANSWERS) ?? false);
