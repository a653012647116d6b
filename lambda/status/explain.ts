import { orUndefined } from '../async/or-fault.ts';
import { clockTime, isoTime } from '../core/base/time.ts';
import type { Decision, Facts } from '../core/decision/decide.ts';
import { explained } from '../core/decision/explained.ts';
import { type ExcludedRow, rowsAbove } from '../core/decision/rows.ts';
import { type QuietStatus, quietNow } from '../core/orders/quiet-now.ts';
import {
  factsNow,
  type Holder,
  holderNow,
  rowNow,
  type ServerStatus,
  serversNow,
} from '../core/orders/site-now.ts';
import { type Made, madeThen } from '../core/orders/site-then.ts';
import type { Site } from '../core/site/site.ts';
import type { Entry } from '../core/state/history.ts';
import { type Propagation, propagationSoFar } from '../core/state/propagation.ts';
import { modeInForce, parseState, type SiteState } from '../core/state/site-state.ts';
import { refusedNow } from '../core/steps/refused.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import type { Stored } from '../ports.ts';
import { associationsOf } from '../zones/associations.ts';
import type { StatusPorts } from './ports.ts';
import { entriesOf, type Listings, listingsOf } from './report.ts';
import { controllersOf } from './silence.ts';

export type Explanation = {
  site: string;
  at: string;
  /** The row of the decision table, its reason, and one sentence; null when nothing is known of that time. */
  row: number | null;
  reason: string | null;
  text: string;
  /** The facts that the decision rests on: those of now, or of that time. */
  facts: Facts | null;
  /** The rows above the one that holds, each with what excludes it. */
  above: ExcludedRow[];
  /** Now alone: the servers with their last causes, and whose hold or pin is in force. */
  servers?: ServerStatus[];
  holder?: Holder | null;
  /** Now alone: what people are not told, and whose doing that is. */
  quiet?: QuietStatus & { incident: string | null };
  /** What makes a server down or up, as it is configured now. */
  thresholds: Pick<Site, 'failuresToDown' | 'downForSeconds' | 'successesToUp'>;
};

/** Entries of a site's history that are read at a time to explain a moment, and about how many in all. */
const LOOKED_BACK = 200;
const MOST_LOOKED_BACK = 5000;

/** Which row of the decision table held for each site at `atMs`, or holds now, with the facts it rested on. */
export const explain = async (ports: StatusPorts, sites: Site[], atMs: number | undefined) => {
  const states = await ports.store.load(sites.map((s) => s.name));
  const explanations: Explanation[] = [];
  const reading = atMs === undefined ? await readNow(ports, sites) : undefined;
  for (const site of sites) {
    const stored = states.get(site.name);
    if (reading !== undefined) explanations.push(await explainNow(ports, site, stored, reading));
    else if (atMs !== undefined) explanations.push(await explainThen(ports, site, stored, atMs));
  }
  return { ok: true, message: explanations.map((e) => `${e.site}: ${e.text}`).join('\n'), explanations };
};

/** What a moment's explanation needs apart from the states. */
type Reading = {
  listings: Listings;
  held: Map<Site, Association | undefined>;
  /** The sites whose controller decides; undefined where the batons could not be read. */
  fresh: Set<Site> | undefined;
};

const readNow = async (ports: StatusPorts, sites: Site[]): Promise<Reading> => {
  const [listings, held, controllers] = await Promise.all([
    listingsOf(ports, sites),
    associationsOf(ports, sites),
    orUndefined(controllersOf(ports, sites, ports.clock.now())),
  ]);
  const fresh = controllers && new Set(controllers.flatMap((c) => (c.silent ? [] : c.sites)));
  return { listings, held, fresh };
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
  // What an older version noted may lack what the rows ask for.
  above: made?.facts?.mode === undefined ? [] : rowsAbove(made.facts, made.decision.row),
  thresholds: {
    failuresToDown: site.failuresToDown,
    downForSeconds: site.downForSeconds,
    successesToUp: site.successesToUp,
  },
});

const thresholdsOf = ({ failuresToDown, downForSeconds, successesToUp }: Site): string =>
  `A server is down after ${failuresToDown} failed verdicts over at least ${downForSeconds} s, up after ${successesToUp} passed ones.`;

const sentence = (decision: Decision, site: Site, sinceMs: number): string =>
  `since ${clockTime(sinceMs)} row ${decision.row} (${decision.reason}): ${explained(decision)} ${thresholdsOf(site)}`;

