import { zstdCompressSync } from 'node:zlib';
import {
  block,
  data,
  ERROR,
  FLAG,
  frame,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../fixtures/hostile/http2-frames.ts';
import { type Cases, PAGE } from './case.ts';
import { around, html } from './charsets.ts';
import { coded } from './codings.ts';
import { answering, starting, talking, withFields } from './http2.ts';
import { IN_ORDER, page } from './http2-server.ts';
import { SIBLINGS_CHARSETS } from './siblings-charsets.ts';
import { SIBLINGS_EXCEPTED } from './siblings-excepted.ts';
import { SIBLINGS_HTTP2 } from './siblings-http2.ts';
import { SIBLINGS_ODDS } from './siblings-odds.ts';
import { SIBLINGS_TLS } from './siblings-tls.ts';
import { SIBLINGS_WAYS } from './siblings-ways.ts';

/** A setting of HTTP/2 (RFC 9113, 6.5.2), and the page at each request. */
const setting = (which: number, value: number) =>
  starting(frame(TYPE.settings, 0, 0, Buffer.concat([Buffer.of(0, which), number32(value)])));
/** A frame on a stream that is not that of the request, and the page. */
const elsewhere = (one: (stream: number) => Buffer) =>
  answering((stream) => Buffer.concat([one(stream), page(stream)]));
const inTwo = (name: string, ...values: string[]) =>
  withFields(...values.map((value): [string, string] => [name, value]));

/** A frame that no decoder looks into (RFC 8878, 3.1.2). */
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('skip')]);
const [first, second] = [zstdCompressSync(PAGE.slice(0, 38)), zstdCompressSync(PAGE.slice(38))];
/** A window of 8 MB, which is the largest that browsers take, and twice as much (RFC 8878, 3.1.1.1.2); one block of raw bytes. */
const zstdWindow = (log: number): Buffer => {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 0, 0, 0]);
  head.writeUIntLE(1 + PAGE.length * 8, 6, 3);
  return Buffer.concat([head, Buffer.from(PAGE)]);
};

