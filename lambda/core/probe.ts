/** One request to one server, as sent to a prober. Probers know nothing else: no site, no history, no configuration. */
export type ProbeRequest = {
  /** Returned in the observation; unique within one batch. */
  id: string;
  /** The URL a visitor would ask for: scheme, host (Host header, SNI, certificate), port and path. */
  url: string;
  /** IPv4, IPv6 or a host name to connect to; the URL's own host is never resolved. */
  address: string;
  method: string;
  headers: Record<string, string>;
  expectStatus: number[];
  bodyIncludes?: string;
  bodyMatches?: string;
  /** Total time for the probe, name resolution and body included. */
  timeoutMs: number;
};

/** `passed`; `failed`: the site's fault; `unknown`: ours (no descriptors, no CPU, no such network). */
export type Outcome = 'passed' | 'failed' | 'unknown';

/** The outcome of one probe. Codes are stable; `detail` is for people. */
export type Observation = {
  id: string;
  outcome: Outcome;
  /** `ok`, or a stable reason such as `refused`, `timeout-response`, `status`, `tls-name`: see `core/outcome.ts`. */
  code: string;
  /** One plain phrase with what was received, never longer than 200 characters. */
  detail: string;
  status?: number;
  remoteAddress?: string;
  /** Milliseconds spent, by phase, as far as the probe got. */
  phases: { dnsMs?: number; connectMs?: number; tlsMs?: number; firstByteMs?: number; totalMs: number };
};

/** What the controller sends to a prober. */
export type ProberEvent = {
  probes: ProbeRequest[];
  /** Time for the whole batch, milliseconds; what has not ended by then is `unknown`, code `batch-deadline`. */
  deadlineMs: number;
  /** Printed by the prober as a metric of its region (`heartbeatLine` in `contract.ts`); `probes` may then be empty. */
  heartbeat?: Heartbeat;
};

/** Proof that rounds are still being decided: the dead-man alarm goes off when it stops coming. */
export type Heartbeat = {
  deployment: string;
  /** Rounds decided since this controller's last heartbeat: at least 1, or none is sent. */
  roundsDecided: number;
};

/** What a prober answers: one observation a probe, in the order asked. */
export type ProberAnswer = { observations: Observation[] };
