import type { Slots } from '../async/pool.ts';
import type { LogLine } from '../contract.ts';
import { isoTime } from '../core/base/time.ts';
import type { Look } from '../core/evidence/judge.ts';
import type { Pace } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import type { Blind, KnownDeployment } from '../core/state/deployment-state.ts';
import { emptyState, type SiteState } from '../core/state/site-state.ts';
import type { Assessment } from '../core/steps/assessment.ts';
import type { Association } from '../core/zone/moved-address.ts';
import { presumed, type ZoneView } from '../core/zone/zone-view.ts';
import type { World } from '../ports.ts';

/** One site as a controller holds it during its term. */
export type Watched = {
  site: Site;
  /** Replaced by `change` alone. */
  readonly state: SiteState;
  /** Version of the stored state; `undefined` while the store could not be read, when nothing may be saved. */
  version?: number;
  /** What is stored, as it was last read or saved. Absent where nothing is, or nothing is known of it. */
  stored?: SiteState;
  /** The store could be read and held nothing for this site. */
  stateLost: boolean;
  /** What is stored was written by a version that this one does not understand: nothing is saved over it, and nothing moves. */
  unreadable: boolean;
  /** How the zone's last listing shows the site; absent until it could be listed. */
  view?: ZoneView;
  /** When that listing was asked for, milliseconds of the steady clock. */
  listedMs?: number;
  /** Where the site's Elastic IP was at that listing; absent when EC2 did not tell. */
  association?: Association;
  /** How a move of the site's address is getting on: see `apply/move-address.ts`. */
  addressMove?: { sinceSeconds: number; heldMs: number; failed: number };
  /** An edit seen in a listing, to be believed when a later one shows it too. */
  editSeen?: { detail: string; sinceMs: number; confirmed: boolean };
  /** The epoch of the last write that this controller saw land. */
  landedEpoch?: number;
  /** Switches that the zone shows and that are not logged yet. */
  landed: LogLine[];
  /** Something that matters could not be stored, so the stored healths are older than this controller's. */
  unstored: boolean;
  /** Looks at it that are not judged yet, and the end of the last of them: they are judged in order of start. */
  underWay: number;
  looks: Promise<void>;
  /** How many calls of each vantage about this site are not answered yet. */
  unanswered: Map<string, number>;
  /** The save that is under way: the next one waits for it, since only its answer tells the version. */
  saving?: Saving;
  /** Since when it should move and has not, milliseconds; which move that is; and whether that is being watched. */
  dueSinceMs?: number;
  dueMove?: string;
  dueWatched: boolean;
  blindRounds: number;
  /** Writes in a row that failed in a way that may pass. */
  failedWrites: number;
  /** When it was last let go to move by itself, milliseconds. */
  movedMs?: number;
  /** No write is tried before this time, milliseconds: a refusal for want of permission does not mend within seconds. */
  holdWritesUntilMs: number;
  lastLaunchMs: number;
  nextLookMs: number;
  pace: Pace;
  /** A move back waits only for a round in which all vantages look. */
  moveWaits: boolean;
  lastLook?: Look;
  assessment?: Assessment;
};

/**
 * A save under way. `soon` ends with its answer, or when it is late: from then on nobody waits for it. `draftedMs`: when what is under
 * way was sent, milliseconds of the steady clock.
 */
export type Saving = { late: boolean; soon: Promise<boolean>; draftedMs: number };

/** How a zone's line of work is getting on. */
export type Progress = {
  /** Since when no step of it has succeeded, milliseconds: since the last that did, or the first try after a rest. */
  stuckMs: number;
  /** When its last step began or ended, milliseconds. */
  touchedMs: number;
  /** What it waits for or failed at, for people: the end of a sentence that began with what is not done. */
  waitsFor: string;
};

