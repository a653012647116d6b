import { Resolver } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';
import { secondHandshake } from '../core/probe/bounds.ts';
import type { ProbeRequest } from '../core/probe/request.ts';
import { type Attempt, endPhase, enterPhase, onBreakOff } from './attempt.ts';
import { underTls } from './first-look.ts';
import { checkCertificate } from './known-certificate.ts';
import { forgetServer, knownServer, rememberServer } from './known-servers.ts';
import type { Stalls } from './stalls.ts';
import { boundTls } from './tls-bytes.ts';
import { contextFor, type Offer } from './tls-offer.ts';
import { type Way, waysUp } from './ways-up.ts';

export type DialOptions = Offer & {
  /** The version of HTTP that is offered over TLS, both if absent. */
  http?: ProbeRequest['http'];
  /** Name servers, `ADDRESS:PORT`, instead of the machine's. */
  nameServers?: string[];
};

/** What is needed besides for the connection itself: what a server takes within TLS is told to `stalls`. */
type Dialing = DialOptions & { stalls: Pick<Stalls, 'follow' | 'ours'> };

/** A lost DNS packet is sent again well within a probe's time: after 0.5 s, then 1 s. */
const RESOLVER = { timeout: 500, tries: 3 };

/** This machine, whatever a name server says (RFC 6761, 6.3). */
const LOCALHOST = /^(.+\.)?localhost\.?$/i;

/**
 * The addresses to connect to. A host name is asked of DNS itself (not of the hosts file), so that the question can be taken
 * back and "no such name" told from "no answer". IPv6 is asked for only when there is no IPv4 address.
 */
