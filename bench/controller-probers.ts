/**
 * Probers of every region for a controller that is measured, and the function of its heartbeat, in a process of their
 * own: a busy table must not make regions look blind. They answer what the parent says, over TLS as on AWS.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeRequest, ProberEvent } from '../lambda/core/probe/request.ts';

/** Which primaries are dead: the first of each so many, for good or on and off. */
export type Fate = { oneIn: number; flapping: boolean };

/** For this long a server that flaps is dead, and for this long it is well. */
const FLAP_MS = 25_000;
/** What a batch of probes takes, so that answers are waited for as on AWS. */
const BATCH_MS = 100;

const file = (name: string) => readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url));
let fate: Fate | undefined;

/** Primaries are 127.1.x.y (`fleet.ts`). */
const isDead = (address: string): boolean => {
  const [, server, high, low] = address.split('.').map(Number) as [number, number, number, number];
  if (fate === undefined || server !== 1 || (256 * high + low) % fate.oneIn !== 0) return false;
  return !fate.flapping || Math.floor(Date.now() / FLAP_MS) % 2 === 0;
};

const observed = ({ id, address }: ProbeRequest) => ({
  ...(isDead(address)
    ? { id, outcome: 'failed', code: 'refused', detail: `${address} refused the connection` }
    : { id, outcome: 'passed', code: 'ok', detail: '200', status: 200 }),
  phases: { dnsMs: 0, connectMs: 20, tlsMs: 30, headersMs: 40, totalMs: 90 },
});

const server = createServer(
  { cert: file('site.pem'), key: file('test-only.key') },
  async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { probes } = JSON.parse(Buffer.concat(chunks).toString()) as Partial<ProberEvent>;
    if (probes === undefined) return void response.end('null');
    await sleep(BATCH_MS);
    response.end(JSON.stringify({ observations: probes.map(observed) }));
  },
);
process.on('message', (next: Fate) => {
  fate = next;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
