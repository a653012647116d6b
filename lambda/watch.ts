import type { LogLine } from './contract.ts';
import type { Blind, KnownDeployment } from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import type { Look } from './core/judge.ts';
import type { Holding } from './core/readdress.ts';
import type { Site } from './core/site.ts';
import type { Standing } from './core/standing.ts';
import { emptyState, parseState, type SiteState, withUnstored } from './core/state.ts';
import type { Pace } from './core/targets.ts';
import type { Considered } from './core/tell.ts';
import { isoTime, logFault, type World } from './world.ts';

/** One site as a controller holds it during its tenure. */
export type Watched = {
  site: Site;
  state: SiteState;
  /** Version of the stored state; `undefined` while the store could not be read, when nothing may be saved. */
  version?: number;
  /** What was last stored, reduced to what matters: see `material`. */
  saved: string;
  /** The store could be read and held nothing for this site. */
  stateLost: boolean;
  /** What is stored was written by a version that this one does not understand: nothing is saved over it, and nothing moves. */
  unreadable: boolean;
  /** How the zone's last listing shows the site; absent until it could be listed. */
  standing?: Standing;
  /** Where the site's Elastic IP was at that listing; absent when EC2 did not tell. */
  holding?: Holding;
  /** How a move of the site's address is getting on: see `carry.ts`. */
  carrying?: { sinceSeconds: number; heldMs: number; failed: number };
  /** An edit seen in a listing, to be believed when a later one shows it too. */
  editSeen?: { detail: string; sinceMs: number; confirmed: boolean };
  /** Switches that the zone shows and that are not logged yet. */
  landed: LogLine[];
  /** Something that matters could not be stored, so the stored healths are older than this controller's. */
  unstored: boolean;
  /** Rounds that look at it, and those of them that have looked and wait for their turn to be judged. */
  underWay: number;
  waiting: number;
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
  considered?: Considered;
};

/** What one controller knows and holds. */
export type Watch = {
  sites: Watched[];
  /** The baton's term; absent while the store is away and the baton could not be taken. */
  term?: number;
  storeAway: boolean;
  /** When the baton was last seen to be ours, and when a state was last stored, milliseconds of the steady clock. */
  heldMs?: number;
  savedMs?: number;
  /** By how much the clock was ahead of the steady one, milliseconds, and how often it was set since: see `jumps.ts`. */
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
  /** Heartbeats under way: nothing may outlive the function's answer. */
  heartbeats: Promise<void>;
  /** Tells what is owed now rather than at the teller's next look. */
  tell?: () => void;
  /** The store failed: it is left alone until then, milliseconds, so that it keeps no round waiting. */
  storeRetryMs: number;
  /** Ends the sleep until the next round is due, because something changed when that is. */
  wake?: () => void;
  /** Vantages that could not look when they were called last. */
  blindVantages: Map<string, Blind>;
  /** Vantages that saw something when they were called last. */
  seeingVantages: Set<string>;
  deployment: KnownDeployment;
};

/** The sites of a zone: one listing tells how all of them stand. */
export const sitesOf = (watch: Watch, zone: string): Watched[] =>
  watch.sites.filter((w) => w.site.zone === zone);

/** Runs a task between rounds: states are written one after the other. */
export type Queue = (task: () => Promise<void>) => Promise<void>;

/** A store that failed is asked again after this time. Each try may take seconds, and a failover must not wait for them. */
const STORE_PAUSE_MS = 5000;

export const watchSite = (site: Site, nowMs: number, intervalSeconds: number): Watched => ({
  site,
  state: emptyState(),
  saved: '',
  stateLost: false,
  unreadable: false,
  landed: [],
  unstored: false,
  underWay: 0,
  waiting: 0,
  blindRounds: 0,
  moveWaits: false,
  failedWrites: 0,
  holdWritesUntilMs: 0,
  lastLaunchMs: 0,
  nextLookMs: nowMs,
  pace: { full: true, everyMs: intervalSeconds * 1000 },
});

/**
 * Freshness moves with every round and is not worth a write; a wait that goes on is, each five minutes. Nor is each step of a
 * streak, only that it began: a thousand sites that fail together would else be written in each round, before any is moved. A
 * successor goes on from the count that was stored, which is never too high.
 */
const COARSE_MS = 300_000;
const material = (state: SiteState): string =>
  JSON.stringify(state, (key, value) => {
    if (key === 'freshMs') return undefined;
    if (key === 'streak') return { verdict: value.verdict, firstMs: value.firstMs };
    return key === 'lastDueMs' ? Math.floor(value / COARSE_MS) : value;
  });

