import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Case, Visit } from './case.ts';

/** A server of the table on loopback. */
export type Running = { address: string; port: number; close(): Promise<void> };

/** The first byte of a TLS record that holds a handshake. */
const HANDSHAKE = 0x16;
const LOOPBACK = '127.0.0.1';

/** Cases that need a port of their own get an address of their own too, so that they meet nobody there. */
let ownAddresses = 0;

export const serveCase = async (one: Case): Promise<Running> => {
  const fixed = one.port !== undefined || one.morePorts !== undefined;
  if (fixed) ownAddresses += 1;
  const address = fixed ? `127.77.0.${ownAddresses}` : LOOPBACK;
  const open = new Set<net.Socket>();
  const terminator =
    one.scheme === undefined && one.takesBoth === undefined ? undefined : await terminatorOf(one);
  let seen = 0;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (tcp) => {
    open.add(tcp);
    tcp.on('error', () => {});
    tcp.on('close', () => open.delete(tcp));
    const visit = { tcp, nth: seen, port: portOf(server) };
    seen += 1;
    if (terminator === undefined) receive(one, { ...visit, socket: tcp, secure: false });
    else tcp.once('data', (first) => terminator.take(first, visit));
  });
  server.listen(one.port ?? 0, address);
  await once(server, 'listening');
  const more = await Promise.all((one.morePorts ?? []).map((port) => alsoAt(server, port, address)));
  const close = async () => {
    for (const tcp of open) tcp.destroy();
    const all = [server, ...more, ...(terminator === undefined ? [] : [terminator.server])];
    await Promise.all(
      all.filter((each) => each.listening).map((each) => new Promise((closed) => each.close(closed))),
    );
  };
  return { address, port: portOf(server), close };
};

const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;

/** The same server at another port; where the system forbids that, nobody listens there. */
const alsoAt = async (server: net.Server, port: number, address: string): Promise<net.Server> => {
  const another = net.createServer({ allowHalfOpen: true, noDelay: true }, (tcp) =>
    server.emit('connection', tcp),
  );
  another.listen(port, address);
  await Promise.race([once(another, 'listening'), once(another, 'error').catch(() => {})]);
  return another;
};

const receive = (one: Case, visit: Visit): void => {
  visit.socket.on('error', () => {});
  // Only a socket that is read learns that the other side has gone.
  visit.socket.resume();
  one.serve(visit);
};

type Arrived = Pick<Visit, 'tcp' | 'nth' | 'port'>;
type Terminator = { server: tls.Server; take(first: Buffer, arrived: Arrived): void };

/**
 * What takes TLS off a connection whose first bytes are here. TLS ends at a server behind this one, to which the bytes are
 * carried on, so that a case can end or reset the connection without what TLS says at its end.
 */
const terminatorOf = async (one: Case): Promise<Terminator> => {
  const arrivals = new Map<number, Arrived>();
  const server = tls.createServer({ noDelay: true, ...one.tls?.() });
  const stapled = one.stapled?.();
  if (stapled !== undefined) server.on('OCSPRequest', (_certificate, _issuer, reply) => reply(null, stapled));
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    const arrived = arrivals.get(socket.remotePort as number) as Arrived;
    receive(one, { ...arrived, socket, secure: true, protocol: socket.alpnProtocol || undefined });
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const take = (first: Buffer, arrived: Arrived): void => {
    const { tcp } = arrived;
    tcp.pause();
    if (one.atHello?.(first, tcp)) {
      tcp.resume();
      return;
    }
    tcp.unshift(first);
    if (one.takesBoth && first[0] !== HANDSHAKE) {
      receive(one, { ...arrived, socket: tcp, secure: false });
      return;
    }
    const onwards = net.connect({ port: portOf(server), host: LOOPBACK, allowHalfOpen: true, noDelay: true });
    onwards.on('error', () => {});
    onwards.once('connect', () => {
      arrivals.set(onwards.localPort as number, arrived);
      tcp.pipe(onwards).pipe(tcp);
    });
    tcp.on('close', () => onwards.destroy());
  };
  return { server, take };
};
