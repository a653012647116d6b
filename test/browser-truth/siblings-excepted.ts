import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { data, type Fields, FLAG, frame, headers, SETTINGS } from '../../fixtures/hostile/http2-frames.ts';
import { bits, oid, sequence } from '../../fixtures/x509/der.ts';
import { alternativeNames, basicConstraints, extension, keyUsage } from '../../fixtures/x509/x509.ts';
import { bytes, type Case, type Cases, HOST, PAGE } from './case.ts';
import { leaf, leafExtensions, MIDDLE, middle } from './certificates/authorities.ts';
import { shows } from './certificates.ts';
import { coded } from './codings.ts';
import { LENGTH, OK, TYPE } from './http1-heads.ts';
import { answering, starting, withFields } from './http2.ts';
import { IN_ORDER, page } from './http2-server.ts';
import { overTls } from './tls-certificates.ts';

const withStatus = (...pseudo: Fields) =>
  answering((stream) => page(stream, [...pseudo, ...IN_ORDER.slice(1)]));
/** A server that speaks no HTTP/1.1. */
const http2Alone = (one: Case): Case => ({ ...one, tls: () => ({ ...one.tls?.(), ALPNProtocols: ['h2'] }) });
const begins = (line: string): Case => bytes(`${line}\r\n${TYPE}${LENGTH}\r\n${PAGE}`);
const chunked = (body: string): Case =>
  bytes(`${OK}${TYPE}Transfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`);

const gzipped = (times: number): Buffer =>
  Array.from({ length: times }).reduce<Buffer>((body) => gzipSync(body), Buffer.from(PAGE));
const lastChanged = (body: Buffer): Buffer => {
  const copy = Buffer.from(body);
  copy[copy.length - 1] = (copy.at(-1) as number) ^ 0xff;
  return copy;
};
const zstd = zstdCompressSync(PAGE);

const says = (...more: Buffer[]): Case =>
  overTls(() => shows([leaf({ extensions: [...leafExtensions(), ...more] }), MIDDLE().certificate]));
/** Policy constraints, critical: "no policy need be named" (RFC 5280, 4.2.1.11). */
const constrained = (): Buffer => extension('2.5.29.36', true, sequence(Buffer.from([0x80, 1, 0])));
/** Netscape's kind of a certificate: for clients alone. */
const netscape = (): Buffer => extension('2.16.840.1.113730.1.1', false, bits(Buffer.from([0x80])));
/** Netscape's step-up, as the only purpose. */
const stepUp = (): Buffer => extension('2.5.29.37', false, sequence(oid('2.16.840.1.113730.4.1')));

/** Servers of which a probe says the opposite of what Chromium shows: see `siblings-shown.ts` for why. */
export const SIBLINGS_EXCEPTED: Cases = {
  'h2-status0200': withStatus([':status', '0200']),
  'h2-status099': withStatus([':status', '099']),
  'h2-pseudopath': withStatus([':status', '200'], [':path', '/']),
  'h2-valuename': withFields(['x-a', 'z@\nconnection\x05close']),
  'h2-valuecontrol': withFields(['x-a', '\x01']),
  'h2-nameparenthesis': withFields(['x(a)', 'b']),
  'h2-alone150': http2Alone(
    withFields(...Array.from({ length: 150 }, (_, nth): [string, string] => [`x-${nth}`, 'y'])),
  ),
  'h2-priority0': starting(Buffer.concat([SETTINGS, frame(2, 0, 0, Buffer.alloc(5))])),
  'h2-trailercapitals': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      data(stream, PAGE, 0),
      headers(stream, [['X-A', 'b']], FLAG.endStream),
    ]),
  ),
  'enc-br2': { ...coded('br, br', brotliCompressSync(brotliCompressSync(PAGE))) },
  'enc-zstd2': coded('zstd, zstd', zstdCompressSync(zstd)),
  'enc-gz5': coded('gzip, gzip, gzip, gzip, gzip', gzipped(5)),
  'enc-zlibsum': coded('deflate', lastChanged(deflateSync(PAGE))),
  'enc-zstdsum': coded(
    'zstd',
    lastChanged(zstdCompressSync(PAGE, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })),
  ),
  'enc-zstdbehind': coded('zstd', Buffer.concat([zstd, Buffer.from('abc')])),
  'h1-early1100': bytes(
    `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_100)}${OK}${TYPE}${LENGTH}\r\n${PAGE}`,
  ),
  'h1-chunks12000': chunked(`${PAGE.length.toString(16)}\r\n${PAGE}\r\n${'1\r\n \r\n'.repeat(12_000)}`),
  'h1-late70k': bytes(`${OK}${TYPE}\r\n<html><body>${'<!-- x -->'.repeat(7_000)}${PAGE}`),
  'h1-status-none': begins('HTTP/1.1'),
  'h1-status-plus': begins('HTTP/1.1 +200 OK'),
  'h1-status-tab': begins('HTTP/1.1\x0b200 OK'),
  'h1-status-https': begins('HTTPS/1.1 200 OK'),
  'tls-constrained': says(constrained()),
  'tls-under-constrained': overTls(() =>
    shows([
      leaf(),
      middle({ extensions: [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign'), constrained()] })
        .certificate,
    ]),
  ),
  'tls-netscape': says(netscape()),
  'tls-stepup': overTls(() =>
    shows([
      leaf({
        extensions: [
          basicConstraints(false),
          keyUsage('digitalSignature'),
          stepUp(),
          alternativeNames([HOST]),
        ],
      }),
      MIDDLE().certificate,
    ]),
  ),
};
