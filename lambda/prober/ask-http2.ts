import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Client, Dispatcher } from 'undici';
import { fault, PACE_MS } from '../core/probe/bounds.ts';
import { newHttp2Mender } from '../core/probe/http2-mend.ts';
import type { Hop } from '../core/probe/redirect.ts';
import type { ProbeRequest } from '../core/probe/request.ts';
import type { Line } from './ask.ts';
import type { Answer } from './body.ts';
import { newHttp2Answer } from './http2-answer.ts';
import { leavingOf, loadUndici } from './http2-library.ts';
import { mendedHttp2 } from './http2-mended.ts';
import { requestParts, requestTarget } from './request-head.ts';
import { later } from './stalls.ts';

/** The suites of TLS 1.2 over which HTTP/2 may be spoken (RFC 9113, 9.2.2): a key for the session alone, and no CBC. */
const STRONG = /^(?:ECDHE|DHE)-.*(?:GCM|CHACHA20|CCM)/;

/**
 * This is to be asked for over HTTP/1.1: the server says so, which is the one case in which browsers do; or it met a limit of Node's that
 * browsers do not have and that cannot be set through undici, 127 headers and 1,000 SETTINGS or PING at once.
 */
export class AskOverHttp1 extends Error {
  /** For a probe that keeps to HTTP/2, or whose answer has begun. */
  readonly code = 'BROKEN';
}

/**
 * nghttp2 refused what was sent, which may be what browsers let pass; or the server went away at once, or behind its answer. It is to be
 * asked again, over another connection, which is mended.
 */
export class AskMended extends Error {
  readonly code = 'BROKEN';
  /** The server said that it failed, and may still have answered: this stands unless it says so again, and then answers. */
  failure?: Error;
}

/** `failure` where the server is asked again only to see what it would have answered. */
const askMended = (why: string, failure?: Error): AskMended =>
  Object.assign(new AskMended(why), failure && { failure });

/** Of this request, or a limit of Node's; and of the whole connection, by GOAWAY. */
const OF_REQUEST = /HTTP_1_1_REQUIRED|NGHTTP2_ENHANCE_YOUR_CALM|Flooding was detected/;
const SAYS_FAILED =
  /received with code (?!0$|13$)\d+$|Session closed with error code (?!1$)\d+$|Stream closed with error code NGHTTP2_(?!PROTOCOL_ERROR)/;
const OF_CONNECTION = /received with code 13$/;

/**
 * As `ask`, over a connection on which the server has agreed to HTTP/2. undici speaks it: a client for this one request, on our socket,
 * without a second connection and without time limits of its own. It is loaded when the first server agrees.
 */
