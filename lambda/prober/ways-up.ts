import type { X509Certificate } from 'node:crypto';
import { systemClock } from '../edge/clock.ts';
import { authoritiesOf, readable, SENT_MAX } from './authorities.ts';

/** How many signatures are checked for one server, and how many ways are tried: each is one more handshake. */
const [MAX_SIGNATURES, MAX_WAYS] = [8, 3];

/** That a certificate is for servers (RFC 5280, 4.2.1.12); without the extension it is for everything. */
const FOR_SERVERS = '1.3.6.1.5.5.7.3.1';

/** Certificates between a server's own and an authority, PEM: those of one way up. */
export type Way = string;

/**
 * The ways from a server's certificate, the first of those that it `sent` (DER), to an authority that is trusted, in the order in which
 * it sent them. OpenSSL takes at each step the first certificate that fits by name and key, and looks for no other where that one leads
 * nowhere, as browsers do. These are only hints: given to OpenSSL as what to look at first, they make it verify one way in place of
 * another, and whether that way is good is up to OpenSSL alone.
 */
export const waysUp = (sent: readonly Uint8Array[], ca: string | undefined): Way[] => {
  try {
    const [own, ...others] = sent.slice(0, 1 + SENT_MAX).flatMap(readable);
    const now = systemClock.now();
    if (own === undefined || !isInDate(own, now)) return [];
    const search: Search = {
      roots: authoritiesOf(ca).byName,
      between: others.filter((each) => mayLead(each, now)),
      now,
      left: MAX_SIGNATURES,
    };
    return waysFrom(own, [], search)
      .filter((way) => way.length > 0)
      .slice(0, MAX_WAYS)
      .map((way) => way.map((each) => each.toString()).join('\n'));
  } catch {
    // A server may send anything, such as a key that cannot be read.
    return [];
  }
};

type Search = {
  roots: ReadonlyMap<string, readonly X509Certificate[]>;
  between: readonly X509Certificate[];
  now: number;
  /** Signatures that may still be checked. */
  left: number;
};

const isInDate = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);

/** One that says of itself that it issued itself would be an authority where OpenSSL is given it: it never is. */
const issuesItself = (one: X509Certificate): boolean =>
  one.subject.toLowerCase() === one.issuer.toLowerCase() || one.checkIssued(one);

/** Whether browsers would let it stand between a server and an authority, as far as that is told without the others. */
const mayLead = (one: X509Certificate, now: number): boolean =>
  one.ca &&
  isInDate(one, now) &&
  !issuesItself(one) &&
  !/sha1|md5/i.test(one.signatureAlgorithm ?? '') &&
  (one.keyUsage === undefined || one.keyUsage.includes(FOR_SERVERS));

const waysFrom = (from: X509Certificate, before: X509Certificate[], search: Search): X509Certificate[][] => {
  const roots = search.roots.get(from.issuer) ?? [];
  // One in `ca` that is no root is trusted by being there, and leads no further.
  if (roots.some((root) => issuesItself(root) && isInDate(root, search.now) && isSigned(from, root, search)))
    return [before];
  return search.between
    .filter((next) => !before.includes(next))
    .flatMap((next) => (isSigned(from, next, search) ? waysFrom(next, [...before, next], search) : []));
};

const isSigned = (one: X509Certificate, by: X509Certificate, search: Search): boolean => {
  if (!one.checkIssued(by) || search.left === 0) return false;
  search.left -= 1;
  return one.verify(by.publicKey);
};
