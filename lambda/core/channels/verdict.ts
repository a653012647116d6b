import type { ChannelKind } from '../site/alerts.ts';

/** What a service answered, or why it did not. `body` is its beginning, and empty of an answer that took the message. */
export type PostAnswer =
  | { status: number; retryAfter?: string | undefined; body: string }
  | { trouble: string };

/** What comes of one try. `why` is for people; nothing in it is a secret of ours. */
export type Verdict =
  | { kind: 'taken'; why: string }
  /** Another try may succeed, after `afterMs` where the service says so. */
  | { kind: 'later'; why: string; afterMs?: number }
  /** No other try will succeed before somebody changes something. */
  | { kind: 'refused'; why: string };

/** PagerDuty says "a few minutes" where it says nothing of its own; half a minute is what its limit of 120 a minute needs. */
const THROTTLED_MS = 30_000;

/** Statuses under 500 that a later try may not meet: too slow, too early, too many. */
const PASSING = [408, 425, 429];

const GONE = 410;

/** Seconds, which may have a fraction, or a date (RFC 9110, 10.2.3). Discord has it in its body, too. */
const waitMsOf = (retryAfter: string | undefined, body: string, nowMs: number): number | undefined => {
  const said = retryAfter ?? /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1];
  if (said === undefined) return undefined;
  const seconds = Number(said);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(said) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
};

/** What it means that a service answered so. Only 2xx is taken; a redirect is not followed, since it leads to somebody else. */
export const verdictOn = (answer: PostAnswer, kind: ChannelKind, nowMs: number): Verdict => {
  if ('trouble' in answer) return { kind: 'later', why: answer.trouble };
  const { status, retryAfter, body } = answer;
  const words = body === '' ? '' : ` ${JSON.stringify(body)}`;
  const why = `answered ${status}${words}`;
  if (status >= 200 && status < 300) return { kind: 'taken', why };
  if (status >= 300 && status < 400)
    return { kind: 'refused', why: `${why}, which leads elsewhere; write the URL that it leads to` };
  if (status === GONE && kind === 'webhook')
    return { kind: 'refused', why: `${why}: it wants no more messages; drop it from \`alerts\`` };
  if (status < 500 && !PASSING.includes(status)) return { kind: 'refused', why };
  const afterMs = waitMsOf(retryAfter, body, nowMs) ?? (status === 429 ? THROTTLED_MS : undefined);
  return { kind: 'later', why, ...(afterMs !== undefined && { afterMs }) };
};
