import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { secondHandshake } from '../core/probe/bounds.ts';
import { newPieces, RECORD, takeRecords } from '../core/probe/tls-flight.ts';
import { lookedAt, newFirstFlight, untold } from './first-flight.ts';
import { forgetServer, knownServer, rememberServer } from './known-servers.ts';
import type { Stalls } from './stalls.ts';

/** By how many bytes the handshakes of one server differ: its signatures, and what it says of revocation. */
const SPARE_BYTES = 256;

/**
 * Bytes that OpenSSL gets at a time. It works through all that it is given before anybody can say that it was enough, and a KeyUpdate has
 * 27 bytes: these hold no more of them than may come (`MAX_KEYS`), and a few.
 */
const SLICE_BYTES = 1_024;

/** What TLS begins with for the next key of its handshake that it tells (TLS 1.3). */
const SECRET = 'SERVER_HANDSHAKE_TRAFFIC_SECRET ';

/**
 * What TLS is to read and write. OpenSSL verifies whatever chain a server sends, in one call, before anybody can look; so the
 * first time the bytes of a server are read here, and handed on once its certificates are found to be cheap; `isFirst` says so, and `sent` has
 * them (DER). `server` names it.
 * To look costs a fifth of a probe, and a server is probed every few seconds: one that is known is read by TLS itself, until its handshake fails or has another length, or anything fails after it.
 */
export const underTls = (
  raw: Socket,
  server: string,
  { ours }: Pick<Stalls, 'ours'>,
): { stream: Duplex; watch: (socket: TLSSocket) => void; isFirst: boolean; sent: () => Buffer[] } => {
  const before = knownServer(server).handshakeBytes;
  if (before === undefined) return lookFirst(raw, server, ours);
  const watch = (socket: TLSSocket) => {
    let isSame = false;
    socket.once('secureConnect', () => {
      isSame = Math.abs(raw.bytesRead - before) <= SPARE_BYTES;
    });
    socket.on('close', (hadError) => (isSame && !hadError) || raw.bytesRead === 0 || forgetServer(server));
  };
  return { stream: raw, watch, isFirst: false, sent: () => [] };
};

const lookFirst = (raw: Socket, server: string, ours: Stalls['ours']): ReturnType<typeof underTls> => {
  const flight = newFirstFlight();
  let onSecond: (() => void) | undefined;
  const written = newPieces();
  const stream = new Duplex({
    read: () => void raw.resume(),
    write: (bytes: Buffer, _encoding, done) => {
      // By this TLS takes part in a second handshake (TLS 1.2), whose certificates nobody has looked at.
      if (takeRecords(written, bytes).some(([kind]) => kind === RECORD.handshake)) onSecond?.();
      raw.write(bytes, () => done());
    },
    final: (done) => void raw.end(() => done()),
    destroy: (error, done) => {
      raw.destroy();
      done(error);
    },
  });
  const watch = (socket: TLSSocket) => {
    const tell = (line: Buffer) => {
      if (!line.toString('latin1', 0, SECRET.length).startsWith(SECRET)) return;
      flight.secret = Buffer.from(line.toString('latin1').trim().split(' ')[2] as string, 'hex');
      socket.off('keylog', tell);
    };
    socket.on('keylog', tell);
    socket.once('secureConnect', () => {
      onSecond = () => void socket.destroy(secondHandshake());
      rememberServer(server, { handshakeBytes: raw.bytesRead });
    });
    socket.on('close', (hadError) => hadError && forgetServer(server));
    // TLS over a stream takes this from it, and would leave its own half open for ever.
    socket.allowHalfOpen = false;
    raw.on('error', (error) => onceRead(stream, () => void socket.destroy(error)));
    const handOn = (parts: Iterable<Buffer>) => {
      for (const part of parts)
        for (let at = 0; at < part.length; at += SLICE_BYTES) {
          if (stream.destroyed || socket.destroyed) return;
          if (!stream.push(part.subarray(at, at + SLICE_BYTES))) raw.pause();
        }
    };
    raw.on('data', (bytes: Buffer) => {
      try {
        handOn(lookedAt(flight, bytes, ours));
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    raw.on('end', () => {
      handOn(untold(flight));
      stream.push(null);
    });
    // One that has ended by itself may have closed before TLS has read what it sent.
    raw.on('close', (hadError) => raw.readableEnded || hadError || stream.destroy());
  };
  return { stream, watch, isFirst: true, sent: () => flight.sent };
};

/** Runs something once nothing is left of what came: TLS reads no more than fits above it, and goes on after a while. */
const onceRead = (stream: Duplex, run: () => void): void => {
  const look = () => {
    if (stream.readableLength > 0) return;
    stream.off('data', look);
    run();
  };
  stream.on('data', look);
  look();
};
