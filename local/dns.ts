import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Answerer, respond } from './dns-message.ts';

export type DnsOptions = {
  /** The same number for UDP and TCP; 0 takes one that is free for both. */
  port: number;
  host: string;
  /** Name normalised, type as a mnemonic (`AAAA`, `TYPE52`, `ANY`); undefined outside our zones, which is REFUSED. */
  answer: Answerer;
};

export type DnsServer = { port: number; close(): Promise<void> };

/** Ports tried for port 0 before giving up: one that TCP has free may be taken for UDP. */
const PORT_TRIES = 20;
/** A TCP connection that is silent for this long is closed (RFC 7766 asks for a few seconds). */
const TCP_IDLE_MS = 10_000;
const TCP_CONNECTIONS_MAX = 200;
/** Bytes of answers that may wait for a client that does not read them. */
const TCP_UNREAD_MAX = 1_000_000;

/** Answers as the name servers of our zones, on UDP and TCP. Rejects when the port is taken. */
export const startDns = async ({ port, host, answer }: DnsOptions): Promise<DnsServer> => {
  const connections = new Set<Socket>();
  for (let attempt = 1; ; attempt += 1) {
    const tcp = createServer((socket) => {
      connections.add(socket);
      socket.on('close', () => connections.delete(socket));
      serveTcp(socket, answer);
    });
    tcp.maxConnections = TCP_CONNECTIONS_MAX;
    await listening(tcp, port, host);
    const bound = (tcp.address() as AddressInfo).port;
    try {
      const udp = await serveUdp(bound, host, answer);
      return { port: bound, close: () => stop(tcp, udp, connections) };
    } catch (error) {
      tcp.close();
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (port !== 0 || !taken || attempt === PORT_TRIES) throw error;
    }
  }
};

const stop = async (tcp: Server, udp: UdpSocket, connections: Set<Socket>): Promise<void> => {
  const closed = Promise.all([once(tcp, 'close'), once(udp, 'close')]);
  tcp.close();
  udp.close();
  for (const socket of connections) socket.destroy();
  await closed;
};

const listening = async (server: Server, port: number, host: string): Promise<void> => {
  server.listen(port, host);
  await once(server, 'listening');
  // What goes wrong with one connection later on is that connection's affair.
  server.on('error', () => {});
};

const serveUdp = async (port: number, host: string, answer: Answerer): Promise<UdpSocket> => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (query, from) => {
    const response = respond(query, 'udp', answer);
    // The asker may be gone, or its address be no place to send to: UDP promises nothing.
    if (response !== undefined) socket.send(response, from.port, from.address, () => {});
  });
  socket.bind(port, host);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => {});
  return socket;
};

/** One connection: any number of queries, each behind two bytes of length, however they are cut into packets. */
const serveTcp = (socket: Socket, answer: Answerer): void => {
  let received: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const response = respond(received.subarray(2, end), 'tcp', answer);
      received = received.subarray(end);
      // What is no query at all cannot be answered; nothing sensible will follow it.
      if (response === undefined || socket.writableLength > TCP_UNREAD_MAX) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  });
};
