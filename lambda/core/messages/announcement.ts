import { clockTime } from '../base/time.ts';
import { linkedDashboard } from '../site/dashboard.ts';
import type { Config, Site } from '../site/site.ts';
import type { OrderNotice } from '../state/answered-order.ts';
import { type Severity, severityOf } from '../state/headline.ts';
import type { DeploymentNews, News, SiteNews } from '../state/news.ts';
import type { Notice } from '../state/notice.ts';
import { byOrder } from './by-person.ts';
import { concernedBy, tagsOf } from './concerned.ts';
import { deploymentLetter } from './deployment.ts';
import { wrapped } from './layout.ts';
import { type Letter, paragraphs } from './letter.ts';
import { withHeadline } from './several.ts';
import { siteLetter } from './site-letter.ts';

/** What is published of a notice: its words, and what tells it from others. */
export type Announcement = Omit<Notice, 'news' | 'claim' | 'told'> & {
  severity: Severity;
  subject: string;
  text: string;
  /** Those of the sites that it is about, for filters; absent where there are none. */
  tags?: string[];
  /** Nothing could be stored, so no outbox has it: the process alone remembers that it was published. */
  unstored?: true;
  /** Of a message about many sites: each of them, with the subject that it would have had alone. */
  sites?: { site: string; kind: string; subject: string }[];
};

/** SNS takes UTF-8 subjects without control characters of less than 100 characters; a longer one fails the whole message. */
const LONGEST_SUBJECT = 99;

/** So many characters of a site's name stay in a subject at least: the incident begins with its first label, too. */
const LEAST_OF_NAME = 4;

/** With a name of a site that is as much shorter as it takes, so that what comes after it stays: who did what, and until when. */
const withShorterName = (text: string, name: string | undefined, most: number): string => {
  const excess = text.length - most;
  if (name === undefined || excess <= 0 || !text.includes(name)) return text;
  const left = Math.max(LEAST_OF_NAME, name.length - excess - 1);
  return left + 1 >= name.length ? text : text.replace(name, () => `${name.slice(0, left)}…`);
};

/**
 * A subject that SNS accepts: `HEADLINE text [incident]`, on one line. In too long a text the name of the site is shortened, then its end
 * is cut with an ellipsis; the incident stays, since mails are found by it. SNS wants a letter, digit or mark first.
 */
export const subjectLine = (incident: string, text: string, site?: string): string => {
  // Control and format characters (line breaks, bidirectional marks) go; code points count, so no character is cut in two.
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  const end = `[${incident}]`;
  const most = LONGEST_SUBJECT - end.length - 1;
  const clean = [...withShorterName(plain.replace(/^[^\p{L}\p{N}\p{P}]+/u, '').trim(), site, most)];
  const isLong = clean.join('').length > most;
  while (isLong && clean.join('').length > most - 1) clean.pop();
  const kept = clean.join('').trimEnd();
  return `${kept}${isLong ? '…' : ''} ${end}`.trim();
};

/**
 * With its headline and a safe subject; in the first line the time (a mail may arrive much later), who and what; at the end where the
 * dashboard is, on a line of its own since mail programs make a link of that; and the incident's id in subject and text.
 */
export const inWords = (
  config: Config,
  known: Omit<Announcement, 'subject' | 'text'>,
  { subject, lead, text }: Letter,
): Announcement => {
  const first = `${clockTime(known.atMs)}: ${lead}`;
  const url = linkedDashboard(config);
  const link = url === undefined ? '' : `The dashboard of ${config.deployment}:\n${url}`;
  const last = `Incident ${known.incident} (${known.kind}, ${known.severity})`;
  const body = [first, text, link, last].filter((part) => part !== '').join('\n\n');
  return { ...known, subject: subjectLine(known.incident, subject, known.site), text: wrapped(body) };
};

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
    const made = letter();
    return { ...made, subject: withHeadline(news, made.subject) };
  } catch {
    const lead = 'This version has no words for what has happened. What was noted:';
    return { subject: `${site}: ${kind}`, lead, text: JSON.stringify(news) };
  }
};

const noted = (letter: Letter, note: string | undefined): Letter =>
  note === undefined ? letter : { ...letter, text: paragraphs(letter.text, note) };

const severityOr = (news: News): Severity => {
  try {
    return severityOf(news);
  } catch {
    return 'warning';
  }
};

const announced = <N extends News>(
  config: Config,
  { news, claim: _, told: __, ...known }: Notice<N>,
  letter: (news: N) => Letter,
  note?: string,
): Announcement => {
  const severity = severityOr(news);
  return news.type === 'worded'
    ? { ...known, severity, subject: news.subject, text: news.text }
    : inWords(
        config,
        { ...known, severity },
        noted(
          letterOr(known, news, () => letter(news)),
          note,
        ),
      );
};

/** Each tag of these sites once: a message that one filter of a team has to let through has them all. */
export const tagsOfSites = (sites: readonly Site[]): { tags?: string[] } => someTags(tagsOf(sites));

/** SNS takes no empty list. */
const someTags = (tags: string[]): { tags?: string[] } => (tags.length === 0 ? {} : { tags });

/**
 * What is told along with the news of a site. `note`: what is to be known of the site that has nothing to do with what happened, as a
 * paragraph. `orders`: those of persons of which the news is what came.
 */
export type Along = { note?: string | undefined; orders?: readonly OrderNotice[] | undefined };

/** A notice of a site in words. What an earlier version worded already stays as it is. */
export const announcementOf = (
  site: Site,
  config: Config,
  notice: Notice<SiteNews>,
  { note, orders = [] }: Along = {},
): Announcement => {
  const { atMs } = notice;
  const letter = (news: SiteNews) => byOrder(siteLetter(news, { site, config, atMs }), news, orders);
  return { ...announced(config, notice, letter, note), ...tagsOfSites([site]) };
};

/** The subject of a site's notice as it is before it is shortened, without its incident. */
export const subjectOf = (site: Site, config: Config, { news, atMs, ...known }: Notice<SiteNews>): string =>
  news.type === 'worded'
    ? news.subject.replace(/ \[[^\]]*\]$/, '')
    : letterOr(known, news, () => siteLetter(news, { site, config, atMs })).subject;

/** The same of the deployment as a whole. */
export const announcementOfAll = (config: Config, notice: Notice<DeploymentNews>): Announcement => ({
  ...announced(config, notice, (news) => deploymentLetter(news, config)),
  ...someTags(concernedBy(notice.news, config)),
});
