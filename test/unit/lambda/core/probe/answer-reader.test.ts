import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bodyOf,
  endAnswer,
  newAnswerReader,
  readAnswer,
} from '../../../../../lambda/core/probe/answer-reader.ts';

/** What came of these bytes: the body, or the code of what is wrong with them. Then the connection ends, unless it stays open. */
const read = (pieces: string[], { method = 'GET', staysOpen = false } = {}) => {
  const reader = newAnswerReader(method);
  try {
    for (const piece of pieces) readAnswer(reader, Buffer.from(piece, 'latin1'));
    if (!staysOpen && !reader.isDone) endAnswer(reader);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return reader.isDone
    ? {
        status: reader.head?.status,
        body: bodyOf(reader.body).toString('latin1'),
        headers: reader.head?.headers,
      }
    : 'open';
};

const OK = 'HTTP/1.1 200 OK\r\n';
const chunked = (body: string) => `${OK}Transfer-Encoding: chunked\r\n\r\n${body}`;
const status = (line: string) => `${line}\r\nContent-Length: 2\r\n\r\nok`;
const length = (value: string, body = 'ok') => `${OK}Content-Length: ${value}\r\n\r\n${body}`;

/** Answers with the body `ok` to a browser (browser-truth, section HTTP/1.1), each read here the same. */
const TAKEN: [what: string, bytes: string][] = [
  ['a plain answer', `${OK}Content-Length: 2\r\n\r\nok`],
  ['a folded header', `${OK}X-A: b;\r\n  c\r\nContent-Length: 2\r\n\r\nok`],
  ['a first line that begins with a blank', `${OK} x\r\nContent-Length: 2\r\n\r\nok`],
  ['a folded length', `${OK}Content-Length:\r\n 2\r\n\r\nok`],
  ['LF alone', `${OK}Content-Length: 2\r\n\r\nok`.replaceAll('\r', '')],
  ['LF alone in one line', `${OK}X-A: b\nContent-Length: 2\r\n\r\nok`],
  ['a blank line of LF alone', `${OK}Content-Length: 2\r\n\nok`],
  ['a CR within a value', `${OK}X-A: a\rb\r\nContent-Length: 2\r\n\r\nok`],
  ['CR CR LF', `${OK}X-A: a\r\r\nContent-Length: 2\r\n\r\nok`],
  ['length and chunks', `${OK}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
  ['the same length twice', `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
  ['the same length twice in one line', length('2, 2')],
  ...['+2', '-5', 'abc', '', '0x50', '2.0', '2 bytes', '9'.repeat(20), '2;'].map(
    (value): [string, string] => [`the length ${value}`, length(value)],
  ),
  ['a length with zeros and blanks', length('  0002\t')],
  ['control bytes in a value', `${OK}Set-Cookie: a\x01b\x7f\xfc\r\nContent-Length: 2\r\n\r\nok`],
  ['odd names', `${OK}X Y: a\r\n@(): b\r\n\xfc: c\r\n: d\r\nno colon\r\nContent-Length: 2\r\n\r\nok`],
  ['a blank before the colon', `${OK}Content-Length : 2\r\n\r\nok<!-- -->`],
  ...[
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/1.1 200 Gr\xfc\xdfe\x01',
    'HTTP/1.0 200 OK',
    'http/1.1 200 OK',
  ].map((line): [string, string] => [line, status(line)]),
  ...['HTTP/2 200', 'HTTP/1.10 200 OK', 'HTTP 200 OK', 'HTTP/1.1  200  OK', 'HTTP/1.1\t200\tOK'].map(
    (line): [string, string] => [line, status(line)],
  ),
  ['a line end before it', `\r\n${status('HTTP/1.1 200 OK')}`],
  ['a mark before it', `\xef\xbb\xbf${status('HTTP/1.1 200 OK')}`],
  ['bytes behind it', length('2', 'ok<!-- debug -->')],
  ['no header at all', `${OK}\r\nok`],
  ['interim answers', `HTTP/1.1 102 P\r\nContent-Length: 5\r\n\r\n`.repeat(200) + length('2')],
  ['a switch that nobody asked for', `HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n${length('2')}`],
  ['codings of transfer that are none', `${OK}Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok`],
  ['chunked among others', `${OK}Transfer-Encoding: identity, Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
  ['chunks of LF alone', chunked('1\no\n1\nk\n0\n\n')],
  ['sizes with blanks, zeros and extensions', chunked('001  \r\no\r\n1 ;a="b"\r\nk\r\n0;x\r\n\r\n')],
  ['a size with twenty zeros', chunked(`${'0'.repeat(20)}2\r\nok\r\n0\r\n\r\n`)],
  ['trailers', chunked(`2\r\nok\r\n0\r\nno colon\r\n${`x: ${'y'.repeat(10_000)}\r\n`.repeat(10)}\r\n`)],
  ['bytes behind the last chunk', chunked('2\r\nok\r\n0\r\n\r\nmore')],
  ['a head of 250 KB', `${OK}X: ${'y'.repeat(250_000)}\r\nContent-Length: 2\r\n\r\nok`],
  ['10,000 headers', `${OK}${'X-Header: 123456789\r\n'.repeat(10_000)}Content-Length: 2\r\n\r\nok`],
];

/** Answers that browsers refuse, or show as something else. */
const REFUSED: [what: string, bytes: string, code: string][] = [
  ['a NUL in a value', `${OK}X: a\0b\r\nContent-Length: 2\r\n\r\nok`, 'MALFORMED'],
  ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok`, 'MALFORMED'],
  ['two lengths in one line', length('2, 3'), 'MALFORMED'],
  ['two locations', `HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /b\r\n\r\n`, 'MALFORMED'],
  [
    'two dispositions',
    `${OK}Content-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\n`,
    'MALFORMED',
  ],
  ['CR alone at all line ends', `${OK}Content-Length: 2\r\n\r\nok`.replaceAll('\n', ''), 'ENDED'],
  ['three line ends before it', `\r\n\r\n\r\n${status('HTTP/1.1 200 OK')}`, 'MALFORMED'],
  ['a body before it', `<html></html>${status('HTTP/1.1 200 OK')}`, 'MALFORMED'],
  ['a NUL before it', `\0${status('HTTP/1.1 200 OK')}`, 'MALFORMED'],
  ['no head', '<html>a page of HTTP/0.9</html>', 'MALFORMED'],
  ['another protocol', 'ICY 200 OK\r\n\r\nok', 'MALFORMED'],
  ['no status', 'HTTP/1.1 abc OK\r\n\r\nok', 'MALFORMED'],
  ['a status below zero', 'HTTP/1.1 -200 OK\r\n\r\nok', 'MALFORMED'],
  ['an end within the head', `${OK}X: y`, 'ENDED'],
  ['no byte', '', 'ENDED'],
  ['a short body', length('9'), 'ENDED'],
  ['no last chunk', chunked('2\r\nok\r\n'), 'ENDED'],
  ['half of a last chunk', chunked('2\r\nok\r\n0\r\n'), 'ENDED'],
  ...['zz', '', '0x2', '+2', ' 2', '2\t', '2,', '-2', 'f'.repeat(16), '1'.repeat(20)].map(
    (size): [string, string, string] => [
      `the size ${size}`,
      chunked(`${size}\r\nok\r\n0\r\n\r\n`),
      'MALFORMED',
    ],
  ),
  ['a chunk longer than its size', chunked('2\r\nokay\r\n0\r\n\r\n'), 'MALFORMED'],
  ['an extension of 20,000 bytes', chunked(`2;${'x'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`), 'MALFORMED'],
  ['a head of 300 KB', `${OK}X: ${'y'.repeat(300_000)}\r\n\r\nok`, 'HEAD_TOO_LARGE'],
  [
    'a head of 300 KB, some of it interim',
    `HTTP/1.1 103 H\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`.repeat(8),
    'HEAD_TOO_LARGE',
  ],
  ['2,000 interim answers', 'HTTP/1.1 102 P\r\n\r\n'.repeat(2_000), 'FLOOD'],
  ['one-byte chunks without end', chunked('1\r\nx\r\n'.repeat(10_001)), 'FLOOD'],
  [
    'a long extension behind many',
    chunked(`${`1;${'x'.repeat(16_000)}\r\nx\r\n`.repeat(16)}1;${'x'.repeat(20_000)}`),
    'FLOOD',
  ],
  ['a long line of a trailer', chunked(`0\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`), 'MALFORMED'],
  ['trailers without end', chunked(`0\r\n${'x: y\r\n'.repeat(60_000)}`), 'FLOOD'],
];

/** Pieces of 1 to `most` bytes, the same ones each time. */
const random = (bytes: string, most: number): string[] => {
  const pieces: string[] = [];
  for (let at = 0, seed = 1; at < bytes.length; at += pieces.at(-1)?.length ?? 0) {
    seed = (seed * 48_271) % 2_147_483_647;
    pieces.push(bytes.slice(at, at + 1 + (seed % most)));
  }
  return pieces;
};

/** The same bytes in pieces, one by one and by chance; only very long ones in larger pieces, or the test would take minutes. */
const cuts = (bytes: string): string[][] => {
  const sizes = bytes.length > 100_000 ? [997, 16_384] : [1, 2, 3, 7];
  return [
    ...sizes.map((size) => bytes.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []),
    ...[10, 300, 5_000].map((most) => random(bytes, most)),
  ];
};

/** A fault behind what is wanted, and lines at their bound: read the same however they are cut. */
const BOUNDS: [what: string, bytes: string, code?: string][] = [
  ['64 KiB and then no chunk', chunked(`${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}zz\r\n`)],
  [
    '64 KiB in two chunks and then no size',
    chunked(`${`8000\r\n${'x'.repeat(32_768)}\r\n`.repeat(2)}zz\r\n`),
  ],
  [
    '64 KiB and then ten thousand chunks',
    chunked(`10000\r\n${'x'.repeat(65_536)}\r\n${'1\r\nx\r\n'.repeat(10_000)}`),
  ],
  ['a size in as long a line as can be', chunked(`2;${'x'.repeat(16_382)}\r\nok\r\n0\r\n\r\n`)],
  ['a size in a longer line', chunked(`2;${'x'.repeat(16_385)}\r\nok\r\n0\r\n\r\n`), 'MALFORMED'],
];

for (const [what, bytes, code] of BOUNDS) {
  test(`however it is cut, ${what} is ${code ?? 'read'}`, () => {
    const whole = read([bytes]);
    assert.equal(typeof whole === 'string' ? whole : undefined, code);
    for (const pieces of cuts(bytes)) assert.deepEqual(read(pieces), whole);
  });
}

for (const [what, bytes] of TAKEN) {
  test(`as in browsers, ${what} is read`, () => {
    const whole = read([bytes]);
    assert.ok(typeof whole === 'object', String(whole));
    assert.deepEqual([whole.status, whole.body], [200, 'ok']);
    for (const pieces of cuts(bytes)) assert.deepEqual(read(pieces), whole);
  });
}

for (const [what, bytes, code] of REFUSED) {
  test(`as in browsers, ${what} is refused (${code})`, () => {
    assert.equal(read([bytes]), code);
    for (const pieces of cuts(bytes)) assert.equal(read(pieces), code);
  });
}

test('chunks in an answer of HTTP/1.0 are no chunks, as in Chromium', () => {
  const bytes = 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
  assert.equal((read([bytes]) as { body: string }).body, '2\r\nok\r\n0\r\n\r\n');
});

test('an answer that has no body ends with its head, whatever that says', () => {
  const bytes = 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n';
  assert.equal((read([bytes], { staysOpen: true }) as { status: number }).status, 204);
  const head = read([`${OK}Content-Length: 9\r\n\r\n`], { method: 'HEAD', staysOpen: true });
  assert.equal((head as { body: string }).body, '');
  assert.equal(read([`${OK}Content-Length: 9\r\n\r\n`], { staysOpen: true }), 'open');
});

test('a complete answer needs no end of its connection, one without a length does', () => {
  assert.equal((read([length('2')], { staysOpen: true }) as { body: string }).body, 'ok');
  assert.equal(read([`${OK}\r\nok`], { staysOpen: true }), 'open');
});

test('headers are by their names in small letters, all values in order, blanks and names that are none left out', () => {
  const { headers } = read([`${OK}VIA:  a \r\nX Y: z\r\nvia: b\r\n c\r\nx:\r\n\r\n`]) as { headers: object };
  assert.deepEqual({ ...headers }, { via: ['a', 'b c'], x: [''] });
});

test('of a body no more than the bound is kept, and then it is over', () => {
  const { body } = read([`${OK}\r\n`, 'x'.repeat(40_000), 'y'.repeat(40_000)], { staysOpen: true }) as {
    body: string;
  };
  assert.equal(body, 'x'.repeat(40_000) + 'y'.repeat(25_536));
});
