import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  type Code,
  codeOfError,
  type Finding,
  OUTCOMES,
  outcomeOf,
  printable,
} from '../core/probe/outcome.ts';
import { firstHop, type Hop, nextHop } from '../core/probe/redirect.ts';
import type { Observation, ProbeRequest } from '../core/probe/request.ts';
import { withoutSecrets } from '../core/probe/without-secrets.ts';
import { systemClock } from '../edge/clock.ts';
import { ask } from './ask.ts';
import { AskMended, AskOverHttp1, askHttp2 } from './ask-http2.ts';
import {
  type Attempt,
  breakOff,
  type Deadline,
  elapsedMs,
  enterPhase,
  limitAttempt,
  startAttempt,
} from './attempt.ts';
import { type Answer, bodyFinding } from './body.ts';
import type { ChainEnd } from './chain-end.ts';
import { unpacked } from './coding.ts';
import { addressesOf, type DialOptions, dial } from './dial.ts';
import { headFinding } from './head.ts';
import { newPatternBudget, type PatternBudget } from './pattern.ts';
import { unreachableKind } from './reach.ts';
import { type Stalls, watchStalls } from './stalls.ts';

export type ProbeOptions = DialOptions & {
  /** Breaks the probe off: `unknown`, code `batch-deadline`. */
  deadline?: Deadline;
  /** A watch shared by the probes of a batch; without it the probe keeps one of its own. */
  stalls?: Stalls;
  /** What the patterns of a batch may still take; without it the probe has all of it to itself. */
  budget?: PatternBudget;
};

/** Keeps a batch's answer small and an e-mail readable. */
const MAX_DETAIL_CHARACTERS = 200;

/**
 * Asks one server for one URL, as a visitor would, over a connection of its own, and says what came of it. Never rejects.
 * When it resolves, everything it opened is closed. The codes are those of `OUTCOMES` in `core/probe/outcome.ts`.
 */
export const probe = async (request: ProbeRequest, options: ProbeOptions = {}): Promise<Observation> => {
  const attempt = startAttempt();
  const stalls = options.stalls ?? watchStalls();
  const lostBefore = stalls.lostMs();
  const liftLimit = limitAttempt(attempt, request.timeoutMs, stalls);
  const forget = options.deadline?.onPassed(() => breakOff(attempt, 'batch-deadline'));
  let finding: Finding;
  try {
    finding = await carryOut(request, attempt, { ...options, stalls });
  } catch (error) {
    finding = errorFinding(error, attempt);
  }
  // Whatever hanging up looked like from inside: Node takes it for the end of a body that has no other end.
  if (attempt.brokenOff !== undefined) finding = brokenOffFinding(attempt.brokenOff, attempt, request);
  attempt.over = true;
  liftLimit();
  forget?.();
  const lostAfter = stalls.lostMs();
  if (options.stalls === undefined) stalls.stop();
  const totalMs = elapsedMs(attempt.startedAt);
  await hangUp(attempt);
  const { code, detail } = slowFinding(request, finding, totalMs - (lostAfter - lostBefore)) ?? finding;
  return {
    id: request.id,
    outcome: outcomeOf(code, request),
    code,
    detail: printable(withoutSecrets(detail, request, 2 * MAX_DETAIL_CHARACTERS), MAX_DETAIL_CHARACTERS),
    // No status has more digits, and a secret may be a number.
    ...(attempt.status !== undefined && attempt.status <= 999 && { status: attempt.status }),
    ...(attempt.remoteAddress !== undefined && { remoteAddress: attempt.remoteAddress }),
    ...certificateOf(attempt, request),
    phases: { ...attempt.phases, totalMs },
  };
};

/** The name of an authority is chosen by who sends it, as everything else is. */
const certificateOf = ({ certificate }: Attempt, request: ProbeRequest): ChainEnd | undefined => {
  const name = certificate?.certificateAuthority;
  if (name === undefined) return certificate;
  return { ...certificate, certificateAuthority: withoutSecrets(name, request, name.length) };
};

/** `socket.closed` is true before its descriptor is free, and a batch counts on its number of open sockets. */
const hangUp = async (attempt: Attempt): Promise<void> => {
  attempt.socket?.destroy();
  await attempt.closed;
};

/** Time in which we did not listen is not the server's: `listenedMs` is without it. */
const slowFinding = (
  { slowAfterMs }: ProbeRequest,
  { code }: Finding,
  listenedMs: number,
): Finding | undefined => {
  if (slowAfterMs === undefined || code !== 'ok' || listenedMs <= slowAfterMs) return undefined;
  return {
    code: 'slow',
    detail: `${OUTCOMES.slow[1]}: it took ${Math.round(listenedMs)} ms, and more than ${slowAfterMs} is slow`,
  };
};

const carryOut = async (
  request: ProbeRequest,
  attempt: Attempt,
  options: ProbeOptions & { stalls: Stalls },
): Promise<Finding> => {
  const { stalls, budget = newPatternBudget() } = options;
  for (let hop = firstHop(request); ; ) {
    const answer = await answerOf(request, hop, attempt, options);
    if ('code' in answer) return answer;
    const next = stalls.ours(() => nextHop(request, hop, answer, systemClock.now()));
    if (next === undefined) {
      const wrong = await answerFinding(request, answer, attempt, { stalls, budget });
      return wrong ?? { code: 'ok', detail: `${OUTCOMES.ok[1]}: status ${answer.status}` };
    }
    if ('code' in next) return next;
    await hangUp(attempt);
    enterPhase(attempt, 'dns');
    hop = next;
  }
};

