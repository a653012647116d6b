import { constants, createCipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket, type TLSSocketOptions, type TlsOptions } from 'node:tls';

/** Does what it does with a connection on which nothing was sent yet. */
export type TlsFlood = (socket: Socket) => void;

const file = (name: string) =>
  readFileSync(new URL(`../../../support/certificates/${name}`, import.meta.url));
/** That of these servers, which is its own authority. */
export const CERTIFICATE = file('self-signed.pem').toString();
const KEYS = { cert: CERTIFICATE, key: file('test-only.key') };

const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const VERSION_1_2 = 0x0303;

/** A record of TLS as it is on the wire (RFC 8446, 5.1). */
export const record = (type: number, content: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt16BE(VERSION_1_2, 1);
  head.writeUInt16BE(content.length, 3);
  return Buffer.concat([head, content]);
};

/** Answers the hello with `start` and then with `one` again and again, in the clear, as fast as it is read. */
export const inTheClear =
  (start: Buffer, one: Buffer): TlsFlood =>
  (socket) => {
    const bytes = Buffer.concat(Array(Math.ceil(16_384 / one.length)).fill(one));
    const more = () => {
      while (socket.writable && socket.write(bytes));
    };
    socket.once('data', () => {
      socket.write(start);
      socket.on('drain', more);
      more();
    });
  };

/** Records that are sealed take this process as much as the one that reads them: so many each few milliseconds. */
const keepSealing = (socket: Socket, make: () => Buffer): void => {
  const timer = setInterval(() => {
    for (let each = 0; each < 20 && socket.writable; each += 1) socket.write(make());
  }, 5);
  socket.on('close', () => clearInterval(timer));
};

/** A server's half of TLS over `socket`, and what it has sent so far. */
const secured = (socket: Socket, options: TLSSocketOptions) => {
  const sent: Buffer[] = [];
  const wire = new Duplex({
    read: () => {},
    write: (bytes: Buffer, _encoding, done) => {
      sent.push(bytes);
      socket.write(bytes, () => done());
    },
  });
  const hear = (bytes: Buffer) => void wire.push(bytes);
  socket.on('data', hear);
  socket.on('close', () => wire.destroy());
  const secure = new TLSSocket(wire, { isServer: true, ...KEYS, ...options });
  secure.on('error', () => {});
  const hearNoMore = () => {
    socket.off('data', hear);
    socket.resume();
  };
  return { secure, sent, hearNoMore };
};

/** How many records of this type there are in what was sent. */
const countOf = (type: number, sent: Buffer[]): number => {
  const bytes = Buffer.concat(sent);
  let count = 0;
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    if (bytes[at] === type) count += 1;
  return count;
};

export const seal = (key: Buffer, nonce: Buffer, authenticated: Buffer, content: Buffer): Buffer => {
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(authenticated);
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
};

/** HKDF-Expand-Label for at most 32 bytes (RFC 8446, 7.1). */
const expand = (secret: Buffer, label: string, length: number): Buffer => {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
};

/** How many new keys, whether one of the other side is asked for with each, what is said with the last, and whether all is sent at once. */
export type KeyUpdates = { times?: number; isAsking?: boolean; then?: string; isAtOnce?: boolean };

