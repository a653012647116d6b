import { orFault, orUndefined } from '../async/or-fault.ts';
import { eachOf } from '../async/pool.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import type { Command } from '../core/orders/command.ts';
import { type Seen, statusOf, WITHOUT_TABLE } from '../core/orders/status.ts';
import { type StatusDocument, statusDocument } from '../core/orders/status-document.ts';
import type { Site } from '../core/site/site.ts';
import { deploymentKeys, parseDeployment } from '../core/state/deployment-state.ts';
import type { Entry, HistoryEntry } from '../core/state/history.ts';
import { emptyState, parseState } from '../core/state/site-state.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import type { Stored } from '../ports.ts';
import { associationsOf } from '../zones/associations.ts';
import type { StatusPorts } from './ports.ts';
import { controllersOf, silenceText } from './silence.ts';

/** Zones listed side by side: one that is slow keeps nobody waiting, and Route 53 takes five requests a second. */
const ZONES_AT_ONCE = 5;

export type Listings = Map<string, RecordSet[] | undefined>;

/** What each zone of `sites` holds; undefined where it could not be read. */
export const listingsOf = async (ports: StatusPorts, sites: Site[]): Promise<Listings> => {
  const listings: Listings = new Map();
  const zones = [...new Set(sites.map(({ zone }) => zone))];
  await eachOf(zones, ZONES_AT_ONCE, async (zone) => {
    listings.set(zone, await orUndefined(ports.zones.list(ports.zoneIds[zone] ?? '')));
  });
  return listings;
};

/** The status of `sites`: what DNS says, and what was seen last. With the state table away, DNS says it alone. */
export const status = async (ports: StatusPorts, sites: Site[]): Promise<StatusDocument> => {
  const nowMs = ports.clock.now();
  const { config } = ports;
  const keys = deploymentKeys(config);
  const [states, controllers] = await Promise.all([
    orFault(ports.store.load([...sites.map((s) => s.name), ...keys])),
    orFault(controllersOf(ports, sites, nowMs)),
  ]);
  const trouble = [states, controllers].find((found) => found instanceof Fault);
  const found = controllers instanceof Fault ? [] : controllers;
  // Where not all could be read, nobody knows how fresh it is.
  const fresh = new Set(trouble === undefined ? found.flatMap((c) => (c.silent ? [] : c.sites)) : []);
  const listings = await listingsOf(ports, sites);
  const held = await associationsOf(ports, sites);
  const all = sites.map((site) =>
    statusOf(site, {
      nowMs,
      silent: !fresh.has(site),
      away: trouble !== undefined,
      ...seenOf(
        site,
        states instanceof Fault ? states : states.get(site.name),
        listings.get(site.zone),
        held.get(site),
      ),
    }),
  );
  const read = {
    deployment: config.deployment,
    nowMs,
    decidedMs: Math.min(...found.map(({ lastRoundMs }) => lastRoundMs), Number.MAX_SAFE_INTEGER),
    silentControllers: found.filter(({ silent }) => silent).length,
    vantages: { of: config.vantages.length, blind: states instanceof Fault ? [] : blindIn(states, keys) },
    controllers:
      trouble === undefined
        ? silenceText(config, found, nowMs)
        : `The state table is away: ${trouble.message}. This is what DNS says; ${WITHOUT_TABLE}.`,
    ...(trouble !== undefined && { storeTrouble: trouble.message }),
  };
  const document = statusDocument({ ...read, decidedMs: found.length === 0 ? 0 : read.decidedMs }, all);
  const [site, ...more] = sites;
  if (site === undefined || more.length > 0 || states instanceof Fault) return document;
  return { ...document, ...(await toldOf(ports, site, states.get(site.name))) };
};

/** The vantages that people were told to be blind. */
const blindIn = (states: Map<string, Stored>, keys: string[]): string[] => [
  ...new Set(keys.flatMap((key) => parseDeployment(states.get(key)?.text ?? '')?.blind ?? [])),
];

