import { inTime } from '../async/deadline.ts';
import type { Command } from '../core/orders/command.ts';
import { orderFor } from '../core/orders/order.ts';
import { endedByEdit, endedByOrder, orderedSince } from '../core/orders/overtaken.ts';
import type { Site } from '../core/site/site.ts';
import { isGivenSince } from '../core/state/asked.ts';
import { emptyState, parseState } from '../core/state/site-state.ts';
import { resolveIntent } from '../core/steps/resolve-intent.ts';
import { batches } from '../core/zone/batches.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import { switchLine } from '../log/lines.ts';
import type { Stored } from '../ports.ts';
import { controllersOf } from '../status/silence.ts';
import { associationsOf } from '../zones/associations.ts';
import { endsOf } from './applied.ts';
import { IN_TIME_MS } from './in-time.ts';
import type { OrderPorts } from './ports.ts';
import { saveAll } from './save-orders.ts';
import type { Turn } from './turn.ts';
import { type Hindered, MODES, type Note, repeated, writeBatch } from './write-orders.ts';

/** What became of an order at one site. `already`: it was so before, so nothing was changed and nobody is told. */
export type OrderResult = { site: string; ok: boolean; message: string; already?: true };

/** A refusal or another order may come in between: the order is made again on top of what is there by then. */
const TRIES = 6;
const TRIES_TOGETHER = 2;
const PAUSE_MS = 200;
/** Orders that are written in the state alone, for the controller to carry out. */
export const STORED_ONLY = ['failback', 'point'];
/**
 * Orders that write records are noted once the zone has taken them: what Route 53 refuses was not done, and nobody is
 * told it was.
 */
const WRITTEN_FIRST = ['adopt', 'put-back'];

/**
 * Carries out an order at the command's sites of one zone: all are saved first, then written in as few batches as fit.
 */
export const orderZone = async (
  ports: OrderPorts,
  command: Command,
  sites: Site[],
): Promise<OrderResult[]> => {
  const outcomes = new Map<string, OrderResult>();
  const saved: Saved = new Map();
  const hindered: Hindered = new Map();
  const note: Note = (site, ok, message) => {
    // A mode that an earlier try stored holds, whatever stopped the later ones.
    const stored = ok || !MODES.includes(command.action) ? undefined : saved.get(site);
    outcomes.set(
      site.name,
      stored === undefined
        ? { site: site.name, ok, message }
        : { site: site.name, ok: true, message: repeated(stored.made, hindered.get(site) ?? message) },
    );
  };
  // One moment for all tries, so that what is enqueued and noted twice is one notice and one entry.
  const nowMs = ports.clock.now();
  let left = sites;
  for (let tries = 0; left.length > 0 && tries < TRIES; tries++) {
    if (tries > 0) await ports.clock.sleep(PAUSE_MS * tries);
    const made = await makeAll(ports, command, left, { nowMs, saved, note });
    const turns = WRITTEN_FIRST.includes(command.action)
      ? made
      : await saveAll(ports, made, { note, hindered });
    for (const turn of turns) if (turn.saved) saved.set(turn.site, turn);
    // What is refused twice goes alone, so that one bad site does not keep the others.
    const groups = tries < TRIES_TOGETHER ? [...batches(turns)] : turns.map((turn) => [turn]);
    for (const batch of groups) await writeBatch(ports, command, batch, { note, hindered });
    left = left.filter((site) => !outcomes.has(site.name));
  }
  const ends = await endsOf(
    ports,
    left.flatMap((site) => saved.get(site) ?? []),
  );
  for (const site of left) {
    const end = ends.get(site);
    if (end !== undefined) note(site, true, end);
    else
      note(
        site,
        false,
        `Not done in ${TRIES} tries: ${hindered.get(site)}. Look at ${site.name} with "status".`,
      );
  }
  return sites.map((site) => outcomes.get(site.name) as OrderResult);
};

/** What an earlier try, or this one, has stored. */
type Saved = Map<Site, Turn>;

