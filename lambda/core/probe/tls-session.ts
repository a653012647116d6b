import { contentOf, inside, readDer, TAG, valuesIn } from './der.ts';

/** What Node 24.22 puts before a session: this, and the name of the server, whose length stands in two bytes before it. */
const ENVELOPE = Buffer.from('\0nodejs:tls:session:1\0', 'latin1');

/** The field of a session in which its server's certificate is: `[3]`. */
const CERTIFICATE = 0xa3;

/**
 * The certificate (DER) of the server with which a TLS session was made. The session is in the form in which OpenSSL writes it
 * (`i2d_SSL_SESSION`): a sequence whose fields are told apart by their tags. Undefined if these bytes are anything else.
 */
export const certificateOfSession = (session: Buffer): Uint8Array | undefined =>
  readDer(() => {
    const field = inside(valuesIn(session, startOf(session)), 0, TAG.sequence).find(
      ({ tag }) => tag === CERTIFICATE,
    );
    return field && contentOf(field);
  }, undefined);

const startOf = (session: Buffer): number => {
  const nameAt = ENVELOPE.length + 2;
  if (session.length < nameAt || ENVELOPE.compare(session, 0, ENVELOPE.length) !== 0) return 0;
  return nameAt + session.readUInt16BE(ENVELOPE.length);
};
