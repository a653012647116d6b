import { fingerprint } from '../base/fingerprint.ts';
import { storedBytes } from '../base/stored-bytes.ts';

/** What an entry of the history can be about: people ask for some of them alone. */
export const HISTORY_KINDS = [
  'seen',
  'decided',
  'written',
  'refused',
  'published',
  'visible',
  'told',
  'suppressed',
  'hand',
  'lost',
] as const;

/**
 * One line of a site's history: what was seen, decided, written, told or kept back, and by whom. It is saved with the state first
 * and moved to an item of its own after, so that nothing that happened is lost with the function that did it.
 */
export type Entry = {
  /** Unique within the site, and the same when it is written twice. */
  id: string;
  atMs: number;
  what: (typeof HISTORY_KINDS)[number];
  /** One plain sentence. */
  text: string;
  /** Numbers behind the sentence, for `explain`. */
  detail?: Record<string, unknown>;
};

/** An entry as it is answered to who asks. */
export type HistoryEntry = {
  site: string;
  /** ISO 8601 UTC. */
  at: string;
  what: Entry['what'];
  text: string;
  /** The numbers behind it. */
  detail?: Record<string, unknown>;
};

/** History is kept for this long: a year, and a month to look back on it. */
export const HISTORY_DAYS = 396;

/**
 * Entries that wait for an item of their own, and their bytes as they are stored; more wait only when the table refuses
 * them for hours, and then the oldest go: the state they are stored with has a limit (DynamoDB: 400 KB).
 */
const MOST_WAITING = 100;
const MOST_BYTES = 100_000;

/**
 * `history` with one more entry. The id keeps entries of one millisecond apart. `knownMs`: a moment by which whoever
 * finds the same knows it, so that what two controllers find at two moments is one entry.
 */
export const noted = (history: Entry[], entry: Omit<Entry, 'id'>, knownMs = entry.atMs): Entry[] => {
  const id = `${new Date(knownMs).toISOString()}#${entry.what}#${fingerprint(entry.text)}`;
  return boundedHistory([...history, { id, ...entry }]);
};

/** The newest entries that may wait; the last one always. */
export const boundedHistory = (history: Entry[]): Entry[] => {
  const all = history.slice(-MOST_WAITING);
  let bytes = 0;
  const first = all.findLastIndex((each) => {
    bytes += storedBytes(each);
    return bytes > MOST_BYTES;
  });
  return all.slice(Math.max(0, Math.min(first + 1, all.length - 1)));
};
