import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type GateOptions, startGate } from '../../../gate/server.ts';

/** What a raw application does with a request whose head has come: it writes what it likes. */
export type Application = (socket: Socket, head: string) => void;

/** An application that speaks for itself, byte by byte. */
export const startApplication = async (application: Application): Promise<Server> => {
  const server = createServer((socket) => {
    let got = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1');
      if (!got.includes('\r\n\r\n')) return;
      const head = got;
      got = '';
      application(socket, head);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Options of a gate that passes everything on to a port of this machine, and notes what it says. */
export const passing = (port: number, lines: Record<string, unknown>[]): GateOptions => ({
  listen: { host: '127.0.0.1', port: 0 },
  upstream: new URL(`http://127.0.0.1:${port}`),
  primaryHost: 'www-primary.example.com',
  scheme: 'http',
  probe: { header: 'x-probe-key', value: 'let me in' },
  view: () => 'serves',
  say: (line) => void lines.push(line),
});

export type Behind = { port: number; lines: Record<string, unknown>[] };

/** A gate that serves, before an application of the test's own. */
export const gateBefore = async (
  t: TestContext,
  application: Application,
  given: Partial<GateOptions> = {},
): Promise<Behind> => {
  const server = await startApplication(application);
  const lines: Behind['lines'] = [];
  const gate = await startGate({ ...passing(portOf(server), lines), ...given });
  t.after(async () => {
    await gate.close(0);
    server.close();
  });
  return { port: gate.address.port, lines };
};

/** Sends bytes and gives all that comes back until the connection ends, and how it ended. */
export const send = async (port: number, bytes: string): Promise<{ got: string; end: 'end' | 'reset' }> => {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.on('data', (piece) => {
    got += piece.toString('latin1');
  });
  socket.write(bytes, 'latin1');
  const ended = once(socket, 'close');
  const end = await Promise.race([
    ended.then(() => 'end' as const),
    once(socket, 'end').then(() => 'end' as const),
  ]).catch(() => 'reset' as const);
  socket.destroy();
  return { got, end };
};

/** A request of a visitor who wants nothing more after it. */
export const get = (path: string, method = 'GET', headers = '', version = '1.1'): string =>
  `${method} ${path} HTTP/${version}\r\nHost: www.example.com\r\n${headers}Connection: close\r\n\r\n`;

/** A connection of a visitor who has said nothing yet. */
export const opened = async (t: TestContext, port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
};

export const statusOf = (got: string): string => got.slice(9, 12);
