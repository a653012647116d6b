import type { Dispatcher } from 'undici';
import { addBody, bodyOf, newBody } from '../core/probe/answer-reader.ts';
import {
  fault,
  MAX_BODY_BYTES,
  MAX_DATA_FRAMES,
  MAX_HEAD_BYTES,
  MAX_HTTP2_INTERIM_ANSWERS,
  MAX_HTTP2_INTERIM_FIELDS,
  MAX_SESSION_BYTES,
} from '../core/probe/bounds.ts';
import type { Head } from '../core/probe/head-lines.ts';
import { isExpected } from '../core/probe/outcome.ts';
import type { ProbeRequest } from '../core/probe/request.ts';
import type { Line } from './ask.ts';
import { endPhase, enterPhase } from './attempt.ts';
import type { Answer } from './body.ts';

/**
 * What is done once the answer is here, or will never be. `trailed`: after trailers, since undici forgets what of a body Node hands over
 * behind them, as Node 24.22 does; absent where there can be none.
 */
export type Ends = {
  done: (answer: Omit<Answer, 'url'>) => void;
  failed: (error: Error) => void;
  trailed?: (() => void) | undefined;
};

/**
 * What a byte, and a frame that is handed to JavaScript, take Node and undici, milliseconds of CPU: measured with
 * floods of the smallest frames, 5 to 8 ms a megabyte, and 8 us for a frame of DATA, 25 us for an interim answer. Those
 * of a page take less.
 */
const MS_PER_BYTE = 8e-6;
const MS_PER_FRAME = 0.008;
const MS_PER_INTERIM = 0.025;
/** A field of an interim answer, a few bytes on the wire or hundreds: twice what it was measured to take once all code is compiled. */
const MS_PER_FIELD = 0.001;
/** Interim answers that are none too many, and how many fields Node takes in all that are read: 128 a head. */
const FREE_INTERIM_ANSWERS = 5;
const MOST_FIELDS = 128 * MAX_HTTP2_INTERIM_ANSWERS;

/** What a field weighs beside its name and value, where a list of them is bounded (RFC 9113, 6.5.2). */
const FIELD_BYTES = 32;

/** How many fields a head has, and what they weigh. */
const weightOf = (headers: Head['headers']): { fields: number; bytes: number } => {
  let [fields, bytes] = [0, 0];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) {
      fields += 1;
      bytes += name.length + value.length + FIELD_BYTES;
    }
  }
  return { fields, bytes };
};

/**
 * Takes an answer over HTTP/2 as undici hands it over: to its end, to `MAX_BODY_BYTES`, or no further than a status
 * that is not expected. `look` is for `Stalls.follow`: most frames reach nobody, so the bytes of the whole connection
 * are bounded there.
 */
export const newHttp2Answer = (request: ProbeRequest, { socket, attempt }: Line, ends: Ends) => {
  const { done, failed, trailed } = ends;
  const body = newBody();
  let head: Head | undefined;
  let [interim, interimFields, interimBytes, frames] = [0, 0, 0, 0];
  let isClosed = false;
  socket.on('close', () => {
    isClosed = true;
  });
  const finish = (cut: boolean) =>
    head === undefined
      ? failed(fault('MALFORMED', 'no status'))
      : done({ ...head, bytes: bodyOf(body), cut });
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: (controller, status, headers) => {
      if (status < 200) {
        const weight = weightOf(headers);
        interim += 1;
        interimFields += weight.fields;
        interimBytes += weight.bytes;
        // Ends the stream at once; those that are here already would go on coming after the socket alone.
        if (interimFields > MAX_HTTP2_INTERIM_FIELDS)
          controller.abort(tooMany(MAX_HTTP2_INTERIM_FIELDS, 'fields of interim answers'));
        if (interimBytes > MAX_HEAD_BYTES) controller.abort(tooLarge());
        if (interim > MAX_HTTP2_INTERIM_ANSWERS)
          controller.abort(tooMany(MAX_HTTP2_INTERIM_ANSWERS, 'interim answers'));
        return;
      }
      endPhase(attempt, 'firstByteMs');
      enterPhase(attempt, 'body');
      attempt.status = status;
      head = { status, headers };
      if (!isExpected(request.expectStatus, status)) finish(true);
    },
    onResponseData: (controller, chunk) => {
      frames += 1;
      addBody(body, chunk, 0, chunk.length);
      if (frames > MAX_DATA_FRAMES) controller.abort(tooMany(MAX_DATA_FRAMES, 'frames of DATA'));
      else if (body.size >= MAX_BODY_BYTES) finish(true);
    },
    // A body that ends only because the connection has is cut short: the end that HTTP/2 marks comes before.
    onResponseEnd: (_controller, trailers) => {
      if (isClosed) failed(fault('ENDED', 'other side closed'));
      else if (trailed !== undefined && Object.keys(trailers).length > 0) trailed();
      else finish(false);
    },
    onResponseError: (_controller, error) => failed(error),
  };
  const look = (): number => {
    if (socket.bytesRead > MAX_SESSION_BYTES) socket.destroy(tooMany(MAX_SESSION_BYTES, 'bytes'));
    const interimMs = interim * MS_PER_INTERIM;
    // Node reads all that is there before it hands over the first head, and makes one of fields alike: each byte may have been one.
    const fields = interim > FREE_INTERIM_ANSWERS ? Math.min(socket.bytesRead, MOST_FIELDS) : 0;
    return socket.bytesRead * MS_PER_BYTE + fields * MS_PER_FIELD + frames * MS_PER_FRAME + interimMs;
  };
  return { handler, look };
};

const tooLarge = (): Error =>
  fault('HEAD_TOO_LARGE', `more than ${MAX_HEAD_BYTES.toLocaleString('en')} bytes of interim answers`);

const tooMany = (most: number, what: string): Error =>
  fault('FLOOD', `more than ${most.toLocaleString('en')} ${what}`);
