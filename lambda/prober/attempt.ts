import type { Socket } from 'node:net';
import { type Code, type Phase, TIMEOUTS } from '../core/probe/outcome.ts';
import type { Observation } from '../core/probe/request.ts';
import type { ChainEnd } from './chain-end.ts';
import type { Stalls } from './stalls.ts';

/** One probe under way: how far it is, what that took, and how to break it off. */
export type Attempt = {
  phase: Phase;
  phaseStartedAt: number;
  phases: Observation['phases'];
  startedAt: number;
  /** The socket of the last dial, to be hung up at the end whatever happened, and what tells that it is closed. */
  socket?: Socket;
  closed?: Promise<unknown>;
  /** The address of the last dial. */
  remoteAddress?: string;
  status?: number;
  /** From when until when the chain of the server's certificate is valid. */
  certificate?: ChainEnd | undefined;
  /** The TLS layer turned the certificate down. */
  distrusted: boolean;
  /** The certificates that a server sent (DER) that the TLS layer turned down, if they were looked at; the server's own is the first. */
  sent?: readonly Buffer[] | undefined;
  /** A check of ours on the certificate went wrong, which says nothing of the certificate. */
  defect?: boolean;
  /** Makes what the probe is waiting for reject. */
  cancel: () => void;
  /** Why it was broken off; the first reason stands. */
  brokenOff?: Code;
  over: boolean;
};

export const startAttempt = (): Attempt => {
  const now = performance.now();
  return {
    phase: 'dns',
    phaseStartedAt: now,
    phases: { totalMs: 0 },
    startedAt: now,
    distrusted: false,
    cancel: () => {},
    over: false,
  };
};

/** Now, on a clock that only measures: milliseconds. */
export const instant = (): number => performance.now();

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** Milliseconds since `since`, to a tenth: more is noise, and a batch's answer is shorter. */
export const elapsedMs = (since: number): number => tenths(performance.now() - since);

/** Notes the time of the phase that has just ended; a probe that follows redirects goes through each phase several times. */
export const endPhase = (attempt: Attempt, name: keyof Observation['phases']): void => {
  attempt.phases[name] = tenths((attempt.phases[name] ?? 0) + elapsedMs(attempt.phaseStartedAt));
};

export const enterPhase = (attempt: Attempt, phase: Phase): void => {
  attempt.phase = phase;
  attempt.phaseStartedAt = performance.now();
};

/** Says how to end what the probe now waits for; done at once if the probe was broken off in the meantime. */
export const onBreakOff = (attempt: Attempt, cancel: () => void): void => {
  attempt.cancel = cancel;
  if (attempt.brokenOff !== undefined) cancel();
};

export const breakOff = (attempt: Attempt, code: Code): void => {
  if (attempt.over || attempt.brokenOff !== undefined) return;
  attempt.brokenOff = code;
  attempt.cancel();
};

/** The time by which all probes of a batch must be over. */
export type Deadline = {
  /** Runs something once it has passed, or at once; returns what takes that back. */
  onPassed(run: () => void): () => void;
};

/** An AbortSignal does the same, but goes through all that listen whenever one begins or ends to. */
export const newDeadline = (): Deadline & { pass(): void } => {
  const waiting = new Set<() => void>();
  let hasPassed = false;
  return {
    onPassed(run) {
      if (hasPassed) run();
      waiting.add(run);
      return () => void waiting.delete(run);
    },
    pass() {
      hasPassed = true;
      for (const run of waiting) run();
    },
  };
};

/** The share of its time that a probe may lose to stalls of our own without being given it back. */
const TOLERATED_SHARE = 0.05;

/**
 * Gives an attempt `timeoutMs`, counted from now. A server is not blamed for time in which we did not listen: what was lost to
 * stalls is added, so that a silent server is still found to be silent by a busy prober. A probe to which more than its whole
 * time would have to be added is `starved`. Returns what lifts the limit.
 */
export const limitAttempt = (
  attempt: Attempt,
  timeoutMs: number,
  stalls: Pick<Stalls, 'lostMs'>,
): (() => void) => {
  const startedAt = performance.now();
  const lostBefore = stalls.lostMs();
  let addedMs = 0;
  let lastLook: NodeJS.Immediate | undefined;
  const onTime = () => {
    const listenedMs = performance.now() - startedAt - (stalls.lostMs() - lostBefore);
    const missingMs = timeoutMs - listenedMs;
    if (missingMs <= timeoutMs * TOLERATED_SHARE) {
      // Timers run before sockets are read: an answer that has arrived already must be seen first.
      lastLook = setImmediate(() => breakOff(attempt, TIMEOUTS[attempt.phase]));
      return;
    }
    addedMs += missingMs;
    if (addedMs > timeoutMs) breakOff(attempt, 'starved');
    else timer = setTimeout(onTime, missingMs);
  };
  let timer = setTimeout(onTime, timeoutMs);
  return () => {
    clearTimeout(timer);
    if (lastLook !== undefined) clearImmediate(lastLook);
  };
};
