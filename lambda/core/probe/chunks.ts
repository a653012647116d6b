import { fault, MAX_CHUNK_LINE_BYTES, MAX_CHUNKS, MAX_FRAMING_BYTES } from './bounds.ts';

/** How far a chunked body has been read. */
export type Chunks = {
  expects: 'size' | 'data' | 'data-end' | 'trailer' | 'nothing';
  /** The beginning of a line whose end has not come. */
  line: string;
  /** Bytes of the chunk that have not come. */
  left: number;
  framingBytes: number;
  /** How many have begun. */
  count: number;
};

export const newChunks = (): Chunks => ({ expects: 'size', line: '', left: 0, framingBytes: 0, count: 0 });

/** Hexadecimal digits that a number of JavaScript still holds exactly. */
const MAX_SIZE_DIGITS = 13;

const LF = 10;

/**
 * Takes the next bytes of a chunked body, and hands on where in them the body is. `onBody` says whether more of it is wanted. Nothing behind
 * its end, or behind what is wanted, is looked at: whether it came with these bytes or later says nothing.
 */
export const readChunks = (
  chunks: Chunks,
  bytes: Buffer,
  onBody: (from: number, to: number) => boolean,
): void => {
  let at = 0;
  while (at < bytes.length && chunks.expects !== 'nothing') {
    if (chunks.expects === 'data') {
      const to = Math.min(bytes.length, at + chunks.left);
      const isWanted = onBody(at, to);
      chunks.left -= to - at;
      at = to;
      if (chunks.left === 0) chunks.expects = 'data-end';
      if (!isWanted) return;
      continue;
    }
    const end = bytes.indexOf(LF, at);
    const to = end === -1 ? bytes.length : end + 1;
    refuseTooMuch(chunks, to - at);
    chunks.framingBytes += to - at;
    chunks.line += bytes.toString('latin1', at, to);
    at = to;
    if (end !== -1) takeLine(chunks, chunks.line.replace(/\r?\n$/, ''));
  }
};

/** The end of a line, CR and LF, which is no part of it. */
const LINE_END_BYTES = 2;

/** Of two bounds that the next bytes pass, the one that they pass first is told, as if they came one by one. */
const refuseTooMuch = (chunks: Chunks, bytes: number): void => {
  const framingLeft = MAX_FRAMING_BYTES - chunks.framingBytes;
  const lineLeft = MAX_CHUNK_LINE_BYTES + LINE_END_BYTES - chunks.line.length;
  if (bytes > lineLeft && lineLeft < framingLeft) tooLong();
  if (bytes <= framingLeft) return;
  throw fault('FLOOD', `more than ${MAX_FRAMING_BYTES.toLocaleString('en')} bytes between the chunks`);
};

const takeLine = (chunks: Chunks, line: string): void => {
  chunks.line = '';
  if (chunks.expects === 'trailer') {
    if (line === '') chunks.expects = 'nothing';
    return;
  }
  if (chunks.expects === 'data-end') {
    if (line !== '') throw fault('MALFORMED', 'a chunk is longer than its size');
    chunks.expects = 'size';
    return;
  }
  // An extension is left out; blanks after the size are what some servers fill it up with.
  const digits = /^([0-9a-f]+) *(?:;|$)/i.exec(line);
  if (digits === null) {
    throw fault('MALFORMED', `the size of a chunk is no number: ${line}`);
  }
  chunks.count += 1;
  if (chunks.count > MAX_CHUNKS) throw fault('FLOOD', `more than ${MAX_CHUNKS.toLocaleString('en')} chunks`);
  const size = (digits[1] as string).replace(/^0+/, '');
  // Not the size itself: without its zeros a secret in it would not be known for one.
  if (size.length > MAX_SIZE_DIGITS) throw fault('MALFORMED', 'the size of a chunk is too large');
  chunks.left = Number.parseInt(size || '0', 16);
  chunks.expects = chunks.left === 0 ? 'trailer' : 'data';
};

const tooLong = (): never => {
  throw fault('MALFORMED', 'a line between the chunks, or behind them, is too long');
};
