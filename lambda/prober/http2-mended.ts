import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type Http2Mender, mendHttp2, newHttp2Mender } from '../core/probe/http2-mend.ts';
import { takeIn } from './intake.ts';
import { later, type Stalls } from './stalls.ts';

/**
 * A connection on which HTTP/2 is spoken, with what the server sends mended before Node reads it. It costs a fifth of a
 * probe more than the socket itself, so it is for the second try of those that need it.
 */
export const mendedHttp2 = (
  socket: Socket,
  stalls: Stalls,
  mender: Http2Mender = newHttp2Mender(),
): Duplex => {
  let isOver = false;
  const mended = new Duplex({
    read: () => {},
    write: (bytes, _encoding, done) => void socket.write(bytes, () => done()),
    final: (done) => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  // What goes wrong is told by the request; without a listener it would end the process.
  mended.on('error', () => {});
  takeIn(socket, stalls, {
    onBytes: (bytes) => void mended.push(mendHttp2(mender, bytes)),
    onEnd: () => void mended.push(null),
    onError: (error) => {
      isOver = true;
      socket.destroy();
      // What came before is with HTTP/2 by now, and not all of it with those who listen to that.
      later(() => mended.destroy(error), 0);
    },
    isOver: () => isOver || mended.destroyed,
  });
  // By this undici knows what is spoken; and it lets a connection that is not used keep no process alive.
  return Object.assign(mended, { alpnProtocol: 'h2', ref: () => mended, unref: () => mended });
};
