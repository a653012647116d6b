import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, answerTo, type View } from './answer.ts';
import { forward } from './forward.ts';
import { type GateLimits, LIMITS, limitConnections } from './limits.ts';
import { refuse } from './refuse.ts';
import { asksToContinue, type Came, whyRefused } from './request.ts';
import type { Say } from './role-watch.ts';

export type GateOptions = {
  listen: { host: string; port: number };
  /** PEM; the gate ends TLS itself with them. */
  tls?: { cert: Buffer; key: Buffer };
  /** The application behind the gate: scheme, host and port. */
  upstream: URL;
  /** The name that visitors are sent on to. */
  primaryHost: string;
  /** What visitors came with, when neither TLS nor `X-Forwarded-Proto` tells. */
  scheme: 'http' | 'https';
  /** Lower case; whoever knows its value is let through. */
  probe: { header: string; value: string };
  view: () => View;
  say: Say;
  /** Other bounds than `LIMITS`. */
  limits?: Partial<GateLimits>;
};

export type Gate = {
  address: AddressInfo;
  /** Takes a renewed certificate for connections from now on. */
  renew(tls: { cert: Buffer; key: Buffer }): void;
  /** Takes no more connections, lets requests end for `graceMs`, then breaks off what is left. */
  close(graceMs: number): Promise<void>;
};

/** Starts a gate. Rejects when it cannot listen. */
export const startGate = async (options: GateOptions): Promise<Gate> => {
  const limits = { ...LIMITS, ...options.limits };
  const upstream = { url: options.upstream, silenceMs: limits.silenceMs, say: options.say };
  const answerOf = (request: IncomingMessage): Answer =>
    answerTo(askedOf(request, options), options.view(), options.primaryHost);
  const take = (request: IncomingMessage, response: ServerResponse, upgrade?: { head: Buffer }): void => {
    const refusal = whyRefused(request);
    if (refusal !== undefined) return void refuse(request, response, ...refusal);
    const answer = answerOf(request);
    if (answer.act !== 'pass') return void turnAway(response, answer);
    // Whoever asks first whether to send a large body is spared sending it in vain.
    if (asksToContinue(request)) response.writeContinue();
    forward(request, response, upstream, {
      came: cameOf(request, options),
      ...(upgrade !== undefined && { upgrade }),
    });
  };
  const unanswered = new WeakMap<Socket, number>();
  const takeInTurn: RequestListener = (request, response) => {
    const { socket } = request;
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + 1);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    take(request, response);
  };
  const server = serverFor(options, limits, takeInTurn);
  for (const event of ['checkContinue', 'checkExpectation']) server.on(event, takeInTurn);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!isOutOfTurn(unanswered, socket)) take(request, responseOn(request, socket), { head });
  });
  // Unheard, it would end the connection without an answer.
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    if (!isOutOfTurn(unanswered, socket))
      take(request, responseOn(request, socket).setHeader('Allow', PASSED_ON));
  });
  const sockets = limitConnections(server, limits);
  const { host, port } = options.listen;
  server.listen({ host, port });
  await once(server, 'listening');
  return {
    address: server.address() as AddressInfo,
    renew: (tls) => (server as ReturnType<typeof createTlsServer>).setSecureContext(tls),
    close: async (graceMs) => {
      const closed = once(server, 'close');
      server.close();
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(late);
    },
  };
};

/**
 * Closes a connection on which somebody asks for another protocol behind what is not answered yet. No browser does, and Node hands such
 * a connection over while the answer before is still written on it.
 */
const isOutOfTurn = (unanswered: WeakMap<Socket, number>, socket: Socket): boolean => {
  if ((unanswered.get(socket) ?? 0) === 0) return false;
  socket.on('error', () => {});
  socket.destroy();
  return true;
};

/** A 405 has to say what else could be asked (RFC 9110, 15.5.6): what RFC 9110 and 5789 define, of which the application may take less. */
const PASSED_ON = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE';

/** Node leaves a connection that asks for another protocol to us: until the application agrees it is answered like any other. */
const responseOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.destroySoon());
  socket.on('error', () => socket.destroy());
  return response;
};

/** Other protocols than WebSocket that a client would like to change to (h2c) are not spoken: the request is an ordinary one. */
const shouldUpgradeCallback = ({ headers, method }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;

const serverFor = ({ tls }: GateOptions, limits: GateLimits, onRequest: RequestListener): Server => {
  const { headMs, requestMs, headBytes } = limits;
  const common = {
    shouldUpgradeCallback,
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(headMs, 5000),
    maxHeaderSize: headBytes,
  };
  return tls === undefined
    ? createServer(common, onRequest)
    : createTlsServer({ ...tls, ...common, handshakeTimeout: headMs }, onRequest);
};

const schemeOf = ({ headers }: IncomingMessage, { tls, scheme }: GateOptions): 'http' | 'https' => {
  const forwarded = headers['x-forwarded-proto'];
  if (tls !== undefined) return 'https';
  return forwarded === 'https' || forwarded === 'http' ? forwarded : scheme;
};

const cameOf = (request: IncomingMessage, { tls }: GateOptions): Came => ({
  isOutermost: tls !== undefined,
  scheme: tls === undefined ? 'http' : 'https',
  // A listener on [::] gives IPv4 visitors as ::ffff:192.0.2.1, which no allow list of an application knows.
  address: (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, ''),
});

const askedOf = (request: IncomingMessage, options: GateOptions) => ({
  authority: request.headers.host,
  target: request.url ?? '/',
  scheme: schemeOf(request, options),
  isProbe: isSame(request.headers[options.probe.header], options.probe.value),
});

/** Takes as long for any wrong value, so that nobody finds the right one letter by letter. */
const isSame = (given: string | string[] | undefined, expected: string): boolean => {
  const [a, b] = [Buffer.from(String(given), 'latin1'), Buffer.from(expected, 'latin1')];
  return given !== undefined && a.length === b.length && timingSafeEqual(a, b);
};

/** Neither answer may be kept: the next request may have to be answered otherwise. */
const headersOf = (
  answer: Exclude<Answer, { act: 'pass' }>,
): [status: number, headers: Record<string, string>] => {
  const common = { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' };
  return answer.act === 'redirect' ? [307, { ...common, location: answer.location }] : [421, common];
};

const wordsOf = (answer: Answer): string =>
  answer.act === 'redirect'
    ? 'This server stands by; please go on to the one that serves.\n'
    : 'This server stands by, and another one has the name that was asked for. Please try again in a minute.\n';

const turnAway = (response: ServerResponse, answer: Exclude<Answer, { act: 'pass' }>): void => {
  response.writeHead(...headersOf(answer)).end(wordsOf(answer));
};
