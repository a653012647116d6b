import { literalsIn, withShortValues } from './hpack.ts';
import { withoutConnectionHeaders } from './http2-names.ts';

/**
 * Browsers let servers of HTTP/2 do what nghttp2, by which Node reads HTTP/2, takes for an end (tried with Chromium 156).
 * nghttp2 cannot be told otherwise, so its bytes are mended for the one request that a probe makes:
 * SETTINGS are put in where there are none first, and those that may not be are left out, or are too many; so are frames of streams
 * that nobody opened, and what trailers say; headers that are about a connection of HTTP/1.1, and lengths, get names that mean
 * nothing; of a server that goes away it counts only whether it still answers this request; and nothing counts behind the answer.
 */
export type Http2Mender = {
  rest: Buffer;
  /** `failing`: the server said that it goes away for an error, and may still answer. */
  seen: { frames: boolean; acknowledgement: boolean; body: boolean; end: boolean; failing: boolean };
  /** The frames of a head whose end has not come. */
  head: Buffer[];
  gaveUp: boolean;
};

export const newHttp2Mender = (): Http2Mender => ({
  rest: Buffer.alloc(0),
  seen: { frames: false, acknowledgement: false, body: false, end: false, failing: false },
  head: [],
  gaveUp: false,
});

/** Sizes, types and flags of RFC 9113, 4.1 and 6. */
const [HEAD_BYTES, MAX_FRAME_BYTES] = [9, 9 + 16_384];
const [DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE, CONTINUATION] = [0, 1, 3, 4, 7, 8, 9];
const [END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY] = [1, 1, 4, 8, 0x20];
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]);

/** The stream of the first request of a connection, which is the only one. */
const OURS = 1;

/** The next bytes of a server, mended, as far as its frames are whole. What is no HTTP/2 is handed on as it is. */
export const mendHttp2 = (mender: Http2Mender, bytes: Buffer): Buffer => {
  if (mender.gaveUp) return bytes;
  let left = mender.rest.length === 0 ? bytes : Buffer.concat([mender.rest, bytes]);
  const mended: Buffer[] = [];
  while (left.length >= HEAD_BYTES && !mender.seen.end) {
    const size = HEAD_BYTES + left.readUIntBE(0, 3);
    if (size > MAX_FRAME_BYTES) {
      mender.gaveUp = true;
      mended.push(left);
      left = Buffer.alloc(0);
    }
    if (left.length < size) break;
    const frame = left.subarray(0, size);
    left = left.subarray(size);
    if (!mender.seen.frames && !isSettings(frame)) mended.push(EMPTY_SETTINGS);
    mender.seen.frames = true;
    mended.push(mendedFrame(mender, frame));
  }
  // Behind the end of the answer nothing is looked at, whether it came with it or later.
  mender.rest = mender.seen.end ? NOTHING : left;
  return Buffer.concat(mended);
};

const NOTHING = Buffer.alloc(0);
const flagsOf = (frame: Buffer): number => frame[4] as number;

/** Not those that only acknowledge ours. */
const isSettings = (frame: Buffer): boolean => frame[3] === SETTINGS && (flagsOf(frame) & ACK) === 0;

const mendedFrame = (mender: Http2Mender, frame: Buffer): Buffer => {
  const { seen } = mender;
  const type = frame[3] as number;
  // Nothing may come within a head.
  if (mender.head.length > 0 && type !== CONTINUATION)
    return Buffer.concat([headSoFar(mender), mendedFrame(mender, frame)]);
  const stream = frame.readUInt32BE(5) & 0x7fffffff;
  if (isSettings(frame)) return withoutWrongSettings(frame);
  if (type === SETTINGS) {
    // We say ours once.
    const again = seen.acknowledgement;
    seen.acknowledgement = true;
    return again ? NOTHING : frame;
  }
  if (type === GOAWAY) return withOurStream(mender, frame);
  const isOfStream = [DATA, HEADERS, RST_STREAM, WINDOW_UPDATE, CONTINUATION].includes(type);
  if (isOfStream && stream !== 0 && stream !== OURS) return NOTHING;
  if (type === DATA && stream === OURS) seen.body = true;
  if (type !== HEADERS && type !== CONTINUATION) {
    seen.end ||= type === DATA && stream === OURS && (flagsOf(frame) & END_STREAM) !== 0;
    return frame;
  }
  mender.head.push(frame);
  if ((flagsOf(frame) & END_HEADERS) === 0) return isTooLong(mender.head) ? headSoFar(mender) : NOTHING;
  const [first = frame] = mender.head;
  if ((flagsOf(first) & END_STREAM) !== 0) seen.end = true;
  if (seen.body && seen.end && first[3] === HEADERS) {
    mender.head = [];
    return END_OF_BODY;
  }
  return headSoFar(mender);
};

/** What is held of a head, mended. */
const headSoFar = (mender: Http2Mender): Buffer => {
  const frames = mender.head;
  mender.head = [];
  return mendedHead(frames);
};

/** How many frames of a head are held, and how many bytes of them: more than is read of a head. */
const [MAX_HEAD_FRAMES, MAX_HELD_BYTES] = [256, 16 * MAX_FRAME_BYTES];
const isTooLong = (frames: readonly Buffer[]): boolean =>
  frames.length > MAX_HEAD_FRAMES || frames.reduce((sum, { length }) => sum + length, 0) > MAX_HELD_BYTES;

