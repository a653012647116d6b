import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What visitors may take of a gate, and the application's patience. Times are milliseconds. */
export type GateLimits = {
  /** Connections at once; a further one is closed at once. Each costs a descriptor, and a second one where it is passed on. */
  connections: number;
  /** Of these, such as have no request under way. With one more the oldest is closed. */
  idleConnections: number;
  /** From the first byte of a connection to the end of a request's head, or to the end of the TLS handshake. */
  headMs: number;
  /** From a request's first byte to its last. */
  requestMs: number;
  /** An exchange in which nothing moves is given up. */
  silenceMs: number;
  headBytes: number;
};

/** As nginx has them by default where it has one: 60 s for a head and for silence; ours are wider where applications are slow. */
export const LIMITS: GateLimits = {
  connections: 8000,
  idleConnections: 2000,
  headMs: 15_000,
  requestMs: 300_000,
  silenceMs: 120_000,
  headBytes: 32_768,
};

/** A connection, also where TLS is a socket of its own on it. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * Holds a server to its number of connections, and gives the set of those that are open. When too many wait without a
 * request the oldest is closed, so that whoever opens connections and sends nothing keeps nobody out.
 */
export const limitConnections = (
  server: Server,
  { connections, idleConnections }: GateLimits,
): Set<Socket> => {
  const sockets = new Set<Socket>();
  const idle = new Map<string, Socket>();
  const isIdle = (key: string, socket: Socket): void => {
    idle.set(key, socket);
    const [oldest] = idle;
    if (idle.size <= idleConnections || oldest === undefined) return;
    idle.delete(oldest[0]);
    oldest[1].destroy();
  };
  server.maxConnections = connections;
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    sockets.add(socket);
    isIdle(key, socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (idle.get(key) === socket) idle.delete(key);
    });
  });
  for (const event of ['upgrade', 'connect'])
    server.on(event, ({ socket }: IncomingMessage) => idle.delete(keyOf(socket)));
  for (const event of ['request', 'checkContinue', 'checkExpectation'])
    server.prependListener(event, ({ socket }: IncomingMessage, response: ServerResponse) => {
      const key = keyOf(socket);
      const raw = idle.get(key);
      idle.delete(key);
      if (raw !== undefined) response.on('finish', () => raw.destroyed || isIdle(key, raw));
    });
  return sockets;
};
