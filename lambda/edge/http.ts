import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import packageJson from '../../package.json' with { type: 'json' };
import { type Code, codeOfError, type Finding, OUTCOMES, printable, statusFinding } from '../core/outcome.ts';
import type { Observation, ProbeRequest } from '../core/probe.ts';
import { type Body, bodyFinding, MAX_BODY_BYTES } from './body.ts';
import { breakOff, type Course, elapsedMs, enterPhase, limitCourse, startCourse } from './course.ts';
import { addressesOf, type DialOptions, dial } from './dial.ts';
import { type Stalls, watchStalls } from './stalls.ts';

export type ProbeOptions = DialOptions & {
  /** Breaks the probe off: `unknown`, code `batch-deadline`. */
  signal?: AbortSignal;
  /** A watch shared by the probes of a batch; without it the probe keeps one of its own. */
  stalls?: Stalls;
};

/** Keeps a batch's answer small and an e-mail readable. */
const MAX_DETAIL_CHARACTERS = 200;

/** All response headers together. Browsers take 256 KiB, Node's default of 16 KiB refuses sites that visitors can use. */
const MAX_HEADER_BYTES = 65_536;

/** What is sent unless the probe says otherwise. The host and `connection: close` are not the probe's to change. */
const DEFAULT_HEADERS = {
  'user-agent': `Switchover/${packageJson.version} (health check)`,
  accept: '*/*',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
};

/**
 * Asks one server for one URL, as a visitor would, over a connection of its own, and says what came of it. Never rejects.
 * When it resolves, everything it opened is closed. The codes are those of `OUTCOMES` in `core/outcome.ts`.
 */
export const probe = async (request: ProbeRequest, options: ProbeOptions = {}): Promise<Observation> => {
  const course = startCourse();
  const stalls = options.stalls ?? watchStalls();
  const liftLimit = limitCourse(course, request.timeoutMs, stalls);
  const abandon = () => breakOff(course, 'batch-deadline');
  options.signal?.addEventListener('abort', abandon);
  if (options.signal?.aborted) abandon();
  let finding: Finding;
  try {
    finding = await carryOut(request, course, options);
  } catch (error) {
    finding = errorFinding(error, course);
  }
  // Whatever hanging up looked like from inside: undici takes it for the end of a body that has no other end.
  if (course.brokenOff !== undefined) finding = brokenOffFinding(course.brokenOff, course, request);
  course.over = true;
  liftLimit();
  options.signal?.removeEventListener('abort', abandon);
  if (options.stalls === undefined) stalls.stop();
  const totalMs = elapsedMs(course.startedAt);
  course.socket?.destroy();
  // `socket.closed` is true before its descriptor is free, and a batch counts on its number of open sockets.
  await course.closed;
  return {
    id: request.id,
    outcome: OUTCOMES[finding.code][0],
    code: finding.code,
    detail: printable(finding.detail, MAX_DETAIL_CHARACTERS),
    ...(course.status !== undefined && { status: course.status }),
    ...(course.remoteAddress !== undefined && { remoteAddress: course.remoteAddress }),
    phases: { ...course.phases, totalMs },
  };
};

const carryOut = async (request: ProbeRequest, course: Course, options: ProbeOptions): Promise<Finding> => {
  const url = new URL(request.url);
  const socket = await connect(url, request.address, course, options);
  const answer = await ask(request, url, socket, course);
  const wrong =
    statusFinding(request, answer.status, answer.location) ?? (await bodyFinding(request, answer, course));
  return wrong ?? { code: 'ok', detail: `${OUTCOMES.ok[1]}: status ${answer.status}` };
};

/** Errors after which a visitor's browser turns to the next address of a host name at once. */
const NEXT_ADDRESS: ReadonlySet<Code> = new Set(['refused', 'unreachable']);

const connect = async (url: URL, address: string, course: Course, options: ProbeOptions): Promise<Socket> => {
  const addresses = await addressesOf(address, course, options);
  for (const [index, candidate] of addresses.entries()) {
    if (course.brokenOff !== undefined) break;
    try {
      return await dial(url, candidate, course, options);
    } catch (error) {
      const isLast = index === addresses.length - 1;
      if (isLast || !NEXT_ADDRESS.has(codeOfError(errorCodeOf(error), course.phase))) throw error;
    }
  }
  throw new Error('broken off');
};

type Answer = Body & { status: number; location?: string };

/**
 * Sends the request and reads the answer: to its end, to `MAX_BODY_BYTES`, or no further than a status that is not expected.
 * An answer must be complete even if nobody looks at its body: half a page is what visitors would get.
 */
const ask = (request: ProbeRequest, url: URL, socket: Socket, course: Course): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let broken: Error | undefined;
    let ended = false;
    socket.on('error', (error) => {
      broken = error;
    });
    socket.on('end', () => {
      ended = true;
    });
    const keepsBody = request.bodyIncludes !== undefined || request.bodyMatches !== undefined;
    const answer: Answer = { status: 0, bytes: Buffer.alloc(0), cut: false, encoding: '' };
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (cut: boolean) => {
      resolve({ ...answer, bytes: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES), cut });
      socket.destroy();
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStarted: () => {
        course.phases.firstByteMs ??= elapsedMs(course.phaseStartedAt);
      },
      onResponseStart: (_controller, status, headers) => {
        // undici stumbles over what comes after a switch of protocols that is not one.
        if (status === 101)
          reject(errorWith('UNASKED_SWITCH', 'a switch of protocols that nobody asked for'));
        if (status < 200) return;
        enterPhase(course, 'body');
        course.status = status;
        answer.status = status;
        answer.location = headers.location?.toString();
        answer.encoding = headers['content-encoding']?.toString().trim().toLowerCase() ?? '';
        if (!request.expectStatus.includes(status)) finish(true);
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
    clientOn(url, socket).dispatch(
      {
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: headersOf(request),
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

const errorWith = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

/** The error's code, else its name: a DOMException has a number for a code, and undici's parser errors have none. */
const errorCodeOf = (error: unknown): string => {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
};

const errorFinding = (error: unknown, course: Course): Finding => {
  const code = codeOfError(errorCodeOf(error), course.phase, course.distrusted);
  // OpenSSL and the certificate check give their reason apart from a message full of file names.
  const { reason, message } = Object(error) as { reason?: unknown; message?: unknown };
  return { code, detail: `${OUTCOMES[code][1]}: ${reason ?? message}` };
};

const brokenOffFinding = (code: Code, course: Course, request: ProbeRequest): Finding => {
  const waited = `${Math.round(elapsedMs(course.startedAt))} of ${request.timeoutMs} ms`;
  return { code, detail: `${OUTCOMES[code][1]} (${waited})` };
};
