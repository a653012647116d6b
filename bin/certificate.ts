import { isIP } from 'node:net';
import tls from 'node:tls';
import { hostOf } from '../lambda/prober/dial.ts';
import { contextFor } from '../lambda/prober/tls-offer.ts';

/** A server's certificate as people look for it; times are ISO 8601 UTC. */
export type Shown = {
  subject: string;
  issuer: string;
  names: string;
  validFrom: string;
  validTo: string;
  protocol: string;
};

/**
 * The certificate that `address` shows for the host of `url`, however bad it is; undefined when there is no handshake
 * within `timeoutMs`. Nothing is sent over this connection, since nobody has said whose it is.
 */
export const shownCertificate = (url: URL, address: string, timeoutMs: number): Promise<Shown | undefined> =>
  new Promise((resolve) => {
    const host = hostOf(url);
    const socket = tls.connect({
      host: address,
      port: Number(url.port) || 443,
      servername: isIP(host) === 0 ? host : undefined,
      secureContext: contextFor({}, false),
      // To show a bad certificate it must be accepted first; the verdict is the probe's.
      rejectUnauthorized: false,
    });
    const end = (shown: Shown | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(shown);
    };
    const timer = setTimeout(end, timeoutMs, undefined);
    socket.once('error', () => end(undefined));
    socket.once('close', () => end(undefined));
    socket.once('secureConnect', () => end(describe(socket)));
  });

const describe = (socket: tls.TLSSocket): Shown | undefined => {
  const certificate = socket.getPeerCertificate();
  if (certificate.raw === undefined) return undefined;
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    names: certificate.subjectaltname ?? '',
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
    protocol: socket.getProtocol() ?? '',
  };
};

/** `CN=www.example.com, O=Example`; whatever a stranger put there cannot steer a terminal. */
const nameText = (name: object): string =>
  Object.entries(name)
    .map(([key, value]) => `${key}=${[value].flat().join('+')}`)
    .join(', ')
    .replace(/[^\x20-\x7e]/g, '?');
