import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TOP } from '../lib/place.ts';
import { type Guard, HEADERS, isForeign, isFromHere, isOurHost, newGuard, WITH_OWN_STYLE } from './guard.ts';
import { METRICS_TYPE, metricsText } from './metrics.ts';
import type { Desk } from './reply.ts';
import { respond } from './routes.ts';
import type { PageSource } from './source.ts';
import { watchStatus } from './watcher.ts';

/** A page that is served. `url` has the token, and is for the person who started it alone. */
export type ServedPage = { url: string; close(): Promise<void> };

const asset = (name: string): Buffer => readFileSync(join(TOP, 'page', 'assets', name));

const ASSETS: Record<string, [type: string, body: () => Buffer]> = {
  '/page.css': ['text/css; charset=utf-8', () => asset('page.css')],
  '/live.js': ['text/javascript; charset=utf-8', () => asset('live.js')],
  '/icon.svg': ['image/svg+xml', () => asset('icon.svg')],
};

/** A form has some fields of 200 characters. */
const LONGEST_FORM = 8192;
/** What keeps a connection of a watcher open through whatever closes idle ones. */
const BEAT_MS = 20_000;

/** Serves the page on a loopback port of its own: any free one when `port` is 0. */
export const servePage = async (source: PageSource, port = 0): Promise<ServedPage> => {
  const guard = newGuard();
  const watcher = watchStatus(source);
  const desk: Desk = { source, watcher, done: new Map() };
  const server = createServer((request, response) => {
    handle({ desk, guard }, request, response).catch((error: Error) => {
      if (!response.headersSent) send(response, 500, 'text/plain; charset=utf-8', `${error.message}\n`);
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
  });
  const at = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${at}/?token=${guard.token}`,
    close: () =>
      new Promise((resolve) => {
        watcher.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

type Served = { desk: Desk; guard: Guard };

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  more: object = {},
): void => {
  response.writeHead(status, { ...HEADERS, 'content-type': type, ...more }).end(body);
};
const refuse = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);

const handle = async (served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { headers, method } = request;
  const port = request.socket.localPort ?? 0;
  if (!isOurHost(headers, port))
    return refuse(
      response,
      421,
      `Expected Host to be 127.0.0.1:${port}, received ${headers.host ?? 'none'}.`,
    );
  if (isForeign(headers))
    return refuse(response, 403, 'Expected no Origin but this page: another page gets nothing.');
  const url = new URL(request.url ?? '/', `http://${headers.host}`);
  if (served.guard.isToken(url.searchParams.get('token'))) {
    const cookie = { 'set-cookie': served.guard.cookie(port), location: url.pathname };
    return send(response, 303, 'text/plain; charset=utf-8', '', cookie);
  }
  if (method === 'GET' && url.pathname === '/metrics' && served.guard.isBearer(headers))
    return metrics(served.desk, response);
  if (!served.guard.isKnown(headers, port))
    return refuse(
      response,
      403,
      'Open the address that was printed when this page was started: it has the token.',
    );
  if (method === 'POST' && !isFromHere(headers))
    return refuse(response, 403, 'Expected Origin to be this page, so that no other page gives orders.');
  if (method !== 'GET' && method !== 'POST') return refuse(response, 405, 'Expected GET or POST.');
  const file = ASSETS[url.pathname];
  if (file !== undefined) return send(response, 200, file[0], file[1]());
  if (url.pathname === '/live') return stream(served.desk, request, response);
  if (url.pathname === '/metrics') return metrics(served.desk, response);
  const form = method === 'POST' ? await formOf(request) : undefined;
  if (method === 'POST' && form === undefined) return refuse(response, 413, 'That is no form of this page.');
  const reply = await respond(served.desk, {
    path: url.pathname,
    query: url.searchParams,
    ...(form && { form }),
  });
  const more = {
    ...(reply.location !== undefined && { location: reply.location }),
    ...(reply.ownStyle === true && { 'content-security-policy': WITH_OWN_STYLE }),
  };
  send(response, reply.status, 'text/html; charset=utf-8', reply.body, more);
};

/** For a program that watches: who may read it is asked before. */
const metrics = async ({ watcher }: Desk, response: ServerResponse): Promise<void> => {
  try {
    send(response, 200, METRICS_TYPE, metricsText(await watcher.status()));
  } catch (error) {
    refuse(response, 502, (error as Error).message);
  }
};

const formOf = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST_FORM) return undefined;
  }
  return new URLSearchParams(text);
};

/** Server-Sent Events: `new` when there is something new to be shown, with what is to be said of it. */
const stream = ({ watcher }: Desk, request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
  response.write('retry: 2000\n\n');
  const end = watcher.listen(({ news }) =>
    response.write(`event: new\ndata: ${JSON.stringify({ news })}\n\n`),
  );
  const beat = setInterval(() => response.write(': still here\n\n'), BEAT_MS);
  request.on('close', () => {
    clearInterval(beat);
    end();
  });
};