/** What is wrong with an answer, if anything. How long that takes is up to its server: none of it is a stall of ours. */
const answerFinding = async (
  request: ProbeRequest,
  answer: Answer,
  attempt: Attempt,
  { stalls, budget }: { stalls: Stalls; budget: PatternBudget },
): Promise<Finding | undefined> => {
  const wrong = stalls.ours(() => headFinding(request, answer, budget));
  if (wrong !== undefined) return wrong;
  // A body that no browser could unpack is wrong even if nobody looks into it.
  const body = await unpacked(answer, attempt, budget, stalls);
  if ('code' in body) return body;
  return stalls.ours(() => bodyFinding(request, { ...answer, ...body }, budget));
};

/** Errors of a connection that ended; before the first byte of an answer a browser makes another one and asks again. */
const ENDS = ['ENDED', 'ECONNRESET', 'EPIPE'];

/** What is left to be tried of one hop: connections after one that ended, and why what comes is mended. */
type Tries = { triesLeft?: number; mended?: AskMended };

/** The answer to one hop, on a second connection if the first ended without a byte; or the finding that ends the probe. */
const answerOf = async (
  request: ProbeRequest,
  hop: Hop,
  attempt: Attempt,
  options: ProbeOptions & { stalls: Stalls } & Tries,
): Promise<Answer | Finding> => {
  const { triesLeft = 1, mended } = options;
  const reached = await reach(request, hop, attempt, options);
  if ('code' in reached) return reached;
  const { socket } = reached;
  if (hop.url.protocol === 'tcp:') return { code: 'ok', detail: `${OUTCOMES.ok[1]}: a connection` };
  if (hop.url.protocol === 'tls:') return { code: 'ok', detail: `${OUTCOMES.ok[1]}: a TLS handshake` };
  const isHttp2 = (socket as Partial<TLSSocket>).alpnProtocol === 'h2';
  if (request.http === 2 && hop.url.protocol === 'https:' && !isHttp2) {
    return { code: 'http-protocol', detail: `${OUTCOMES['http-protocol'][1]}: it agreed to no HTTP/2` };
  }
  try {
    const line = { socket, attempt, stalls: options.stalls };
    return await (isHttp2 ? askHttp2(request, hop, line, mended) : ask(request, hop, line));
  } catch (error) {
    if (error instanceof AskOverHttp1 && request.http !== 2 && attempt.phase === 'response') {
      await hangUp(attempt);
      return answerOf({ ...request, http: 1 }, hop, attempt, options);
    }
    if (error instanceof AskMended && mended === undefined && attempt.brokenOff === undefined) {
      await hangUp(attempt);
      return answerOf(request, hop, attempt, { ...options, mended: error });
    }
    // Over HTTP/2 browsers do not.
    const again = triesLeft > 0 && !isHttp2 && hop.method !== 'POST' && attempt.brokenOff === undefined;
    if (!again || socket.bytesRead > 0 || !ENDS.includes(errorCodeOf(error))) throw error;
    await hangUp(attempt);
    return answerOf(request, hop, attempt, { ...options, triesLeft: triesLeft - 1 });
  }
};

/** A connection for this hop; or what is wrong with making one. */
const reach = async (
  request: ProbeRequest,
  { url, atServer }: Hop,
  attempt: Attempt,
  options: ProbeOptions & { stalls: Stalls },
): Promise<{ socket: Socket } | Finding> => {
  const where = atServer ? request.address : url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await addressesOf(where, attempt, options);
  const { redirectHosts = [], minTls, http } = request;
  // Whoever holds the name of another host could point it at this machine, or at what only this machine can reach.
  const inside = atServer
    ? undefined
    : addresses.find((each) => !redirectHosts.includes(each) && unreachableKind(each));
  if (inside !== undefined) {
    const what = `${url.href} lies at ${inside}, ${unreachableKind(inside)} that \`redirectHosts\` does not name`;
    return { code: 'redirect', detail: `${OUTCOMES.redirect[1]}: ${what}` };
  }
  return {
    socket: await connect(url, addresses, attempt, {
      ...options,
      ca: request.ca ?? options.ca,
      minTls,
      http,
    }),
  };
};

/** Errors after which a visitor's browser turns to the next address of a host name at once. */
const NEXT_ADDRESS: ReadonlySet<Code> = new Set(['refused', 'unreachable']);

const connect = async (
  url: URL,
  addresses: string[],
  attempt: Attempt,
  options: DialOptions & { stalls: Stalls },
): Promise<Socket> => {
  for (const [index, candidate] of addresses.entries()) {
    if (attempt.brokenOff !== undefined) break;
    try {
      return await dial(url, candidate, attempt, options);
    } catch (error) {
      const isLast = index === addresses.length - 1;
      if (isLast || !NEXT_ADDRESS.has(codeOfError(errorCodeOf(error), attempt.phase))) throw error;
    }
  }
  throw new Error('broken off');
};

/** The error's code, else its name: a DOMException has a number for a code. */
const errorCodeOf = (error: unknown): string => {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
};

const errorFinding = (error: unknown, attempt: Attempt): Finding => {
  const code = codeOfError(errorCodeOf(error), attempt.phase, attempt.distrusted);
  // OpenSSL and the certificate check give their reason apart from a message full of file names.
  const { reason, message } = Object(error) as { reason?: unknown; message?: unknown };
  return { code, detail: `${OUTCOMES[code][1]}: ${reason ?? message}` };
};

const brokenOffFinding = (code: Code, attempt: Attempt, request: ProbeRequest): Finding => {
  const waited = `${Math.round(elapsedMs(attempt.startedAt))} of ${request.timeoutMs} ms`;
  return { code, detail: `${OUTCOMES[code][1]} (${waited})` };
};
