import type { ChannelKind } from '../site/alerts.ts';

/**
 * What a service answered, or why it did not. `body` is its beginning, and empty of an answer that took the message; of AWS it is there
 * always, since a call that succeeded may have taken nothing.
 */
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
  if (kind === 'eventBridge') return verdictOnEntry(answer);
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

/** Errors of EventBridge after which another try may succeed, of an entry or of the whole call (API reference, PutEventsResultEntry). */
const PASSING_ERRORS = ['InternalFailure', 'InternalException', 'ThrottlingException'];

/** What it answers: of each entry what became of it, or of the whole call why it was refused. */
type EntryReply = {
  FailedEntryCount?: unknown;
  Entries?: { ErrorCode?: string; ErrorMessage?: string }[];
  __type?: string;
  message?: string;
  Message?: string;
};

/** Characters of what it says that are shown. */
const SHOWN = 300;

const parsed = (body: string): EntryReply => {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
};

/**
 * EventBridge takes a call and says in it which entries failed. We send one entry a call. Where it takes none and names no error, it is sent
 * again: whoever listens knows by the event's id that it came twice.
 */
const verdictOnEntry = ({ status, body }: { status: number; body: string }): Verdict => {
  const reply = parsed(body);
  if (status === 200 && reply.FailedEntryCount === 0) return { kind: 'taken', why: `answered ${status}` };
  const failed = reply.Entries?.find((entry) => entry.ErrorCode !== undefined);
  const code = failed?.ErrorCode ?? reply.__type?.replace(/^.*#/, '');
  const message = failed?.ErrorMessage ?? reply.message ?? reply.Message ?? '';
  const words = code === undefined ? body : `${code}: ${message}`;
  const why = `answered ${status}${words === '' ? '' : ` ${JSON.stringify(words.slice(0, SHOWN))}`}`;
  const isPassing = code === undefined ? status < 400 : PASSING_ERRORS.includes(code);
  return { kind: isPassing || status >= 500 ? 'later' : 'refused', why };
};
