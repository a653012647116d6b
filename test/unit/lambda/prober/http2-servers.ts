import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { serveTls } from './servers.ts';

/** A server that has agreed to HTTP/2 and then does this with each connection, once the request is there. */
export const wild = (t: TestContext, then: (socket: TLSSocket) => void) =>
  serveTls(t, 'site.pem', (socket) => socket.once('data', () => then(socket as TLSSocket)), {
    ALPNProtocols: ['h2'],
  });

/** Sends `start`, and then `one` again and again, as fast as it is read. */
export const flood = (start: Buffer, one: Buffer) => (socket: TLSSocket) => {
  const bytes = Buffer.concat(Array(Math.ceil(16_384 / one.length)).fill(one));
  const more = () => {
    while (socket.writable && socket.write(bytes));
  };
  socket.write(start);
  socket.on('drain', more);
  more();
};
