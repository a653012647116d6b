import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createProxyServer } from 'http-proxy-3';
import { type Answer, answerTo, pathOf, type View } from './answer.ts';
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
  const { upstream, say } = options;
  // The path goes on as it came: no dots resolved, no slashes joined.
  const proxy = createProxyServer({ target: upstream, xfwd: true, prependPath: false, toProxy: true });
  const sockets = new Set<Socket>();
  proxy.on('error', (error: NodeJS.ErrnoException, _, response) => {
    const message = `The application at ${upstream.host} did not answer: ${error.message}`;
    say({ event: 'upstream', code: error.code ?? 'unknown', message });
    if (!(response instanceof ServerResponse)) return void response.destroy();
    if (response.headersSent) return void response.destroy();
    refuse(response, 502, 'The application behind this gate does not answer.');
  });
  proxy.on('proxyRes', (answer, _, response) => {
    // What the application breaks off must not look as if it were whole, or still to come.
    answer.on('close', () => answer.complete || response.destroy());
  });
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    request.url = pathOf(request.url ?? '/');
    delete request.headers.expect;
    if (request.headers.upgrade !== undefined) {
      delete request.headers.upgrade;
      delete request.headers.connection;
    }
    proxy.web(request, response);
  };
  const answerOf = (request: IncomingMessage): Answer =>
    answerTo(askedOf(request, options), options.view(), options.primaryHost);
  const onRequest: RequestListener = (request, response) => {
    const answer = answerOf(request);
    if (answer.act === 'pass') pass(request, response);
    else turnAway(response, answer);
  };
  const server = serverFor(options, onRequest);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const answer = answerOf(request);
    // Whoever asks first whether to send a large body is spared sending it in vain.
    if (answer.act !== 'pass') return turnAway(response, answer);
    response.writeContinue();
    pass(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const answer = answerOf(request);
    if (answer.act !== 'pass') return turnUpgradeAway(socket, answer);
    request.url = pathOf(request.url ?? '/');
    proxy.ws(request, socket, head);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
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
      proxy.close();
    },
  };
};

/** Other protocols than WebSocket that a client would like to change to (h2c) are not spoken: the request is an ordinary one. */
const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

const serverFor = ({ tls }: GateOptions, onRequest: RequestListener): Server =>
  tls === undefined
    ? createServer({ shouldUpgradeCallback }, onRequest)
    : createTlsServer({ ...tls, shouldUpgradeCallback }, onRequest);

const askedOf = ({ headers, url = '/' }: IncomingMessage, { tls, scheme, probe }: GateOptions) => {
  const forwarded = headers['x-forwarded-proto'];
  const said = forwarded === 'https' || forwarded === 'http' ? forwarded : scheme;
  return {
    authority: headers.host,
    target: url,
    scheme: tls === undefined ? said : ('https' as const),
    isProbe: isSame(headers[probe.header], probe.value),
  };
};

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

const turnUpgradeAway = (socket: Socket, answer: Exclude<Answer, { act: 'pass' }>): void => {
  const [status, headers] = headersOf(answer);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'), 'latin1');
};

const refuse = (response: ServerResponse, status: number, words: string): void => {
  response.writeHead(status, { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${words}\n`);
};
