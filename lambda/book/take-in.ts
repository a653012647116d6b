import { isoTime } from '../core/base/time.ts';
import { merge } from '../core/state/merge.ts';
import { emptyState, parseState, type SiteState } from '../core/state/site-state.ts';
import type { Stored } from '../ports.ts';
import type { Book, BookEntry } from './book.ts';
import { change } from './change.ts';

/**
 * What this controller knows for itself. Who has never read the table took the zone as it is, and did not see that
 * somebody moved it: what it holds is no write of theirs, unless they made it.
 */
export const ownState = ({ state, stored, appliedEpoch }: BookEntry): SiteState => {
  const { written, ...rest } = state;
  return stored === undefined && written?.epoch !== appliedEpoch ? rest : state;
};

/**
 * Takes in a document that was read. What has changed here and is not stored yet goes on top of it. One that this
 * version cannot read is left, and never overwritten.
 */
export const takeIn = (book: Book, entry: BookEntry, document: Stored | undefined): void => {
  const { site, stored: base = emptyState() } = entry;
  const own = ownState(entry);
  // Nobody else has written it.
  if (entry.version === (document?.version ?? 0)) return;
  if (document === undefined) {
    entry.version = 0;
    delete entry.stored;
    entry.stateLost = true;
    return;
  }
  const found = parseState(document.text);
  entry.unreadable = found === undefined;
  if (found === undefined) {
    logUnreadable(book, site.name);
    return;
  }
  change(book, site, () => merge(base, own, found));
  entry.version = document.version;
  entry.stored = found;
  entry.stateLost = false;
  const epoch = found.written?.epoch ?? 0;
  // A switch that was applied there was logged there.
  entry.applied = entry.applied.filter(
    (line) => line.event !== 'switch' || line.epoch > epoch || found.intent?.epoch === line.epoch,
  );
  // The zone was held against less than that, so it may be no edit. Nor is it listed again for this: a writer that is
  // over must not find as its own what a successor left with names that only that one has, and take them away.
  if (epoch > (own.written?.epoch ?? 0)) entry.othersWrites += 1;
};

const logUnreadable = ({ clock, log }: Book, site: string): void =>
  log({
    event: 'error',
    code: 'state-unreadable',
    message: `The stored state of ${site} is not one this version understands; it is left as it is and nothing is saved.`,
    at: isoTime(clock.now()),
    site,
  });
