import type { About, Finding } from '../state/finding.ts';
import { CATALOGUE, type Code } from './catalogue.ts';

/** A finding of the catalogue's kind `code`, with what was seen. Its mend is to be followed as it stands: it names the site and `server`. */
export const finding = (code: Code, about: About, what: string, server?: string): Finding => {
  const { mend, ...kind } = CATALOGUE[code];
  const named = mend
    .replaceAll(/\bSITE\b/g, about.site ?? 'SITE')
    .replaceAll(/\bSERVER\b/g, server ?? 'SERVER');
  return { code, ...kind, mend: named, ...about, what };
};

/** What tells one finding from another of the same kind, whatever numbers its text has. */
export const keyOf = ({ code, site, zone }: Finding): string => `${code} ${site ?? zone ?? '*'}`;

/** `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? 'none') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `50 s`, `15 min`, `2 h`, `2 days`: a TTL as people say it. */
export const ttlText = (seconds: number): string => {
  if (seconds < 180) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
};
