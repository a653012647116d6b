import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { systemClock } from '../edge/clock.ts';

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

/** By what `ca` names: what of it is trusted, and until when that is so, milliseconds since 1970. */
const trusted = new Map<string, { pem: string; untilMs: number }>();

/**
 * What of `ca` (PEM) is given to OpenSSL: not an authority that has ended and stands below another one. OpenSSL would take it before the
 * renewed one that servers send, and turn all of them down; browsers take the way that leads up. A root that has ended stays, and is told.
 */
export const trustedNow = (ca: string): string => {
  const now = systemClock.now();
  const before = trusted.get(ca);
  if (before !== undefined && now < before.untilMs) return before.pem;
  const all = ca.match(CERTIFICATE) ?? [];
  let untilMs = Number.POSITIVE_INFINITY;
  const kept = all.filter((pem) => {
    const [certificate] = readable(pem);
    if (certificate === undefined || !certificate.ca || certificate.subject === certificate.issuer)
      return true;
    const endMs = Date.parse(certificate.validTo);
    if (endMs > now) untilMs = Math.min(untilMs, endMs);
    return endMs > now;
  });
  // Where nothing is left, nothing is put right by leaving it out.
  const pem = kept.length === 0 || kept.length === all.length ? ca : kept.join('\n');
  trusted.set(ca, { pem, untilMs });
  return pem;
};

/** More certificates than these, with which a server may explain its own, are not looked at. */
export const SENT_MAX = 6;

/** What a server sent along with its certificate, in its order. */
export const sentWith = (shown: X509Certificate): X509Certificate[] => {
  const sent: X509Certificate[] = [];
  for (let next = shown.issuerCertificate; next !== undefined && sent.length < SENT_MAX; ) {
    sent.push(next);
    next = next.issuerCertificate;
  }
  return sent;
};
