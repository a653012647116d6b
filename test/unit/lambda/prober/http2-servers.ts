import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { FLAG, frame, TYPE } from '../../../browser-truth/http2-server.ts';
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

/** Fields of a head that are remembered, in the 4,096 bytes there are for that. Node takes 127 in one head. */
const FIELDS = 100;

/**
 * `count` interim answers (103) with a hundred fields. The first has them written out, to be remembered; in all others each
 * field is a byte or two that names it (RFC 7541, 6.1 and 6.2.1).
 */
export const earlyHints = (count: number): Buffer => {
  const [named, field] = [0x80, 0x40];
  const status = Buffer.concat([Buffer.of(8, 3), Buffer.from('103')]);
  const written = Array.from({ length: FIELDS }, (_, nth) => {
    const name = `x-${nth}`;
    return Buffer.concat([Buffer.of(field, name.length), Buffer.from(name), Buffer.of(1), Buffer.from('y')]);
  });
  // Fields are counted from the last that was remembered, behind the 61 that are always known.
  const [first, inOneByte] = [62, 126];
  const again = written.map((_, nth) => {
    const number = first + nth;
    return number <= inOneByte ? Buffer.of(named | number) : Buffer.of(0xff, number - 127);
  });
  const head = (fields: Buffer[]) =>
    frame(TYPE.headers, FLAG.endHeaders, 1, Buffer.concat([status, ...fields]));
  return Buffer.concat([head(written), ...Array<Buffer>(count - 1).fill(head(again))]);
};
