import type { Assessments } from '../assess/assess.ts';
import type { Work } from '../async/work.ts';
import type { Book } from '../book/book.ts';
import { mustGet } from '../core/base/must-get.ts';
import type { Site } from '../core/site/site.ts';
import type { Pacer, World, ZonePorts } from '../ports.ts';
import type { Listings } from '../zones/listing.ts';

/** What lets a site's writes through, and how they get on. */
export type Gate = {
  /** Writes in a row that failed in a way that may pass, since the write of `failedAfter` was seen applied. */
  failedWrites: number;
  failedAfter?: number | undefined;
  /**
   * No write is tried before this time, milliseconds: a refusal for want of permission does not mend within seconds.
   */
  holdWritesUntilMs: number;
  /** When it was last let go to move by itself, milliseconds. */
  movedMs?: number;
  /** Since when it should move and has not, milliseconds; which move that is; and whether that is being watched. */
  dueSinceMs?: number;
  dueMove?: string;
  dueWatched: boolean;
  /** How a move of the site's address is getting on: see `move-address.ts`. */
  addressMove?: { sinceSeconds: number; heldMs: number; failed: number };
};

/** How a zone's line of work is getting on. */
export type Progress = {
  /** Since when no step of it has succeeded, milliseconds: since the last that did, or the first try after a rest. */
  stuckMs: number;
  /** When its last step began or ended, milliseconds. */
  touchedMs: number;
  /** What it waits for or failed at, for people: the end of a sentence that began with what is not done. */
  waitsFor: string;
};

export type ApplyPorts = ZonePorts & Pick<World, 'pacerOf' | 'memory' | 'nonce'>;

/** What is decided, made so in zones and at addresses. */
export type Apply = ApplyPorts & {
  work: Work;
  book: Book;
  listings: Listings;
  assessments: Assessments;
  gates: ReadonlyMap<Site, Gate>;
  /** By zone. */
  progress: Map<string, Progress>;
  /** Change tokens of writes that are decided and not sent yet, by the account whose they are. */
  claimedTokens: Map<Pacer, number>;
};

export const openApply = (ports: ApplyPorts, book: Book, assessments: Assessments): Apply => ({
  ...ports,
  work: book.work,
  book,
  listings: assessments.listings,
  assessments,
  gates: new Map(
    ports.config.sites.map((site) => [site, { failedWrites: 0, holdWritesUntilMs: 0, dueWatched: false }]),
  ),
  progress: new Map(),
  claimedTokens: new Map(),
});

export const gateOf = ({ gates }: Pick<Apply, 'gates'>, site: Site): Gate => mustGet(gates, site);

/** A line that has tried nothing for so long begins again: what it failed at before says nothing of now. */
const REST_MS = 30_000;

/** Notes what a zone's line waits for, or failed at: people read it where a move is due and not made. */
export const waitFor = ({ clock, progress }: Apply, zone: string, waitsFor: string): void => {
  const nowMs = clock.now();
  const { stuckMs = nowMs, touchedMs = 0 } = progress.get(zone) ?? {};
  const isRested = nowMs - touchedMs > REST_MS;
  progress.set(zone, { stuckMs: isRested ? nowMs : stuckMs, touchedMs: nowMs, waitsFor });
};

/** Notes that a step of a zone's line was done. */
export const succeeded = ({ clock, progress }: Apply, zone: string): void => {
  const nowMs = clock.now();
  progress.set(zone, { stuckMs: nowMs, touchedMs: nowMs, waitsFor: '' });
};
