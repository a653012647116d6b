/** A page and the shapes in which an application may send it, of which Chromium and Firefox show each. Bytes are latin1. */
export const PAGE = '<!doctype html><title>shown</title>all is well';

const LENGTH = PAGE.length;
const SIZE = LENGTH.toString(16);
const CHUNKS = `${SIZE}\r\n${PAGE}\r\n0\r\n\r\n`;

const whole = (headers: string, length = `Content-Length: ${LENGTH}`): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${headers}${length === '' ? '' : `${length}\r\n`}Connection: close\r\n\r\n${PAGE}`;
const plain = whole('');
const begun = (statusLine: string): string => plain.replace('HTTP/1.1 200 OK', statusLine);
const coded = (body: string, coding = 'Transfer-Encoding: chunked'): string =>
  `HTTP/1.1 200 OK\r\n${coding}\r\nConnection: close\r\n\r\n${body}`;
const trailed = (trailers: string): string => coded(CHUNKS.replace(/\r\n$/, `${trailers}\r\n\r\n`));
const sized = (size: string): string => coded(CHUNKS.replace(SIZE, size));
const interim = (head: string): string => `${head}\r\n\r\n${plain}`;

export const SHAPES: Record<string, string> = {
  plain,
  'a folded header': whole('X-A: one\r\n two\r\n'),
  'a fold behind the status line': plain.replace('Content-Type', ' Content-Type'),
  'a folded length': whole('', `Content-Length:\r\n ${LENGTH}`),
  'bare line feeds': plain.replaceAll('\r\n', '\n'),
  'one bare line feed': plain.replace('html\r\n', 'html\n'),
  'an empty line of a bare line feed': plain.replace('\r\n\r\n', '\r\n\n'),
  'a carriage return in a value': whole('X-A: a\rb\r\n'),
  'two carriage returns': whole('X-A: a\r\r\n'),
  'a length and chunks': coded(CHUNKS, `Content-Length: 5\r\nTransfer-Encoding: chunked`),
  'the same length twice': whole('', `Content-Length: ${LENGTH}\r\nContent-Length: ${LENGTH}`),
  'the same length twice in one line': whole('', `Content-Length: ${LENGTH}, ${LENGTH}`),
  'a length with zeros': whole('', `Content-Length: 000${LENGTH}`),
  'a length between blanks': whole('', `Content-Length:   ${LENGTH}\t `),
  ...Object.fromEntries(
    [
      `+${LENGTH}`,
      '-5',
      'abc',
      '',
      '0x50',
      `${LENGTH}.0`,
      `${LENGTH} bytes`,
      '9'.repeat(20),
      `${LENGTH};`,
    ].map((length) => [`the length "${length}"`, whole('', `Content-Length: ${length}`)]),
  ),
  'a control byte in a value': whole('X-A: a\x01b\r\n'),
  'a delete byte in a value': whole('X-A: a\x7fb\r\n'),
  'a high byte in a value': whole('X-A: a\xe9b\r\n'),
  'a blank in a name': whole('X A: b\r\n'),
  'an odd name': whole('X@(): b\r\n'),
  'a high byte in a name': whole('X\xe9: b\r\n'),
  'an empty name': whole(': b\r\n'),
  'no colon': whole('no colon\r\n'),
  'a blank before the colon': whole('', `Content-Length : ${LENGTH}`),
  'no reason': begun('HTTP/1.1 200'),
  'an odd reason': begun('HTTP/1.1 200 Gr\xfc\xdfe\x01'),
  'HTTP/1.0': begun('HTTP/1.0 200 OK'),
  'HTTP/2 in words': begun('HTTP/2 200 OK'),
  'HTTP/1.2': begun('HTTP/1.2 200 OK'),
  'two blanks in the status line': begun('HTTP/1.1  200  OK'),
  'tabs in the status line': begun('HTTP/1.1\t200\tOK'),
  'status 999': begun('HTTP/1.1 999 What'),
  'line ends first': `\r\n${plain}`,
  'blanks first': `  ${plain}`,
  'three bytes first': `xyz${plain}`,
  'more than the length': `${plain}<!-- debug -->`,
  'a second answer behind it': `${plain}${plain}`,
  'no length': whole('', ''),
  'no header at all': `HTTP/1.1 200 OK\r\n\r\n${PAGE}`,
  chunks: coded(CHUNKS),
  'blanks behind a size': sized(`${SIZE}  `),
  'an extension': sized(`${SIZE} ;a="1"`),
  'a malformed extension': sized(`${SIZE};=;;"`),
  'a size with zeros': sized(`${'0'.repeat(20)}${SIZE}`),
  'chunks with bare line feeds': coded(CHUNKS.replaceAll('\r\n', '\n')),
  trailers: trailed('X-T: 1'),
  'a trailer without a colon': trailed('XT'),
  'large trailers': trailed(`X-T: ${'a'.repeat(100_000)}`),
  'bytes behind the chunks': `${coded(CHUNKS)}more`,
  'interim answers': interim('HTTP/1.1 103 Early Hints\r\nLink: </a>'),
  'an interim answer with a length': interim('HTTP/1.1 100 Continue\r\nContent-Length: 5'),
  'many interim answers': 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(200) + plain,
  'an upgrade that is offered': whole('Upgrade: h2,h2c\r\nConnection: Upgrade\r\n'),
  'a large header': whole(`X-A: ${'a'.repeat(250_000)}\r\n`),
  'many headers': whole('X-A: aaaaaaaaaaaaaa\r\n'.repeat(10_000)),
  'an unknown coding': coded(PAGE, 'Transfer-Encoding: xchunked'),
  'an empty coding': coded(PAGE, 'Transfer-Encoding: '),
  'chunked twice': coded(CHUNKS, 'Transfer-Encoding: chunked, chunked'),
  'chunked with a parameter': coded(CHUNKS, 'Transfer-Encoding: Chunked;a=1'),
  'chunked behind a vertical tab': coded(CHUNKS, 'Transfer-Encoding: \x0bchunked'),
  'chunked and identity': coded(CHUNKS, 'Transfer-Encoding: identity, chunked'),
  'identity and a length': whole('Transfer-Encoding: identity\r\n'),
  'chunks by HTTP/1.0': coded(CHUNKS).replace('1.1', '1.0'),
};

/** What browsers refuse, or show in part: there is nothing to pass on, or not all of it. */
export const REFUSED: Record<string, string> = {
  'two lengths': whole('', `Content-Length: ${LENGTH}\r\nContent-Length: 5`),
  'a byte of zero': whole('X-A: a\0b\r\n'),
  'six bytes first': `xyzxyz${plain}`,
  'half a head': plain.slice(0, 40),
  'no byte': '',
  'a size that is none': sized('zz'),
  'an empty size': sized(''),
  'a negative size': sized('-5'),
  'a size of more than 64 bits': sized('f'.repeat(16)),
  'a head without an end': `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(300_000)}`,
  'a protocol that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  // Browsers show these three. HTTP/1.1 has no words for the statuses, and HTTP/0.9 no status.
  'status 20': begun('HTTP/1.1 20 OK'),
  'status 000': begun('HTTP/1.1 000 Zero'),
  'HTTP/0.9': PAGE,
};