/** Goes over to a new key again and again (KeyUpdate, RFC 8446, 4.6.3). */
export const keyUpdates =
  ({
    times = Number.POSITIVE_INFINITY,
    isAsking = false,
    then = '',
    isAtOnce = false,
  }: KeyUpdates = {}): TlsFlood =>
  (socket) => {
    const { secure, sent } = secured(socket, { maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' });
    let secret: Buffer = Buffer.alloc(0);
    let number = 0;
    secure.on('keylog', (line: Buffer) => {
      const [label, , value] = line.toString().trim().split(' ');
      if (label === 'SERVER_TRAFFIC_SECRET_0') secret = Buffer.from(value as string, 'hex');
    });
    secure.once('secure', () => {
      number = -countOf(APPLICATION_DATA, sent);
    });
    const sealed = (type: number, bytes: Buffer): Buffer => {
      const content = Buffer.concat([bytes, Buffer.of(type)]);
      const nonce = expand(secret, 'iv', 12);
      nonce[11] = (nonce[11] as number) ^ number;
      const head = record(APPLICATION_DATA, Buffer.alloc(content.length + 16)).subarray(0, 5);
      return Buffer.concat([head, seal(expand(secret, 'key', 16), nonce, head, content)]);
    };
    let made = 0;
    const next = (): Buffer => {
      made += 1;
      if (made === times + 1) return sealed(APPLICATION_DATA, Buffer.from(then));
      if (made > times) return Buffer.alloc(0);
      const bytes = sealed(HANDSHAKE, Buffer.of(24, 0, 0, 1, isAsking ? 1 : 0));
      secret = expand(secret, 'traffic upd', 32);
      number = 0;
      return bytes;
    };
    const start = () => {
      number += countOf(APPLICATION_DATA, sent);
      if (isAtOnce) socket.write(Buffer.concat(Array.from({ length: times }, next)));
      else keepSealing(socket, next);
    };
    // What the server itself has to say, its session tickets, is on the wire by then.
    secure.once('data', () => setTimeout(start, 50));
  };

/** The pseudorandom function of TLS 1.2 with SHA-256 (RFC 5246, 5). */
export const prf = (secret: Buffer, seed: Buffer, length: number): Buffer => {
  const hmac = (bytes: Buffer) => createHmac('sha256', secret).update(bytes).digest();
  const parts: Buffer[] = [];
  for (let each = hmac(seed), size = 0; size < length; each = hmac(each), size += 32) {
    parts.push(hmac(Buffer.concat([each, seed])));
  }
  return Buffer.concat(parts).subarray(0, length);
};

/** Asks again and again, over TLS 1.2, that the handshake begin anew (HelloRequest, RFC 5246, 7.4.1.1), and does nothing for it. */
export const helloRequests: TlsFlood = (socket) => {
  const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256';
  const { secure, sent, hearNoMore } = secured(socket, { maxVersion: 'TLSv1.2', ciphers });
  let [key, salt]: Buffer[] = [];
  secure.on('keylog', (line: Buffer) => {
    const [, clientRandom, master] = line.toString().trim().split(' ');
    const serverRandom = Buffer.concat(sent).subarray(11, 43);
    const seed = Buffer.concat([
      Buffer.from('key expansion'),
      serverRandom,
      Buffer.from(clientRandom as string, 'hex'),
    ]);
    const block = prf(Buffer.from(master as string, 'hex'), seed, 40);
    key = block.subarray(16, 32);
    salt = block.subarray(36, 40);
  });
  // The end of the handshake was the first sealed record.
  let number = 0;
  const next = (): Buffer => {
    number += 1;
    const sequence = Buffer.alloc(8);
    sequence.writeUInt32BE(number, 4);
    const content = Buffer.alloc(4 * 256);
    const authenticated = Buffer.concat([sequence, record(HANDSHAKE, content).subarray(0, 5)]);
    const bytes = seal(key as Buffer, Buffer.concat([salt as Buffer, sequence]), authenticated, content);
    return record(HANDSHAKE, Buffer.concat([sequence, bytes]));
  };
  secure.once('data', () => {
    hearNoMore();
    keepSealing(socket, next);
  });
};

/** Makes a new handshake over TLS 1.2 whenever the last one is over. */
export const renegotiations: TlsFlood = (socket) => {
  const secure = new TLSSocket(socket, { isServer: true, ...KEYS, maxVersion: 'TLSv1.2' });
  secure.on('error', () => {});
  const again = () => void secure.renegotiate({}, (error) => error === null && setImmediate(again));
  secure.once('data', again);
};

/** Answers its first `good` connections; each one after that gets a second handshake, over TLS 1.2, with this chain. */
export const anotherChain = (good: number, chain: TlsOptions): TlsFlood => {
  let connections = 0;
  return (socket) => {
    connections += 1;
    const isGood = connections <= good;
    // Without it a second handshake takes the first one's session up again, without certificates.
    const secureOptions = constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION;
    const secure = new TLSSocket(socket, { isServer: true, ...KEYS, maxVersion: 'TLSv1.2', secureOptions });
    secure.on('error', () => {});
    secure.once('data', () => {
      if (isGood) return void secure.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      secure.setKeyCert(chain);
      secure.renegotiate({}, () => {});
    });
  };
};
