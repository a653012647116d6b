import type { BrowserHello } from '../core/probe/browser-hello.ts';
import type { Observation, ProbeRequest } from '../core/probe/request.ts';
import { type ProbeOptions, probe } from './http.ts';
import { knowsBrowserHello } from './tls-offer.ts';

/** What may come of a hello that is too large for a server, or for a box before it; all else says nothing of its size. */
const TOO_LARGE = new Set(['reset', 'closed', 'timeout-tls', 'tls-protocol']);

/** A lost packet is no box: it has to fail as often. */
const TRIES = 2;

/**
 * Probes; if that passes over TLS and the request asks for it, the same server is then offered a hello as large as a browser's, for a
 * handshake alone. The hello of a probe fits into one packet. Some servers, and boxes before them, break a connection whose hello
 * does not, and all browsers with it (https://tldr.fail). The verdict stays that of the probe, so that nothing moves for a doubt.
 * Takes at most the probe's time again.
 */
export const probeAndOfferHello = async (
  request: ProbeRequest,
  options: ProbeOptions = {},
): Promise<Observation> => {
  const seen = await probe(request, options);
  // A probe that comes to TLS by a redirect does not say at which port of the server that is.
  const overTls = /^(https|tls):/i.test(request.url);
  if (!request.browserHello || !overTls || seen.outcome !== 'passed') return seen;
  const browserHello = await offer(request, options);
  return browserHello === undefined ? seen : { ...seen, browserHello };
};

/** What came of it; undefined when that says nothing, or when this OpenSSL cannot make such a hello. */
const offer = async (request: ProbeRequest, options: ProbeOptions): Promise<BrowserHello | undefined> => {
  const { protocol, hostname, port, href } = new URL(request.url);
  const offered = { ...options, hello: 'browser' } as const;
  if (!knowsBrowserHello({ ...offered, ca: request.ca ?? options.ca })) return undefined;
  const url = protocol === 'tls:' ? href : `tls://${hostname}:${port || 443}`;
  const handshake = { ...request, url, timeoutMs: request.timeoutMs / TRIES };
  for (let tried = 1; ; tried += 1) {
    const { outcome, code, detail } = await probe(handshake, offered);
    if (outcome === 'passed') return { outcome, detail };
    if (!TOO_LARGE.has(code)) return undefined;
    if (tried === TRIES) return { outcome: 'failed', detail };
  }
};
