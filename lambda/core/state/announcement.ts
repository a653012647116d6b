import { fingerprint } from '../base/fingerprint.ts';
import { storedBytes } from '../base/stored-bytes.ts';
import { clockTime } from '../base/time.ts';
import type { Claim } from './claim.ts';

/** One thing to tell people. It is written down as owed before it is told, and struck off after. */
export type Announcement = {
  /** Unique: a reader who gets it twice can tell. */
  id: string;
  /** The decision's reason, or `server-down`, `server-up`, `vantage-blind`, `write-refused`, … */
  kind: string;
  site: string;
  incident: string;
  subject: string;
  text: string;
  /** When it happened, milliseconds. */
  atMs: number;
  /** Nothing could be stored, so nobody owes it: told directly, and remembered by the process alone. */
  unstored?: true;
  /** The epoch of the write that it tells of, where it tells of one. */
  epoch?: number;
  /** Which controller tells it, while it is stored as owed. */
  claim?: Claim;
};

/** SNS takes UTF-8 subjects without control characters of less than 100 characters; a longer one fails the whole message. */
const LONGEST_SUBJECT = 99;

/** A subject that SNS accepts: `[incident] text`, on one line, cut at 99 characters with an ellipsis. */
export const subjectLine = (incident: string, text: string): string => {
  // Control and format characters (line breaks, bidirectional marks) go; code points count, so no character is cut in two.
  const clean = [...`[${incident}] ${text}`.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()];
  if (clean.join('').length <= LONGEST_SUBJECT) return clean.join('');
  while (clean.join('').length > LONGEST_SUBJECT - 1) clean.pop();
  return `${clean.join('').trimEnd()}…`;
};

/** A short id for an incident of `site` opened at `openedMs`: `www-k3f9ab`. */
export const incidentId = (site: string, openedMs: number): string => {
  const label =
    site
      .split('.')[0]
      ?.replace(/[^a-z0-9-]/g, '')
      .slice(0, 16) || 'site';
  return `${label}-${Math.floor(openedMs / 1000)
    .toString(36)
    .slice(-6)}`;
};

/** What people read. `epoch`: of the write that it tells of, where it tells of one. */
export type News = { subject: string; text: string; epoch?: number };

/**
 * An announcement with a safe subject, its time in the first line (a mail may arrive much later), the incident's id in subject and text,
 * and an id of its own.
 */
export const announcement = (made: {
  site: string;
  incident: string;
  kind: string;
  words: News;
  atMs: number;
}): Announcement => ({
  id: `${made.incident}/${made.kind}/${made.atMs}/${fingerprint(made.words.subject)}`,
  kind: made.kind,
  site: made.site,
  incident: made.incident,
  subject: subjectLine(made.incident, made.words.subject),
  text: `${clockTime(made.atMs)}\n\n${made.words.text}\n\nIncident ${made.incident}`,
  atMs: made.atMs,
  ...(made.words.epoch !== undefined && { epoch: made.words.epoch }),
});

/** More than this is owed only when the topic has been away for long; the oldest are then told as one. Bytes as they are stored. */
const MOST_OWED = 150_000;
const KEPT_APART = 50_000;
/** Characters; each takes up to three bytes. */
const LONGEST_LIST = 30_000;

/**
 * Announcements owed, bounded: a stored document has a limit (DynamoDB: 400 KB), and being unable to tell people must not end in
 * being unable to remember. Every subject survives in one message; the texts of the oldest do not. `owner`: by which name people know
 * who owes them, where that is no site.
 */
export const bounded = (owed: Announcement[], owner?: string): Announcement[] => {
  if (storedBytes(owed) <= MOST_OWED) return owed;
  const recent = [...owed];
  const old: Announcement[] = [];
  while (recent.length > 1 && storedBytes(recent) > KEPT_APART) old.push(recent.shift() as Announcement);
  const first = old[0] as Announcement;
  const lines = old.map((a) => (a.kind === 'several' ? a.text : `${clockTime(a.atMs)}  ${a.subject}`));
  const told = announcement({
    site: first.site,
    incident: first.incident,
    kind: 'several',
    words: { subject: `${owner ?? first.site}: what could not be told in time`, text: '' },
    atMs: first.atMs,
  });
  return [{ ...told, text: lines.join('\n').slice(-LONGEST_LIST) }, ...recent];
};
