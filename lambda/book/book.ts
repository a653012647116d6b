import type { Bell } from '../async/bell.ts';
import { newSlots, type Slots } from '../async/pool.ts';
import type { Work } from '../async/work.ts';
import type { LogLine } from '../contract.ts';
import { mustGet } from '../core/base/must-get.ts';
import type { Site } from '../core/site/site.ts';
import { emptyDeployment, type KnownDeployment } from '../core/state/deployment-state.ts';
import { emptyState, type SiteState } from '../core/state/site-state.ts';
import type { Logging, World } from '../ports.ts';

/** What is known and stored of one site. */
export type BookEntry = {
  readonly site: Site;
  /** Replaced by `change` alone. */
  readonly state: SiteState;
  /** Version of the stored state; `undefined` while the store could not be read, when nothing may be saved. */
  version?: number;
  /** What is stored, as it was last read or saved. Absent where nothing is, or nothing is known of it. */
  stored?: SiteState;
  /** The store could be read and held nothing for this site. */
  stateLost: boolean;
  /**
   * What is stored was written by a version that this one does not understand: nothing is saved over it, and nothing
   * moves.
   */
  unreadable: boolean;
  /** Something that matters could not be stored, so the stored healths are older than this controller's. */
  unstored: boolean;
  /** The save that is under way: the next one waits for it, since only its answer tells the version. */
  saving?: Saving;
  /** The epoch of the last write that this controller saw applied. */
  appliedEpoch?: number;
  /** Switches that the zone shows and that are not logged yet. */
  applied: LogLine[];
  /** How often a write was read here that this controller did not know of. */
  othersWrites: number;
};

/**
 * A save under way. `soon` ends with its answer, or when it is late: from then on nobody waits for it. `draftedMs`:
 * when what is under way was sent, milliseconds of the steady clock.
 */
export type Saving = { late: boolean; soon: Promise<boolean>; draftedMs: number };

export type BookPorts = Logging & Pick<World, 'config' | 'store' | 'memory'>;

/** The states of a controller's sites: read, changed and saved in this room alone. */
export type Book = BookPorts & {
  /** Unlike any other controller's: under it this one claims what it tells. */
  id: string;
  work: Work;
  /** Rung when there may be something to publish. */
  tell: Bell;
  /** In the order of the configuration. */
  entries: ReadonlyMap<Site, BookEntry>;
  /** The table could not be read; it did not take saves. Each is over only when that very thing works again. */
  readsAway: boolean;
  savesAway: boolean;
  /** The sites whose last save failed or is late. One may fail for itself; two are the table's. */
  failing: Set<Site>;
  /** How many calls about the baton have failed since one was answered: meanwhile nobody knows who holds it. */
  batonFailures: number;
  /** A call of the table failed, and not merely is one late. */
  storeFailed: boolean;
  /** Keeps the number of saves that are under way within bounds. */
  saves: Slots;
  /** When a state was last stored, milliseconds of the steady clock. */
  savedMs?: number;
  /** The document of the deployment was read, or could not be: before that nothing is saved over it. */
  deploymentRead: boolean;
  /** The save of it that is under way. */
  deploymentSaving?: Promise<unknown>;
  deployment: KnownDeployment;
};

/** Documents of the state table written side by side. */
export const DOCUMENTS_AT_ONCE = 25;

/** The book of a controller that has read nothing yet. */
export const openBook = (
  ports: BookPorts,
  { id, work, tell }: { id: string; work: Work; tell: Bell },
): Book => ({
  ...ports,
  id,
  work,
  tell,
  entries: new Map(ports.config.sites.map((site) => [site, newEntry(site)])),
  readsAway: false,
  savesAway: false,
  failing: new Set(),
  batonFailures: 0,
  storeFailed: false,
  saves: newSlots(DOCUMENTS_AT_ONCE),
  deploymentRead: false,
  deployment: rememberedDeployment(ports),
});

const newEntry = (site: Site): BookEntry => ({
  site,
  state: emptyState(),
  stateLost: false,
  unreadable: false,
  unstored: false,
  applied: [],
  othersWrites: 0,
});

/**
 * The deployment as this process knew it last, where that could not be stored: what a controller begins with, until it
 * has read more.
 */
const rememberedDeployment = ({ memory }: BookPorts): KnownDeployment => ({
  ...(memory.deployment ?? { state: emptyDeployment(), version: 0 }),
});

export const entryOf = ({ entries }: Book, site: Site): BookEntry => mustGet(entries, site);

export const stateOf = (book: Book, site: Site): SiteState => entryOf(book, site).state;
