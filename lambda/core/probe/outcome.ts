import type { Outcome, ProbeRequest, StatusRule } from './request.ts';

type Row = readonly [outcome: Outcome, phrase: string];

/**
 * Every code an observation can carry, what it counts as (`slow` and `blocked`: unless the site says otherwise), and the
 * phrase its detail begins with. Codes are stable: people and programs branch on them, and docs/probes.md lists them. `failed` is what a visitor would suffer too; `unknown` is trouble of our own and moves nothing.
 */
export const OUTCOMES = {
  ok: ['passed', 'the answer is as expected'],
  slow: ['passed', 'the answer is as expected, but slow'],

  refused: ['failed', 'the server refused the connection'],
  unreachable: ['failed', 'the network says that the server cannot be reached'],
  reset: ['failed', 'the server reset the connection before an answer was complete'],
  closed: ['failed', 'the server closed the connection without an answer'],
  'timeout-connect': ['failed', 'the server did not accept a connection in time'],
  'timeout-tls': ['failed', 'the server accepted a connection but did not finish the TLS handshake in time'],
  'timeout-response': ['failed', 'the server accepted a connection but did not answer in time'],
  'timeout-body': ['failed', 'the answer began but did not end in time'],
  status: ['failed', 'the status is not one of those expected'],
  blocked: ['failed', 'a firewall or bot filter answered in place of the server'],
  redirect: ['failed', 'the server redirects, and that redirect is not followed'],
  'redirect-loop': ['failed', 'the redirects lead round in a circle, or on for too long'],
  header: ['failed', 'a header is not as expected'],
  body: ['failed', 'the body is not as expected'],
  'body-cut-short': ['failed', 'the connection broke off in the middle of the body'],
  'body-garbled': ['failed', 'the body does not decompress'],
  'body-coding': ['failed', 'the body is compressed in a way that browsers do not read here'],
  'tls-expired': ['failed', 'the certificate, or one above it, is not valid today'],
  'tls-name': ['failed', 'the certificate is for another host'],
  'tls-revoked': ['failed', 'the certificate was revoked'],
  'tls-untrusted': ['failed', 'the certificate does not lead to a trusted authority'],
  'tls-chain': ['failed', 'the chain of its certificates is too dear to verify'],
  'tls-protocol': ['failed', 'no TLS connection could be agreed upon or kept'],
  'http-protocol': ['failed', 'what the server sent is no answer that a browser would take'],
  'headers-too-large': ['failed', 'the response headers are too large'],
  flood: ['failed', 'the server sends more and more, and none of it is an answer'],
  'dns-not-found': ['failed', 'the host name to connect to has no address'],

  'dns-unavailable': ['unknown', 'the host name to connect to could not be looked up'],
  'no-descriptors': ['unknown', 'this prober has no file descriptors left'],
  'no-memory': ['unknown', 'this prober has no memory left'],
  'no-buffers': ['unknown', 'this prober has no network buffers left'],
  'no-network': ['unknown', 'this prober has no network for this address'],
  'not-permitted': ['unknown', 'this prober may not connect'],
  starved: ['unknown', 'this prober was too short of CPU to measure'],
  'batch-deadline': ['unknown', 'the time for the whole batch was over'],
  'body-pattern': ['unknown', 'the pattern, or unpacking the body, needs too much time'],
  'secret-unavailable': ['unknown', 'a secret that belongs to the probe could not be read'],
  'vantage-blind': ['unknown', 'the prober itself could not be asked'],
  unreferenced: ['unknown', 'it sees none of its references'],
  internal: ['unknown', 'this prober met something that it does not know'],
} as const satisfies Record<string, Row>;

export type Code = keyof typeof OUTCOMES;

/** What `code` counts as for this probe. */
export const outcomeOf = (code: Code, { slowIs, blockedIs }: ProbeRequest): Outcome => {
  if (code === 'slow' && slowIs !== undefined) return slowIs;
  if (code === 'blocked' && blockedIs !== undefined) return blockedIs;
  return OUTCOMES[code][0];
};

/** What came of a probe: the code, and one phrase for people. */
export type Finding = { code: Code; detail: string };

/** How far a probe has got. `response` ends with the last response header. */
export type Phase = 'dns' | 'connect' | 'tls' | 'response' | 'body';

/** What running out of time means, by the phase it happened in. A resolver's silence says nothing about the server. */
export const TIMEOUTS: Record<Phase, Code> = {
  dns: 'dns-unavailable',
  connect: 'timeout-connect',
  tls: 'timeout-tls',
  response: 'timeout-response',
  body: 'timeout-body',
};

/**
 * Errors of the operating system, OpenSSL and Node, and our own about what a server sent (`fault` in `probe/bounds.ts`), that mean
 * the same in every phase after name resolution.
 */
