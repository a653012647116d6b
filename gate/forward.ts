import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { authorityIn, pathOf } from './answer.ts';
import { refuse } from './refuse.ts';
import { bodyOf, type Came, endToEnd, requestHead } from './request.ts';
import type { Say } from './role-watch.ts';
import { type Framing, lengthOf, UpstreamFault, type UpstreamHead } from './upstream-head.ts';
import { type Hearer, readUpstream } from './upstream-reader.ts';

/** What the gate asks of the application and how long it waits. */
export type Upstream = {
  /** Scheme, host and port. */
  url: URL;
  /** An exchange in which nothing moves for so long is given up, milliseconds. */
  silenceMs: number;
  say: Say;
};

/** A request and the answer to it, which is begun at most once. */
type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  upstream: Upstream;
  /** How the body of the answer ends; there once the answer has begun. */
  framing?: Framing;
  isOver: boolean;
};

/**
 * How long a head waits for the first byte of its body, milliseconds. An application that dies between the two is then a 502
 * instead of a page that breaks off; an event stream begins that much later.
 */
const HEAD_WAITS_MS = 200;
const CONNECT_MS = 10_000;

/**
 * Passes one request on to the application and its answer back, over a connection of its own. Whatever goes wrong before the
 * answer has begun is a 502; later the visitor's connection is ended, so that what is not whole does not look whole. Never throws.
 * `upgrade` is there where the request asks for WebSocket, with what the visitor sent behind it; the two connections are joined when
 * the application agrees.
 */
export const forward = (
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  { came, upgrade }: { came: Came; upgrade?: { head: Buffer } },
): void => {
  const { url, silenceMs } = upstream;
  const socket = open(url, request);
  const exchange: Exchange = { request, response, socket, upstream, isOver: false };
  const reader = readUpstream(
    { method: request.method ?? 'GET', upgrade: upgrade !== undefined },
    hearerOf(exchange),
  );
  const reading = (step: () => void) => () => {
    if (exchange.isOver) return;
    try {
      step();
    } catch (error) {
      fail(exchange, error as Error);
    }
  };
  socket.setTimeout(CONNECT_MS, () =>
    fail(exchange, new UpstreamFault('timeout', 'nothing was heard of it')),
  );
  socket.once('connect', () => socket.setTimeout(silenceMs));
  socket.on('error', (error) => fail(exchange, error));
  socket.on('data', (bytes: Buffer) => reading(() => reader.push(bytes))());
  socket.on(
    'end',
    reading(() => reader.ended()),
  );
  socket.on(
    'close',
    reading(() => reader.ended()),
  );
  response.on('error', () => abandon(exchange));
  response.on('close', () => abandon(exchange));
  response.on('drain', () => socket.resume());
  request.on('error', () => undefined);
  const target = request.url === '*' ? '*' : pathOf(request.url ?? '/');
  socket.write(
    requestHead(request, { target, usualHost: url.host, upgrade: upgrade !== undefined }, came),
    'latin1',
  );
  if (upgrade === undefined) sendBody(exchange);
  else socket.write(upgrade.head);
};

/** A certificate of the application is checked against the host that was asked for, as browsers do. */
const open = (url: URL, request: IncomingMessage): Socket => {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  if (url.protocol === 'http:') return connect({ host, port });
  const asked = (authorityIn(request.url ?? '') ?? request.headers.host ?? '').replace(/\.?(?::\d*)?$/, '');
  const servername = asked === '' || asked.startsWith('[') || isIP(asked) !== 0 ? host : asked;
  return connectTls({ host, port, ...(isIP(servername) === 0 && { servername }) });
};

