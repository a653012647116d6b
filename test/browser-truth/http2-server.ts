import { bytes, PAGE, type Serve, type Visit } from './case.ts';

/** Types of frames, flags and errors of RFC 9113, sections 6 and 7. */
export const TYPE = {
  data: 0,
  headers: 1,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  continuation: 9,
};
export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4 };
export const ERROR = { none: 0, internal: 2, refused: 7, calm: 0xb, http11: 0xd };

export const frame = (
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

export const number32 = (...values: number[]): Buffer => {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, 4 * index);
  return buffer;
};

/** A text of HPACK (RFC 7541, 5.2), not packed: its length in seven bits and, if that is not enough, the rest in sevens. */
const text = (value: string): Buffer => {
  const bytesOf = Buffer.from(value, 'latin1');
  const length: number[] = [Math.min(bytesOf.length, 127)];
  if (bytesOf.length >= 127) {
    let left = bytesOf.length - 127;
    for (; left >= 128; left = Math.floor(left / 128)) length.push(0x80 | (left % 128));
    length.push(left);
  }
  return Buffer.concat([Buffer.from(length), bytesOf]);
};

export type Fields = [name: string, value: string][];

/** Header fields as HPACK literals that nobody has to remember. */
export const block = (fields: Fields): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));

/** Frames have at most this many bytes unless the other side asks for more. */
const MAX_FRAME = 16_384;

/** A HEADERS frame, and CONTINUATION frames for what does not fit. */
export const headers = (stream: number, fields: Fields, flags = 0): Buffer => {
  const all = block(fields);
  const parts = Array.from({ length: Math.ceil(all.length / MAX_FRAME) }, (_, nth) =>
    all.subarray(nth * MAX_FRAME, (nth + 1) * MAX_FRAME),
  );
  return Buffer.concat(
    parts.map((part, nth) => {
      const last = nth === parts.length - 1 ? FLAG.endHeaders : 0;
      return nth === 0
        ? frame(TYPE.headers, flags | last, stream, part)
        : frame(TYPE.continuation, last, stream, part);
    }),
  );
};

export const data = (stream: number, body: string, flags = FLAG.endStream): Buffer =>
  frame(TYPE.data, flags, stream, Buffer.from(body));

export const IN_ORDER: Fields = [
  [':status', '200'],
  ['content-type', 'text/html'],
];
/** The whole page, with `fields` in place of those that are in order. */
export const page = (stream: number, fields: Fields = IN_ORDER): Buffer =>
  Buffer.concat([headers(stream, fields), data(stream, PAGE)]);

export const SETTINGS = frame(TYPE.settings, 0, 0);
export const goaway = (error: number): Buffer => frame(TYPE.goaway, 0, 0, number32(0, error));
export const rst = (stream: number, error: number): Buffer => frame(TYPE.rst, 0, stream, number32(error));

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
