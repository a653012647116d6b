import { fingerprint } from '../base/fingerprint.ts';
import { clockTime } from '../base/time.ts';
import type { Config, Site } from '../site/site.ts';
import { DEPLOYMENT } from '../state/deployment-state.ts';
import type { DeploymentNews, News, SiteNews } from '../state/news.ts';
import { incidentId, type Notice } from '../state/notice.ts';
import { deploymentLetter } from './deployment.ts';
import type { Letter } from './letter.ts';
import { siteLetter } from './site-letter.ts';

/** What is published of a notice: its words, and what tells it from others. */
export type Announcement = Omit<Notice, 'news' | 'claim'> & {
  subject: string;
  text: string;
  /** Nothing could be stored, so no outbox has it: the process alone remembers that it was published. */
  unstored?: true;
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

/** With a safe subject, the time in the first line (a mail may arrive much later), and the incident's id in subject and text. */
const inWords = (known: Omit<Announcement, 'subject' | 'text'>, { subject, text }: Letter): Announcement => ({
  ...known,
  subject: subjectLine(known.incident, subject),
  text: `${clockTime(known.atMs)}\n\n${text}\n\nIncident ${known.incident}`,
});

/**
 * The letter, or the bare data where this version has no words for them: another version stored them. One such notice must not keep
 * the others from being told.
 */
const letterOr = (
  { site, kind }: Pick<Notice, 'site' | 'kind'>,
  news: News,
  letter: () => Letter,
): Letter => {
  try {
    return letter();
  } catch {
    const text = `What happened\n  This version has no words for it. What was noted:\n  ${JSON.stringify(news)}`;
    return { subject: `${site}: ${kind}`, text };
  }
};

/** A notice of a site in words. What an earlier version worded already stays as it is. */
export const announcementOf = (
  site: Site,
  config: Config,
  { news, claim: _, ...known }: Notice<SiteNews>,
): Announcement =>
  news.type === 'worded'
    ? { ...known, subject: news.subject, text: news.text }
    : inWords(
        known,
        letterOr(known, news, () => siteLetter(news, { site, config, atMs: known.atMs })),
      );

/** The same of the deployment as a whole. */
export const announcementOfAll = (
  config: Config,
  { news, claim: _, ...known }: Notice<DeploymentNews>,
): Announcement =>
  news.type === 'worded'
    ? { ...known, subject: news.subject, text: news.text }
    : inWords(
        known,
        letterOr(known, news, () => deploymentLetter(news, config)),
      );

/** Longest list of sites in one message: SNS takes 256 KiB, a tired person less. */
const SITES_LISTED = 200;

/** The same kind of news of many sites in one message: every subject, and the whole text of the first. */
export const digest = (all: readonly Announcement[], { deployment }: Config): Announcement => {
  const { kind, atMs, text } = all[0] as Announcement;
  const sites = new Set(all.map(({ site }) => site)).size;
  const listed = all.slice(0, SITES_LISTED).map(({ subject }) => `  ${subject}`);
  const more = all.length > SITES_LISTED ? [`  and ${all.length - SITES_LISTED} more`] : [];
  const subject = `${kind} at ${sites} sites of ${deployment} at once`;
  const incident = incidentId(deployment, atMs);
  const known = {
    id: `${incident}/${kind}/${atMs}/${fingerprint(subject)}`,
    kind,
    site: DEPLOYMENT,
    incident,
    atMs,
  };
  const happened = [`What happened, at ${sites} sites`, ...listed, ...more].join('\n');
  return inWords(known, { subject, text: [happened, `One of them in full\n\n${text}`].join('\n\n') });
};
