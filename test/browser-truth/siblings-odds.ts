import { implicit } from '../../fixtures/x509/der.ts';
import { rawNames } from '../../fixtures/x509/x509.ts';
import { bytes, type Case, type Cases, PAGE } from './case.ts';
import { leaf, leafExtensions, MIDDLE } from './certificates/authorities.ts';
import { shows } from './certificates.ts';
import { html, latin1, utf8 } from './charsets.ts';
import { coded } from './codings.ts';
import { OK, TYPE } from './http1-heads.ts';
import { overTls } from './tls-certificates.ts';

const LENGTH = `Content-Length: ${PAGE.length}\r\n`;
const WHOLE = `${OK}${TYPE}${LENGTH}\r\n${PAGE}`;
const early = (head: string): Case => bytes(`HTTP/1.1 103 Early Hints\r\n${head}\r\n${WHOLE}`);
const long = (bytes: number, letter = 'x'): string => `A: ${letter.repeat(bytes)}\r\n`;
const trailing = (trailers: string): Case =>
  bytes(
    `${OK}${TYPE}Transfer-Encoding: chunked\r\n\r\n${PAGE.length.toString(16)}\r\n${PAGE}\r\n0\r\n${trailers}\r\n`,
  );
const saying = (length: string): Case => bytes(`${OK}${TYPE}Content-Length: ${length}\r\n\r\n${PAGE}`);

const twoLabels = (one: string, other: string): string =>
  `<!doctype html><meta charset="${one}" charset="${other}"><body>Gr\u00fcn</body>`;

const hostName = (text: string): Buffer => implicit(2, Buffer.from(text, 'latin1'));
/** A certificate with these among its alternative names, and the right one. */
const named = (...names: Buffer[]): Case =>
  overTls(() =>
    shows([
      leaf({
        extensions: [...leafExtensions().slice(0, 3), rawNames([...names, hostName('www.site.test')])],
      }),
      MIDDLE().certificate,
    ]),
  );

/** The page at a port that the system gives, or lets anybody have. */
const at = (port: number): Case => ({ ...bytes(WHOLE), port });

/** Odd answers, one of a kind, beside those of the table. */
export const SIBLINGS_ODDS: Cases = {
  'h1-earlytwolengths': early('Content-Length: 1\r\nContent-Length: 2\r\n'),
  'h1-earlytwolocations': early('Location: /a\r\nLocation: /b\r\n'),
  'h1-earlychunkedlengths': early('Transfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 2\r\n'),
  'h1-earlylong': bytes(
    `HTTP/1.1 103 Early Hints\r\n${long(150_000)}\r\n${OK}${long(150_000)}${TYPE}${LENGTH}\r\n${PAGE}`,
  ),
  'h1-trailerlong': trailing(long(20_000)),
  'h1-trailerlonger': trailing(long(200_000)),
  'h1-trailermany': trailing(long(1_000).repeat(100)),
  'h1-len53': saying('9007199254740992'),
  'h1-len63': saying('9223372036854775807'),
  'h1-len64': saying('9223372036854775808'),
  'h1-lenzeros': saying(`${'0'.repeat(40)}${PAGE.length}`),
  'enc-equals': coded('a=b', PAGE),
  'enc-star': coded('*', PAGE),
  'enc-slash': coded('a/b', PAGE),
  'enc-emptytwice': coded(['', ''], PAGE),
  'enc-noneempty': coded(['none', ''], PAGE),
  'enc-emptynone': coded(['', 'none'], PAGE),
  'enc-nonecomma': coded('none,', PAGE),
  'enc-empty': coded('', PAGE),
  'cs-metatwice8': html(undefined, utf8(twoLabels('iso-8859-1', 'utf-8')), 'Gr\u00fcn'),
  'cs-metatwicelatin': html(undefined, latin1(twoLabels('koi8-r', 'iso-8859-2')), 'Gr\u00fcn'),
  'tls-names-address5': named(implicit(7, Buffer.from([1, 2, 3, 4, 5]))),
  'tls-names-address0': named(implicit(7, Buffer.alloc(0))),
  'tls-names-address16': named(implicit(7, Buffer.alloc(16, 1))),
  'tls-names-high': named(hostName('m\xfcller.test')),
  'tls-names-mailhigh': named(implicit(1, Buffer.from('m\xfcller@site.test', 'latin1'))),
  'tls-names-urihigh': named(implicit(6, Buffer.from('http://m\xfcller.test', 'latin1'))),
  'tls-names-empty': named(hostName('')),
  'tls-names-id': named(implicit(8, Buffer.from([0x2a, 3]))),
  'tls-names-unknown': named(implicit(9, Buffer.from('x'))),
  'port-4190': at(4190),
  'port-6679': at(6679),
  'port-6697': at(6697),
  'port-10080': at(10_080),
  'port-6566': at(6566),
  'port-3659': at(3659),
};
