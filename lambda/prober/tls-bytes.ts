import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FREE_TLS_BYTES, fault, MAX_KEYS, MAX_TLS_BYTES, secondHandshake } from '../core/probe/bounds.ts';
import type { Stalls } from './stalls.ts';

/**
 * What a byte that stays within TLS takes OpenSSL, milliseconds of CPU: measured with the dearest, new keys of 27 bytes that
 * take 10 us, or 20 if they are to be answered, and handshakes of 2.5 KB that take 1 ms.
 */
const MS_PER_BYTE = 5e-4;

/**
 * What Node tells of a key: of the next one in TLS 1.3 (OpenSSL 3.5; earlier versions tell nothing of it), and of that of
 * a whole handshake in TLS 1.2.
 */
const KEY = 'SERVER_TRAFFIC_SECRET_N ';
const HANDSHAKE = 'CLIENT_RANDOM ';

/**
 * Whether this process has met a server that goes on within TLS. From then on keys and handshakes are counted as they come, of
 * servers that are known, too, and not before: Node tells five keys of each handshake, which takes 7 % of a probe.
 */
let isWary = false;

/**
 * Ends a connection whose server goes on and on within TLS. OpenSSL reads new keys, requests to begin again and pieces of
 * a handshake by itself, any number of them, and nobody else hears of it: so the bytes that came over `raw` are compared
 * with those that became data whenever the event loop is looked at. That may be late: before, whatever has come may have been read. So keys
 * are counted from the beginning where nothing is known of the server (`isFirst`).
 */
export const boundTls = (
  raw: Socket,
  socket: TLSSocket,
  stalls: Pick<Stalls, 'follow'>,
  isFirst: boolean,
): void => {
  let isCounted = isWary || isFirst;
  if (isCounted) countKeys(socket);
  const unfollow = stalls.follow(() => {
    // Nearly always: to ask Node costs, for hundreds of connections fifty times a second.
    if (raw.bytesRead <= FREE_TLS_BYTES) return 0;
    const bytes = raw.bytesRead - socket.bytesRead;
    if (bytes > MAX_TLS_BYTES) socket.destroy(tooMany(MAX_TLS_BYTES, 'bytes within TLS'));
    isWary ||= bytes > FREE_TLS_BYTES;
    // Of a connection that is over Node must not be asked: it ends the process.
    if (isWary && !isCounted && !socket.destroyed) {
      countKeys(socket);
      isCounted = true;
    }
    return Math.max(0, bytes - FREE_TLS_BYTES) * MS_PER_BYTE;
  });
  socket.on('close', unfollow);
};

/** Ends a connection at one key too many. What was read together with that one is still to come, and ends nothing again. */
const countKeys = (socket: TLSSocket): void => {
  let [keys, handshakes] = [0, 0];
  socket.on('keylog', (line: Buffer) => {
    const told = line.toString('latin1', 0, KEY.length);
    if (told === KEY) {
      keys += 1;
      if (keys === MAX_KEYS + 1) socket.destroy(tooMany(MAX_KEYS, 'new keys'));
    } else if (told.startsWith(HANDSHAKE)) {
      handshakes += 1;
      if (handshakes === 2) socket.destroy(secondHandshake());
    }
  });
};

const tooMany = (most: number, what: string): Error =>
  fault('FLOOD', `more than ${most.toLocaleString('en')} ${what}`);
