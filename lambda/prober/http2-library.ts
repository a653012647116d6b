import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';
import { fault, MAX_SIDE_FRAMES } from '../core/probe/bounds.ts';
import { ONCE, refuseTwoMeanings } from '../core/probe/head-lines.ts';

let undici: Promise<typeof import('undici')> | undefined;

/** undici, which is loaded when the first server agrees to HTTP/2. */
export const loadUndici = (): Promise<typeof import('undici')> => {
  undici ??= import('undici').then((loaded) => {
    subscribe('http2.client.stream.created', (message) => {
      boundSideFrames(message as CreatedMessage);
      noteLeaving(message as CreatedMessage);
      refuseTwoPlaces(message as CreatedMessage);
    });
    return loaded;
  });
  return undici;
};

/** What Node publishes of a new stream (node:diagnostics_channel, HTTP/2); versions before 24.2 publish nothing. */
type CreatedMessage = { stream: ClientHttp2Stream };

/**
 * Ends a session that sends more and more of the frames that are no part of an answer, but are handed to JavaScript one
 * by one, each at three to ten times the cost of any other. undici keeps the session to itself, so it is taken from its
 * first stream.
 */
const boundSideFrames = ({ stream: { session } }: CreatedMessage): void => {
  let frames = 0;
  const count = () => {
    frames += 1;
    if (frames === MAX_SIDE_FRAMES + 1) {
      const most = MAX_SIDE_FRAMES.toLocaleString('en');
      session?.destroy(fault('FLOOD', `more than ${most} frames of ORIGIN or GOAWAY`));
    }
  };
  session?.on('origin', count).on('goaway', count);
};

/** A server that goes away with an error, by GOAWAY: with its answer whole, or while it may still answer (RFC 9113, 6.8). */
export type Leaving = 'answered' | 'answers';

const LEAVING = Symbol('leaving');
type Left = { [LEAVING]?: Leaving };

/** How the server at the other end of this connection went away; undefined where it has not, or where it answers no more. */
export const leavingOf = (connection: object): Leaving | undefined => (connection as Left)[LEAVING];

/** Asks for HTTP/1.1 by an error (RFC 9113, 7), which says nothing of a failure. */
const HTTP_1_1_REQUIRED = 13;

/**
 * Noted before Node and undici hear of it: they forget an answer that is whole, but has not been handed over. Node lets fields be
 * put on the socket of a session.
 */
const noteLeaving = ({ stream }: CreatedMessage): void => {
  const { session } = stream;
  session?.prependListener('goaway', (error: number, last = 0) => {
    if (error === 0 || error === HTTP_1_1_REQUIRED) return;
    const left = session.socket as Left;
    if (stream.closed && stream.rstCode === 0) left[LEAVING] = 'answered';
    else if (last >= (stream.id ?? 0)) left[LEAVING] = 'answers';
  });
};

/** Of headers that may come once Node hands over the first, whatever else was sent; browsers refuse two that differ. */
const refuseTwoPlaces = ({ stream }: CreatedMessage): void => {
  stream.once('response', (_headers, _flags, raw: string[] = []) => {
    try {
      refuseTwoMeanings(headersOnce(raw));
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
};

/** All values of those headers that may come once, from names and values in turn. */
const headersOnce = (raw: string[]): Record<string, string[]> => {
  const found: Record<string, string[]> = {};
  for (const name of ONCE)
    for (let at = raw.indexOf(name); at !== -1; at = raw.indexOf(name, at + 1))
      if (at % 2 === 0) found[name] = [...(found[name] ?? []), raw[at + 1] as string];
  return found;
};
