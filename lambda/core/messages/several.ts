import { clockTime } from '../base/time.ts';
import type { News, Several } from '../state/news.ts';
import type { Letter } from './letter.ts';

/** What could not be told in time, a line each. `owner`: whom it is about; `subjectOf`: the subject that each would have had. */
export const several = (
  { of, more }: Several,
  owner: string,
  subjectOf: (news: News, atMs: number) => string,
): Letter => {
  const before = more === 0 ? [] : [`${more} more before these, which are not kept`];
  const lines = of.map(({ atMs, incident, news }) => {
    const subject = news.type === 'worded' ? news.subject : `[${incident}] ${subjectOf(news, atMs)}`;
    return `${clockTime(atMs)}  ${subject}`;
  });
  return { subject: `${owner}: what could not be told in time`, text: [...before, ...lines].join('\n') };
};
