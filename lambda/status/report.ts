import { orFault, orUndefined } from '../async/or-fault.ts';
import { eachOf } from '../async/pool.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { type Seen, statusOf, WITHOUT_TABLE } from '../core/orders/status.ts';
import type { Site } from '../core/site/site.ts';
import type { Entry } from '../core/state/history.ts';
import { emptyState, parseState } from '../core/state/site-state.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import type { Stored, World } from '../ports.ts';
import { associationsOf } from '../zones/associations.ts';
import { controllersOf, silenceText } from './silence.ts';

export type HistoryEntry = { site: string; at: string; what: string; text: string };

/** Zones listed side by side: one that is slow keeps nobody waiting, and Route 53 takes five requests a second. */
const ZONES_AT_ONCE = 5;

export type Listings = Map<string, RecordSet[] | undefined>;

/** What each zone of `sites` holds; undefined where it could not be read. */
export const listingsOf = async (world: World, sites: Site[]): Promise<Listings> => {
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
  const held = await associationsOf(world, sites);
  return {
    ok: fresh.size === sites.length,
    message:
      trouble === undefined && !(controllers instanceof Fault)
        ? silenceText(world.config, controllers, nowMs)
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
  association: Association | undefined,
): Pick<Seen, 'state' | 'view' | 'association'> => {
  const text = stored instanceof Fault ? '' : stored?.text;
  const state = text === undefined ? emptyState() : parseState(text);
  const view = listing && zoneViewWith(site, listing, state ?? {}, association);
  return { state, view, association };
};

export const entriesOf = async (
  world: World,
  site: Site,
  stored: Stored | undefined,
  limit: number,
  untilMs?: number,
): Promise<Entry[]> => {
  const waiting = (stored === undefined ? undefined : parseState(stored.text)?.history) ?? [];
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
