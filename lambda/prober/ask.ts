import type { Socket } from 'node:net';
import {
  type AnswerReader,
  bodyOf,
  endAnswer,
  newAnswerReader,
  readAnswer,
} from '../core/probe/answer-reader.ts';
import { MAX_BODY_BYTES } from '../core/probe/bounds.ts';
import type { Head } from '../core/probe/head-lines.ts';
import { isExpected } from '../core/probe/outcome.ts';
import type { Hop } from '../core/probe/redirect.ts';
import type { ProbeRequest } from '../core/probe/request.ts';
import { type Attempt, endPhase, enterPhase } from './attempt.ts';
import type { Answer } from './body.ts';
import { takeIn } from './intake.ts';
import { requestBytes } from './request-head.ts';
import type { Stalls } from './stalls.ts';

/** The connection of one hop, and what is attended to while it is used. */
export type Line = { socket: Socket; attempt: Attempt; stalls: Stalls };

/**
 * Sends the request and reads the answer: to its end, to `MAX_BODY_BYTES`, or no further than a status that is not expected.
 * An answer must be complete even if nobody looks at its body: half a page is what visitors would get.
 */
export const ask = (request: ProbeRequest, hop: Hop, { socket, attempt, stalls }: Line): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const reader = newAnswerReader(hop.method);
    let [heardNothing, isOver] = [true, false];
    const isDecided = () =>
      reader.head !== undefined && !isExpected(request.expectStatus, reader.head.status);
    const look = () => {
      if (reader.head === undefined) return;
      if (attempt.phase === 'response') enterPhase(attempt, 'body');
      attempt.status = reader.head.status;
      if (!reader.isDone && !isDecided()) return;
      isOver = true;
      resolve({ ...answerOf(reader, reader.head), url: hop.url });
      socket.destroy();
    };
    takeIn(socket, stalls, {
      onBytes: (bytes) => {
        if (heardNothing) endPhase(attempt, 'firstByteMs');
        heardNothing = false;
        try {
          readAnswer(reader, bytes);
        } catch (error) {
          // Behind a head that decides it is not looked at, whether it came with the head or later.
          if (!isDecided()) throw error;
        }
        look();
      },
      onEnd: () => {
        endAnswer(reader);
        look();
      },
      isOver: () => isOver,
      onError: (error) => {
        isOver = true;
        reject(error);
        socket.destroy();
      },
    });
    socket.write(requestBytes(request, hop));
  });

const answerOf = ({ body, isDone }: AnswerReader, head: Head): Omit<Answer, 'url'> => ({
  ...head,
  bytes: bodyOf(body),
  cut: !isDone || body.size >= MAX_BODY_BYTES,
});
