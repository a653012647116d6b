import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { connect, isIPv6 } from 'node:net';
import { encode, type Packet, RECURSION_DESIRED, streamEncode } from 'dns-packet';
import { Fault } from '../core/base/fault.ts';
import type { Clock, Dns, DnsAnswer, DnsEdge, DnsQuestion, DnsServer } from '../ports.ts';
import { systemClock } from './clock.ts';
import { readAnswer, Strange } from './dns-answer.ts';

/**
 * Why there is no answer: nothing came in time; nobody listens there; no way there from here (such as IPv6 from a place
 * without it); or what came was not an answer to the question.
 */
export type DnsFaultReason = 'timeout' | 'refused' | 'unreachable' | 'garbage';

export class DnsFault extends Fault {
  readonly reason: DnsFaultReason;

  constructor(
    reason: DnsFaultReason,
    server: DnsServer,
    question: DnsQuestion,
    message: string,
    cause?: unknown,
  ) {
    const what = `${question.name} ${question.type} asked of ${serverText(server)}: ${message}`;
    super(reason === 'timeout' || reason === 'garbage' ? 'lost' : 'unavailable', 'DNS', 'ask', what, cause);
    this.name = 'DnsFault';
    this.reason = reason;
  }
}

const DNS_PORT = 53;
const TIMEOUT_MS = 2000;
/** What is accepted over UDP: fits any path without fragments (DNS Flag Day 2020). */
const UDP_BYTES = 1232;
/** Over UDP the question is sent again once this share of the time has passed, as any packet may be lost. */
const AGAIN_AFTER = 0.4;
/** DO, the bit of EDNS that asks for DNSSEC records (RFC 3225). */
const DNSSEC_OK = 0x8000;

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export const serverText = ({ address, port }: DnsServer): string =>
  `${isIPv6(address) ? `[${address}]` : address}:${port}`;

/** The reverse; without a port it is 53. The text comes from the machine or from who deployed, so it is not checked again. */
export const serverOf = (text: string): DnsServer => {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { address: bracketed ?? plain ?? text, port: Number(port ?? DNS_PORT) };
};

/** Where nothing is delegated: one program plays every name server, and nothing above it is asked. */
export const dnsOfOne = (only: DnsServer): DnsEdge => ({
  ...dnsClient(),
  resolvers: [],
  port: DNS_PORT,
  only,
});

/**
 * DNS as this machine reaches it. `local` (`127.0.0.1:5300`, from `ENV.dns`) puts the local cloud's DNS in the place of the
 * resolver, of the parent's name servers and of the zone's: it answers as all of them.
 */
export const dnsEdge = (local: string | undefined, clock: Clock = systemClock): DnsEdge => {
  // A new one reads the machine's configuration again: a process that runs for months outlives a change of it.
  const resolvers = (local ? [local] : new Resolver().getServers()).map(serverOf);
  return { ...dnsClient(clock), resolvers, port: local ? (resolvers[0]?.port ?? DNS_PORT) : DNS_PORT };
};

/** One question under way. `late` is aborted when its time is over. */
type Asking = { server: DnsServer; question: DnsQuestion; query: Packet; late: AbortSignal };

export const dnsClient = (clock: Clock = systemClock): Dns => ({
  ask: async (server, question, timeoutMs = TIMEOUT_MS) => {
    const [late, over] = [new AbortController(), new AbortController()];
    const asking = { server, question, query: queryOf(server, question), late: late.signal };
    void clock.sleep(timeoutMs, over.signal).then(() => late.abort());
    try {
      const answer = await overUdp(asking, clock.sleep(timeoutMs * AGAIN_AFTER, over.signal));
      return answer === 'truncated' ? await overTcp(asking) : answer;
    } catch (error) {
      throw faultOf(asking, error, timeoutMs);
    } finally {
      over.abort();
    }
  },
});

const queryOf = (server: DnsServer, question: DnsQuestion): Packet => {
  const { name, type, recursion = false, dnssec = false } = question;
  if (name.length > 253 || !/^([^.\\]{1,63}(\.[^.\\]{1,63})*)?$/.test(name)) {
    throw new DnsFault('garbage', server, question, 'expected a domain name without a final dot');
  }
  return {
    type: 'query',
    id: randomInt(0x1_0000),
    flags: recursion ? RECURSION_DESIRED : 0,
    questions: [{ name: name === '' ? '.' : name, type }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: dnssec ? DNSSEC_OK : 0,
        flag_do: dnssec,
        options: [],
      },
    ],
  };
};

/** Anyone may send to a UDP port, so what is no answer to this question is passed over, and waited on. */
const overUdp = (asking: Asking, again: Promise<void>): Promise<DnsAnswer | 'truncated'> => {
  const { server, query, late } = asking;
  // A fresh socket for each question: its port is a random one, which makes forging an answer hard.
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  let connected = false;
  let strange: Error | undefined;
  const answered = new Promise<DnsAnswer | 'truncated'>((resolve, reject) => {
    const send = () => connected && socket.send(encode(query), (error) => error && reject(error));
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      try {
        resolve(readAnswer(bytes, query));
      } catch (error) {
        strange = error as Error;
      }
    });
    late.addEventListener('abort', () => reject(strange ?? late.reason), { once: true });
    // Connected, so that the kernel passes nobody else's packets on, and tells when nobody listens there.
    socket.connect(server.port, server.address, (error?: Error) => {
      if (error) return reject(error);
      connected = true;
      send();
    });
    void again.then(send);
  });
  return answered.finally(() => {
    connected = false;
    socket.close();
  });
};

const overTcp = ({ server, query, late }: Asking): Promise<DnsAnswer> => {
  const socket = connect({ host: server.address, port: server.port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  const answered = new Promise<DnsAnswer>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Strange('the connection was closed before the answer was whole')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      try {
        const answer = readAnswer(received.subarray(2, 2 + received.readUInt16BE(0)), query);
        if (answer === 'truncated') throw new Strange('an answer over TCP that is truncated');
        resolve(answer);
      } catch (error) {
        reject(error);
      }
    });
    late.addEventListener('abort', () => reject(late.reason), { once: true });
    socket.write(streamEncode(query));
  });
  return answered.finally(() => socket.destroy());
};

const faultOf = ({ server, question, late }: Asking, error: unknown, timeoutMs: number): DnsFault => {
  const fault = (reason: DnsFaultReason, message: string) =>
    new DnsFault(reason, server, question, message, error);
  if (error instanceof Strange)
    return fault('garbage', `expected an answer to the question, received ${error.message}`);
  if (error === late.reason) return fault('timeout', `no answer within ${timeoutMs} ms`);
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return fault('refused', 'nobody listens there (ECONNREFUSED)');
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return fault('garbage', `the connection was broken (${code})`);
  return fault('unreachable', `no way there from here (${code}: ${message})`);
};
