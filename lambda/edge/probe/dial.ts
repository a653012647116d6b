import { X509Certificate } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';
import { type Course, endPhase, enterPhase, onBreakOff } from './course.ts';

export type DialOptions = {
  /** Certificate authorities, PEM, instead of Node's own and `NODE_EXTRA_CA_CERTS`. */
  ca?: string;
  /** The oldest version of TLS that will do; 1.2 if absent. */
  minTls?: '1.2' | '1.3';
  /** Name servers, `ADDRESS:PORT`, instead of the machine's. */
  nameServers?: string[];
};

/** A lost DNS packet is sent again well within a probe's time: after 0.5 s, then 1 s. */
const RESOLVER = { timeout: 500, tries: 3 };

/** This machine, whatever a name server says (RFC 6761, 6.3). */
const LOCALHOST = /^(.+\.)?localhost\.?$/i;

/**
 * The groups for key exchange that are offered. A post-quantum key share would triple the bytes of a hello; one of these two is
 * what every server speaks (docs/cost.md).
 */
export const GROUPS = 'X25519:P-256';

/** TLS contexts by version and authorities. Parsing these costs more than a handshake, so one context serves all probes. */
const contexts = new Map<string, tls.SecureContext>();

const contextFor = ({ ca, minTls = '1.2' }: DialOptions): tls.SecureContext => {
  const key = `${minTls} ${ca ?? ''}`;
  let context = contexts.get(key);
  if (context === undefined) {
    context = tls.createSecureContext({ ca, minVersion: `TLSv${minTls}`, ecdhCurve: GROUPS });
    contexts.set(key, context);
  }
  return context;
};

/**
 * The addresses to connect to. A host name is asked of DNS itself (not of the hosts file), so that the question can be taken
 * back and "no such name" told from "no answer". IPv6 is asked for only when there is no IPv4 address.
 */
export const addressesOf = async (
  address: string,
  course: Course,
  options: DialOptions,
): Promise<string[]> => {
  if (net.isIP(address) !== 0) return [address];
  if (LOCALHOST.test(address)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(RESOLVER);
  if (options.nameServers !== undefined) resolver.setServers(options.nameServers);
  onBreakOff(course, () => resolver.cancel());
  let addresses: string[];
  try {
    addresses = await resolver.resolve4(address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENODATA') throw error;
    addresses = await resolver.resolve6(address);
  }
  endPhase(course, 'dnsMs');
  return addresses;
};

/**
 * The URL's host as certificates and TLS name it, and browsers with them: an IPv6 address without its brackets, a name without its
 * last dot (RFC 6066, 3).
 */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$|\.$/g, '');

/** Ports of those schemes that have one; `tls` and `tcp` name theirs. */
const PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

/** A connection to `address`, ready for the request; over TLS the certificate has been checked against the URL's host. */
export const dial = (
  url: URL,
  address: string,
  course: Course,
  options: DialOptions,
): Promise<net.Socket> => {
  const secure = url.protocol === 'https:' || url.protocol === 'tls:';
  const port = Number(url.port) || (PORTS[url.protocol] ?? 0);
  const target = { host: address, port, noDelay: true, autoSelectFamily: false };
  return new Promise((resolve, reject) => {
    enterPhase(course, 'connect');
    course.remoteAddress = address;
    const socket = secure ? connectTls(url, target, course, options) : net.connect(target);
    course.socket = socket;
    socket.on('error', (error) => {
      course.distrusted ||= socket instanceof tls.TLSSocket && Boolean(socket.authorizationError);
      reject(error);
    });
    course.closed = new Promise((closed) => {
      socket.once('close', closed);
    });
    let ready = false;
    socket.once('close', () => ready || reject(new Error('closed')));
    const done = () => {
      ready = true;
      resolve(socket);
    };
    socket.once('connect', () => {
      endPhase(course, 'connectMs');
      enterPhase(course, secure ? 'tls' : 'response');
      if (!secure) done();
    });
    socket.once('secureConnect', () => {
      endPhase(course, 'tlsMs');
      enterPhase(course, 'response');
      done();
    });
    onBreakOff(course, () => socket.destroy());
  });
};

const connectTls = (
  url: URL,
  target: net.TcpNetConnectOpts,
  course: Course,
  options: DialOptions,
): tls.TLSSocket => {
  const host = hostOf(url);
  const socket = tls.connect({
    ...target,
    // TLS knows no server name indication for an address.
    servername: net.isIP(host) === 0 ? host : undefined,
    secureContext: contextFor(options),
    // Of what lies behind a bare handshake nothing is known, and a mail server knows no http/1.1.
    ...(url.protocol === 'https:' && { ALPNProtocols: ['http/1.1'] }),
    rejectUnauthorized: true,
    checkServerIdentity: (_name, certificate) => {
      course.certificate = validityOf(certificate);
      return identityError(host, certificate);
    },
  });
  // Node describes the whole chain, key by key, for the check above; that is a sixth of what a probe over TLS costs.
  return Object.assign(socket, { getPeerCertificate: socket.getPeerX509Certificate });
};

type Certificate = tls.PeerCertificate | X509Certificate;

const validityOf = (certificate: Certificate): Course['certificate'] => {
  const [from, to] =
    certificate instanceof X509Certificate
      ? [certificate.validFrom, certificate.validTo]
      : [certificate.valid_from, certificate.valid_to];
  const [certificateStartsMs, certificateExpiresMs] = [Date.parse(from), Date.parse(to)];
  return Number.isNaN(certificateStartsMs + certificateExpiresMs)
    ? undefined
    : { certificateStartsMs, certificateExpiresMs };
};

/** What is wrong with the certificate's names; Node's own words for it, which need the long description, only then. */
const identityError = (host: string, certificate: Certificate): Error | undefined => {
  if (!(certificate instanceof X509Certificate)) return tls.checkServerIdentity(host, certificate);
  const named = net.isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return named === undefined ? tls.checkServerIdentity(host, certificate.toLegacyObject()) : undefined;
};
