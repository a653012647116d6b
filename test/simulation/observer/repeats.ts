import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { Trouble } from '../world/troubles.ts';
import { type Chronicle, troubled } from './chronicle.ts';

const MINUTE = 60_000;
const WITHIN_MS = 10 * MINUTE;
const MOST = 4;

/** What stays as it is for a while, and is told when it begins and then hourly. Servers and modes may come and go. */
const LASTING = [
  'found',
  'visible',
  'write-refused',
  'store-away',
  'zone-unreadable',
  'state-lost',
  'unread',
];

/** After these the same news may come again: nobody knows what was told, or who told it. */
const forgets = (t: Trouble): boolean =>
  ['process', 'clock', 'schedule', 'table', 'zone', 'edit', 'deploy'].includes(t.kind) ||
  (t.kind === 'edge' && t.edge === 'topic');

const wordsOf = (subject: string): string => subject.replace(/ \[[^\]]*\]$/, '');

/** 9. Trouble is told once and then hourly, not once for each controller. Answers what was told too often, called before the mail is filed. */
export const toldTooOften = (chronicle: Chronicle, mail: Announcement, nowMs: number): string | undefined => {
  if (!LASTING.includes(mail.kind)) return undefined;
  const words = wordsOf(mail.subject);
  const again = chronicle.mails.filter(
    ({ atMs, kind, subject }) => kind === mail.kind && nowMs - atMs < WITHIN_MS && wordsOf(subject) === words,
  );
  if (again.length < MOST || troubled(chronicle, forgets, nowMs - WITHIN_MS, nowMs)) return undefined;
  return `${mail.kind} was told ${again.length + 1} times within ten minutes: ${words}`;
};
