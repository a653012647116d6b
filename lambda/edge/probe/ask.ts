import http from 'node:http';
import type { Socket } from 'node:net';
import packageJson from '../../../package.json' with { type: 'json' };
import { isExpected } from '../../core/outcome.ts';
import type { ProbeRequest } from '../../core/probe.ts';
import type { Hop } from '../../core/redirect.ts';
import { type Body, looksAtBody, MAX_BODY_BYTES } from './body.ts';
import { type Course, endPhase, enterPhase } from './course.ts';
import type { Head } from './head.ts';

/** All response headers together. Browsers take 256 KiB, Node's default of 16 KiB refuses sites that visitors can use. */
const MAX_HEADER_BYTES = 65_536;

/** What is sent unless the probe says otherwise. The host and `connection: close` are not the probe's to change. */
const DEFAULT_HEADERS = {
  'user-agent': `Switchover/${packageJson.version} (health check)`,
  accept: '*/*',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
};

/** Methods whose requests say how long their body is even when they have none (RFC 9110, section 8.6). */
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];

export type Answer = Head & Body;

/**
 * Sends the request and reads the answer: to its end, to `MAX_BODY_BYTES`, or no further than a status that is not expected.
 * An answer must be complete even if nobody looks at its body: half a page is what visitors would get.
 */
export const ask = (request: ProbeRequest, hop: Hop, socket: Socket, course: Course): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let broken: Error | undefined;
    let ended = false;
    socket.on('error', (error) => {
      broken = error;
    });
    socket.on('end', () => {
      ended = true;
    });
    const fail = (error: Error) =>
      reject(broken ?? (ended ? errorWith('ENDED', 'other side closed', error) : error));
    const body = hop.withOwn && hop.method === request.method ? request.body : undefined;
    const asked = http.request({
      createConnection: () => socket,
      method: hop.method,
      path: `${hop.url.pathname}${hop.url.search}`,
      headers: headersOf(request, hop, body),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    // Before Node's own listener, which reads the whole head at once; and no sooner than it is there, or what comes early is lost.
    asked.on('socket', () => socket.prependOnceListener('data', () => endPhase(course, 'firstByteMs')));
    asked.on('error', fail);
    asked.on('upgrade', (response) => reject(noStatus(response)));
    asked.on('response', (response) => {
      if ((response.statusCode ?? 0) < 200) return reject(noStatus(response));
      enterPhase(course, 'body');
      course.status = response.statusCode;
      read(request, response, resolve, fail, () => broken);
    });
    asked.end(body);
  });

/** Node hands on any number for a status, and switches to protocols that nobody asked for. */
const noStatus = ({ statusCode }: http.IncomingMessage): Error =>
  errorWith('NO_STATUS', `${statusCode} is not the status of an answer`);

/** Reads the body of an answer whose head is here. */
const read = (
  request: ProbeRequest,
  response: http.IncomingMessage,
  resolve: (answer: Answer) => void,
  fail: (error: Error) => void,
  broken: () => Error | undefined,
): void => {
  const { statusCode: status = 0, headersDistinct: headers } = response;
  const encoding = headers['content-encoding']?.toString().trim().toLowerCase() ?? '';
  const keepsBody = looksAtBody(request);
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (cut: boolean) => {
    const bytes = Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES);
    resolve({ status, headers, bytes, cut, encoding });
    response.socket.destroy();
  };
  response.on('error', fail);
  if (!isExpected(request.expectStatus, status)) {
    finish(true);
    return;
  }
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (keepsBody) chunks.push(chunk);
    // A server may send byte by byte, and a Buffer for each would take a hundred times the body.
    if (chunks.length === 256) chunks.splice(0, chunks.length, Buffer.concat(chunks));
    if (size >= MAX_BODY_BYTES) finish(true);
  });
  // A body that ends with its connection has no other end: a reset is not one, though Node takes it for one.
  response.on('end', () => {
    const error = broken();
    if (error === undefined) finish(false);
    else fail(error);
  });
};

const headersOf = (
  request: ProbeRequest,
  { url, method, withOwn }: Hop,
  body: string | undefined,
): Record<string, string> => {
  const own = withOwn
    ? Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])
    : [];
  const sendsLength = body !== undefined || METHODS_WITH_BODY.includes(method);
  return {
    host: url.host,
    ...DEFAULT_HEADERS,
    ...Object.fromEntries(own),
    ...(sendsLength && { 'content-length': String(Buffer.byteLength(body ?? '')) }),
    connection: 'close',
  };
};

export const errorWith = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });
