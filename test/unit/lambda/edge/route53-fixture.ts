import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Change, RecordSet } from '../../../../lambda/core/zone/records.ts';
import { route53Client, route53Zones } from '../../../../lambda/edge/route53.ts';
import type { Zones } from '../../../../lambda/ports.ts';
import { OPERATOR } from '../../../../local/credentials.ts';

export const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** Only where an answer is not to come may the wait for it be short. */
export const IMPATIENT = { readTimeoutMs: 200, changeTimeoutMs: 200 };

type Given = { credentials?: typeof OPERATOR; timeouts?: Partial<typeof IMPATIENT>; callMs?: number };

export const zonesAt = (
  endpoint: string,
  { credentials = OPERATOR, timeouts, ...options }: Given = {},
): Zones => {
  const clients = route53Client({
    ...{ readTimeoutMs: 10_000, changeTimeoutMs: 10_000, ...timeouts },
    ...{ endpoint, credentials, region: 'eu-west-2' },
  });
  closing.push(
    () => clients.reader.destroy(),
    () => clients.writer.destroy(),
  );
  return route53Zones(clients, options);
};

export type Answering = (response: ServerResponse) => unknown;
export const saying =
  (status: number, body: string): Answering =>
  (response) =>
    response.writeHead(status).end(body);

/** A server that answers every request alike and counts them. */
export const startServer = async (answer: (response: ServerResponse) => unknown) => {
  const seen = { requests: 0, connections: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    request.resume();
    request.on('end', () => answer(response));
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return { seen, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

export const www = (value: string): RecordSet => ({
  name: 'www.example.com',
  type: 'A',
  ttlSeconds: 60,
  values: [value],
});
export const CREATE: Change[] = [{ action: 'CREATE', record: www('192.0.2.1') }];

export const faultOf = async (call: Promise<unknown>): Promise<Fault> => {
  const error = await call.then(
    () => assert.fail('expected a fault'),
    (reason) => reason,
  );
  assert.ok(error instanceof Fault, String(error));
  return error;
};
