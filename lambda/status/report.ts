import { orFault, orUndefined } from '../async/or-fault.ts';
import { eachOf } from '../async/pool.ts';
import { Fault } from '../core/base/fault.ts';
import { clockTime, isoTime } from '../core/base/time.ts';
import type { Decision, Facts } from '../core/decision/decide.ts';
import { healthsOf } from '../core/evidence/targets.ts';
import { proofSoFar } from '../core/messages/propagation.ts';
import { explained } from '../core/messages/wording.ts';
import { type Seen, statusOf, WITHOUT_TABLE } from '../core/orders/status.ts';
import type { Site } from '../core/site/site.ts';
import type { Entry } from '../core/state/history.ts';
import type { Proof } from '../core/state/propagation.ts';
import { emptyState, parseState, type SiteState } from '../core/state/site-state.ts';
import { refusedNow } from '../core/steps/refused.ts';
import { type Holding, standingWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import type { Stored, World } from '../ports.ts';
import { holdings } from '../zones/associations.ts';
import { controllersOf, silenceText } from './silence.ts';

export type HistoryEntry = { site: string; at: string; what: string; text: string };

export type Explanation = {
  site: string;
  at: string;
  /** The row of the decision table, its reason, and one sentence; null when nothing is known of that time. */
  row: number | null;
  reason: string | null;
  text: string;
  /** The facts that the decision rested on. */
  facts: Facts | null;
  /** What makes a server down or up, as it is configured now. */
  thresholds: Pick<Site, 'failuresToDown' | 'downForSeconds' | 'successesToUp'>;
};

/** Entries of a site's history that are read at a time to explain a moment, and about how many in all. */
const LOOKED_BACK = 200;
const MOST_LOOKED_BACK = 5000;

/** Zones listed side by side: one that is slow keeps nobody waiting, and Route 53 takes five requests a second. */
const ZONES_AT_ONCE = 5;

type Listings = Map<string, RecordSet[] | undefined>;

/** What each zone of `sites` holds; undefined where it could not be read. */
const listingsOf = async (world: World, sites: Site[]): Promise<Listings> => {
  const listings: Listings = new Map();
  const zones = [...new Set(sites.map(({ zone }) => zone))];
  await eachOf(zones, ZONES_AT_ONCE, async (zone) => {
    listings.set(zone, await orUndefined(world.zones.list(world.zoneIds[zone] ?? '')));
  });
  return listings;
};

/** The status of `sites`: what DNS says, and what was seen last. With the state table away, DNS says it alone. */
export const status = async (world: World, sites: Site[]) => {
  const nowMs = world.clock.now();
  const [states, controllers] = await Promise.all([
    orFault(world.store.load(sites.map((s) => s.name))),
    orFault(controllersOf(world, sites, nowMs)),
  ]);
  const trouble = [states, controllers].find((found) => found instanceof Fault);
  const heard = controllers instanceof Fault ? [] : controllers.filter((c) => !c.silent);
  // Where not all could be read, nobody knows how fresh it is.
  const fresh = new Set(trouble === undefined ? heard.flatMap((c) => c.sites) : []);
  const listings = await listingsOf(world, sites);
  const held = await holdings(world, sites);
  return {
    ok: fresh.size === sites.length,
    message:
      trouble === undefined && !(controllers instanceof Fault)
        ? silenceText(world.config, controllers)
        : `The state table is away: ${trouble?.message}. This is what DNS says; ${WITHOUT_TABLE}.`,
    ...(trouble !== undefined && { storeTrouble: trouble.message }),
    sites: sites.map((site) => {
      const stored = states instanceof Fault ? states : states.get(site.name);
      return statusOf(site, {
        nowMs,
        silent: !fresh.has(site),
        away: trouble !== undefined,
        ...seenOf(site, stored, listings.get(site.zone), held.get(site)),
      });
    }),
  };
};

/** Reads what is known of one site; what is not stored yet is as new. */
const seenOf = (
  site: Site,
  stored: Stored | Fault | undefined,
  listing: RecordSet[] | undefined,
  holding: Holding | undefined,
): Pick<Seen, 'state' | 'standing' | 'holding'> => {
  const text = stored instanceof Fault ? '' : stored?.text;
  const state = text === undefined ? emptyState() : parseState(text);
  const standing = listing && standingWith(site, listing, state ?? {}, holding);
  return { state, standing, holding };
};

const entriesOf = async (
  world: World,
  site: Site,
  stored: Stored | undefined,
  limit: number,
  untilMs?: number,
): Promise<Entry[]> => {
  const waiting = (stored === undefined ? undefined : parseState(stored.text)?.journal) ?? [];
  const kept = await world.store.history(site.name, limit, untilMs);
  const all = new Map(
    [...waiting.filter((e) => e.atMs <= (untilMs ?? e.atMs)), ...kept].map((e) => [e.id, e]),
  );
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
};

/** The newest entries of the sites' histories, newest first. */
export const history = async (world: World, sites: Site[], limit: number) => {
  const states = await world.store.load(sites.map((s) => s.name));
  const all: HistoryEntry[] = [];
  for (const site of sites) {
    for (const { atMs, what, text } of await entriesOf(world, site, states.get(site.name), limit)) {
      all.push({ site: site.name, at: isoTime(atMs), what, text });
    }
  }
  const newest = all.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, limit);
  const message =
    newest.length === 0
      ? 'Nothing has happened yet, or its history was lost.'
      : `${newest.length === 1 ? 'One entry' : `${newest.length} entries`}, newest first.`;
  return { ok: true, message, history: newest };
};

