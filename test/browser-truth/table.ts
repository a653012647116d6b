import { readFileSync } from 'node:fs';

/** Both as they stand in `shown.md`: what a careful probe of the same server should say. */
export type Verdict = 'passed' | 'failed';

/** One line of `shown.md`: a server, and what Chromium and Firefox show of it. */
export type Line = {
  id: string;
  /** The heading above it. */
  section: string;
  /** What the server does. */
  what: string;
  verdict: 'both show' | 'neither shows' | 'both in part' | 'they differ';
  chromium: string;
  firefox: string;
};

const SECTION = /^## (.+?)(?: \(.*)?$/;
const VERDICTS: ReadonlySet<string> = new Set(['both show', 'neither shows', 'both in part', 'they differ']);

/** All lines of `shown.md`, in its order. */
export const linesOf = (markdown: string): Line[] => {
  let section = '';
  const lines: Line[] = [];
  for (const text of markdown.split('\n')) {
    section = SECTION.exec(text)?.[1] ?? section;
    const [, id = '', what = '', verdict = '', chromium = '', firefox = ''] = text.split(/ ?\| ?/);
    if (!VERDICTS.has(verdict)) continue;
    lines.push({ id, section, what, verdict: verdict as Line['verdict'], chromium, firefox });
  }
  return lines;
};

export const LINES = linesOf(readFileSync(new URL('./shown.md', import.meta.url), 'utf8'));

/**
 * What browsers make of a server, as a verdict. Where the two differ, Chromium's counts. A page that is shown in part is
 * shown: that its end is missing is a reason for an exception, and stands there.
 */
export const browsersSay = ({ verdict, chromium }: Line): Verdict => {
  if (verdict === 'both show' || verdict === 'both in part') return 'passed';
  if (verdict === 'neither shows') return 'failed';
  return /^shows (?:it|the text)\b/.test(chromium) ? 'passed' : 'failed';
};
