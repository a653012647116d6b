import { fault } from './bounds.ts';

/** Bytes of which more have to come. */
export type Pieces = { pieces: Buffer[]; size: number };

export const newPieces = (): Pieces => ({ pieces: [], size: 0 });

/** Kinds of records and messages of TLS (RFC 8446, 5.1 and 4). */
export const RECORD = { handshake: 22, data: 23 } as const;
export const MESSAGE = { serverHello: 2, certificate: 11 } as const;

/** The head of a record: its kind, a version and its length. */
export const RECORD_HEAD_BYTES = 5;
const MESSAGE_HEAD_BYTES = 4;
/** What OpenSSL takes of a chain (`SSL_MAX_CERT_LIST_DEFAULT`), which is the longest message of a handshake. */
const MAX_MESSAGE_BYTES = 102_400;

/** Adds bytes, and takes off what is whole; `lengthOf` says how long that is, once the head is there. */
const take = (
  rest: Pieces,
  bytes: Buffer,
  headBytes: number,
  lengthOf: (head: Buffer) => number,
): Buffer[] => {
  rest.pieces.push(bytes);
  rest.size += bytes.length;
  const whole: Buffer[] = [];
  while (rest.size >= headBytes) {
    if ((rest.pieces[0] as Buffer).length < headBytes) rest.pieces = [Buffer.concat(rest.pieces)];
    const length = headBytes + lengthOf(rest.pieces[0] as Buffer);
    if (rest.size < length) break;
    const all = rest.pieces.length === 1 ? (rest.pieces[0] as Buffer) : Buffer.concat(rest.pieces);
    whole.push(all.subarray(0, length));
    rest.pieces = [all.subarray(length)];
    rest.size -= length;
  }
  return whole;
};

/** What a record may hold at most (RFC 8446, 5.2). */
const MAX_RECORD_BYTES = 16_384 + 256;

/** Whether what comes next may be a record, as far as it is here: a kind, the version of all TLS, a length. */
export const mayBeRecord = ({ pieces: [head] }: Pieces): boolean => {
  if (head === undefined || head.length === 0) return true;
  const [kind = 0, major = 3] = head;
  const isShort = head.length < RECORD_HEAD_BYTES || head.readUInt16BE(3) <= MAX_RECORD_BYTES;
  return kind >= 20 && kind <= 23 && major === 3 && isShort;
};

/** The records that are whole by now. */
export const takeRecords = (rest: Pieces, bytes: Buffer): Buffer[] =>
  take(rest, bytes, RECORD_HEAD_BYTES, (head) => head.readUInt16BE(3));

/** A message of a handshake. */
export type Message = { kind: number; body: Buffer };

/** The messages that are whole by now. Throws where one is longer than OpenSSL takes. */
export const takeMessages = (rest: Pieces, content: Buffer): Message[] =>
  take(rest, content, MESSAGE_HEAD_BYTES, (head) => {
    const length = head.readUIntBE(1, 3);
    if (length > MAX_MESSAGE_BYTES)
      throw fault('DEAR_CHAIN', `a message of ${length.toLocaleString('en')} bytes`);
    return length;
  }).map((message) => ({ kind: message[0] as number, body: message.subarray(MESSAGE_HEAD_BYTES) }));

/** The number of the suite that a ServerHello takes: it stands behind a version, 32 random bytes and the session's name. */
export const suiteIn = (serverHello: Buffer): number => {
  const at = 35 + (serverHello[34] ?? 0);
  return 256 * (serverHello[at] ?? 0) + (serverHello[at + 1] ?? 0);
};

/**
 * The certificates (DER) of a message of that kind, as far as they can be read. In TLS 1.3 a context stands before them,
 * and extensions behind each (RFC 8446, 4.4.2).
 */
export const certificatesIn = (body: Buffer, isTls13: boolean): Buffer[] => {
  const found: Buffer[] = [];
  let at = isTls13 ? 1 + (body[0] ?? 0) : 0;
  for (at += 3; at + 3 <= body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3);
    found.push(body.subarray(at + 3, end));
    at = end + (isTls13 && end + 2 <= body.length ? 2 + body.readUInt16BE(end) : 0);
  }
  return found;
};