/** Sends the body of the request on, as fast as the application takes it. */
const sendBody = ({ request, socket }: Exchange): void => {
  const framing = bodyOf(request);
  request.on('data', (bytes: Buffer) => {
    if (!socket.writable) return;
    if (framing === 'chunks') socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    const isTaken = socket.write(bytes);
    if (framing === 'chunks') socket.write('\r\n', 'latin1');
    if (!isTaken) request.pause();
  });
  socket.on('drain', () => request.resume());
  // What is left of a body that nobody wants must not keep the visitor's connection from its next request.
  socket.on('close', () => request.resume());
  request.on('end', () => {
    if (framing === 'chunks' && socket.writable) socket.write('0\r\n\r\n', 'latin1');
  });
};

const hearerOf = (exchange: Exchange): Hearer => {
  const { response, socket } = exchange;
  let begin: (() => void) | undefined;
  let waits: NodeJS.Timeout | undefined;
  const begun = (): void => {
    clearTimeout(waits);
    begin?.();
    begin = undefined;
  };
  return {
    head: (head, framing) => {
      begin = () => {
        beginAnswer(response, head, framing);
        exchange.framing = framing;
      };
      waits = setTimeout(() => !exchange.isOver && attempt(exchange, begun), HEAD_WAITS_MS);
    },
    body: (bytes) => {
      begun();
      if (!response.write(bytes)) socket.pause();
    },
    end: () => {
      begun();
      exchange.isOver = true;
      response.end();
      socket.destroy();
    },
    switched: (head, rest) => join(exchange, head, rest),
  };
};

const attempt = (exchange: Exchange, step: () => void): void => {
  try {
    step();
  } catch (error) {
    fail(exchange, error as Error);
  }
};

const beginAnswer = (response: ServerResponse, head: UpstreamHead, framing: Framing): void => {
  const length = framing.by === 'length' || framing.by === 'nothing' ? lengthOf(head) : undefined;
  const headers = endToEnd(head.headers);
  if (length !== undefined && head.status !== 204) headers.push(['Content-Length', String(length)]);
  response.writeHead(head.status, head.reason, headers.flat());
  // Else Node waits for the first byte of the body. `flushHeaders` would send bytes above 127 as UTF-8, two for each. What has no body is sent
  // with its end.
  response.write('', 'latin1');
};

/** From here on the bytes of both sides are nobody's but theirs. */
const join = (exchange: Exchange, head: UpstreamHead, rest: Buffer): void => {
  const { request, response, socket } = exchange;
  const visitor = request.socket;
  exchange.isOver = true;
  response.detachSocket(visitor);
  const protocol = head.headers.find(([name]) => name.toLowerCase() === 'upgrade')?.[1] ?? 'websocket';
  const lines = [...endToEnd(head.headers), ['Upgrade', protocol], ['Connection', 'Upgrade']]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  visitor.write(`HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\n${lines}\r\n`, 'latin1');
  visitor.write(rest);
  for (const [one, other] of [
    [visitor, socket],
    [socket, visitor],
  ] as const) {
    one.setTimeout(0);
    // Whoever is gone without a word is noticed by the kernel.
    one.setKeepAlive(true, 60_000);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
    one.pipe(other);
  }
};

/** The visitor is gone, or has the whole answer. */
const abandon = (exchange: Exchange): void => {
  if (exchange.isOver) return;
  exchange.isOver = true;
  exchange.socket.destroy();
};

const fail = (exchange: Exchange, error: NodeJS.ErrnoException): void => {
  if (exchange.isOver) return;
  const { request, response, socket, upstream, framing } = exchange;
  exchange.isOver = true;
  socket.destroy();
  const message = `Nothing to pass on from the application at ${upstream.url.host}: ${error.message}`;
  upstream.say({ event: 'upstream', code: error.code ?? 'unknown', message });
  if (!response.headersSent)
    return void refuse(request, response, 502, 'The application behind this gate does not answer.');
  // What is there is sent, so that the visitor sees as much as without the gate. Where only the end of the connection ends
  // the answer, it must not look like one.
  const endsByClose = !response.chunkedEncoding && framing?.by !== 'length';
  if (endsByClose && !(request.socket instanceof TLSSocket)) request.socket.resetAndDestroy();
  else request.socket.destroySoon();
};