/** What one controller knows and holds. */
export type Watch = {
  /** Unlike any other controller's: under it this one claims what it tells. */
  id: string;
  sites: Watched[];
  /** The table could not be read; it did not take saves. Each is over only when that very thing works again. */
  readsAway: boolean;
  savesAway: boolean;
  /** The sites whose last save failed or is late. One may fail for itself; two are the table's. */
  failing: Set<Watched>;
  /** How many calls about the baton have failed since one was answered: meanwhile nobody knows who holds it. */
  batonFailures: number;
  /** A call of the table failed, and not merely is one late. */
  storeFailed: boolean;
  /** Keeps the number of saves that are under way within bounds. */
  saves: Slots;
  /** The document of the deployment was read, or could not be: before that nothing is saved over it. */
  deploymentRead: boolean;
  /** The save of it that is under way. */
  deploymentSaving?: Promise<unknown>;
  /** How the zones' lines of work are getting on, by zone. */
  progress: Map<string, Progress>;
  /** Settles when the controller stops starting anything new. */
  ends: Promise<void>;
  /** Work for which only the controller's end waits: nothing may outlive the function's answer. */
  work: Set<Promise<void>>;
  /** Change tokens of writes that are decided and not sent yet. */
  claimedTokens: number;
  /** When the baton was last seen to be ours, and when a state was last stored, milliseconds of the steady clock. */
  heldMs?: number;
  savedMs?: number;
  /** By how much the clock was ahead of the steady one, milliseconds, and how often it was set since: see `clock-jumps.ts`. */
  clockOffsetMs: number;
  jumps: number;
  /** Set when a newer controller holds the baton: nothing may be decided any more. */
  over: boolean;
  /** Start of the last round that was judged and whose healths are stored: what a successor may take for fresh. */
  lastRoundMs: number;
  /** The last defect of our own, as it was logged. */
  defect?: string;
  /** Rounds decided since the last heartbeat, and when that was sent. */
  roundsDecided: number;
  lastHeartbeatMs: number;
  /** Whose message is being published; and what this controller has told, which need not be struck off in the table yet. */
  telling: Set<string>;
  told: Set<string>;
  /** Tells what is owed now rather than at the teller's next look. */
  tell?: () => void;
  /** Ends the sleep until the next round is due, because something changed when that is. */
  wake?: () => void;
  /** Vantages that could not look when they were called last. */
  blindVantages: Map<string, Blind>;
  /** Vantages that saw something when they were called last. */
  seeingVantages: Set<string>;
  deployment: KnownDeployment;
};

/**
 * How a site stands. A zone that could not be listed is taken to be as we left it: what is due there is told, and done
 * only once it is listed.
 */
export const zoneViewOf = ({ site, view, state }: Watched): ZoneView | undefined =>
  view ?? presumed(site, state.written);

/** The sites of a zone: one listing tells how all of them stand. */
export const sitesOf = (watch: Watch, zone: string): Watched[] =>
  watch.sites.filter((w) => w.site.zone === zone);

export const watchSite = (site: Site, nowMs: number, intervalSeconds: number): Watched => ({
  site,
  state: emptyState(),
  stateLost: false,
  unreadable: false,
  landed: [],
  unstored: false,
  underWay: 0,
  looks: Promise.resolve(),
  unanswered: new Map(),
  dueWatched: false,
  blindRounds: 0,
  moveWaits: false,
  failedWrites: 0,
  holdWritesUntilMs: 0,
  lastLaunchMs: 0,
  nextLookMs: nowMs,
  pace: { full: true, everyMs: intervalSeconds * 1000 },
});

/** Notes a defect of our own: it is logged, and told directly by the teller. */
export const noteDefect = (world: World, watch: Watch, error: unknown, site?: string): void => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  watch.defect = site === undefined ? message : `${site}: ${message}`;
  const at = isoTime(world.clock.now());
  world.log({ event: 'error', code: 'internal', message, at, ...(site === undefined ? {} : { site }) });
};

/** Goes on with work beside everything else. A defect in it ends that work, and neither the process nor the watch. */
export const begin = (world: World, watch: Watch, work: () => Promise<void>): Promise<void> => {
  const done: Promise<void> = guarded(world, watch, work).finally(() => watch.work.delete(done));
  watch.work.add(done);
  return done;
};

const guarded = async (world: World, watch: Watch, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    noteDefect(world, watch, error);
  }
};
