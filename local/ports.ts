import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { CannotStart } from './cannot-start.ts';
import { type DnsServer, startDns } from './dns.ts';
import type { Answerer } from './dns-message.ts';

/** All of the local cloud listens here, and nowhere else. */
export const HOST = '127.0.0.1';

/** Rejects with `CannotStart` when the port cannot be had; 0 takes any free one. */
export const listenForAws = async (server: Server, port: number): Promise<void> => {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen(port, 'AWS calls', '--port', cause);
  }
};

/** Likewise, for DNS over UDP and TCP. */
export const listenForDns = async (port: number, answer: Answerer): Promise<DnsServer> => {
  try {
    return await startDns({ port, host: HOST, answer });
  } catch (cause) {
    throw cannotListen(port, 'DNS', '--dns-port', cause);
  }
};

/** Rejects as the two above would: whoever has to choose another port should not have to wait for the synthesis first. */
export const mustBeFree = async (ports: { port: number; dnsPort: number }): Promise<void> => {
  const aws = createServer();
  await listenForAws(aws, ports.port);
  aws.close();
  const dns = await listenForDns(ports.dnsPort, () => undefined);
  await dns.close();
};

const cannotListen = (port: number, what: string, flag: string, cause: unknown): CannotStart => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'another program uses it' : message;
  return new CannotStart(
    `Cannot listen on ${HOST}:${port} for ${what}: ${why}. Choose another port with ${flag}.`,
    { cause },
  );
};
