import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

/** The authorities that a probe trusts, by their names, and when the first of them ends, milliseconds since 1970. */
export type Authorities = { byName: Map<string, X509Certificate[]>; firstEndMs: number };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** By what `ca` names; the public ones take a hundredth of a second to read, and are read when they are needed. */
const known = new Map<string | undefined, Authorities>();

/** The authorities in `ca` (PEM); without it those that Node trusts by itself. */
export const authoritiesOf = (ca: string | undefined): Authorities => {
  const before = known.get(ca);
  if (before !== undefined) return before;
  const byName = new Map<string, X509Certificate[]>();
  let firstEndMs = Number.POSITIVE_INFINITY;
  for (const certificate of (ca?.match(CERTIFICATE) ?? tls.getCACertificates('default')).flatMap(readable)) {
    byName.set(certificate.subject, [...(byName.get(certificate.subject) ?? []), certificate]);
    firstEndMs = Math.min(firstEndMs, Date.parse(certificate.validTo));
  }
  const authorities = { byName, firstEndMs };
  known.set(ca, authorities);
  return authorities;
};

/** The certificate in these bytes, or none: a server may send anything. */
export const readable = (bytes: string | Uint8Array): X509Certificate[] => {
  try {
    return [new X509Certificate(bytes)];
  } catch {
    return [];
  }
};

/** More certificates than these, with which a server may explain its own, are not looked at. */
const SENT_MAX = 6;

/** What a server sent along with its certificate, in its order. */
export const sentWith = (shown: X509Certificate): X509Certificate[] => {
  const sent: X509Certificate[] = [];
  for (let next = shown.issuerCertificate; next !== undefined && sent.length < SENT_MAX; ) {
    sent.push(next);
    next = next.issuerCertificate;
  }
  return sent;
};
