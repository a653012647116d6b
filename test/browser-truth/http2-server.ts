import {
  data,
  type Fields,
  FLAG,
  frame,
  headers,
  SETTINGS,
  TYPE,
} from '../../fixtures/hostile/http2-frames.ts';
import { bytes, PAGE, type Serve, type Visit } from './case.ts';

export const IN_ORDER: Fields = [
  [':status', '200'],
  ['content-type', 'text/html'],
];
/** The whole page, with `fields` in place of those that are in order. */
export const page = (stream: number, fields: Fields = IN_ORDER): Buffer =>
  Buffer.concat([headers(stream, fields), data(stream, PAGE)]);

/** What a server does at the start, and at each request: with the number of its stream. */
export type Talk = {
  atStart?: (visit: Visit) => void;
  onRequest?: (stream: number, visit: Visit) => void;
};

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const OVER_HTTP1 = bytes(
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`,
);

/** Speaks HTTP/2 as `talk` says where that was agreed on; over HTTP/1.1 the page is in order. */
export const speak =
  ({ atStart = ({ socket }) => void socket.write(SETTINGS), onRequest }: Talk): Serve =>
  (visit) => {
    if (visit.protocol !== 'h2') return OVER_HTTP1.serve(visit);
    let received = Buffer.alloc(0);
    let greeted = false;
    atStart(visit);
    visit.socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!greeted && received.length >= PREFACE.length) {
        received = received.subarray(PREFACE.length);
        greeted = true;
      }
      while (greeted && received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
        const size = 9 + received.readUIntBE(0, 3);
        hear(received.subarray(0, size), visit, onRequest);
        received = received.subarray(size);
      }
    });
  };

const hear = (heard: Buffer, visit: Visit, onRequest: Talk['onRequest']): void => {
  const [type, flags] = [heard[3], heard[4] as number];
  const acknowledges = (flags & FLAG.ack) !== 0;
  if (!visit.socket.writable) return;
  if (type === TYPE.settings && !acknowledges) visit.socket.write(frame(TYPE.settings, FLAG.ack, 0));
  if (type === TYPE.ping && !acknowledges)
    visit.socket.write(frame(TYPE.ping, FLAG.ack, 0, heard.subarray(9)));
  if (type === TYPE.headers) onRequest?.(heard.readUInt32BE(5), visit);
};

/** The page, by whatever was agreed on. */
export const servePage: Serve = speak({ onRequest: (stream, { socket }) => void socket.write(page(stream)) });
