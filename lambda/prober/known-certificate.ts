import { hash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { certificateOfSession } from '../core/probe/tls-session.ts';
import { systemClock } from '../edge/clock.ts';
import { authoritiesOf } from './authorities.ts';
import { certificateError } from './certificate.ts';
import { type ChainEnd, chainEnd } from './chain-end.ts';
import { knownServer, rememberServer } from './known-servers.ts';

/** A server may send other certificates along with the same one of its own: when the first of them ends is told no later than so. */
const KNOWN_MS = 600_000;

/** A connection at the end of its handshake. `server` names the server, with the host that is asked for. */
export type Secured = {
  server: string;
  host: string;
  socket: TLSSocket;
  /** The answer about its revocation that the server sent along (OCSP), if it did. */
  stapled: Uint8Array | undefined;
  /** The authorities that are trusted, PEM, if they are not the public ones. */
  ca: string | undefined;
};

/** What is wrong with the server's certificate, if anything, and when its chain ends. */
type Checked = { error: Error | undefined; end: ChainEnd | undefined };

/**
 * What is wrong with a certificate that leads to a trusted authority. To have Node read it and all that came with it takes a tenth of a
 * probe, and a server shows the same one every few seconds: whether it does is told by the TLS session. That it is valid and leads
 * to an authority is looked at by OpenSSL each time, and an answer about its revocation is looked at here each time.
 */
export const checkCertificate = (secured: Secured): Checked => {
  const { server, socket, stapled, ca } = secured;
  const digest = stapled === undefined ? digestOf(socket) : undefined;
  if (digest === undefined) return look(secured);
  const suite = socket.getCipher().standardName;
  const authorities = ca === undefined ? undefined : authoritiesOf(ca);
  const atMs = systemClock.now();
  const before = knownServer(server).certificate;
  const isSame = before?.digest === digest && before.suite === suite && before.authorities === authorities;
  if (isSame && Math.abs(atMs - before.atMs) < KNOWN_MS) return { error: undefined, end: before.end };
  const checked = look(secured);
  if (checked.error !== undefined) return checked;
  rememberServer(server, { certificate: { digest, suite, authorities, end: checked.end, atMs } });
  return checked;
};

const look = ({ host, socket, stapled, ca }: Secured): Checked => {
  // Only suites without a certificate have none, and those are not offered.
  const shown = socket.getPeerX509Certificate() as X509Certificate;
  const end = chainEnd(shown, ca);
  const cipher = () => socket.getCipher().standardName;
  return { error: certificateError(host, shown, { cipher, stapled, ca }), end };
};

const digestOf = (socket: TLSSocket): string | undefined => {
  const session = socket.getSession();
  const certificate = session && certificateOfSession(session);
  return certificate && hash('sha256', certificate, 'base64');
};