export const askHttp2 = async (
  request: ProbeRequest,
  hop: Hop,
  line: Line,
  again?: AskMended,
): Promise<Answer> => {
  const socket = line.socket as TLSSocket;
  const { name, version } = socket.getCipher();
  if (version !== 'TLSv1.3' && !STRONG.test(name)) {
    throw fault('WEAK_SUITE', `${name}, over which browsers speak no HTTP/2`);
  }
  const { Client } = await loadUndici();
  if (socket.destroyed) throw fault('ENDED', 'other side closed');
  let ended: Error | undefined;
  const mender = again && newHttp2Mender();
  const isMended = mender !== undefined;
  const client = new Client(originOf(hop.url), {
    connect: connectOnce(mender ? mendedHttp2(socket, line.stalls, mender) : socket, () =>
      told(ended ?? new Error('closed'), isMended),
    ),
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
  // The client holds nothing but our socket and is left to be forgotten. Destroyed, it throws where nobody could catch it: it takes the
  // request of a socket that closes for one that was never sent.
  const answer = await exchange(client, request, hop, { ...line, isMended });
  if (again?.failure !== undefined && !mender?.seen.failing) throw again.failure;
  return answer;
};

/** Read once: each batch asks for the same ones again. More than any deployment has; then all are read once more. */
const origins = new Map<string, URL>();
const MAX_ORIGINS = 10_000;

const originOf = ({ origin }: URL): URL => {
  const before = origins.get(origin);
  if (before !== undefined) return before;
  if (origins.size >= MAX_ORIGINS) origins.clear();
  const url = new URL(origin);
  origins.set(origin, url);
  return url;
};

/** Hands out our socket, once. undici would make another connection after GOAWAY and ask again, as no browser does here. */
const connectOnce = (stream: Duplex, whyEnded: () => Error): Client.Options['connect'] => {
  let isFirst = true;
  return (_options, callback) => {
    const mine = isFirst;
    isFirst = false;
    // Answered at once, undici would not send the request before something else wakes it.
    queueMicrotask(() => {
      // undici reads and writes it, and nothing else of a socket.
      if (mine) connected(stream, () => callback(null, stream as TLSSocket));
      // Not the error of undici itself: at those it would connect again, and again.
      else callback(whyEnded(), null);
    });
  };
};

/**
 * Lets undici take the socket, and takes from it the listener by which it breaks everything off at the end of the other side's half: servers
 * such as nginx send an answer, GOAWAY and the end at once, and the answer is whole. The session itself notices an end.
 */
const connected = (stream: Duplex, take: () => void): void => {
  const before = stream.listenerCount('end');
  take();
  for (const added of stream.listeners('end').slice(before)) stream.off('end', added as () => void);
};

type Http2Line = Line & { isMended: boolean };

const exchange = (client: Client, request: ProbeRequest, hop: Hop, line: Http2Line): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { socket, stalls, attempt, isMended } = line;
    let isOver = false;
    const end = (settle: () => void) => {
      isOver = true;
      settle();
      unfollow();
      socket.destroy();
    };
    const { handler, look } = newHttp2Answer(request, line, {
      done: (answer) => end(() => resolve({ ...answer, url: hop.url })),
      failed: (error) =>
        end(() => {
          // Over HTTP/1.1 no answer is asked for that has begun; a limit that its trailers met is not met without them.
          const isBegun = attempt.phase === 'body' && !isMended && OF_REQUEST.test(rootOf(error).message);
          if (isBegun) return reject(askMended('trailers'));
          // Of the one that is mended the other end is no socket of a session.
          const leaving = leavingOf(socket);
          if (leaving === 'answered') return reject(askMended('it went away behind its answer'));
          const failure = told(error, isMended);
          return reject(leaving === 'answers' ? askMended('it went away', failure) : failure);
        }),
      trailed: isMended ? undefined : () => end(() => reject(askMended('trailers'))),
    });
    const unfollow = stalls.follow(look);
    // A request that undici holds back, or has lost, would never end.
    socket.on('close', () => {
      if (!isOver) later(() => end(() => reject(fault('ENDED', 'other side closed'))), PACE_MS);
    });
    const { headers, body } = requestParts(request, hop);
    const path = requestTarget(hop.url);
    const method = hop.method as Dispatcher.HttpMethod;
    client.dispatch({ path, method, headers, body: body ?? null }, handler);
  });

/** What an error of undici, or of Node's HTTP/2 below it, says in our words. */
const told = (error: Error, isMended: boolean): Error => {
  const root = rootOf(error);
  if (OF_REQUEST.test(root.message)) return new AskOverHttp1(root.message);
  // Behind a whole answer it says nothing: mended, only what comes before the end of one is heard.
  if (OF_CONNECTION.test(root.message))
    return isMended ? new AskOverHttp1(root.message) : new AskMended(root.message);
  const code = codeOf(root);
  // Of the system, or our own.
  if (!/^(UND_)?ERR_/.test(code)) return root;
  if (/other side closed|^closed$|stream closed before/.test(root.message))
    return fault('ENDED', 'other side closed', error);
  // Not again where a server says that it failed: browsers do not ask again, either.
  return SAYS_FAILED.test(root.message)
    ? fault('BROKEN', root.message, error)
    : new AskMended(root.message, { cause: error });
};

const rootOf = (error: Error): Error => (error.cause instanceof Error ? rootOf(error.cause) : error);

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? '';