const explainNow = async (
  ports: StatusPorts,
  site: Site,
  stored: Stored | undefined,
  { listings, held, fresh }: Reading,
): Promise<Explanation> => {
  const state = stored === undefined ? undefined : parseState(stored.text);
  const entries = await entriesOf(ports, site, stored, { limit: LOOKED_BACK });
  const nowMs = ports.clock.now();
  const at = isoTime(nowMs);
  const made = state?.decided;
  if (state === undefined || made === undefined)
    return explanation(site, at, undefined, 'nothing has been decided yet.');
  const listing = listings.get(site.zone);
  const view = listing && zoneViewWith(site, listing, state, held.get(site));
  const after = `${refused(state, view)}${onItsWay(state.propagation, entries)}`;
  if (view === undefined || !fresh?.has(site)) {
    const why = view === undefined ? 'The zone could not be read' : 'The controller is silent';
    const text = `${why}, so this is what was decided last: ${sentence(made.decision, site, made.facts.nowMs)}${after}`;
    return explanation(site, at, made, text);
  }
  const facts = factsNow(site, { state, view, nowMs });
  const row = rowNow(facts, state);
  const known = made.decision;
  const isSame = known.row === row.row && known.reason === row.reason;
  const since = isSame ? `since ${clockTime(made.facts.nowMs)} ` : '';
  const before = isSame
    ? ''
    : ` The decision noted last, since ${clockTime(made.facts.nowMs)}, is row ${known.row} (${known.reason}).`;
  const text = `${since}row ${row.row} (${row.reason}): ${row.text} ${thresholdsOf(site)}${before}${after}${editNow(view, isSame)}`;
  const decision = { ...known, row: row.row, reason: row.reason };
  const mode = modeInForce(view.kind === 'ours' ? view.role : undefined, state.override, nowMs);
  return {
    ...explanation(site, at, { decision, facts }, text),
    servers: serversNow(site, state, facts),
    holder: holderNow(site, mode, state),
    quiet: { ...quietNow(site, state, nowMs), incident: state.incident?.id ?? null },
  };
};

/**
 * What refused, at that time, the write that was due since the decision: the entries are those until then, newest
 * first. What was written changes the decision, so a refusal after it lasted.
 */
const refusedThen = (entries: Entry[], decision: Decision, decidedMs: number): string => {
  if (decision.act === 'leave') return '';
  const since = entries.filter((entry) => entry.atMs >= decidedMs);
  const last = since.find((entry) => entry.what === 'refused');
  if (last !== undefined) return ` But it was refused, last at ${clockTime(last.atMs)}: ${last.text}.`;
  const late = since.find((entry) => entry.what === 'told' && entry.text.startsWith(`${WRITE_REFUSED}: `));
  return late === undefined
    ? ''
    : ` But it could not be written in time, as was told at ${clockTime(late.atMs)}: ${late.text.slice(WRITE_REFUSED.length + 2)}.`;
};

/** The kind by which people are told of it, which begins the line in the history. */
const WRITE_REFUSED = 'write-refused';

/** Why what was decided has not happened. */
const refused = (state: SiteState, view: ZoneView | undefined): string => {
  const why = refusedNow(state, view);
  return why === undefined ? '' : ` But ${why}.`;
};

/** An edit is believed after a second look; until then the decision is one about the records before it. */
const editNow = (view: ZoneView, isDecided: boolean): string =>
  view.kind !== 'edited' || isDecided
    ? ''
    : ` The zone shows an edit by hand that is not decided on yet: ${view.detail}.`;

/** What is known of the last write reaching visitors: how far it is, or how it ended. */
const onItsWay = (propagation: Propagation | undefined, entries: Entry[]): string => {
  if (propagation !== undefined) return ` Of the last write: ${propagationSoFar(propagation)}.`;
  // What became visible before the last write is of an earlier one.
  const last = entries.find(({ what, detail }) => what === 'visible' || (what === 'written' && detail?.role));
  return last?.what !== 'visible' ? '' : ` Of the last write, at ${clockTime(last.atMs)}: ${last.text}.`;
};

/** What was noted until `atMs`, back to a decision, newest first; `limited` when it was not looked for any further. */
export const backToDecision = async (
  ports: StatusPorts,
  site: Site,
  stored: Stored | undefined,
  atMs: number,
): Promise<{ entries: Entry[]; limited: boolean }> => {
  const known = new Map<string, Entry>();
  for (let untilMs = atMs; known.size < MOST_LOOKED_BACK; ) {
    const page = await entriesOf(ports, site, stored, { limit: LOOKED_BACK, untilMs });
    // A write is kept by the moment of its decision, and may have been made after that time.
    for (const entry of page) if (entry.atMs <= atMs) known.set(entry.id, entry);
    const oldestMs = page.at(-1)?.atMs;
    if (oldestMs === undefined || page.some((e) => e.what === 'decided' && e.atMs <= atMs))
      return { entries: [...known.values()], limited: false };
    // What has the same moment may be on both pages.
    untilMs = oldestMs < untilMs ? oldestMs : oldestMs - 1;
  }
  return { entries: [...known.values()], limited: true };
};

/** The newest decision that was noted before that time was still in force then. */
const explainThen = async (
  ports: StatusPorts,
  site: Site,
  stored: Stored | undefined,
  atMs: number,
): Promise<Explanation> => {
  const { entries, limited } = await backToDecision(ports, site, stored, atMs);
  const decided = entries.find((e) => e.what === 'decided');
  const noted = decided?.detail as Made | undefined;
  if (decided === undefined || noted === undefined) {
    const text = limited
      ? `no decision is among the ${entries.length} entries before that time that were looked at, back to ${clockTime(entries.at(-1)?.atMs ?? atMs)}; ask for a time before that.`
      : 'no decision of that time or before it is on record.';
    return explanation(site, isoTime(atMs), undefined, text);
  }
  const made = madeThen({ made: noted, entries });
  const sinceMs = made === noted ? decided.atMs : made.facts.nowMs;
  const refused = refusedThen(entries, made.decision, sinceMs);
  const text = `${sentence(made.decision, site, sinceMs)}${refused}${onItsWay(undefined, entries)}`;
  return explanation(site, isoTime(atMs), made, text);
};
