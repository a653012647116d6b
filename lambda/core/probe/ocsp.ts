import type { Certificate } from './certificate.ts';
import {
  contentOf,
  type Der,
  hexOf,
  inside,
  readDer,
  TAG,
  textOf,
  valueAt,
  valuesIn,
  wholeOf,
  within,
} from './der.ts';

/**
 * An answer (OCSP, RFC 6960) that says of one certificate that it was revoked, as far as it can be read without keys. Whether it is
 * true is told by `signature`, of one who may say so.
 */
export type Revocation = {
  /** What was signed, by which algorithm (object identifier as hexadecimal digits), and the signature. */
  signed: Uint8Array;
  algorithm: string;
  signature: Uint8Array;
  /** Certificates of those who may have signed it, DER. */
  signers: Uint8Array[];
  /** By which hash it names the issuer, and that hash of the issuer's name. */
  hash: string;
  issuerHash: Uint8Array;
  /** From when until when this is what the authority says, milliseconds since 1970; without an end it is said for good. */
  fromMs: number;
  untilMs: number;
};

/** A longer answer is not read: the usual ones have 500 to 2,000 bytes. */
const ANSWER_BYTES_MAX = 16_384;
/** A responder sends its own certificate, and now and then the one above it. */
const SIGNERS_MAX = 4;

/** `id-pkix-ocsp-basic`, as hexadecimal digits of its DER: the only kind of answer there is. */
const BASIC = '2b0601050507300101';

/** Tags by their number in the specification (RFC 6960, 4.2.1). */
const [ANSWER, SIGNERS, VERSION, REVOKED, NEXT_UPDATE] = [0xa0, 0xa0, 0xa0, 0xa1, 0xa0];

/** What `answer` says of `certificate`, if that is "revoked". Whatever cannot be read says nothing. */
export const revocationIn = (answer: Uint8Array, certificate: Certificate): Revocation | undefined =>
  answer.length > ANSWER_BYTES_MAX ? undefined : readDer(() => read(answer, certificate.serial), undefined);

const read = (answer: Uint8Array, serial: Uint8Array): Revocation | undefined => {
  // The first value is the status of the answer; those that failed have no second.
  const basic = inside(inside(valuesIn(answer), 0, TAG.sequence), 1, ANSWER);
  const [kind, octets] = inside(basic, 0, TAG.sequence);
  if (kind === undefined || octets === undefined || hexOf(kind) !== BASIC) return undefined;
  const parts = inside(within(octets), 0, TAG.sequence);
  const single = revokedOf(inside(parts, 0, TAG.sequence), serial);
  if (single === undefined) return undefined;
  const signers = parts[3]?.tag === SIGNERS ? inside(within(parts[3]), 0, TAG.sequence) : [];
  return {
    ...single,
    signed: wholeOf(valueAt(parts, 0)),
    algorithm: hexOf(valueAt(inside(parts, 1, TAG.sequence), 0)),
    // The first byte of a bit string says how many bits of the last are none of it.
    signature: contentOf(valueAt(parts, 2, TAG.bits)).subarray(1),
    signers: signers.slice(0, SIGNERS_MAX).map(wholeOf),
  };
};

type Single = Pick<Revocation, 'hash' | 'issuerHash' | 'fromMs' | 'untilMs'>;

/** The one among the answers that is about this certificate, if it says "revoked". */
const revokedOf = (data: readonly Der[], serial: Uint8Array): Single | undefined => {
  const singlesAt = data[0]?.tag === VERSION ? 3 : 2;
  for (const single of inside(data, singlesAt, TAG.sequence)) {
    const [id, status, from, next] = within(single);
    if (id === undefined || status?.tag !== REVOKED || from === undefined) continue;
    const named = within(id);
    if (!areSame(contentOf(valueAt(named, 3)), serial)) continue;
    const until = next?.tag === NEXT_UPDATE ? valueAt(within(next), 0, TAG.time) : undefined;
    return {
      hash: hexOf(valueAt(inside(named, 0, TAG.sequence), 0)),
      issuerHash: contentOf(valueAt(named, 1)),
      fromMs: timeOf(from),
      untilMs: until === undefined ? Number.POSITIVE_INFINITY : timeOf(until),
    };
  }
  return undefined;
};

const areSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Milliseconds since 1970 of a GeneralizedTime, `20261129235959Z`; NaN, which is neither before nor after, if it is none. */
const timeOf = (value: Der): number => {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(textOf(value)) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
};
