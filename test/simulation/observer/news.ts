import type { Told } from './observer-shape.ts';

/** News of many sites may come as one mail, in which each has a line or more: the subjects that they would have had alone. */
export const newsIn = ({ sites = [] }: Told): Told[] => sites.map((line) => ({ ...line, text: '' }));

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
