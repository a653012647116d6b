import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

const TRIES = 100;
const PAUSE_MS = 50;

/** Whether something takes connections there: what an interrupted run left behind would be measured in place of what this one starts. */
export const isListening = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** So many TCP ports on which nothing listens, at any address of this machine: for programs that cannot ask for port 0. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '0.0.0.0'));
  // All at once, else one port could be found twice.
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
};

/** Waits until something takes connections at `host` and `port`; throws after 5 s, and at once when `hasEnded` says that it never will. */
export const untilListening = async (
  host: string,
  port: number,
  hasEnded: () => boolean = () => false,
): Promise<void> => {
  for (let tries = 0; tries < TRIES && !hasEnded(); tries += 1) {
    if (await isListening(host, port)) return;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  throw new Error(
    `Expected nginx to listen on ${host}:${port} within 5 s; see what it said, or its error.log.`,
  );
};