/** Where the block of a HEADERS frame begins and ends; a CONTINUATION is nothing else. */
const blockIn = (frame: Buffer): Buffer => {
  if (frame[3] !== HEADERS) return frame.subarray(HEAD_BYTES);
  const flags = flagsOf(frame);
  const start = HEAD_BYTES + (flags & PADDED ? 1 : 0) + (flags & PRIORITY ? 5 : 0);
  return frame.subarray(start, frame.length - (flags & PADDED ? (frame[HEAD_BYTES] ?? 0) : 0));
};

/** What nghttp2 takes of one value, and how many frames of one head. The values of longer heads are cut. */
const [MOST_BYTES, MOST_FRAMES] = [65_536, 9];

/** The frames of a whole head. A header may lie in two of them; all that is mended keeps its length, unless the head is too long. */
const mendedHead = (frames: readonly Buffer[]): Buffer => {
  const copies = frames.map((frame) => Buffer.from(frame));
  const blocks = copies.map(blockIn);
  const mended = withoutLengths(withoutConnectionHeaders(Buffer.concat(blocks)));
  if (mended.length > MOST_BYTES) return framed(copies, withShortValues(mended));
  const isWhole = (flagsOf(frames.at(-1) as Buffer) & END_HEADERS) !== 0;
  if (isWhole && frames.length > MOST_FRAMES) return framed(copies, mended);
  let at = 0;
  for (const block of blocks) at += mended.copy(block, 0, at, at + block.length);
  return Buffer.concat(copies);
};

/** A head in frames of its own, with what else those said that it came in. */
const framed = ([first]: readonly Buffer[], block: Buffer): Buffer => {
  const size = MAX_FRAME_BYTES - HEAD_BYTES;
  const parts: Buffer[] = [];
  for (let at = 0; at < block.length; at += size) {
    const part = block.subarray(at, at + size);
    const ends = at + size >= block.length ? END_HEADERS : 0;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(part.length, 0, 3);
    head[3] = at === 0 ? HEADERS : CONTINUATION;
    head[4] = at === 0 ? (flagsOf(first as Buffer) & END_STREAM) | ends : ends;
    head.writeUInt32BE(OURS, 5);
    parts.push(head, part);
  }
  return Buffer.concat(parts);
};

/** Asks for HTTP/1.1 by an error. */
const HTTP_1_1_REQUIRED = 13;

/**
 * A server that goes away but still answers us (RFC 9113, 6.8) may name any stream from ours on; nghttp2 takes no even one, and none after
 * a lower one. Of why it goes Node makes an error at once, where browsers wait for the answer.
 */
const withOurStream = (mender: Http2Mender, frame: Buffer): Buffer => {
  const at = HEAD_BYTES;
  if (frame.length < at + 8 || (frame.readUInt32BE(at) & 0x7fffffff) < OURS) return frame;
  const copy = Buffer.from(frame);
  copy.writeUInt32BE(OURS, at);
  const error = frame.readUInt32BE(at + 4);
  if (error === 0 || error === HTTP_1_1_REQUIRED) return copy;
  mender.seen.failing = true;
  copy.writeUInt32BE(0, at + 4);
  return copy;
};

/** In place of trailers, of which nothing is looked at. */
const END_OF_BODY = Buffer.from([0, 0, 0, DATA, END_STREAM, 0, 0, 0, OURS]);

/** Settings with bounds (RFC 9113, 6.5.2). A server that says that it may be sent pages is not meant for clients. */
const [ENABLE_PUSH, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE] = [2, 4, 5];
const isWrong = (setting: number, value: number): boolean =>
  (setting === ENABLE_PUSH && value !== 0) ||
  (setting === INITIAL_WINDOW_SIZE && value > 0x7fffffff) ||
  (setting === MAX_FRAME_SIZE && (value < 16_384 || value > 16_777_215));

/** Those that are known to nghttp2 (RFC 9113, 6.5.2; RFC 8441; RFC 9218). It takes 32 in one frame, and the last of each counts. */
const KNOWN_SETTINGS = [1, 2, 3, 4, 5, 6, 8, 9];

const withoutWrongSettings = (frame: Buffer): Buffer => {
  // A frame that is no list of settings is one to Chromium neither.
  if ((frame.length - HEAD_BYTES) % 6 !== 0) return frame;
  const kept = new Map<number, Buffer>();
  for (let at = HEAD_BYTES; at < frame.length; at += 6) {
    const one = frame.subarray(at, at + 6);
    const setting = one.readUInt16BE(0);
    if (KNOWN_SETTINGS.includes(setting) && !isWrong(setting, one.readUInt32BE(2))) kept.set(setting, one);
  }
  const mended = Buffer.concat([frame.subarray(0, HEAD_BYTES), ...kept.values()]);
  mended.writeUIntBE(mended.length - HEAD_BYTES, 0, 3);
  return mended;
};

/** Numbers of `content-length` and of a name that nobody looks at (RFC 7541, appendix A). */
const [CONTENT_LENGTH, CONTENT_LANGUAGE] = [28, 27];

/** HTTP/2 says itself where a body ends: a length that is none, or is there twice, says nothing to browsers. */
const withoutLengths = (block: Buffer): Buffer => {
  for (const { at, prefixBits, nameIndex } of literalsIn(block)) {
    if (nameIndex !== CONTENT_LENGTH) continue;
    // The number is in the first byte, or is what the second adds to a first that is full.
    const where = prefixBits === 6 ? at : at + 1;
    block[where] = (block[where] as number) - (CONTENT_LENGTH - CONTENT_LANGUAGE);
  }
  return block;
};
