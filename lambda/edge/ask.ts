import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import packageJson from '../../package.json' with { type: 'json' };
import { isExpected } from '../core/outcome.ts';
import type { ProbeRequest } from '../core/probe.ts';
import type { Hop } from '../core/redirect.ts';
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

export type Answer = Head & Body;

/**
 * Sends the request and reads the answer: to its end, to `MAX_BODY_BYTES`, or no further than a status that is not expected.
 * An answer must be complete even if nobody looks at its body: half a page is what visitors would get.
 */
export const ask = (request: ProbeRequest, hop: Hop, socket: Socket, course: Course): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let broken: Error | undefined;
    let ended = false;
    let begun = false;
    socket.on('error', (error) => {
      broken = error;
    });
    socket.on('end', () => {
      ended = true;
    });
    const keepsBody = looksAtBody(request);
    const answer: Answer = { status: 0, headers: {}, bytes: Buffer.alloc(0), cut: false, encoding: '' };
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (cut: boolean) => {
      resolve({ ...answer, bytes: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES), cut });
      socket.destroy();
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStarted: () => {
        if (!begun) endPhase(course, 'firstByteMs');
        begun = true;
      },
      onResponseStart: (_controller, status, headers) => {
        // undici stumbles over what comes after a switch of protocols that is not one.
        if (status === 101)
          reject(errorWith('UNASKED_SWITCH', 'a switch of protocols that nobody asked for'));
        if (status < 200) return;
        enterPhase(course, 'body');
        course.status = status;
        answer.status = status;
        answer.headers = headers;
        answer.encoding = headers['content-encoding']?.toString().trim().toLowerCase() ?? '';
        if (!isExpected(request.expectStatus, status)) finish(true);
      },
      onResponseData: (_controller, chunk) => {
        size += chunk.length;
        if (keepsBody) chunks.push(chunk);
        // A server may send byte by byte, and a Buffer for each would take a hundred times the body.
        if (chunks.length === 256) chunks.splice(0, chunks.length, Buffer.concat(chunks));
        if (size >= MAX_BODY_BYTES) finish(true);
      },
      // A body that ends with its connection has no other end: a reset is not one, though undici takes it for one.
      onResponseEnd: () => (broken === undefined ? finish(false) : reject(broken)),
      onResponseError: (_controller, error) =>
        reject(ended ? errorWith('ENDED', 'other side closed', error) : (broken ?? error)),
    };
    clientOn(hop.url, socket).dispatch(
      {
        path: `${hop.url.pathname}${hop.url.search}`,
        method: hop.method,
        headers: hop.withOwn ? headersOf(request) : DEFAULT_HEADERS,
        body: hop.withOwn && hop.method === request.method ? request.body : undefined,
        reset: true,
      },
      handler,
    );
  });

/** A client for one request over `socket`; our own limit bounds all its phases. */
const clientOn = (url: URL, socket: Socket): Dispatcher => {
  let handedOver = false;
  return new Client(url.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
    connect: (_target, ready) => {
      // undici asks again, without end, when a connection is lost before the request was written.
      const usable = !handedOver && !socket.destroyed;
      handedOver = true;
      queueMicrotask(() =>
        usable ? ready(null, socket) : ready(errorWith('ENDED', 'other side closed'), null),
      );
    },
  });
};

const headersOf = (request: ProbeRequest): Record<string, string> => ({
  ...DEFAULT_HEADERS,
  ...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
});

export const errorWith = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });
