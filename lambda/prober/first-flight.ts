import { createDecipheriv, createHmac } from 'node:crypto';
import { fault, MAX_CHAIN_MS, MAX_FIRST_RECORDS } from '../core/probe/bounds.ts';
import { chainCostMs } from '../core/probe/chain-cost.ts';
import {
  certificatesIn,
  MESSAGE,
  mayBeRecord,
  newPieces,
  type Pieces,
  RECORD,
  RECORD_HEAD_BYTES,
  suiteIn,
  takeMessages,
  takeRecords,
} from '../core/probe/tls-flight.ts';
import type { Stalls } from './stalls.ts';

/** How far the first bytes of a server have been looked at, up to its certificates. */
export type FirstFlight = {
  records: Pieces;
  messages: Pieces;
  /** Records that hold a message of which more has to come. */
  held: Buffer[];
  suite: number;
  /** By which it seals its handshake in TLS 1.3, once it is known. */
  secret?: Buffer;
  /** How many records it has sealed. */
  sealed: number;
  /** How many records have come. */
  count: number;
  isOver: boolean;
  /** The certificates that it sent (DER), once they have come. */
  sent: Buffer[];
};

export const newFirstFlight = (): FirstFlight => ({
  records: newPieces(),
  messages: newPieces(),
  held: [],
  suite: 0,
  sealed: 0,
  count: 0,
  isOver: false,
  sent: [],
});

/**
 * What may be handed on to OpenSSL: all at once, but for what comes behind the record by which the secret becomes known. `ours` is for the
 * time that it takes to look.
 */
export function* lookedAt(flight: FirstFlight, bytes: Buffer, ours: Stalls['ours']): Generator<Buffer> {
  if (flight.isOver) {
    yield bytes;
    return;
  }
  for (const record of ours(() => takeRecords(flight.records, bytes))) {
    const isFirstSealed = record[0] === RECORD.data && flight.secret === undefined;
    if (isFirstSealed && flight.held.length > 0) yield heldOf(flight);
    if (!flight.isOver) ours(() => look(flight, record));
    flight.held.push(record);
    flight.count += 1;
    if (flight.held.length <= MAX_FIRST_RECORDS) continue;
    if (flight.messages.size > 0 || flight.count > 2 * MAX_FIRST_RECORDS) {
      throw fault(
        'FLOOD',
        `more than ${MAX_FIRST_RECORDS.toLocaleString('en')} records for its certificates`,
      );
    }
    yield heldOf(flight);
  }
  flight.isOver ||= !mayBeRecord(flight.records);
  if (flight.isOver) yield* untold(flight);
  // Of a certificate that has come in part OpenSSL gets nothing.
  else if (flight.messages.size === 0 && flight.held.length > 0) yield heldOf(flight);
}

const heldOf = (flight: FirstFlight): Buffer => {
  const held = Buffer.concat(flight.held);
  flight.held = [];
  return held;
};

/** What was held back, where nothing more is to be looked at: the server has ended, or speaks no TLS. */
export function* untold(flight: FirstFlight): Generator<Buffer> {
  yield heldOf(flight);
  yield* flight.records.pieces;
  flight.records = newPieces();
}

/** Throws if the certificates in this record, and in those before it, would take OpenSSL too long. */
const look = (flight: FirstFlight, record: Buffer): void => {
  const kind = record[0];
  const isSealed = kind === RECORD.data;
  if (kind !== RECORD.handshake && !isSealed) return;
  const content = isSealed ? opened(flight, record) : record.subarray(RECORD_HEAD_BYTES);
  if (content === undefined) {
    // No handshake, or not by these keys: OpenSSL will say what is wrong with it.
    flight.isOver = true;
    return;
  }
  for (const { kind: what, body } of takeMessages(flight.messages, content)) {
    if (what === MESSAGE.serverHello) flight.suite = suiteIn(body);
    if (what !== MESSAGE.certificate) continue;
    flight.isOver = true;
    flight.sent = certificatesIn(body, isSealed);
    refuseDear(flight.sent);
    return;
  }
};

const refuseDear = (chain: Buffer[]): void => {
  const costMs = chainCostMs(chain);
  if (costMs <= MAX_CHAIN_MS) return;
  const what = Number.isFinite(costMs)
    ? `take ${Math.round(costMs)} ms to verify, and ${MAX_CHAIN_MS} is the most`
    : 'cannot all be read, or name too much';
  throw fault('DEAR_CHAIN', `its ${chain.length} certificates ${what}`);
};

/** The suites of TLS 1.3 (RFC 8446, B.4): cipher, length of its key, and hash. */
const SUITES: Record<
  number,
  [cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305', keyBytes: number, hash: string]
> = {
  4865: ['aes-128-gcm', 16, 'sha256'],
  4866: ['aes-256-gcm', 32, 'sha384'],
  4867: ['chacha20-poly1305', 32, 'sha256'],
};
const [NONCE_BYTES, TAG_BYTES] = [12, 16];

/** HKDF-Expand-Label (RFC 8446, 7.1) for no more bytes than the hash has. */
const expanded = (secret: Buffer, label: string, bytes: number, hash: string): Buffer => {
  const name = `tls13 ${label}`;
  const info = Buffer.concat([Buffer.of(0, bytes, name.length), Buffer.from(name), Buffer.of(0, 1)]);
  return createHmac(hash, secret).update(info).digest().subarray(0, bytes);
};

/** The part of a handshake in a sealed record; undefined if it is none, or cannot be opened. */
const opened = (flight: FirstFlight, record: Buffer): Buffer | undefined => {
  const [cipher, keyBytes, hash] = SUITES[flight.suite] ?? [];
  const { secret } = flight;
  if (secret === undefined || cipher === undefined || keyBytes === undefined || hash === undefined)
    return undefined;
  const nonce = expanded(secret, 'iv', NONCE_BYTES, hash);
  nonce.writeUInt32BE((nonce.readUInt32BE(NONCE_BYTES - 4) ^ flight.sealed) >>> 0, NONCE_BYTES - 4);
  flight.sealed += 1;
  const tagAt = record.length - TAG_BYTES;
  if (tagAt < RECORD_HEAD_BYTES) return undefined;
  try {
    const opener = createDecipheriv(cipher as 'aes-128-gcm', expanded(secret, 'key', keyBytes, hash), nonce, {
      authTagLength: TAG_BYTES,
    });
    opener.setAAD(record.subarray(0, RECORD_HEAD_BYTES)).setAuthTag(record.subarray(tagAt));
    const content = Buffer.concat([opener.update(record.subarray(RECORD_HEAD_BYTES, tagAt)), opener.final()]);
    const kindAt = content.findLastIndex((byte) => byte !== 0);
    return content[kindAt] === RECORD.handshake ? content.subarray(0, kindAt) : undefined;
  } catch {
    return undefined;
  }
};
