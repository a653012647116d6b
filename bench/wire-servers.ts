/**
 * Servers for `wire.ts`, in a network namespace of their own: HTTP, and HTTPS with HTTP/2 and HTTP/1.1. Tells its ports
 * and waits.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

const file = (name: string) => readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url));

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const secure = { cert: file('site.pem'), key: file('test-only.key'), allowHTTP1: true };
const plain = await listen(createServer((_request, response) => void response.end('ok')));
const overTls = await listen(createSecureServer(secure, (_request, response) => void response.end('ok')));
process.send?.({ plain, overTls });
process.once('disconnect', () => process.exit());
