import {
  block,
  data,
  ERROR,
  type Fields,
  FLAG,
  frame,
  goaway,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../fixtures/hostile/http2-frames.ts';
import { type Cases, PAGE, type Visit } from './case.ts';
import { answering, starting, talking } from './http2.ts';
import { IN_ORDER, page } from './http2-server.ts';

/** GOAWAY with this last stream. */
const leaving = (last: number, error = ERROR.none): Buffer => frame(TYPE.goaway, 0, 0, number32(last, error));
const settings = (...pairs: [which: number, value: number][]): Buffer =>
  frame(
    TYPE.settings,
    0,
    0,
    Buffer.concat(
      pairs.map(([which, value]) => Buffer.concat([Buffer.of(which >> 8, which & 255), number32(value)])),
    ),
  );
const times = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, nth) => make(nth));

/** The head in a HEADERS frame with the first `at` bytes of its block, and one CONTINUATION with the rest; then the page. */
const inTwoFrames = (fields: Fields, at = block(IN_ORDER).length) =>
  answering((stream) => {
    const all = block([...IN_ORDER, ...fields]);
    return Buffer.concat([
      frame(TYPE.headers, 0, stream, all.subarray(0, at)),
      frame(TYPE.continuation, FLAG.endHeaders, stream, all.subarray(at)),
      data(stream, PAGE),
    ]);
  });

/** Does something with the first connection, and answers in order on all others; `when` says at which point. */
const first = (when: 'start' | 'request', act: (visit: Visit, stream: number) => void) =>
  talking({
    atStart: (visit) => {
      if (visit.nth > 0 || when === 'request') visit.socket.write(SETTINGS);
      else act(visit, 1);
    },
    onRequest: (stream, visit) => {
      if (visit.nth > 0) visit.socket.write(page(stream));
      else if (when === 'request') act(visit, stream);
    },
  });
const send =
  (...bytes: Buffer[]) =>
  ({ socket }: Visit) =>
    void socket.write(Buffer.concat(bytes));
const sendAndEnd =
  (...bytes: Buffer[]) =>
  ({ socket }: Visit) =>
    void socket.end(Buffer.concat(bytes));
const sendAndReset =
  (...bytes: Buffer[]) =>
  ({ socket, tcp }: Visit) => {
    // At once where nothing is to be said before it: later, what this server says to every client would be.
    if (bytes.length === 0) tcp.resetAndDestroy();
    else {
      socket.write(Buffer.concat(bytes));
      setTimeout(() => tcp.resetAndDestroy(), 50);
    }
  };
const endSoon =
  (...bytes: Buffer[]) =>
  (visit: Visit) => {
    send(...bytes)(visit);
    setTimeout(() => visit.socket.end(), 50);
  };

const HEAD = (stream: number) => frame(TYPE.headers, FLAG.endHeaders, stream, block(IN_ORDER));

