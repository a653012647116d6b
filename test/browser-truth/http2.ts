import type tls from 'node:tls';
import {
  block,
  data,
  ERROR,
  type Fields,
  FLAG,
  frame,
  goaway,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../fixtures/hostile/http2-frames.ts';
import { type Case, type Cases, PAGE, type Visit } from './case.ts';
import { siteTls } from './certificates.ts';
import { IN_ORDER, page, servePage, speak, type Talk } from './http2-server.ts';
import { TLS12, WEAK } from './tls-certificates.ts';

const BOTH: tls.TlsOptions = { ALPNProtocols: ['h2', 'http/1.1'] };

export const talking = (talk: Talk, options: tls.TlsOptions = {}): Case => ({
  serve: speak(talk),
  scheme: 'https',
  tls: () => ({ ...siteTls(), ...BOTH, ...options }),
});
/** Sends these frames at each request. */
export const answering = (frames: (stream: number, visit: Visit) => Buffer): Case =>
  talking({ onRequest: (stream, visit) => void visit.socket.write(frames(stream, visit)) });
/** Sends this at once, and answers with the page where a request still comes. */
export const starting = (start: Buffer, then?: (visit: Visit) => void): Case =>
  talking({
    atStart: (visit) => {
      visit.socket.write(start);
      then?.(visit);
    },
    onRequest: (stream, { socket }) => void (socket.writable && socket.write(page(stream))),
  });
export const withFields = (...more: Fields): Case =>
  answering((stream) => page(stream, [...IN_ORDER, ...more]));
const close = ({ socket }: Visit): void => void socket.end();
/** A moment later, so that the other side has read why. */
const closeSoon = (visit: Visit): void => void setTimeout(() => close(visit), 50);

const refusals: Cases = {
  'h2-goaway': talking({
    atStart: ({ socket }) => void socket.write(Buffer.concat([SETTINGS, goaway(ERROR.none)])),
  }),
  'h2-goawayclose': starting(Buffer.concat([SETTINGS, goaway(ERROR.none)]), close),
  'h2-goawayerr': starting(Buffer.concat([SETTINGS, goaway(ERROR.internal)]), closeSoon),
  'h2-goawayh1': starting(Buffer.concat([SETTINGS, goaway(ERROR.http11)]), closeSoon),
  'h2-goawaycalm': starting(Buffer.concat([SETTINGS, goaway(ERROR.calm)]), closeSoon),
  'h2-rstrefused': answering((stream) => rst(stream, ERROR.refused)),
  'h2-rstinternal': answering((stream) => rst(stream, ERROR.internal)),
  'h2-rstnoerror': answering((stream) => rst(stream, ERROR.none)),
  'h2-rsth1': answering((stream) => rst(stream, ERROR.http11)),
  'h2-rstafter': answering((stream) =>
    Buffer.concat([headers(stream, IN_ORDER), data(stream, PAGE, 0), rst(stream, ERROR.none)]),
  ),
  'h2-rstmid': answering((stream) =>
    Buffer.concat([
      headers(stream, IN_ORDER),
      data(stream, PAGE.slice(0, PAGE.length / 2), 0),
      rst(stream, ERROR.internal),
    ]),
  ),
};

const ODD_TYPE = 0xee;
const FLOOD = 20_000;

/** CONTINUATION frames for as long as the other side takes them. */
const endlessHeaders = (stream: number, { socket }: Visit): void => {
  const more = frame(TYPE.continuation, 0, stream, block([['x-a', 'b'.repeat(1000)]]));
  socket.write(frame(TYPE.headers, 0, stream, block(IN_ORDER)));
  const timer = setInterval(() => {
    if (socket.writable && !socket.writableNeedDrain) socket.write(Buffer.concat(Array(16).fill(more)));
  }, 5);
  socket.on('close', () => clearInterval(timer));
};

const frames: Cases = {
  'h2-normal': { ...talking({}), serve: servePage },
  'h2-badframe': answering(() => data(0, PAGE)),
  'h2-unknownframe': starting(
    Buffer.concat([SETTINGS, ...Array(3).fill(frame(ODD_TYPE, 0xff, 0, Buffer.from('odd')))]),
  ),
  'h2-settingsflood': starting(Buffer.concat(Array(FLOOD).fill(SETTINGS))),
  'h2-pingflood': starting(
    Buffer.concat([SETTINGS, ...Array(FLOOD).fill(frame(TYPE.ping, 0, 0, Buffer.alloc(8)))]),
  ),
  'h2-cont': talking({ onRequest: endlessHeaders }),
  'h2-h1spoken': talking({
    atStart: () => {},
    onRequest: (_stream, { socket }) =>
      void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`),
  }),
  'h2-closed': talking({ atStart: close }),
  'h2-silent': talking({ atStart: () => {} }),
  'h2-nosettings': talking({
    atStart: () => {},
    onRequest: (stream, { socket }) => void socket.write(page(stream)),
  }),
  // SETTINGS_INITIAL_WINDOW_SIZE is setting 4 (RFC 9113, 6.5.2).
  'h2-window': starting(frame(TYPE.settings, 0, 0, Buffer.concat([Buffer.of(0, 4), number32(0)]))),
  'h2-push': answering((stream) =>
    Buffer.concat([
      frame(
        TYPE.push,
        FLAG.endHeaders,
        stream,
        Buffer.concat([
          number32(2),
          block([
            [':method', 'GET'],
            [':scheme', 'https'],
            [':authority', 'www.site.test'],
            [':path', '/a.css'],
          ]),
        ]),
      ),
      page(stream),
    ]),
  ),
};

/** An interim answer, then the page. */
const interim = (status: string): Case =>
  answering((stream) => Buffer.concat([headers(stream, [[':status', status]]), page(stream)]));
const misdirected = (stream: number): Buffer =>
  Buffer.concat([
    headers(stream, [
      [':status', '421'],
      ['content-type', 'text/html'],
    ]),
    data(stream, 'MISDIRECTED'),
  ]);

const heads: Cases = {
  'h2-upper': withFields(['X-A', 'b']),
  'h2-connection': withFields(['connection', 'close']),
  'h2-te': withFields(['transfer-encoding', 'chunked']),
  'h2-nostatus': answering((stream) => page(stream, [['content-type', 'text/html']])),
  'h2-lenshort': withFields(['content-length', '500']),
  'h2-lenlong': withFields(['content-length', String(PAGE.indexOf('</body>') - 2)]),
  'h2-ctl': withFields(['x-a', 'a\x01b']),
  'h2-bighead': withFields(['x-a', 'a'.repeat(300 * 1024)]),
  'h2-103': interim('103'),
  'h2-101': answering((stream) =>
    page(stream, [
      [':status', '101'],
      ['content-type', 'text/html'],
    ]),
  ),
  'h2-421': answering(misdirected),
  'h2-421once': answering((stream, { nth }) => (nth === 0 ? misdirected(stream) : page(stream))),
};

const suite = (ciphers: string): Case => ({
  ...talking({}, { ...TLS12, ciphers: `${ciphers}${WEAK}` }),
  serve: servePage,
});

export const HTTP2: Cases = {
  ...refusals,
  ...frames,
  ...heads,
  'h2-cbc': suite('ECDHE-RSA-AES128-SHA'),
  'h2-rsakx': suite('AES128-GCM-SHA256'),
};
