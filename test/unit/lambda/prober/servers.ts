import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';

const file = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/certificates/${name}`, import.meta.url), 'utf8');

/** The authority that the prober under test trusts. */
export const AUTHORITY = file('authority.pem');

export type Behaviour = (socket: net.Socket) => void;
export type Listening = { port: number; sockets: Set<net.Socket>; connections: number };

const listen = async (t: TestContext, server: net.Server, address: string): Promise<Listening> => {
  const listening: Listening = { port: 0, sockets: new Set(), connections: 0 };
  server.on('connection', (socket: net.Socket) => {
    listening.connections += 1;
    listening.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => listening.sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  listening.port = (server.address() as net.AddressInfo).port;
  t.after(() => {
    for (const socket of listening.sockets) socket.destroy();
    server.close();
  });
  return listening;
};

/** A TCP server on a free port that treats each connection as it is told. */
export const serve = (t: TestContext, behaviour: Behaviour, address = '127.0.0.1'): Promise<Listening> =>
  listen(
    t,
    net.createServer({ allowHalfOpen: true }, (socket) => {
      // Only a socket that is read learns that the other side has gone.
      socket.resume();
      behaviour(socket);
    }),
    address,
  );

/** The same over TLS, with a certificate of `fixtures/certificates`. */
export const serveTls = (
  t: TestContext,
  certificate: string,
  behaviour: Behaviour,
  options: tls.TlsOptions = {},
): Promise<Listening> => {
  const server = tls.createServer(
    { cert: file(certificate), key: file('test-only.key'), ...options },
    (socket) => {
      socket.on('error', () => {});
      behaviour(socket);
    },
  );
  server.on('tlsClientError', () => {});
  return listen(t, server, '127.0.0.1');
};

/** Waits for the request's last header line, then goes on. */
export const onRequest =
  (then: (socket: net.Socket, request: string) => void): Behaviour =>
  (socket) => {
    let received = '';
    socket.on('data', (chunk) => {
      const complete = received.includes('\r\n\r\n');
      received += chunk;
      if (!complete && received.includes('\r\n\r\n')) then(socket, received);
    });
  };

/** Sends these bytes as the whole of the answer, then ends. */
export const answer = (...parts: (string | Buffer)[]): Behaviour =>
  onRequest((socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  });

/** A complete answer with this body. */
export const ok = (body: string | Buffer, headers = ''): Behaviour =>
  answer(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`, body);

/** Sends `make()` again and again until the other side goes away. */
export const keepSending = (socket: net.Socket, make: () => string | Buffer, everyMs: number): void => {
  const timer = setInterval(() => socket.writable && socket.write(make()), everyMs);
  socket.on('close', () => clearInterval(timer));
};
