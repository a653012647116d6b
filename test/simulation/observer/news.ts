import type { Told } from './observer-shape.ts';

const MANY = / at \d+ sites of \S+ at once$/;
const SITE = /\b(?:www|alone-www)\d\.[a-z0-9.]+\b/;

/** The same kind of news of many sites may come as one mail, in which each has one line: its subject. */
export const newsIn = ({ kind, subject, text }: Told): Told[] => {
  if (!MANY.test(subject)) return [];
  const [list = ''] = text.split('\n\n');
  return list.split('\n').flatMap((line) => {
    const site = SITE.exec(line)?.[0];
    return site === undefined ? [] : [{ site, kind, subject: line.trim(), text: '' }];
  });
};

/** Kinds of mails that tell of a switch. */
const SWITCHES = [
  'failover',
  'recovered',
  'nowhere-better',
  'failback',
  'pointed',
  'created',
  'pinned',
  'members',
  'refresh',
  'adopted',
];

/** Whether one line among many tells that a site is served by `to` now. */
export const isLineOfSwitch = ({ kind, subject, text }: Told, to: string): boolean =>
  text === '' &&
  SWITCHES.includes(kind) &&
  (subject.includes(`${to} serves`) || subject.includes(`records of ${to} `));
