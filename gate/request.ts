import type { IncomingMessage } from 'node:http';
import { authorityIn } from './answer.ts';

/** What the gate knows of a visitor's connection, for the headers that tell the application. */
export type Came = {
  /** The gate ends TLS itself, so nobody stands before it whose headers could be believed. */
  isOutermost: boolean;
  scheme: 'http' | 'https';
  address: string;
};

/** A host as RFC 3986 writes it, or an address in brackets, and a port. */
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::(\d{0,5}))?$/i;

/** A status and a sentence for who sent a request that is not passed on. */
export type Refusal = [status: number, sentence: string];

/**
 * Why a request cannot be answered; `undefined` if it can. As nginx does: 405 for CONNECT, 505 for another version of HTTP than
 * 1, 501 for a body in a coding that is not undone here (RFC 9112, 6.1), 400 for what is malformed.
 */
export const whyRefused = (request: IncomingMessage): Refusal | undefined => {
  const { headers, httpVersionMajor, httpVersionMinor, method } = request;
  if (method === 'CONNECT')
    return [405, 'Expected a request for a page, received CONNECT: this is no proxy.'];
  if (httpVersionMajor !== 1) return [505, 'Expected HTTP/1.1 or HTTP/1.0.'];
  // Where the last coding is another one Node's parser refuses the request by itself.
  const coding = /^(?:.*,)?\s*chunked\s*$/i.exec(headers['transfer-encoding'] ?? '')?.[0];
  if (coding !== undefined && httpVersionMinor === 0)
    return [400, 'Expected no Transfer-Encoding in HTTP/1.0, whose framing it would leave in doubt.'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked')
    return [501, 'Expected chunked alone as Transfer-Encoding.'];
  if (expectationsOf(request).some((one) => one !== CONTINUE))
    return [417, 'Expected 100-continue alone as Expect.'];
  const why = whyMalformed(request);
  return why === undefined ? undefined : [400, why];
};

const CONTINUE = '100-continue';

/** What a visitor expects of us. HTTP/1.0 has no answer to it, so there it is ignored (RFC 9110, 10.1.1). */
const expectationsOf = ({ headers: { expect = '' }, httpVersionMinor }: IncomingMessage): string[] =>
  httpVersionMinor === 0
    ? []
    : expect
        .split(',')
        .map((one) => one.trim().toLowerCase())
        .filter((one) => one !== '');

/** Whether a visitor asks first if its body is to be sent. */
export const asksToContinue = (request: IncomingMessage): boolean =>
  expectationsOf(request).includes(CONTINUE);

/**
 * Why a request is malformed, in words for who sent it. Two Hosts could be read differently by the gate and by the application; so could
 * one with more in it than a host and a port. HTTP/1.0 needs none: health checks of HAProxy and others send it so.
 */
const whyMalformed = ({ rawHeaders, method, url = '' }: IncomingMessage): string | undefined => {
  const hosts = valuesOf(rawHeaders, 'host');
  if (hosts.length > 1) return 'Expected one Host, received several.';
  const named = authorityIn(url);
  if (named === '') return 'Expected the host in the request target, received none.';
  for (const authority of [named, hosts[0]]) {
    const [found, port = ''] = AUTHORITY.exec(authority ?? '') ?? [];
    if (found === undefined || Number(port) > 65_535) return 'Expected a host, and a port at most, as Host.';
  }
  if (url.startsWith('/') || named !== undefined || (url === '*' && method === 'OPTIONS')) return undefined;
  return 'Expected a path as the request target.';
};

const valuesOf = (rawHeaders: string[], wanted: string): string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);

/** Headers of one connection (RFC 9110, 7.6.1). What frames the body is written anew. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
];

/** The headers of a message that go on to the next connection: without those of the hop, and those that `Connection` names. */
export const endToEnd = (headers: [name: string, value: string][]): [name: string, value: string][] => {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase());
  // Nobody may have the host taken away from a request.
  const dropped = new Set([...HOP_BY_HOP, ...named.filter((name) => name !== 'host')]);
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()));
};

/** The headers of a request as they were sent, in their order. */
export const headersOf = ({ rawHeaders }: IncomingMessage): [name: string, value: string][] =>
  rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));

/** How the body of a request ends: it states a length, comes in chunks, or there is none. */
export const bodyOf = ({ headers }: IncomingMessage): 'length' | 'chunks' | 'none' => {
  if (headers['transfer-encoding'] !== undefined) return 'chunks';
  return headers['content-length'] === undefined ? 'none' : 'length';
};

/** What visitors sent and the gate says anew. The gate has answered `Expect` by then. */
const SAID_ANEW = [
  'host',
  'expect',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-host',
];

/**
 * The head of the request to the application: the visitor's, with the host that was asked for, without what is of the visitor's
 * connection alone, and with what tells where the visitor came from. `target` is path and query; `usualHost` is for HTTP/1.0.
 */
export const requestHead = (
  request: IncomingMessage,
  { target, usualHost, upgrade }: { target: string; usualHost: string; upgrade: boolean },
  came: Came,
): string => {
  const { headers, method = 'GET' } = request;
  const host = authorityIn(request.url ?? '') ?? headers.host ?? usualHost;
  const body = bodyOf(request);
  const lines = [
    ['Host', host],
    ...endToEnd(headersOf(request)).filter(([name]) => !SAID_ANEW.includes(name.toLowerCase())),
    ...forwardedHeaders(headers, authorityIn(request.url ?? '') ?? headers.host, came),
    ...(body === 'length' ? [['Content-Length', headers['content-length']]] : []),
    ...(body === 'chunks' ? [['Transfer-Encoding', 'chunked']] : []),
    ...(upgrade ? [['Upgrade', 'websocket']] : []),
    ['Connection', upgrade ? 'Upgrade' : 'close'],
  ];
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
};

const named = (name: string, value: string | undefined): [name: string, value: string][] =>
  value === undefined ? [] : [[name, value]];

/**
 * A proxy before the gate is believed; where the gate itself is what visitors reach, nothing of the kind is. These are told also where
 * `Connection` names them: a visitor who can have them taken away could hide where he came from (CVE-2022-31813 was that).
 */
const forwardedHeaders = (
  headers: IncomingMessage['headers'],
  host: string | undefined,
  { isOutermost, scheme, address }: Came,
): [name: string, value: string][] => {
  const said = (name: string): string | undefined => (isOutermost ? undefined : headers[name]?.toString());
  const before = said('x-forwarded-for');
  const port = /:(\d+)$/.exec(host ?? '')?.[1] ?? (scheme === 'https' ? '443' : '80');
  return [
    ['X-Forwarded-For', before === undefined ? address : `${before}, ${address}`],
    ['X-Forwarded-Port', said('x-forwarded-port') ?? port],
    ['X-Forwarded-Proto', said('x-forwarded-proto') ?? scheme],
    // Who named none (HTTP/1.0) is not told to have asked for the application's own.
    ...named('X-Forwarded-Host', said('x-forwarded-host') ?? host),
  ];
};
