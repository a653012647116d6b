import type { X509Certificate } from 'node:crypto';
import { printable } from '../core/probe/outcome.ts';
import type { Observation } from '../core/probe/request.ts';
import { authoritiesOf, sentWith } from './authorities.ts';

/** From when until when the chain is valid, and whose certificate it is that ends first. */
export type ChainEnd = Pick<
  Observation,
  'certificateStartsMs' | 'certificateExpiresMs' | 'certificateAuthority'
>;

type End = { certificate: X509Certificate; endMs: number };

const endOf = (certificate: X509Certificate): End => ({
  certificate,
  endMs: Date.parse(certificate.validTo),
});

/**
 * When the chain of a server's certificate ends: with the first of its certificates. Where several chains lead to an authority,
 * browsers take one that is valid, so the chain that ends last counts. `ca`: the authorities that are trusted, PEM, if they are not
 * the public ones.
 */
export const chainEnd = (shown: X509Certificate, ca: string | undefined): ChainEnd | undefined => {
  const { certificate, endMs } = firstToEnd(shown, ca);
  const startMs = Date.parse(certificate.validFrom);
  if (Number.isNaN(startMs + endMs)) return undefined;
  return {
    certificateStartsMs: startMs,
    certificateExpiresMs: endMs,
    ...(certificate !== shown && { certificateAuthority: nameOf(certificate) }),
  };
};

const firstToEnd = (shown: X509Certificate, ca: string | undefined): End => {
  const own = endOf(shown);
  const sent = sentWith(shown);
  const lastsLonger =
    sent.every((each) => endOf(each).endMs >= own.endMs) &&
    (ca === undefined || authoritiesOf(ca).firstEndMs >= own.endMs);
  // Nearly always: then there is nothing to be searched.
  return lastsLonger ? own : endAbove(own, sent, authoritiesOf(ca).byName);
};

/** The first end on the way up from this certificate, by the way that ends last. Few certificates are sent, so it is short. */
const endAbove = (
  own: End,
  sent: readonly X509Certificate[],
  authorities: ReadonlyMap<string, X509Certificate[]>,
): End => {
  const { certificate } = own;
  const trusted = (authorities.get(certificate.issuer) ?? []).map(endOf);
  const above = sent
    .filter((each) => certificate.checkIssued(each))
    .map((each) =>
      endAbove(
        endOf(each),
        sent.filter((other) => other !== each),
        authorities,
      ),
    );
  const [last] = [...trusted, ...above].sort((a, b) => b.endMs - a.endMs);
  return last === undefined || last.endMs >= own.endMs ? own : last;
};

/** Keeps a batch's answer small. */
const NAME_CHARACTERS_MAX = 100;

/** The common name of an authority, else its whole name. */
const nameOf = ({ subject }: X509Certificate): string =>
  printable(/^CN=(.*)$/m.exec(subject)?.[1] ?? subject, NAME_CHARACTERS_MAX);
