import type tls from 'node:tls';
import { mustStaple } from '../../fixtures/x509/x509.ts';
import { type Case, type Cases, end, PAGE, type Serve, script } from './case.ts';
import { leaf, leafExtensions, MIDDLE, once, ROOT } from './certificates/authorities.ts';
import { ocspAnswer } from './certificates/ocsp.ts';
import { shows, siteTls } from './certificates.ts';
import { servePage } from './http2-server.ts';
import { ecKeys, overTls, TLS12, WEAK, withKeys } from './tls-certificates.ts';

/** The site as it should be, but for these options. */
const withOptions = (options: tls.TlsOptions): Case => overTls(() => ({ ...siteTls(), ...options }));
const version = (only: tls.SecureVersion): Case =>
  withOptions({ minVersion: only, maxVersion: only, ciphers: `DEFAULT${WEAK}` });
const suite12 = (ciphers: string, more: tls.TlsOptions = {}): Case =>
  withOptions({ ...TLS12, ciphers: `${ciphers}${WEAK}`, ...more });
const group = (ecdhCurve: string): Case => withOptions({ ecdhCurve });

const agreements: Cases = {
  'tls-10': version('TLSv1'),
  'tls-11': version('TLSv1.1'),
  'tls-12': version('TLSv1.2'),
  'tls-13': version('TLSv1.3'),
  'tls-rsakx': suite12('AES128-GCM-SHA256'),
  'tls-dhe': suite12('DHE-RSA-AES128-GCM-SHA256', { dhparam: 'auto' }),
  'tls-cbc': suite12('ECDHE-RSA-AES128-SHA'),
  'tls-cbcecdsa': withKeys(ecKeys('P-256'), { ...TLS12, ciphers: 'ECDHE-ECDSA-AES128-SHA' }),
  'tls-cbc256': suite12('ECDHE-RSA-AES128-SHA256'),
  'tls-chacha': suite12('ECDHE-RSA-CHACHA20-POLY1305'),
  'tls-ccm': withKeys(ecKeys('P-256'), { ...TLS12, ciphers: 'ECDHE-ECDSA-AES128-CCM' }),
  'tls-ccm13': withOptions({ minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_SHA256' }),
  'tls-null': suite12('NULL-SHA256:ECDHE-RSA-NULL-SHA'),
  'tls-sigsha1': suite12('ECDHE-RSA-AES128-GCM-SHA256', { sigalgs: 'RSA+SHA1' }),
  'tls-x25519': group('X25519'),
  'tls-gp256': group('P-256'),
  'tls-gp384': group('P-384'),
  'tls-gp521': group('P-521'),
  'tls-x448': group('X448'),
  'tls-mlkem': group('X25519MLKEM768'),
};

const alpn: Cases = {
  'tls-alpnnone': withOptions({ ALPNProtocols: undefined }),
  'tls-alpnh2': { ...withOptions({ ALPNProtocols: ['h2'] }), serve: servePage },
  'tls-alpnodd': withOptions({ ALPNProtocols: ['spdy/3'] }),
  'tls-alpn10': withOptions({ ALPNProtocols: ['http/1.0'] }),
  'tls-alpnunasked': withOptions({ ALPNProtocols: undefined, ALPNCallback: () => 'foo' }),
};

/** Ends the TCP connection under TLS, which has no time to say so. */
const cutOff: Serve = ({ tcp }) => void setTimeout(() => tcp.end(), 50);
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n${PAGE.length.toString(16)}\r\n${PAGE}\r\n0\r\n\r\n`;

const ends: Cases = {
  'tls-noclose': { ...overTls(siteTls), serve: script(`${HEAD}\r\n${PAGE}`, cutOff) },
  'tls-noclosechunk': { ...overTls(siteTls), serve: script(CHUNKED, cutOff) },
  'tls-closenotify': { ...overTls(siteTls), serve: script(`${HEAD}\r\n${PAGE}`, end) },
};

/** A certificate of the client's is asked for. */
const asking = (required: boolean, options: tls.TlsOptions = {}): Case =>
  overTls(() => ({
    ...siteTls(),
    requestCert: true,
    rejectUnauthorized: required,
    ca: ROOT().certificate.pem,
    ...options,
  }));

const clients: Cases = {
  'tls-alert': asking(true, { minVersion: 'TLSv1.3' }),
  'tls-clientopt': asking(false),
  'tls-clientopt12': asking(false, TLS12),
  'tls-clientreq12': asking(true, TLS12),
};

const staples = once(() => leaf({ extensions: [...leafExtensions(), mustStaple()] }));
const own = once(() => leaf());
const stapling = (certificate: typeof own, stapled?: () => Buffer): Case => ({
  ...overTls(() => shows([certificate(), MIDDLE().certificate])),
  ...(stapled !== undefined && { stapled }),
});

const revocation: Cases = {
  'tls-muststaple': stapling(staples),
  'tls-muststapled': stapling(staples, () => ocspAnswer(staples(), MIDDLE(), 'good')),
  'tls-revoked': stapling(own, () => ocspAnswer(own(), MIDDLE(), 'revoked')),
  'tls-ocspjunk': stapling(own, () => Buffer.from('this is no OCSP answer')),
};

/** A TLS record says in its first five bytes how long it is. */
const sizeOf = (hello: Buffer): number => 5 + hello.readUInt16BE(3);
const resetAbove = (limit: number): Case => ({
  ...overTls(siteTls),
  atHello: (hello, tcp) => {
    if (sizeOf(hello) <= limit) return false;
    tcp.resetAndDestroy();
    return true;
  },
});
const atHello = (then: NonNullable<Case['atHello']>): Case => ({ ...overTls(siteTls), atHello: then });
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

const hellos: Cases = {
  'tls-sniunknown': atHello((_hello, tcp) => tcp.end() !== undefined),
  'tls-plain': atHello(() => true),
  'tls-httpserver': atHello((_hello, tcp) => tcp.end(BAD_REQUEST) !== undefined),
  'tls-rsthello': atHello((_hello, tcp) => tcp.resetAndDestroy() !== undefined),
  'tls-bigrecord': resetAbove(600),
  'tls-splithello': resetAbove(1400),
};

export const TLS_HANDSHAKES: Cases = {
  ...agreements,
  ...alpn,
  ...ends,
  ...clients,
  ...revocation,
  ...hellos,
};
