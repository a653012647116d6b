import { fault, MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_INTERIM_ANSWERS } from './bounds.ts';
import { type Chunks, newChunks, readChunks } from './chunks.ts';
import { type Framing, framingOf, type Head, headIn } from './head-lines.ts';

/** How far the answer to one request over HTTP/1.1 has been read. Changed by `readAnswer` alone. */
export type AnswerReader = {
  readonly method: string;
  /** Of the answer itself, once it is here; interim ones are read and forgotten. */
  head?: Head;
  framing?: Framing;
  chunks: Chunks;
  body: BodyBytes;
  /** Nothing more is wanted: the answer has ended, or its body has reached the bound. */
  isDone: boolean;
  /** Pieces of a head whose end has not come, and how far its lines have been followed. */
  pieces: Buffer[];
  headBytes: number;
  /** Of interim answers, all together. */
  interimBytes: number;
  interim: number;
  line: 'lead' | 'within' | 'ended' | 'ended-cr';
};

/** The first bytes of a body, in one piece: a server may send byte by byte, and a Buffer for each would take a hundred times as much. */
export type BodyBytes = { bytes: Buffer; size: number };

export const newBody = (): BodyBytes => ({ bytes: Buffer.alloc(0), size: 0 });

export const newAnswerReader = (method: string): AnswerReader => ({
  method,
  chunks: newChunks(),
  body: newBody(),
  isDone: false,
  pieces: [],
  headBytes: 0,
  interimBytes: 0,
  interim: 0,
  line: 'lead',
});

/**
 * Takes the next bytes of an answer. Throws what is wrong with them (`fault`). Deviations are read as Chromium reads them
 * (docs/decisions/0014-a-reader-of-our-own.md); what comes after a complete answer is not looked at.
 */
export const readAnswer = (reader: AnswerReader, bytes: Buffer): void => {
  let rest = bytes;
  while (reader.head === undefined && rest.length > 0) rest = readHead(reader, rest);
  if (reader.head !== undefined && !reader.isDone) readBody(reader, rest);
};

/** The other side has ended the connection. Throws if the answer is not complete. */
export const endAnswer = (reader: AnswerReader): void => {
  if (reader.framing?.kind === 'until-end') reader.isDone = true;
  if (!reader.isDone) throw fault('ENDED', 'other side closed');
};

/** What a server may send before `HTTP` (Chromium's `kSlop`): line ends, blanks, a byte order mark. */
const LEAD_BYTES = 4;
const NAME = 'http';
const [LF, CR] = [10, 13];

/** Takes bytes of a head; returns those behind its end. */
const readHead = (reader: AnswerReader, bytes: Buffer): Buffer => {
  if (reader.line === 'lead') return findName(reader, bytes);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === LF) {
      if (reader.line !== 'within')
        return takeHead(reader, bytes.subarray(0, at + 1), bytes.subarray(at + 1));
      reader.line = 'ended';
    } else if (byte === CR && reader.line === 'ended') reader.line = 'ended-cr';
    else reader.line = 'within';
  }
  keep(reader, bytes);
  return bytes.subarray(bytes.length);
};

/** Looks for where the head begins; returns the bytes from there, or nothing while it is not known. */
const findName = (reader: AnswerReader, bytes: Buffer): Buffer => {
  const before = reader.pieces[0] === undefined ? bytes : Buffer.concat([...reader.pieces, bytes]);
  const start = before.toString('latin1', 0, LEAD_BYTES + NAME.length).toLowerCase();
  const at = start.indexOf(NAME);
  if (at === -1) {
    if (start.length === LEAD_BYTES + NAME.length) {
      // Not more of it: what has come so far may be a part of a secret, which nobody recognises.
      const lead = JSON.stringify(start.slice(0, LEAD_BYTES));
      throw fault('MALFORMED', `it does not begin with HTTP but with ${lead}`);
    }
    reader.pieces = [before];
    return bytes.subarray(bytes.length);
  }
  if (before.subarray(0, at).includes(0)) throw fault('MALFORMED', 'it begins with a NUL');
  reader.pieces = [];
  reader.line = 'within';
  return before.subarray(at);
};

const keep = (reader: AnswerReader, bytes: Buffer): void => {
  reader.headBytes += bytes.length;
  if (reader.headBytes > MAX_HEAD_BYTES || reader.interimBytes > MAX_HEAD_BYTES) {
    throw fault('HEAD_TOO_LARGE', `more than ${MAX_HEAD_BYTES.toLocaleString('en')} bytes`);
  }
  reader.pieces.push(bytes);
  if (reader.pieces.length === 256) reader.pieces = [Buffer.concat(reader.pieces)];
};

/** The end of a head is here: of an interim answer, or of the answer itself. */
const takeHead = (reader: AnswerReader, bytes: Buffer, rest: Buffer): Buffer => {
  keep(reader, bytes);
  const { isHttp11, ...head } = headIn(Buffer.concat(reader.pieces).toString('latin1'));
  reader.pieces = [];
  reader.line = 'lead';
  if (head.status >= 100 && head.status < 200) {
    framingOf(reader.method, { ...head, isHttp11 });
    reader.interim += 1;
    reader.interimBytes += reader.headBytes;
    reader.headBytes = 0;
    if (reader.interim > MAX_INTERIM_ANSWERS) {
      throw fault('FLOOD', `more than ${MAX_INTERIM_ANSWERS.toLocaleString('en')} interim answers`);
    }
    return rest;
  }
  reader.framing = framingOf(reader.method, { ...head, isHttp11 });
  reader.head = head;
  reader.isDone = reader.framing.kind === 'nothing';
  return rest;
};

const readBody = (reader: AnswerReader, bytes: Buffer): void => {
  const { framing, body } = reader;
  if (framing?.kind === 'chunked') {
    readChunks(reader.chunks, bytes, (from, to) => {
      addBody(body, bytes, from, to);
      return body.size < MAX_BODY_BYTES;
    });
    reader.isDone = reader.chunks.expects === 'nothing';
  } else {
    const most = framing?.kind === 'length' ? framing.bytes - body.size : bytes.length;
    addBody(body, bytes, 0, Math.min(most, bytes.length));
    reader.isDone = framing?.kind === 'length' && body.size === framing.bytes;
  }
  if (body.size >= MAX_BODY_BYTES) reader.isDone = true;
};

/** Adds a part of `bytes` to a body, of which no more than the bound is kept; `size` counts all of it. */
export const addBody = (body: BodyBytes, bytes: Buffer, from: number, to: number): void => {
  const kept = Math.min(body.size, MAX_BODY_BYTES);
  const end = Math.min(to, from + MAX_BODY_BYTES - kept);
  const needed = kept + end - from;
  if (needed > body.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_BODY_BYTES, Math.max(needed, 2 * body.bytes.length)));
    body.bytes.copy(larger, 0, 0, kept);
    body.bytes = larger;
  }
  bytes.copy(body.bytes, kept, from, end);
  body.size += to - from;
};

/** What was kept of a body. */
export const bodyOf = ({ bytes, size }: BodyBytes): Buffer =>
  bytes.subarray(0, Math.min(size, MAX_BODY_BYTES));
