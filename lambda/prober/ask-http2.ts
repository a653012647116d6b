import type { TLSSocket } from 'node:tls';
import type { Client, Dispatcher } from 'undici';
import { addBody, bodyOf, newBody } from '../core/probe/answer-reader.ts';
import { fault, MAX_BODY_BYTES, MAX_SESSION_BYTES, PACE_MS } from '../core/probe/bounds.ts';
import type { Head } from '../core/probe/head-lines.ts';
import { isExpected } from '../core/probe/outcome.ts';
import type { Hop } from '../core/probe/redirect.ts';
import type { ProbeRequest } from '../core/probe/request.ts';
import type { Line } from './ask.ts';
import type { Answer } from './body.ts';
import { endPhase, enterPhase } from './course.ts';
import { requestParts, requestTarget } from './request-head.ts';
import { later } from './stalls.ts';

/** The suites of TLS 1.2 over which HTTP/2 may be spoken (RFC 9113, 9.2.2): a key for the session alone, and no CBC. */
const STRONG = /^(?:ECDHE|DHE)-.*(?:GCM|CHACHA20|CCM)/;

/**
 * This is to be asked for over HTTP/1.1: the server says so, which is the one case in which browsers do; or it met a limit of Node's that
 * browsers do not have and that cannot be set through undici, 127 headers and 1,000 SETTINGS or PING at once.
 */
export class AskOverHttp1 extends Error {}

const REASONS = /HTTP_1_1_REQUIRED|received with code 13$|NGHTTP2_ENHANCE_YOUR_CALM|Flooding was detected/;

/**
 * As `ask`, over a connection on which the server has agreed to HTTP/2. undici speaks it: a client for this one request, on our socket,
 * without a second connection and without time limits of its own. It is loaded when the first server agrees.
 */
export const askHttp2 = async (request: ProbeRequest, hop: Hop, line: Line): Promise<Answer> => {
  const socket = line.socket as TLSSocket;
  const { name, version } = socket.getCipher();
  if (version !== 'TLSv1.3' && !STRONG.test(name)) {
    throw fault('WEAK_SUITE', `${name}, over which browsers speak no HTTP/2`);
  }
  const { Client } = await import('undici');
  if (socket.destroyed) throw fault('ENDED', 'other side closed');
  let ended: Error | undefined;
  const client = new Client(hop.url.origin, {
    connect: connectOnce(socket, () => ended),
    allowH2: true,
    headersTimeout: 0,
    bodyTimeout: 0,
    pingInterval: 0,
    maxConcurrentStreams: 1,
  });
  client.once('disconnect', (_url, _clients, error) => {
    ended = error;
  });
  // What goes wrong on our socket is told by the request; without a listener it would end the process.
  socket.on('error', () => {});
  const stopWatch = watchBytes(socket);
  try {
    return await exchange(client, request, hop, line);
  } finally {
    stopWatch();
    // The client holds nothing but our socket and is left to be forgotten. Destroyed, it throws where nobody could catch it: it takes
    // the request of a socket that closes for one that was never sent.
  }
};

/** Hands out our socket, once. undici would make another connection after GOAWAY and ask again, as no browser does here. */
const connectOnce = (socket: TLSSocket, whyEnded: () => Error | undefined): Client.Options['connect'] => {
  let isFirst = true;
  return (_options, callback) => {
    const mine = isFirst;
    isFirst = false;
    // Answered at once, undici would not send the request before something else wakes it.
    queueMicrotask(() => {
      if (mine) connected(socket, () => callback(null, socket));
      // Not the error of undici itself: at those it would connect again, and again.
      else callback(told(whyEnded() ?? new Error('closed')), null);
    });
  };
};

/**
 * Lets undici take the socket, and takes from it the listener by which it breaks everything off at the end of the other side's half: servers
 * such as nginx send an answer, GOAWAY and the end at once, and the answer is whole. The session itself notices an end.
 */
const connected = (socket: TLSSocket, take: () => void): void => {
  const before = socket.listeners('end');
  take();
  for (const added of socket.listeners('end')) {
    if (!before.includes(added)) socket.off('end', added as () => void);
  }
};

/** Frames that are no answer reach nobody, so the bytes of the whole connection are looked at now and then. */
const watchBytes = (socket: TLSSocket): (() => void) => {
  let stop = () => {};
  const look = () => {
    if (socket.bytesRead > MAX_SESSION_BYTES) {
      socket.destroy(fault('FLOOD', `more than ${MAX_SESSION_BYTES.toLocaleString('en')} bytes`));
    } else stop = later(look, PACE_MS);
  };
  look();
  return () => stop();
};

const exchange = (
  client: Client,
  request: ProbeRequest,
  hop: Hop,
  { socket, course, stalls }: Line,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = newBody();
    let head: Head | undefined;
    let isClosed = false;
    socket.once('close', () => {
      isClosed = true;
    });
    const finish = (cut: boolean) => {
      if (head !== undefined) resolve({ ...head, url: hop.url, bytes: bodyOf(body), cut });
      else reject(fault('MALFORMED', 'no status'));
      socket.destroy();
    };
    const fail = (error: Error) => {
      reject(error);
      socket.destroy();
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, status, headers) => {
        if (status < 200) return;
        endPhase(course, 'firstByteMs');
        enterPhase(course, 'body');
        course.status = status;
        head = { status, headers };
        if (!isExpected(request.expectStatus, status)) finish(true);
      },
      onResponseData: (_controller, chunk) =>
        stalls.ours(() => {
          addBody(body, chunk, 0, chunk.length);
          if (body.size >= MAX_BODY_BYTES) finish(true);
        }),
      // A body that ends only because the connection has is cut short: the end that HTTP/2 marks comes before.
      onResponseEnd: () => (isClosed ? fail(fault('ENDED', 'other side closed')) : finish(false)),
      // A length that is not that of the body says nothing to browsers, since HTTP/2 says itself where a body ends.
      onResponseError: (_controller, error) =>
        codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ? finish(false) : fail(told(error)),
    };
    // A request that undici holds back, or has lost, would never end.
    socket.once('close', () => later(() => reject(fault('ENDED', 'other side closed')), PACE_MS));
    const { headers, body: sent } = requestParts(request, hop);
    const path = requestTarget(hop.url);
    client.dispatch(
      { path, method: hop.method as Dispatcher.HttpMethod, headers, body: sent ?? null },
      handler,
    );
  });

/** What an error of undici, or of Node's HTTP/2 below it, says in our words. */
const told = (error: Error): Error => {
  const root = rootOf(error);
  if (REASONS.test(root.message)) return new AskOverHttp1(root.message);
  const code = codeOf(root);
  // Of the system, or our own.
  if (!/^(UND_)?ERR_/.test(code)) return root;
  if (/other side closed|^closed$|stream closed before/.test(root.message))
    return fault('ENDED', 'other side closed', error);
  return fault('BROKEN', root.message, error);
};

const rootOf = (error: Error): Error => (error.cause instanceof Error ? rootOf(error.cause) : error);

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? '';
