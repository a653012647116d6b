import { bytes, type Cases, end, hold, PAGE, reset, type Serve } from './case.ts';

export const OK = 'HTTP/1.1 200 OK\r\n';
export const TYPE = 'Content-Type: text/html\r\n';
export const LENGTH = `Content-Length: ${PAGE.length}\r\n`;
/** The page in order but for `lines`, which stand between its header lines. */
export const withLines = (lines: string): string => `${OK}${TYPE}${lines}${LENGTH}\r\n${PAGE}`;
const withLength = (value: string) => bytes(`${OK}${TYPE}Content-Length: ${value}\r\n\r\n${PAGE}`);
const withStatus = (line: string) => bytes(`${line}\r\n${TYPE}${LENGTH}\r\n${PAGE}`);
const withHead = (head: string) => bytes(`${head}${PAGE}`);
const behind = (first: string) => bytes(`${first}${withLines('')}`);
const chunkedPage = `${PAGE.length.toString(16)}\r\n${PAGE}\r\n0\r\n\r\n`;
const HEAD = `${OK}${TYPE}${LENGTH}\r\n`;

/** Header lines, lengths among them. */
const lines: Cases = {
  'h1-plain': bytes(withLines('')),
  'h1-fold': bytes(withLines('X-A: one\r\n two\r\n')),
  'h1-foldfirst': bytes(`${OK} X-A: one\r\n${TYPE}${LENGTH}\r\n${PAGE}`),
  'h1-foldlength': bytes(`${OK}${TYPE}Content-Length:\r\n ${PAGE.length}\r\n\r\n${PAGE}`),
  'h1-lf': withHead(HEAD.replaceAll('\r\n', '\n')),
  'h1-lfsome': bytes(withLines('X-A: b\n')),
  'h1-lfblank': withHead(`${OK}${TYPE}${LENGTH}\n`),
  'h1-lfstatus': withHead(`HTTP/1.1 200 OK\n${TYPE}${LENGTH}\r\n`),
  'h1-cr': withHead(HEAD.replaceAll('\r\n', '\r')),
  'h1-crvalue': bytes(withLines('X-A: a\rb\r\n')),
  'h1-crcrlf': bytes(withLines('X-A: b\r\r\n')),
  'h1-chunked': bytes(`${OK}${TYPE}Transfer-Encoding: chunked\r\n\r\n${chunkedPage}`),
  'h1-lenchunk': bytes(`${OK}${TYPE}${LENGTH}Transfer-Encoding: chunked\r\n\r\n${chunkedPage}`),
  'h1-len2eq': bytes(withLines(LENGTH)),
  'h1-len2ne': bytes(withLines('Content-Length: 95\r\n')),
  'h1-lencomma': withLength('94, 94'),
  'h1-lencommane': withLength('94, 95'),
  'h1-lenplus': withLength('+94'),
  'h1-lenneg': withLength('-5'),
  'h1-lenabc': withLength('abc'),
  'h1-lenempty': withLength(''),
  'h1-lenhex': withLength('0x50'),
  'h1-lendec': withLength('94.0'),
  'h1-lenjunk': withLength('94 bytes'),
  'h1-lenblank': withLength('   94\t '),
  'h1-lenhuge': withLength('99999999999999999999'),
  'h1-lenzeros': withLength('00094'),
  'h1-lenlist': withLength('94;'),
  'h1-ctl': bytes(withLines('X-A: a\x01b\r\n')),
  'h1-nul': bytes(withLines('X-A: a\x00b\r\n')),
  'h1-del': bytes(withLines('X-A: a\x7fb\r\n')),
  'h1-high': bytes(withLines('X-A: a\xfc\xffb\r\n')),
  'h1-tabvalue': bytes(withLines('X-A: a\tb\r\n')),
  'h1-namespace': bytes(withLines('X A: b\r\n')),
  'h1-nameodd': bytes(withLines('X@(A): b\r\n')),
  'h1-namehigh': bytes(withLines('X-\xc4: b\r\n')),
  'h1-nameempty': bytes(withLines(': b\r\n')),
  'h1-nocolon': bytes(withLines('nonsense\r\n')),
  'h1-spacecolon': bytes(withLines('X-A : b\r\n')),
  'h1-spacecolonlen': bytes(`${OK}${TYPE}Content-Length : 94\r\n\r\n${PAGE}`),
  'h1-spacecolonlenopen': bytes(`${OK}${TYPE}Content-Length : 94\r\n\r\n${PAGE}`, hold),
  'h1-emptyvalue': bytes(withLines('X-A:\r\n')),
};

