import { fingerprint } from './fingerprint.ts';

/**
 * One line of a site's history: what was seen, decided, written, told, and by whom. It is saved with the state first and
 * moved to an item of its own after, so that nothing that happened is lost with the function that did it.
 */
export type Entry = {
  /** Unique within the site, and the same when it is written twice. */
  id: string;
  atMs: number;
  what: 'seen' | 'decided' | 'written' | 'refused' | 'published' | 'visible' | 'told' | 'hand' | 'lost';
  /** One plain sentence. */
  text: string;
  /** Numbers behind the sentence, for `explain`. */
  detail?: Record<string, unknown>;
};

/** History is kept for this long: a year, and a month to look back on it. */
export const HISTORY_DAYS = 396;

/** Entries that wait for an item of their own; more wait only when the table refuses them for hours, and then the oldest go. */
const MOST_WAITING = 100;

/** `journal` with one more entry. The id keeps entries of one millisecond apart. */
export const noted = (journal: Entry[], entry: Omit<Entry, 'id'>): Entry[] => [
  ...journal.slice(1 - MOST_WAITING),
  { id: `${new Date(entry.atMs).toISOString()}#${entry.what}#${fingerprint(entry.text)}`, ...entry },
];
