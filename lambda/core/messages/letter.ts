import type { Config, Site } from '../site/site.ts';

/** Subject and text of a message, before it gets its incident and its time. */
export type Letter = { subject: string; text: string };

/** Whom a letter is about, and when it happened, milliseconds. */
export type Context = { site: Site; config: Config; atMs: number };

/** The paragraphs of a letter, in order, without those that have nothing to say. */
export const paragraphs = (...all: (string | undefined)[]): string =>
  all.filter((one) => one !== undefined).join('\n\n');
