import type { Config, Site } from '../site/site.ts';

/**
 * A message before it gets its headline, its time and its incident. `subject` follows the headline. `lead` is what a phone shows: who,
 * what and since when, in as few words as it takes. `text` is the rest, in this order: what was done, what you can do, what was
 * seen, times, small print.
 */
export type Letter = { subject: string; lead: string; text: string };

/** Whom a letter is about, and when it happened, milliseconds. */
export type Context = { site: Site; config: Config; atMs: number };

/** The paragraphs of a letter, in order, without those that have nothing to say. */
export const paragraphs = (...all: (string | undefined)[]): string =>
  all.filter((one) => one !== undefined && one !== '').join('\n\n');

/** A paragraph with a title above it, each line below indented. */
export const section = (title: string, ...lines: string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join('\n');
