import { createHash, sign } from 'node:crypto';
import {
  bits,
  enumerated,
  explicit,
  generalTime,
  implicit,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from '../../../fixtures/x509/der.ts';
import { algorithm, type Certificate, distinguished, type Signer } from '../../../fixtures/x509/x509.ts';

const HOUR_MS = 3_600_000;
const BASIC = '1.3.6.1.5.5.7.48.1.1';
const SHA1 = '1.3.14.3.2.26';

const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();

/** The bits of a public key without what says of which kind it is: for RSA, its PKCS #1 form. */
const keyBits = ({ keys }: Signer): Buffer => keys.publicKey.export({ type: 'pkcs1', format: 'der' });

/** Who signs an answer in place of the authority, with the certificates that say that he may, and until when it holds. */
export type Answering = { signer?: Signer; certificates?: Certificate[]; untilMs?: number };

/** An OCSP answer (RFC 6960, 4.2.1) of the authority itself about one of its certificates, but for `changes`. */
export const ocspAnswer = (
  about: Certificate,
  by: Signer,
  status: 'good' | 'revoked',
  { signer = by, certificates = [], untilMs = Date.now() + 24 * HOUR_MS }: Answering = {},
): Buffer => {
  const nowMs = Date.now();
  const id = sequence(
    sequence(oid(SHA1), nothing()),
    octets(sha1(distinguished(by.name))),
    octets(sha1(keyBits(by))),
    integer(about.serial),
  );
  const state =
    status === 'good' ? implicit(0, Buffer.alloc(0)) : explicit(1, generalTime(nowMs - 24 * HOUR_MS));
  const body = sequence(
    explicit(1, distinguished(by.name)),
    generalTime(nowMs - HOUR_MS),
    sequence(sequence(id, state, generalTime(nowMs - 2 * HOUR_MS), explicit(0, generalTime(untilMs)))),
  );
  const signature = bits(sign('sha256', body, signer.keys.privateKey));
  const signers =
    certificates.length === 0 ? [] : [explicit(0, sequence(...certificates.map(({ der }) => der)))];
  const basic = sequence(body, algorithm('sha256'), signature, ...signers);
  return sequence(enumerated(0), explicit(0, sequence(oid(BASIC), octets(basic))));
};