/** Servers of HTTP/2 beside those of the table. */
export const SIBLINGS_HTTP2: Cases = {
  'h2-cont-connection': inTwoFrames([['connection', 'close']]),
  'h2-cont-upgrade': inTwoFrames([['upgrade', 'h2,h2c']]),
  'h2-cont-length': inTwoFrames([['content-length', 'abc']]),
  'h2-cont-within': inTwoFrames([['connection', 'close']], block(IN_ORDER).length + 5),
  'h2-cont-transfer': inTwoFrames([['transfer-encoding', 'chunked']]),
  'h2-settings33': starting(settings(...times(33, (): [number, number] => [3, 100]))),
  'h2-settings40': starting(settings(...times(40, (nth): [number, number] => [0x100 + nth, nth]))),
  'h2-settings400': starting(settings(...times(400, (nth): [number, number] => [0x100 + nth, nth]))),
  'h2-first-goaway': first('start', send(SETTINGS, goaway(ERROR.none))),
  'h2-first-goawayend': first('start', sendAndEnd(SETTINGS, goaway(ERROR.none))),
  'h2-first-goawaylater': first('request', send(goaway(ERROR.none))),
  'h2-first-goawaylaterend': first('request', sendAndEnd(goaway(ERROR.none))),
  'h2-first-goawayours': first('request', send(leaving(1))),
  'h2-first-goawayoursend': first('request', sendAndEnd(leaving(1))),
  'h2-first-goawayerr': first('request', endSoon(goaway(ERROR.internal))),
  'h2-first-goawaycalm': first('request', endSoon(goaway(ERROR.calm))),
  'h2-first-goawayh1': first('request', endSoon(goaway(ERROR.http11))),
  'h2-first-refused': first('request', (visit, stream) => send(rst(stream, ERROR.refused))(visit)),
  'h2-first-internal': first('request', (visit, stream) => send(rst(stream, ERROR.internal))(visit)),
  'h2-first-end': first('start', sendAndEnd()),
  'h2-first-settingsend': first('start', sendAndEnd(SETTINGS)),
  'h2-first-requestend': first('request', sendAndEnd()),
  'h2-first-reset': first('start', sendAndReset()),
  'h2-first-requestreset': first('request', sendAndReset()),
  'h2-goawayeven': answering((stream) => Buffer.concat([leaving(2), page(stream)])),
  'h2-goawaybig': answering((stream) => Buffer.concat([leaving(0x7fffffff), page(stream)])),
  'h2-goawayrising': answering((stream) => Buffer.concat([leaving(1), leaving(3), page(stream)])),
  'h2-goawayrisingbig': answering((stream) => Buffer.concat([leaving(1), leaving(0x7fffffff), page(stream)])),
  'h2-goawayfalling': answering((stream) =>
    Buffer.concat([leaving(0x7fffffff), leaving(stream), page(stream)]),
  ),
  'h2-goawayzero': answering((stream) => Buffer.concat([leaving(0), page(stream)])),
  'h2-goawaybefore': starting(Buffer.concat([SETTINGS, leaving(1)])),
  'h2-goawaybeforebig': starting(Buffer.concat([SETTINGS, leaving(0x7fffffff)])),
  'h2-goawayafter': answering((stream) => Buffer.concat([page(stream), goaway(ERROR.none)])),
  'h2-goawaymid': answering((stream) =>
    Buffer.concat([
      frame(TYPE.headers, FLAG.endHeaders, stream, block(IN_ORDER)),
      leaving(stream),
      data(stream, PAGE),
    ]),
  ),
  'h2-goawaydebug': answering((stream) =>
    Buffer.concat([
      frame(TYPE.goaway, 0, 0, Buffer.concat([number32(stream, 0), Buffer.from('bye')])),
      page(stream),
    ]),
  ),
  'h2-goawayshort': answering((stream) =>
    Buffer.concat([frame(TYPE.goaway, 0, 0, Buffer.alloc(4)), page(stream)]),
  ),
  'h2-goawaystream': answering((stream) =>
    Buffer.concat([frame(TYPE.goaway, 0, stream, number32(1, 0)), page(stream)]),
  ),
  'h2-goawayerrbehind': answering((stream) => Buffer.concat([page(stream), goaway(ERROR.internal)])),
  'h2-goawayerrlast': answering((stream) => Buffer.concat([page(stream), leaving(stream, ERROR.internal)])),
  'h2-goawaycalmbehind': answering((stream) => Buffer.concat([page(stream), goaway(ERROR.calm)])),
  'h2-rstbehind': answering((stream) => Buffer.concat([page(stream), rst(stream, ERROR.internal)])),
  'h2-goawayerrmid': answering((stream) =>
    Buffer.concat([HEAD(stream), leaving(stream, ERROR.internal), data(stream, PAGE)]),
  ),
  'h2-goawayerrmidnone': talking({
    onRequest: (stream, { socket }) =>
      void socket.end(Buffer.concat([HEAD(stream), leaving(stream, ERROR.internal)])),
  }),
  'h2-goawayerrmid0': answering((stream) =>
    Buffer.concat([HEAD(stream), goaway(ERROR.internal), data(stream, PAGE)]),
  ),
  'h2-goawayerrbefore': answering((stream) => Buffer.concat([leaving(stream, ERROR.internal), page(stream)])),
  'h2-goawaycalmbefore': answering((stream) => Buffer.concat([leaving(stream, ERROR.calm), page(stream)])),
  'h2-first-goawayerrours': first('request', (visit, stream) => send(leaving(stream, ERROR.internal))(visit)),
  'h2-first-goawayerrhead': first('request', (visit, stream) =>
    send(HEAD(stream), leaving(stream, ERROR.internal))(visit),
  ),
  'h2-goawayend': talking({
    onRequest: (stream, { socket }) => void socket.end(Buffer.concat([page(stream), leaving(stream)])),
  }),
};