/** Which row of the decision table held for each site at `atMs`, or holds now, with the facts it rested on. */
export const explain = async (world: World, sites: Site[], atMs: number | undefined) => {
  const states = await world.store.load(sites.map((s) => s.name));
  const explanations: Explanation[] = [];
  const listings = atMs === undefined ? await listingsOf(world, sites) : new Map();
  for (const site of sites) {
    const stored = states.get(site.name);
    explanations.push(
      atMs === undefined
        ? await explainNow(world, site, stored, listings)
        : await explainThen(world, site, stored, atMs),
    );
  }
  return { ok: true, message: explanations.map((e) => `${e.site}: ${e.text}`).join('\n'), explanations };
};

const explanation = (
  site: Site,
  at: string,
  made: { decision: Decision; facts: Facts } | undefined,
  text: string,
): Explanation => ({
  site: site.name,
  at,
  row: made?.decision.row ?? null,
  reason: made?.decision.reason ?? null,
  text,
  facts: made?.facts ?? null,
  thresholds: {
    failuresToDown: site.failuresToDown,
    downForSeconds: site.downForSeconds,
    successesToUp: site.successesToUp,
  },
});

const sentence = (decision: Decision, thresholds: Site, sinceMs: number): string =>
  `since ${clockTime(sinceMs)} row ${decision.row} (${decision.reason}): ${explained(decision)} ` +
  `A server is down after ${thresholds.failuresToDown} failed verdicts over at least ${thresholds.downForSeconds} s, up after ${thresholds.successesToUp} passed ones.`;

const explainNow = async (
  world: World,
  site: Site,
  stored: Stored | undefined,
  listings: Listings,
): Promise<Explanation> => {
  const state = stored === undefined ? undefined : parseState(stored.text);
  const entries = await entriesOf(world, site, stored, LOOKED_BACK);
  const at = isoTime(world.clock.now());
  const made = state?.decided;
  if (made === undefined) return explanation(site, at, undefined, 'nothing has been decided yet.');
  const healths = Object.entries(healthsOf(state?.targets ?? {})).map(([key, health]) => `${key} ${health}`);
  return explanation(
    site,
    at,
    made,
    `${sentence(made.decision, site, made.facts.nowMs)} Now: ${healths.join(', ')}.${refused(state)}${proven(state?.proof, entries)}${editNow(site, state, listings.get(site.zone))}`,
  );
};

/** Why what was decided has not happened. */
const refused = (state: SiteState | undefined): string => {
  const why = state && refusedNow(state);
  return why === undefined ? '' : ` But ${why}.`;
};

/** An edit is believed after a second look; until then the decision is one about the records before it. */
const editNow = (site: Site, state: SiteState | undefined, listing: RecordSet[] | undefined): string => {
  const standing = listing && standingWith(site, listing, state ?? {});
  const isDecided = state?.decided?.decision.reason === 'edited-by-hand';
  if (standing?.kind !== 'edited' || isDecided) return '';
  return ` The zone shows an edit by hand that is not decided on yet: ${standing.detail}.`;
};

/** What is known of the last write reaching visitors: how far its proof is, or how it ended. */
const proven = (proof: Proof | undefined, entries: Entry[]): string => {
  if (proof !== undefined) return ` Of the last write: ${proofSoFar(proof)}.`;
  const last = entries.find((e) => e.what === 'visible');
  return last === undefined ? '' : ` Of the last write, at ${clockTime(last.atMs)}: ${last.text}.`;
};

/** What was noted until `atMs`, back to a decision, newest first; `limited` when it was not looked for any further. */
const backToDecision = async (
  world: World,
  site: Site,
  stored: Stored | undefined,
  atMs: number,
): Promise<{ entries: Entry[]; limited: boolean }> => {
  const known = new Map<string, Entry>();
  for (let untilMs = atMs; known.size < MOST_LOOKED_BACK; ) {
    const page = await entriesOf(world, site, stored, LOOKED_BACK, untilMs);
    for (const entry of page) known.set(entry.id, entry);
    const oldestMs = page.at(-1)?.atMs;
    if (oldestMs === undefined || page.some((e) => e.what === 'decided'))
      return { entries: [...known.values()], limited: false };
    // What has the same moment may be on both pages.
    untilMs = oldestMs < untilMs ? oldestMs : oldestMs - 1;
  }
  return { entries: [...known.values()], limited: true };
};

/** The newest decision that was noted before that time was still in force then. */
const explainThen = async (
  world: World,
  site: Site,
  stored: Stored | undefined,
  atMs: number,
): Promise<Explanation> => {
  const { entries, limited } = await backToDecision(world, site, stored, atMs);
  const decided = entries.find((e) => e.what === 'decided');
  const made = decided?.detail as { decision: Decision; facts: Facts } | undefined;
  if (decided === undefined || made === undefined) {
    const text = limited
      ? `no decision is among the ${entries.length} entries before that time that were looked at, back to ${clockTime(entries.at(-1)?.atMs ?? atMs)}; ask for a time before that.`
      : 'no decision of that time or before it is on record.';
    return explanation(site, isoTime(atMs), undefined, text);
  }
  return explanation(
    site,
    isoTime(atMs),
    made,
    `${sentence(made.decision, site, decided.atMs)}${proven(undefined, entries)}`,
  );
};