const BY_ERROR: Record<string, Code> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EMFILE: 'no-descriptors',
  ENFILE: 'no-descriptors',
  ENOMEM: 'no-memory',
  OUT_OF_MEM: 'no-memory',
  ENOBUFS: 'no-buffers',
  ENETUNREACH: 'no-network',
  ENETDOWN: 'no-network',
  EADDRNOTAVAIL: 'no-network',
  EADDRINUSE: 'no-network',
  EAFNOSUPPORT: 'no-network',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name',
  HOSTNAME_MISMATCH: 'tls-name',
  CERT_REVOKED: 'tls-revoked',
  DEAR_CHAIN: 'tls-chain',
  KEY_USAGE: 'tls-protocol',
  EPROTO: 'tls-protocol',
  MALFORMED: 'http-protocol',
  BROKEN: 'http-protocol',
  WEAK_SUITE: 'tls-protocol',
  HEAD_TOO_LARGE: 'headers-too-large',
  FLOOD: 'flood',
  ENDED: 'closed',
};

/** Errors that, once a body has begun, mean that the rest of it will never come. */
const CUT_SHORT = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENDED', 'BROKEN']);

/** What Node throws at bytes that it cannot read, by code or name; and not at a call that is wrong, or for want of memory. */
const UNREADABLE =
  /^ERR_(CRYPTO|OSSL|HTTP|ENCODING|OUT_OF_RANGE|INVALID_(?!ARG_TYPE))|^URIError$|^SyntaxError$/;

/** The phases in which bytes are read that the server chose. */
const READ_IN: Partial<Record<Phase, Code>> = {
  tls: 'tls-chain',
  response: 'http-protocol',
  body: 'http-protocol',
};

/**
 * The code for an error code of Node. `distrusted` says that the TLS layer turned the certificate down: OpenSSL has
 * some thirty codes for that, and all but those for dates and names mean the same to an operator.
 */
export const codeOfError = (errorCode: string, phase: Phase, distrusted = false): Code => {
  if (phase === 'dns') {
    if (errorCode === 'ENOTFOUND' || errorCode === 'ENODATA') return 'dns-not-found';
    if (errorCode === 'ENOMEM') return 'no-memory';
    return /^E[A-Z]+$/.test(errorCode) ? 'dns-unavailable' : 'internal';
  }
  if (phase === 'body' && CUT_SHORT.has(errorCode)) return 'body-cut-short';
  if (errorCode === 'ETIMEDOUT') return TIMEOUTS[phase];
  const known = BY_ERROR[errorCode];
  if (known !== undefined) return known;
  if (distrusted) return 'tls-untrusted';
  if (errorCode.startsWith('ERR_SSL_') || errorCode.startsWith('ERR_TLS_')) return 'tls-protocol';
  return (UNREADABLE.test(errorCode) ? READ_IN[phase] : undefined) ?? 'internal';
};

/** Whether one of the rules allows `status`. */
export const isExpected = (rules: StatusRule[], status: number): boolean =>
  rules.some((rule) => {
    if (typeof rule === 'number') return rule === status;
    const [first, last] = rule.split('-');
    return Number(first) <= status && status <= Number(last);
  });

/** A number that a server sent, as it is told: written anew, a longer one could be a secret that nobody recognises. */
export const shownNumber = (value: number): string =>
  String(value).length > MAX_NUMBER_CHARACTERS ? 'a longer number' : String(value);
const MAX_NUMBER_CHARACTERS = 6;

/** What is wrong with the status line, if anything. `location` is the header of that name. */
export const statusFinding = (
  request: ProbeRequest,
  status: number,
  location?: string,
): Finding | undefined => {
  if (isExpected(request.expectStatus, status)) return undefined;
  const detail = `expected status ${request.expectStatus.join(' or ')}, received ${shownNumber(status)}`;
  if (status < 300 || status > 399) return { code: 'status', detail };
  return { code: 'redirect', detail: location === undefined ? detail : `${detail} to ${location}` };
};

/** What is shown as it is; nearly everything is. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** Runs of blanks as one, and a question mark for what is no letter, digit or sign. */
export const asShown = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/\s+/g, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?');

/**
 * Observations reach e-mails and terminals, and servers choose some of their words: letters of any script, digits and signs, nothing
 * that moves a cursor or turns the direction of a line, and at most `maximum` characters.
 */
export const printable = (text: string, maximum: number): string => {
  const clean = asShown(text);
  if (clean.length <= maximum) return clean;
  // Not half of a sign that takes two places.
  return `${clean.slice(0, maximum - 3).replace(/[\ud800-\udbff]$/, '')}...`;
};
