import { clockTime } from '../base/time.ts';
import { headlineOf } from '../state/headline.ts';
import type { News, Several, Worded } from '../state/news.ts';
import { type Letter, section } from './letter.ts';

/** A subject with how bad it is, in its first words. */
export const withHeadline = (news: News, subject: string): string => {
  const headline = headlineOf(news);
  return headline === undefined ? subject : `${headline} ${subject}`;
};

/** What an earlier version worded has no lead of its own. */
export const asWorded = ({ subject, text }: Worded): Letter => ({ subject, lead: '', text });

/** What could not be told in time, a line each. `owner`: whom it is about; `subjectOf`: the subject that each would have had. */
export const several = (
  { of, more }: Several,
  owner: string,
  subjectOf: (news: News, atMs: number) => string,
): Letter => {
  const before = more === 0 ? [] : [`${more} more before these, which are not kept`];
  const lines = of.map(({ atMs, incident, news }) => {
    const subject = news.type === 'worded' ? news.subject : `${subjectOf(news, atMs)} [${incident}]`;
    return `${clockTime(atMs)}  ${subject}`;
  });
  return {
    subject: `${owner}: what could not be told in time`,
    lead: `${of.length + more} messages about ${owner} could not be told in time. Of each the subject is kept.`,
    text: section('What they were', ...before, ...lines),
  };
};