/** Makes the order for each site on what is stored and listed now, either of which may be away. Refusals are noted. */
const makeAll = async (
  ports: OrderPorts,
  command: Command,
  sites: Site[],
  { nowMs, saved, note }: { nowMs: number; saved: Saved; note: Note },
): Promise<Turn[]> => {
  const zone = sites[0]?.zone ?? '';
  const ask = <T>(work: Promise<T>) => inTime(ports.clock, IN_TIME_MS, work);
  const [documents, listing, held, controllers] = await Promise.all([
    ask(ports.store.load(sites.map((s) => s.name))),
    ask(ports.zones.list(ports.zoneIds[zone] ?? '')),
    associationsOf(ports, sites),
    ask(controllersOf(ports, sites, nowMs)),
  ]);
  const heard = new Set(controllers?.filter((c) => !c.silent).flatMap((c) => c.sites));
  return sites.flatMap((site) => {
    const stored = documents?.get(site.name);
    const turn = make(ports, command, site, {
      stored,
      known: documents !== undefined,
      listing,
      association: held.get(site),
      silent: !heard.has(site),
      nowMs,
    });
    if (!('refused' in turn)) return [turn];
    // What was stored, and told, is not refused any more: it was done, and is over.
    const done = saved.get(site)?.made.done;
    const end = done !== undefined && turn.end?.(done);
    if (end) note(site, true, end);
    else note(site, false, turn.refused);
    return [];
  });
};

/**
 * `end`: what the answer is instead where an earlier try has stored this order, which the same thing ended; given what
 * that one did.
 */
type Refused = { refused: string; end?: (done: string) => string };

/** The order at one site, or why it is refused. */
const make = (
  ports: OrderPorts,
  command: Command,
  site: Site,
  now: {
    stored: Stored | undefined;
    known: boolean;
    listing: RecordSet[] | undefined;
    association: Association | undefined;
    silent: boolean;
    nowMs: number;
  },
): Turn | Refused => {
  const { stored, known, listing, association, silent, nowMs } = now;
  const state = stored === undefined ? emptyState() : parseState(stored.text);
  if (state === undefined) {
    return { refused: `Refused: the stored state of ${site.name} is not one that this version understands.` };
  }
  const { override } = state;
  if (override !== undefined && isGivenSince(override, nowMs, ports.clock.now())) {
    return { refused: orderedSince(site, override), end: (done) => endedByOrder(done, nowMs, override) };
  }
  const view = listing && zoneViewWith(site, listing, state, association);
  if (view === undefined && command.action !== 'hold') {
    return { refused: `Not done: ${unread(site)}. Only "hold" works without it.` };
  }
  if (!known && STORED_ONLY.includes(command.action)) {
    return {
      refused: `Not done: the state table is away, and a ${command.action} is written nowhere else. "pin" works without it.`,
    };
  }
  if (!known && view?.kind !== 'ours') {
    return {
      refused: `Not done: neither the state table nor our own records in ${site.zone} could be read.`,
    };
  }
  const met = view ?? { kind: 'nothing' as const };
  // What was applied just before is resolved here: after the role record is swapped nobody could tell it any more.
  const resolved = resolveIntent(site, state, met, nowMs);
  const ordered = {
    site,
    state: resolved.state,
    view: met,
    nowMs,
    config: ports.config,
    silent,
    unread: !known,
  };
  const made = orderFor(command, ordered);
  if ('refused' in made)
    return met.kind === 'edited'
      ? { ...made, end: (done) => endedByEdit(site, done, nowMs, ports.clock.now()) }
      : made;
  const version = known ? (stored?.version ?? 0) : undefined;
  const applied = resolved.applied && switchLine(ports.config.deployment, site.name, resolved.applied, nowMs);
  const late = known ? '' : '; the state table is away, so nothing moves for it until it is back';
  const done = view === undefined ? repeated(made, unread(site)) : `${made.done}${late}`;
  return {
    site,
    made: { ...made, done },
    stored: state,
    changes: made.changes,
    version,
    saved: false,
    met: ordered,
    applied,
  };
};

const unread = ({ zone }: Site): string => `the zone ${zone} could not be read`;