/** Servers beside those of the table. */
export const SIBLINGS: Cases = {
  ...SIBLINGS_CHARSETS,
  ...SIBLINGS_HTTP2,
  ...SIBLINGS_EXCEPTED,
  ...SIBLINGS_ODDS,
  ...SIBLINGS_TLS,
  ...SIBLINGS_WAYS,
  'zstd-two': coded('zstd', Buffer.concat([first, second])),
  'zstd-skip': coded('zstd', Buffer.concat([skippable, zstdCompressSync(PAGE)])),
  'zstd-skiplast': coded('zstd', Buffer.concat([zstdCompressSync(PAGE), skippable])),
  'zstd-window23': coded('zstd', zstdWindow(23)),
  'zstd-window24': coded('zstd', zstdWindow(24)),
  'h2-lentwice': inTwo('content-length', String(PAGE.length), String(PAGE.length)),
  'h2-lendiffer': inTwo('content-length', String(PAGE.length), '5'),
  'h2-lenabc': inTwo('content-length', 'abc'),
  'h2-lenminus': inTwo('content-length', '-1'),
  'h2-lenplus': inTwo('content-length', `+${PAGE.length}`),
  'h2-lenempty': inTwo('content-length', ''),
  'h2-trailerstatus': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      data(stream, PAGE, 0),
      headers(stream, [[':status', '500']], FLAG.endStream),
    ]),
  ),
  'h2-trailer': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      data(stream, PAGE, 0),
      headers(stream, [['x-a', 'b']], FLAG.endStream),
    ]),
  ),
  'h2-trailernoend': answering((stream) =>
    Buffer.concat([headers(stream, IN_ORDER), data(stream, PAGE, 0), headers(stream, [['x-a', 'b']])]),
  ),
  'h2-pseudo': answering((stream) => page(stream, [[':status', '200'], [':odd', 'x'], ...IN_ORDER.slice(1)])),
  'h2-pseudolate': withFields([':odd', 'x']),
  'h2-statustwice': answering((stream) => page(stream, [[':status', '200'], ...IN_ORDER])),
  'h2-statuslate': answering((stream) => page(stream, [...IN_ORDER].reverse())),
  'h2-status20': answering((stream) => page(stream, [[':status', '20'], ...IN_ORDER.slice(1)])),
  'h2-status2000': answering((stream) => page(stream, [[':status', '2000'], ...IN_ORDER.slice(1)])),
  'h2-datastream3': elsewhere((stream) => data(stream + 2, 'x')),
  'h2-headstream3': elsewhere((stream) => headers(stream + 2, IN_ORDER)),
  'h2-rststream3': elsewhere((stream) => rst(stream + 2, ERROR.none)),
  'h2-windowstream3': elsewhere((stream) => frame(8, 0, stream + 2, number32(1))),
  'h2-priority3': elsewhere((stream) => frame(2, 0, stream + 2, Buffer.from([0, 0, 0, 0, 1]))),
  'h2-datastream2': elsewhere(() => data(2, 'x')),
  'h2-headstream2': elsewhere(() => headers(2, IN_ORDER)),
  'h2-window0': elsewhere((stream) => frame(8, 0, stream, number32(0))),
  'h2-windowover': elsewhere((stream) => frame(8, 0, stream, number32(0x7fffffff))),
  'h2-maxframe1': setting(5, 1),
  'h2-maxframebig': setting(5, 0x1000000),
  'h2-enablepush2': setting(2, 2),
  'h2-enablepush1': setting(2, 1),
  'h2-windowbig': setting(4, 0x80000000),
  'h2-streams0': setting(3, 0),
  'h2-table0': setting(1, 0),
  'h2-headlist1': setting(6, 1),
  'h2-unknownsetting': setting(0xee, 1),
  'h2-settings5': starting(frame(TYPE.settings, 0, 0, Buffer.alloc(5))),
  'h2-settingsstream': starting(Buffer.concat([SETTINGS, frame(TYPE.settings, 0, 1)])),
  'h2-ackfirst': starting(frame(TYPE.settings, FLAG.ack, 0)),
  'h2-ping7': starting(Buffer.concat([SETTINGS, frame(TYPE.ping, 0, 0, Buffer.alloc(7))])),
  'h2-rst3': elsewhere((stream) => frame(TYPE.rst, 0, stream, Buffer.alloc(3))),
  'h2-dispositions': inTwo('content-disposition', 'inline', 'inline; filename="a"'),
  'h2-types': inTwo('content-type', 'text/html', 'text/html'),
  'h2-locations': inTwo('location', '/a', '/b'),
  'h2-nul': withFields(['x-a', 'a\0b']),
  'h2-newline': withFields(['x-a', 'a\nb']),
  'h2-return': withFields(['x-a', 'a\rb']),
  'h2-del': withFields(['x-a', 'a\x7fb']),
  'h2-tab': withFields(['x-a', 'a\tb']),
  'h2-high': withFields(['x-a', 'a\xfcb']),
  'h2-space': withFields(['x-a', ' b ']),
  'h2-namespace': withFields(['x a', 'b']),
  'h2-namecolon': withFields(['x:a', 'b']),
  'h2-nameempty': withFields(['', 'b']),
  'h2-namehigh': withFields(['x\xfc', 'b']),
  'h2-te-trailers': withFields(['te', 'trailers']),
  'h2-http11after': answering((stream) =>
    Buffer.concat([headers(stream, IN_ORDER), rst(stream, ERROR.http11)]),
  ),
  'h2-http11body': answering((stream) =>
    Buffer.concat([headers(stream, IN_ORDER), data(stream, PAGE, 0), rst(stream, ERROR.http11)]),
  ),
  'h2-calm': answering((stream) => rst(stream, ERROR.calm)),
  'h2-padded': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      frame(
        TYPE.data,
        0x8 | FLAG.endStream,
        stream,
        Buffer.concat([Buffer.of(4), Buffer.from(PAGE), Buffer.alloc(4)]),
      ),
    ]),
  ),
  'h2-padtoolong': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      frame(TYPE.data, 0x8 | FLAG.endStream, stream, Buffer.of(200, 1, 2)),
    ]),
  ),
  'h2-afterend': answering((stream) => Buffer.concat([page(stream), data(stream, 'more')])),
  'h2-emptyhead': answering((stream) =>
    Buffer.concat([headers(stream, [[':status', '204']], FLAG.endStream)]),
  ),
  'h2-bigframe': answering((stream) =>
    Buffer.concat([headers(stream, IN_ORDER), data(stream, `${PAGE}${' '.repeat(20_000)}`)]),
  ),
  'h2-hpackbad': answering((stream) =>
    Buffer.concat([
      frame(TYPE.headers, FLAG.endHeaders, stream, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff)),
      page(stream),
    ]),
  ),
  'h2-hpackresize': answering((stream) =>
    Buffer.concat([
      frame(TYPE.headers, FLAG.endHeaders, stream, Buffer.concat([Buffer.of(0x20), block(IN_ORDER)])),
      data(stream, PAGE),
    ]),
  ),
  'h2-contgap': answering((stream) =>
    Buffer.concat([
      frame(TYPE.headers, 0, stream, block(IN_ORDER)),
      frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
      frame(TYPE.continuation, FLAG.endHeaders, stream),
      data(stream, PAGE),
    ]),
  ),
  'h2-contempty': answering((stream) =>
    Buffer.concat([
      frame(TYPE.headers, 0, stream),
      frame(TYPE.continuation, FLAG.endHeaders, stream, block(IN_ORDER)),
      data(stream, PAGE),
    ]),
  ),
  'h2-fields150': withFields(...Array.from({ length: 150 }, (_, nth): [string, string] => [`x-${nth}`, 'y'])),
  'h2-head100k': withFields(['x-a', 'a'.repeat(100_000)]),
  'h2-head200k': withFields(['x-a', 'a'.repeat(200_000)], ['x-b', 'c']),
  'h2-head250k': withFields(
    ...Array.from({ length: 25 }, (_, nth): [string, string] => [`x-${nth}`, 'a'.repeat(9_900)]),
  ),
  'h2-head300k': withFields(
    ...Array.from({ length: 30 }, (_, nth): [string, string] => [`x-${nth}`, 'a'.repeat(9_900)]),
  ),
  'h2-head150ksmall': withFields(
    ...Array.from({ length: 100 }, (_, nth): [string, string] => [`x-${nth}`, 'a'.repeat(1_500)]),
  ),
  'h2-twoheads': answering((stream) => Buffer.concat([headers(stream, IN_ORDER), page(stream)])),
  'h2-nothing': talking({
    onRequest: (stream, { socket }) => void socket.write(headers(stream, IN_ORDER, FLAG.endStream)),
  }),
  'cs-hz': html('hz-gb-2312', around([...Buffer.from('SHOWN-TO-VISITORS')]), 'SHOWN-TO-VISITORS'),
  'cs-iso2022kr': html('iso-2022-kr', around([...Buffer.from('SHOWN-TO-VISITORS')]), 'SHOWN-TO-VISITORS'),
  'cs-iso2022cn': html('iso-2022-cn', around([...Buffer.from('SHOWN-TO-VISITORS')]), 'SHOWN-TO-VISITORS'),
  'cs-iso2022jp': html('iso-2022-jp', around([0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42]), '\u65e5'),
  'cs-utf7': html('utf-7', around([...Buffer.from('+AOQ-')]), '\u00e4'),
  'cs-xuser': html('x-user-defined', around([0x80]), '\uf780'),
  'cs-gb18030four': html('gb2312', around([0x81, 0x30, 0x81, 0x30]), '\u0080'),
};
