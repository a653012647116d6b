import { findingsTogether, toldText } from '../doctor/together.ts';
import type { Config } from '../site/site.ts';
import type { NewsOf } from '../state/news.ts';
import { type Letter, paragraphs, section } from './letter.ts';

/** What the daily check found that is new. */
export const checkup = (
  { findings, count, sites, not, open }: NewsOf<'checkup'>,
  { deployment }: Config,
): Letter => {
  const unknown = open.count === 0 ? '' : `, ${open.count} not known`;
  const listed = findingsTogether(findings).map(({ code, told, why, mend }) =>
    [...told.map((one) => `  ${toldText(one)} (${code})`), `    ${why}`, `    ${mend}`].join('\n'),
  );
  const more =
    count > findings.length
      ? [`  and ${count - findings.length} more: "npm run switchover -- check --deployed" shows all`]
      : [];
  const verdict =
    not.count + open.count === 0
      ? ['  Every site would fail over as things stand.']
      : [...not.first, ...open.first].map((text) => `  ${text}`);
  return {
    subject: `${deployment}: ${count} new, ${not.count} of ${sites} sites would not fail over${unknown}`,
    lead: `The daily check of ${deployment} found ${count} new. ${not.count} of ${sites} sites would not fail over${unknown}.`,
    text: paragraphs(
      section(
        'What you can do',
        'Mend it while all is well. "npm run switchover -- check --deployed" looks again; docs/doctor.md explains each code.',
      ),
      ['What was found, each with why it matters and how to mend it', ...listed, ...more].join('\n'),
      ['What that means', ...verdict].join('\n'),
    ),
  };
};
