import type { BrowserHello } from './browser-hello.ts';

/** A status, or a range of them such as `200-299`, both ends included. */
export type StatusRule = number | `${number}-${number}`;

/** A header that must be there (`true`), must not be there (`false`), must equal a text, or match a regular expression (flag `u`). */
export type HeaderRule = boolean | string | { matches: string };

/** What a JSON body holds at a pointer (RFC 6901): a text, a number, true, false or null. */
export type JsonRule = { pointer: string; equals: string | number | boolean | null };

/** What is asked of a server and what a good one answers: the part of a request that a site configures as it is sent. */
export type Question = {
  /**
   * The URL a visitor would ask for: scheme, host (Host header, SNI, certificate), port and path. With `tls://HOST:PORT` the
   * probe ends after the TLS handshake, with `tcp://HOST:PORT` once the connection is there; the rest then says nothing.
   */
  url: string;
  method: string;
  headers: Record<string, string>;
  /** Sent with POST. */
  body?: string;
  expectStatus: StatusRule[];
  /** By name; every one of them must hold. */
  expectHeaders?: Record<string, HeaderRule>;
  bodyIncludes?: string;
  bodyExcludes?: string;
  /** Source of a regular expression, flag `u`. */
  bodyMatches?: string;
  bodyJson?: JsonRule;
  /** What an answer that is right but slow counts as; `passed` if absent. */
  slowIs?: 'passed' | 'failed';
  /** What an answer of a firewall or bot filter counts as; `failed` if absent. */
  blockedIs?: 'failed' | 'unknown';
  /** How many redirects are followed; none if absent. */
  followRedirects?: number;
  /** Hosts other than the URL's to which a redirect may lead, and addresses that visitors cannot reach to which these may lead. */
  redirectHosts?: string[];
  /** Certificate authorities to trust instead of the public ones, PEM. */
  ca?: string;
  /** The oldest version of TLS that will do; 1.2 if absent. */
  minTls?: '1.2' | '1.3';
  /** The version of HTTP that is spoken over TLS; if absent or `auto`, the one that a browser would speak. */
  http?: 'auto' | 1 | 2;
};

/** One request to one server, as sent to a prober. Probers know nothing else: no site, no history, no configuration. */
export type ProbeRequest = Question & {
  /** Returned in the observation; unique within one batch. */
  id: string;
  /** IPv4, IPv6 or a host name to connect to; the URL's own host is never resolved. */
  address: string;
  /** Names of those headers whose values are secrets: nothing that is told of the probe repeats them. */
  secretHeaders?: string[];
  /** Over TLS, after a probe that passes: a hello as large as a browser's is offered too, and its outcome told apart. */
  browserHello?: boolean;
  /** An answer that took longer is `slow`. */
  slowAfterMs?: number;
  /** Total time for the probe, name resolution and body included. */
  timeoutMs: number;
};

/** `passed`; `failed`: the site's fault; `unknown`: ours (no descriptors, no CPU, no such network). */
export type Outcome = 'passed' | 'failed' | 'unknown';

/** The outcome of one probe. Codes are stable; `detail` is for people. */
export type Observation = {
  id: string;
  outcome: Outcome;
  /** `ok`, or a stable reason such as `refused`, `timeout-response`, `status`, `tls-name`: see `core/probe/outcome.ts`. */
  code: string;
  /** One plain phrase with what was received, never longer than 200 characters. */
  detail: string;
  status?: number;
  /** The address that was connected to last. */
  remoteAddress?: string;
  /**
   * From when until when the certificate is valid that ends first, of the server's own and those above it; milliseconds since 1970,
   * and only of one that is trusted.
   */
  certificateStartsMs?: number;
  certificateExpiresMs?: number;
  /** The authority whose certificate that is, if it is not the server's own. */
  certificateAuthority?: string;
  /** What came of a hello as large as a browser's, where one was offered; it counts for no verdict. */
  browserHello?: BrowserHello;
  /** Milliseconds spent, by phase, as far as the probe got; over all connections if redirects were followed. */
  phases: { dnsMs?: number; connectMs?: number; tlsMs?: number; firstByteMs?: number; totalMs: number };
};

/** What the controller sends to a prober. */
export type ProberEvent = {
  probes: ProbeRequest[];
  /** Time for the whole batch, milliseconds; what has not ended by then is `unknown`, code `batch-deadline`. */
  deadlineMs: number;
  /** Never reaches a prober: it goes to the function of the dead-man alarm instead, and `probes` is empty. */
  heartbeat?: Heartbeat;
};

/** Proof that rounds are still being decided: the dead-man alarm counts that it comes, and people read what it says. */
export type Heartbeat = {
  deployment: string;
  /** Rounds decided since this controller's last heartbeat: at least 1, or none is sent. */
  roundsDecided: number;
};

/** What a prober answers: one observation a probe, in the order asked. */
export type ProberAnswer = { observations: Observation[] };