export const addressesOf = async (
  address: string,
  attempt: Attempt,
  options: DialOptions,
): Promise<string[]> => {
  if (net.isIP(address) !== 0) return [address];
  if (LOCALHOST.test(address)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(RESOLVER);
  if (options.nameServers !== undefined) resolver.setServers(options.nameServers);
  onBreakOff(attempt, () => resolver.cancel());
  let addresses: string[];
  try {
    addresses = await resolver.resolve4(address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENODATA') throw error;
    addresses = await resolver.resolve6(address);
  }
  endPhase(attempt, 'dnsMs');
  return addresses;
};

/**
 * The URL's host as certificates and TLS name it, and browsers with them: an IPv6 address without its brackets, a name without its
 * last dot (RFC 6066, 3).
 */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$|\.$/g, '');

/** Ports of those schemes that have one; `tls` and `tcp` name theirs. */
const PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

/** Codes of our own checks on the server's own certificate, which has none but one way up. */
const OF_THE_LEAF = ['ERR_TLS_CERT_ALTNAME_INVALID', 'KEY_USAGE', 'CERT_REVOKED'];

/**
 * A connection to `address`, ready for the request; over TLS the certificate has been checked against the URL's host. Where it leads to no
 * trusted authority by the way that OpenSSL takes, the server is asked again for each other way (`waysUp`), as browsers try them on one
 * connection. The one that was found is taken first the next time.
 */
export const dial = async (
  url: URL,
  address: string,
  attempt: Attempt,
  options: Dialing,
): Promise<net.Socket> => {
  const server = serverOf(url, address, options);
  const { way: before } = knownServer(server);
  try {
    return await dialOnce(url, address, attempt, { ...options, way: before });
  } catch (error) {
    if (!attempt.distrusted || OF_THE_LEAF.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // A server that is known was not looked at; one whose way is known may have another chain by now.
    const isKnown = before !== undefined || attempt.sent === undefined;
    const ways = isKnown ? [undefined] : options.stalls.ours(() => waysUp(attempt.sent ?? [], options.ca));
    forgetServer(server);
    return await dialWays(url, address, attempt, { ...options, ways, error: error as Error });
  }
};

const dialWays = async (
  url: URL,
  address: string,
  attempt: Attempt,
  { ways, error, ...options }: Dialing & { ways: (Way | undefined)[]; error: Error },
): Promise<net.Socket> => {
  for (const way of ways) {
    if (attempt.brokenOff !== undefined) break;
    attempt.socket?.destroy();
    await attempt.closed;
    attempt.distrusted = false;
    try {
      // The server chose it, so what it takes is no stall of ours.
      if (way !== undefined) options.stalls.ours(() => contextFor({ ...options, way }, true));
      const socket =
        way === undefined
          ? await dial(url, address, attempt, options)
          : await dialOnce(url, address, attempt, { ...options, way });
      if (way !== undefined) rememberServer(serverOf(url, address, options), { way });
      return socket;
    } catch (again) {
      if (way === undefined || !attempt.distrusted) throw again;
    }
  }
  throw error;
};

const dialOnce = (url: URL, address: string, attempt: Attempt, options: Dialing): Promise<net.Socket> => {
  const secure = url.protocol === 'https:' || url.protocol === 'tls:';
  const port = Number(url.port) || (PORTS[url.protocol] ?? 0);
  const target = { host: address, port, noDelay: true, autoSelectFamily: false };
  return new Promise((resolve, reject) => {
    enterPhase(attempt, 'connect');
    attempt.remoteAddress = address;
    const tcp = net.connect(target);
    const socket = secure ? connectTls(url, tcp, attempt, options) : tcp;
    attempt.socket = socket;
    socket.on('error', (error) => {
      attempt.distrusted ||=
        !attempt.defect && socket instanceof tls.TLSSocket && Boolean(socket.authorizationError);
      reject(withoutAdvice(error));
    });
    attempt.closed = closed(secure ? [tcp, socket] : [tcp]);
    let ready = false;
    socket.on('close', () => ready || reject(new Error('closed')));
    const done = () => {
      ready = true;
      resolve(socket);
    };
    tcp.on('connect', () => {
      endPhase(attempt, 'connectMs');
      enterPhase(attempt, secure ? 'tls' : 'response');
      if (!secure) done();
    });
    socket.once('secureConnect', () => {
      endPhase(attempt, 'tlsMs');
      enterPhase(attempt, 'response');
      done();
    });
    onBreakOff(attempt, () => socket.destroy());
  });
};

/**
 * Until all of them are closed. Here and elsewhere what comes once is listened to with `on`: to take a listener off costs more than to
 * call it.
 */
const closed = (sockets: net.Socket[]): Promise<void> =>
  new Promise((resolve) => {
    let open = sockets.length;
    const onClose = () => {
      open -= 1;
      if (open === 0) resolve();
    };
    for (const socket of sockets) socket.on('close', onClose);
  });

/** Node's way out is an option of its command line, which a prober has not; ours is told with the code (docs/probes.md). */
const withoutAdvice = (error: Error): Error => {
  error.message = error.message.replace(/; if the root CA is installed locally.*$/, '');
  return error;
};

/** Protocols by version of HTTP, in the order of browsers. */
const OFFERED = { auto: ['h2', 'http/1.1'], 1: ['http/1.1'], 2: ['h2'] };

/** By what a server is known (`known-servers.ts`). */
export const serverOf = (url: URL, address: string, { hello }: Offer): string =>
  `${address} ${url.host} ${hello}`;

/** TLS over a connection that is on its way: a socket of our own below it knows how many bytes came. */
const connectTls = (url: URL, raw: net.Socket, attempt: Attempt, options: Dialing): tls.TLSSocket => {
  const host = hostOf(url);
  const server = serverOf(url, attempt.remoteAddress ?? '', options);
  let [stapled, isSecured]: [Buffer | undefined, boolean] = [undefined, false];
  const { stream, watch, isFirst, sent } = underTls(raw, server, options.stalls);
  const socket: tls.TLSSocket = tls.connect({
    socket: stream,
    // TLS knows no server name indication for an address, and none that ends in a dot (RFC 6066, 3).
    servername: net.isIP(host) === 0 ? host.replace(/\.$/, '') : undefined,
    secureContext: contextFor(options, isFirst),
    // Of what lies behind a bare handshake nothing is known, and a mail server knows no http/1.1.
    ...(url.protocol === 'https:' && { ALPNProtocols: OFFERED[options.http ?? 'auto'] }),
    requestOCSP: true,
    rejectUnauthorized: true,
    checkServerIdentity: () => {
      if (isSecured) return secondHandshake();
      isSecured = true;
      // What is thrown here would end the process, and with it the probes of all other servers.
      try {
        const { error, end } = checkCertificate({ server, host, socket, stapled, ca: options.ca });
        attempt.certificate = end;
        return error;
      } catch (error) {
        attempt.defect = true;
        return error as Error;
      }
    },
  });
  // Before anybody hears of it.
  socket.on('error', () => {
    attempt.sent = isFirst ? sent() : undefined;
  });
  watch(socket);
  boundTls(raw, socket, options.stalls, isFirst);
  socket.on('OCSPResponse', (answer: Buffer | null) => {
    stapled = answer ?? undefined;
  });
  // Node would describe the whole chain, key by key, for the check above; that is a sixth of what a probe over TLS costs.
  return Object.assign(socket, { getPeerCertificate: () => undefined });
};
