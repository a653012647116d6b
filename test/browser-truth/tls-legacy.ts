import {
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import type { Socket } from 'node:net';
import { prf, record, seal } from '../../fixtures/hostile/tls-floods.ts';
import { type Case, HOST, PAGE } from './case.ts';
import { LEAF_KEYS, leaf, MIDDLE } from './certificates/authorities.ts';

/** Kinds of records and of messages (RFC 5246, 6.2.1 and 7.4). */
const [CHANGE_CIPHER, HANDSHAKE, DATA] = [20, 22, 23];
const [SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, HELLO_DONE, FINISHED] = [2, 11, 12, 14, 20];

const vector = (lengthBytes: number, content: Buffer): Buffer => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
};
const message = (kind: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(kind), vector(3, body)]);

/** Of X25519, as on the wire and as Node has it: behind a head that is always the same (RFC 8410). */
const KEY_HEAD = Buffer.from('302a300506032b656e032100', 'hex');
const publicKeyOf = (raw: Buffer) =>
  createPublicKey({ key: Buffer.concat([KEY_HEAD, raw]), format: 'der', type: 'spki' });

const numbered = (number: number): Buffer => {
  const sequence = Buffer.alloc(8);
  sequence.writeUInt32BE(number, 4);
  return sequence;
};

type Ours = { random: Buffer; keys: ReturnType<typeof generateKeyPairSync>; flight: Buffer };

/** All that comes before the client's key: ECDHE-RSA-AES128-GCM-SHA256 with X25519, and no extension at all. */
const flightFor = (clientRandom: Buffer): Ours => {
  const random = randomBytes(32);
  const keys = generateKeyPairSync('x25519');
  const raw = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(KEY_HEAD.length);
  const share = Buffer.concat([Buffer.of(3, 0, 29), vector(1, raw)]);
  const signature = sign('sha256', Buffer.concat([clientRandom, random, share]), LEAF_KEYS().privateKey);
  const chain = [leaf(), MIDDLE().certificate].map(({ der }) => vector(3, der));
  const flight = Buffer.concat([
    message(SERVER_HELLO, Buffer.concat([Buffer.of(3, 3), random, Buffer.of(0, 0xc0, 0x2f, 0)])),
    message(CERTIFICATE, vector(3, Buffer.concat(chain))),
    message(KEY_EXCHANGE, Buffer.concat([share, Buffer.of(4, 1), vector(2, signature)])),
    message(HELLO_DONE, Buffer.alloc(0)),
  ]);
  return { random, keys, flight };
};

/** What came after `flightFor`, record by record. */
const recordsIn = (bytes: Buffer): { kind: number; content: Buffer }[] => {
  const found: { kind: number; content: Buffer }[] = [];
  for (let at = 0; at + 5 <= bytes.length && at + 5 + bytes.readUInt16BE(at + 3) <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    found.push({ kind: bytes[at] as number, content: bytes.subarray(at + 5, end) });
    at = end;
  }
  return found;
};

/** A server of TLS 1.2 from before RFC 5746 (2010), which says nothing of renegotiation; it shows the page. */
const serveLegacy = (hello: Buffer, tcp: Socket): void => {
  const clientHello = hello.subarray(5);
  const clientRandom = clientHello.subarray(6, 38);
  const { random, keys, flight } = flightFor(clientRandom);
  let received = Buffer.alloc(0);
  let isDone = false;
  let [key, salt]: Buffer[] = [];
  let sent = 0;
  const sealed = (kind: number, content: Buffer): Buffer => {
    const sequence = numbered(sent);
    sent += 1;
    const authenticated = Buffer.concat([sequence, record(kind, content).subarray(0, 5)]);
    const nonce = Buffer.concat([salt as Buffer, sequence]);
    return record(kind, Buffer.concat([sequence, seal(key as Buffer, nonce, authenticated, content)]));
  };
  const finish = (clientKey: Buffer, finished: Buffer): void => {
    const shared = diffieHellman({
      privateKey: keys.privateKey as never,
      publicKey: publicKeyOf(clientKey.subarray(5)),
    });
    const seed = (label: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(label), ...parts]);
    const master = prf(shared, seed('master secret', clientRandom, random), 48);
    const block = prf(master, seed('key expansion', random, clientRandom), 40);
    key = block.subarray(16, 32);
    salt = block.subarray(36, 40);
    const nonce = Buffer.concat([block.subarray(32, 36), finished.subarray(0, 8)]);
    const opener = createDecipheriv('aes-128-gcm', block.subarray(0, 16), nonce);
    const clientFinished = opener.update(finished.subarray(8, -16));
    const all = Buffer.concat([clientHello, flight, clientKey, clientFinished]);
    const proof = prf(master, seed('server finished', createHash('sha256').update(all).digest()), 12);
    tcp.write(
      Buffer.concat([record(CHANGE_CIPHER, Buffer.of(1)), sealed(HANDSHAKE, message(FINISHED, proof))]),
    );
  };
  tcp.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    const records = recordsIn(received);
    const [clientKey, , finished] = records;
    if (!isDone && clientKey !== undefined && finished !== undefined) {
      isDone = true;
      finish(clientKey.content, finished.content);
    }
    if (!records.some(({ kind }) => kind === DATA)) return;
    received = Buffer.alloc(0);
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n`;
    tcp.end(sealed(DATA, Buffer.from(`${head}${PAGE}`)));
  });
  tcp.write(record(HANDSHAKE, flight));
};

/** A server that does not know RFC 5746 shows the page over TLS 1.2. */
export const LEGACY: Case = {
  scheme: 'https',
  host: HOST,
  serve: () => {},
  tls: () => ({}),
  atHello: (hello, tcp) => {
    serveLegacy(hello, tcp);
    return true;
  },
};
