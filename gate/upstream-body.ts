import { type Framing, MAX_HEAD_BYTES, UpstreamFault } from './upstream-head.ts';

/** Takes a body apart from what frames it. */
export type BodyReader = {
  /** Gives the bytes of the body that are in a piece, and whether the body is whole with them. */
  push(piece: Buffer): { bytes: Buffer[]; isWhole: boolean };
  /** Whether the body may end where the connection does. */
  mayEndHere: boolean;
};

const EMPTY = Buffer.alloc(0);
/** A size and its extension. Chromium takes 16 KB. */
const MAX_SIZE_LINE_BYTES = 16_384;

/** Reads a body that ends as `framing` says. What comes behind a whole body is thrown away. */
export const bodyReader = (framing: Framing): BodyReader => {
  if (framing.by === 'chunks') return chunkReader();
  if (framing.by === 'close')
    return { push: (piece) => ({ bytes: [piece], isWhole: false }), mayEndHere: true };
  let left = framing.by === 'length' ? framing.bytes : 0;
  return {
    push: (piece) => {
      const bytes = piece.subarray(0, left);
      left -= bytes.length;
      return { bytes: bytes.length > 0 ? [bytes] : [], isWhole: left === 0 };
    },
    mayEndHere: false,
  };
};

type Chunks = {
  /** What is read next: a size, that many bytes, the line end behind them, or trailers. */
  next: 'size' | 'bytes' | 'line-end' | 'trailers' | 'nothing';
  left: number;
  /** The beginning of a line whose end has not come. */
  line: Buffer;
  trailerBytes: number;
};

const chunkReader = (): BodyReader => {
  const state: Chunks = { next: 'size', left: 0, line: EMPTY, trailerBytes: 0 };
  return {
    push: (piece) => {
      const bytes: Buffer[] = [];
      let rest = piece;
      while (rest.length > 0 && state.next !== 'nothing') {
        if (state.next !== 'bytes') {
          rest = readLine(state, rest);
          continue;
        }
        const part = rest.subarray(0, state.left);
        bytes.push(part);
        state.left -= part.length;
        rest = rest.subarray(part.length);
        if (state.left === 0) state.next = 'line-end';
      }
      return { bytes, isWhole: state.next === 'nothing' };
    },
    mayEndHere: false,
  };
};

/** Reads up to the end of a line, or keeps what there is of it; gives what is left. */
const readLine = (state: Chunks, piece: Buffer): Buffer => {
  const end = piece.indexOf(0x0a);
  const part = end < 0 ? piece : piece.subarray(0, end);
  const line = state.line.length === 0 ? part : Buffer.concat([state.line, part]);
  if (state.next === 'trailers') state.trailerBytes += part.length + 1;
  const limit = state.next === 'trailers' ? MAX_HEAD_BYTES : MAX_SIZE_LINE_BYTES;
  if (line.length > limit || state.trailerBytes > MAX_HEAD_BYTES)
    throw new UpstreamFault('chunks', `a line between its chunks is longer than ${limit} bytes`);
  // Of a trailer it matters alone whether its line is empty.
  state.line = end < 0 ? (state.next === 'trailers' ? line.subarray(0, 2) : line) : EMPTY;
  if (end < 0) return EMPTY;
  takeLine(state, line.toString('latin1').replace(/\r$/, ''));
  return piece.subarray(end + 1);
};

const takeLine = (state: Chunks, line: string): void => {
  if (state.next === 'size') {
    const [, size] = /^[ \t]*([0-9a-f]+)[ \t]*(?:;.*)?$/is.exec(line) ?? [];
    const digits = size?.replace(/^0+(?=.)/, '');
    // Thirteen digits are as many bytes as a number holds exactly.
    if (digits === undefined || digits.length > 13)
      throw new UpstreamFault('chunks', 'the size of one of its chunks is none');
    state.left = Number.parseInt(digits, 16);
    state.next = state.left === 0 ? 'trailers' : 'bytes';
  } else if (state.next === 'line-end') {
    if (line !== '') throw new UpstreamFault('chunks', 'one of its chunks is longer than it says');
    state.next = 'size';
  } else if (line === '') {
    state.next = 'nothing';
  }
};