/** What was owed by the state as it was last stored. */
export const owedIn = (saved: string): SiteState['owed'] => (saved === '' ? [] : JSON.parse(saved).owed);

/** Takes a stored document over into `watched`. One that this version cannot read is left, and never overwritten. */
export const takeOver = (
  world: World,
  watched: Watched,
  stored: { text: string; version: number } | undefined,
): void => {
  if (stored === undefined) {
    watched.version = 0;
    watched.saved = '';
    watched.stateLost = true;
    return;
  }
  const state = parseState(stored.text);
  watched.unreadable = state === undefined;
  if (state === undefined) {
    world.log({
      event: 'error',
      code: 'state-unreadable',
      message: `The stored state of ${watched.site.name} is not one this version understands; it is left as it is and nothing is saved.`,
      at: isoTime(world.clock.now()),
      site: watched.site.name,
    });
    return;
  }
  watched.state = state;
  watched.version = stored.version;
  watched.stateLost = false;
  watched.saved = material(state);
};

/**
 * Reads the states of `sites` again. What this controller could not store while the table was away stands: a failover that was made
 * meanwhile is still to be told. In-memory healths are kept, unless this controller slept and what is stored is fresher.
 */
export const reload = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  try {
    const stored = await world.store.load(sites.map((w) => w.site.name));
    for (const watched of sites) {
      const {
        state,
        state: { targets },
        saved,
      } = watched;
      takeOver(world, watched, stored.get(watched.site.name));
      // After a conflict what is stored is newer: what was decided before it is decided anew.
      if (watched.saved === saved) watched.state = state;
      else if (watch.storeAway) watched.state = withUnstored(watched.state, state, owedIn(saved));
      const isNewer = (watched.state.written?.epoch ?? 0) > (state.written?.epoch ?? 0);
      // The zone was held against less than that, so it may be no edit. Nor is it listed anew for this: a writer that is over must not
      // find as its own what a successor left with names that only that one has, and take them away.
      if (isNewer) delete watched.editSeen;
      const own = Object.entries(targets).filter(
        ([key, { freshMs }]) => freshMs >= (watched.state.targets[key]?.freshMs ?? 0),
      );
      watched.state = { ...watched.state, targets: { ...watched.state.targets, ...Object.fromEntries(own) } };
    }
    watch.storeAway = false;
  } catch (error) {
    storeFault(world, watch, error);
  }
};

export const storeFault = (world: World, watch: Watch, error: unknown): void => {
  // A defect of ours is none of the store's; it must not end the watch either.
  if (!(error instanceof Fault)) {
    noteDefect(world, watch, error);
    return;
  }
  if (!watch.storeAway) {
    logFault(world, 'store', error);
  }
  watch.storeAway = true;
  watch.storeRetryMs = world.clock.now() + STORE_PAUSE_MS;
};

/** Whether everything that matters about this site is stored. */
export const isSaved = ({ state, saved }: Watched): boolean => material(state) === saved;

/**
 * Saves the state if something that matters changed; answers whether it is stored now. Another writer (a hand, another
 * controller) wins: its state is read, and what this round meant to save is found again by the next one.
 */
export const save = async (world: World, watch: Watch, watched: Watched): Promise<boolean> => {
  const text = material(watched.state);
  watched.unstored = text !== watched.saved && !watched.unreadable;
  if (text === watched.saved) return true;
  if (watched.version === undefined || (watch.storeAway && world.clock.now() < watch.storeRetryMs))
    return false;
  try {
    watched.version = await world.store.save(
      watched.site.name,
      JSON.stringify(watched.state),
      watched.version,
    );
    watched.saved = text;
    watched.unstored = false;
    watch.storeAway = false;
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'conflict') await reload(world, watch, [watched]);
    // The table is there and takes no such document: that concerns this site alone.
    else if (error instanceof Fault && error.code === 'refused')
      noteDefect(world, watch, error, watched.site.name);
    else storeFault(world, watch, error);
    return false;
  } finally {
    watch.savedMs = world.clock.steady();
  }
};

/** Notes a defect of our own: it is logged, and told directly by the teller. */
export const noteDefect = (world: World, watch: Watch, error: unknown, site?: string): void => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  watch.defect = site === undefined ? message : `${site}: ${message}`;
  const at = isoTime(world.clock.now());
  world.log({ event: 'error', code: 'internal', message, at, ...(site === undefined ? {} : { site }) });
};