const statusLines: Cases = {
  'h1-status-noreason': withStatus('HTTP/1.1 200'),
  'h1-status-noreasonsp': withStatus('HTTP/1.1 200 '),
  'h1-status-reasonhigh': withStatus('HTTP/1.1 200 Gr\xc3\xbc\xc3\x9fe'),
  'h1-status-reasonctl': withStatus('HTTP/1.1 200 O\x01K'),
  'h1-status-http10': withStatus('HTTP/1.0 200 OK'),
  'h1-status-lower': withStatus('http/1.1 200 OK'),
  'h1-status-icy': withStatus('ICY 200 OK'),
  'h1-status-v2': withStatus('HTTP/2.0 200 OK'),
  'h1-status-v2short': withStatus('HTTP/2 200 OK'),
  'h1-status-v12': withStatus('HTTP/1.2 200 OK'),
  'h1-status-v11x': withStatus('HTTP/1.10 200 OK'),
  'h1-status-v09': withStatus('HTTP/0.9 200 OK'),
  'h1-status-v1': withStatus('HTTP/1 200 OK'),
  'h1-status-v3': withStatus('HTTP/3.0 200 OK'),
  'h1-status-nov': withStatus('HTTP 200 OK'),
  'h1-status-twosp': withStatus('HTTP/1.1  200  OK'),
  'h1-status-tab': withStatus('HTTP/1.1\t200\tOK'),
  'h1-status-nosp': withStatus('HTTP/1.1 200OK'),
  'h1-status-glued': withStatus('HTTP/1.1200 OK'),
  'h1-code-999': withStatus('HTTP/1.1 999 What'),
  'h1-code-000': withStatus('HTTP/1.1 000 Zero'),
  'h1-code-1000': withStatus('HTTP/1.1 1000 Many'),
  'h1-code-2000': withStatus('HTTP/1.1 2000 OK'),
  'h1-code-20': withStatus('HTTP/1.1 20 OK'),
  'h1-code-600': withStatus('HTTP/1.1 600 Odd'),
  'h1-code-abc': withStatus('HTTP/1.1 abc OK'),
  'h1-code-neg': withStatus('HTTP/1.1 -200 OK'),
  'h1-code-0200': withStatus('HTTP/1.1 0200 OK'),
  'h1-code-20x': withStatus('HTTP/1.1 20x OK'),
  // Browsers take an answer without a head at port 80 alone.
  'h1-http09': { ...bytes(PAGE), port: 80 },
  'h1-leadcrlf': behind('\r\n'),
  'h1-leadcrlf3': bytes(`\r\n\r\n\r\n${withLines('')}`, hold),
  'h1-leadlf': behind('\n'),
  'h1-leadspace': behind('   '),
  'h1-leadgarb': behind('xyz'),
  'h1-leadgarb5': { ...behind('xyzxyz'), port: 80 },
  'h1-leadbom': behind('\xef\xbb\xbf'),
  'h1-leadbody': { ...behind('<p>the end of what was asked before</p>'), port: 80 },
  'h1-204body': withStatus('HTTP/1.1 204 No Content'),
  'h1-204': bytes('HTTP/1.1 204 No Content\r\n\r\n'),
  'h1-205': bytes('HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n'),
  'h1-304': bytes('HTTP/1.1 304 Not Modified\r\n\r\n'),
  'h1-len0': bytes(`${OK}${TYPE}Content-Length: 0\r\n\r\n`),
};

const INTERIM = (code: number | string, more = '') => `HTTP/1.1 ${code} Interim\r\n${more}\r\n`;

/** 102 for ever. */
const endless: Serve = ({ socket }) => {
  const timer = setInterval(() => socket.writable && socket.write(INTERIM(102)), 50);
  socket.on('close', () => clearInterval(timer));
};

const interim: Cases = {
  'h1-1xx-100': behind(INTERIM(100)),
  'h1-1xx-102': behind(INTERIM(102)),
  'h1-1xx-103': behind(INTERIM(103, 'Link: </a.css>; rel=preload\r\n')),
  'h1-1xx-199': behind(INTERIM(199)),
  'h1-1xx-x20': behind(INTERIM(102).repeat(20)),
  'h1-1xx-x200': behind(INTERIM(102).repeat(200)),
  'h1-1xx-100len': behind(INTERIM(100, 'Content-Length: 5\r\n')),
  'h1-101': behind(INTERIM(101, 'Upgrade: foo\r\nConnection: Upgrade\r\n')),
  'h1-101bare': behind(INTERIM(101)),
  'h1-1xx-endless': bytes(endless),
  'h1-upgrade': bytes(withLines('Upgrade: h2,h2c\r\nConnection: Upgrade\r\n')),
};

const bigHeader = (kilobytes: number) => bytes(withLines(`X-A: ${'a'.repeat(kilobytes * 1024)}\r\n`));
/** Header lines of 20 bytes each, their ends included. */
const manyHeaders = (count: number) =>
  bytes(
    withLines(
      Array.from({ length: count }, (_, nth) => `X-${String(nth).padStart(6, '0')}: abcdefg\r\n`).join(''),
    ),
  );
const cookie = (nth: number) => `Set-Cookie: c${nth}=`.padEnd(498, 'v');

const large: Cases = {
  ...Object.fromEntries(
    [15, 60, 70, 120, 200, 250, 300, 500].map((size) => [`h1-big${size}`, bigHeader(size)]),
  ),
  ...Object.fromEntries([1000, 3000, 10000].map((count) => [`h1-many${count}`, manyHeaders(count)])),
  'h1-cookies': bytes(withLines(Array.from({ length: 150 }, (_, nth) => `${cookie(nth)}\r\n`).join(''))),
};

/** Answers to the first connection and to all others. */
const firstThen =
  (first: (typeof end)[], page = withLines('')): Serve =>
  (visit) =>
    visit.nth === 0 ? bytes(...first).serve(visit) : bytes(page).serve(visit);

const connections: Cases = {
  'h1-early': { serve: ({ socket }) => void socket.write(withLines('')) },
  'h1-earlyend': { serve: ({ socket }) => void socket.end(withLines('')) },
  'h1-empty': bytes(end),
  'h1-rst': bytes(reset),
  'h1-rstafter': bytes(withLines(''), reset),
  'h1-firstend': { serve: firstThen([end]) },
  'h1-firstrst': { serve: firstThen([reset]) },
  'h1-first408': { serve: firstThen(['HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n']) },
};

export const HTTP1_HEADS: Cases = { ...lines, ...statusLines, ...interim, ...large, ...connections };