/** Among how many entries of the history what was told is looked for, and how much of it is shown. */
const TOLD_AMONG = 100;
const TOLD_SHOWN = 3;

/** What people were told of a site last. Its history is a convenience: without it the rest stands. */
const toldOf = async (ports: StatusPorts, site: Site, stored: Stored | undefined) => {
  const entries = (await orUndefined(entriesOf(ports, site, stored, { limit: TOLD_AMONG }))) ?? [];
  const told = entries.filter(({ what }) => what === 'told').slice(0, TOLD_SHOWN);
  const { emails, wanted = {} } = ports.config.alerts;
  // Who asks for other tags gets no mail about the site.
  const mailedTo = emails.filter(
    (email) => wanted[email]?.tags?.some((tag) => site.tags.includes(tag)) ?? true,
  );
  return { told: told.map(({ atMs, text }) => ({ at: isoTime(atMs), text })), mailedTo };
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
  ports: StatusPorts,
  site: Site,
  stored: Stored | undefined,
  { limit, untilMs }: { limit: number; untilMs?: number | undefined },
): Promise<Entry[]> => {
  const waiting = (stored === undefined ? undefined : parseState(stored.text)?.history) ?? [];
  const kept = await ports.store.history(site.name, limit, untilMs);
  const all = new Map(
    [...waiting.filter((e) => e.atMs <= (untilMs ?? e.atMs)), ...kept].map((e) => [e.id, e]),
  );
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
};

/** What is wanted of the histories. */
export type HistoryAsked = Pick<Command, 'limit' | 'sinceMs' | 'untilMs' | 'kinds'>;

/** Histories read side by side. */
const HISTORIES_AT_ONCE = 10;

/**
 * A page of the sites' histories, newest first. `more` is where the next page ends, ISO 8601 UTC, and absent after the
 * last. A page is never cut within a millisecond, so that the next one can go on before it.
 */
export const history = async (
  ports: StatusPorts,
  sites: Site[],
  { limit, sinceMs, untilMs, kinds }: HistoryAsked,
) => {
  const states = await ports.store.load(sites.map((s) => s.name));
  const all: (Entry & { site: string })[] = [];
  const full: number[] = [];
  await eachOf(sites, HISTORIES_AT_ONCE, async (site) => {
    const entries = await entriesOf(ports, site, states.get(site.name), { limit, untilMs });
    all.push(...entries.map((entry) => ({ ...entry, site: site.name })));
    const [newestMs, oldestMs] = [entries[0]?.atMs, entries.at(-1)?.atMs];
    // Of the oldest moment more may be there than was read, unless all of it is of one moment.
    if (entries.length >= limit && oldestMs !== undefined)
      full.push(oldestMs === newestMs ? oldestMs : oldestMs + 1);
  });
  const newest = all.sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
  // Where one site has more entries than were read, nothing before its oldest one is known to be whole.
  const wholeMs = Math.max(...full, newest[limit - 1]?.atMs ?? 0, sinceMs ?? 0);
  const page = newest.filter(({ atMs }) => atMs >= wholeMs);
  const isEnd = full.length === 0 && newest.length <= limit;
  const more = isEnd || wholeMs <= (sinceMs ?? 0) ? undefined : isoTime(wholeMs - 1);
  const shown = page.filter(({ what }) => kinds?.includes(what) ?? true);
  return {
    ok: true,
    message: historyMessage(shown.length),
    history: shown.map(asShown),
    ...(more && { more }),
  };
};

const asShown = ({ site, atMs, what, text, detail }: Entry & { site: string }): HistoryEntry => ({
  site,
  at: isoTime(atMs),
  what,
  text,
  ...(detail !== undefined && { detail }),
});

const historyMessage = (count: number): string => {
  if (count === 0) return 'Nothing of that is on record: it has not happened yet, or its history was lost.';
  return `${count === 1 ? 'One entry' : `${count} entries`}, newest first.`;
};
