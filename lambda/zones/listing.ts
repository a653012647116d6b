import { type Book, entryOf, stateOf } from '../book/book.ts';
import { change, forgetLoss, noteApplied } from '../book/change.ts';
import { Fault } from '../core/base/fault.ts';
import { mustGet } from '../core/base/must-get.ts';
import type { Config, Site } from '../core/site/site.ts';
import { resolveIntent } from '../core/steps/resolve-intent.ts';
import { takeRolledBack } from '../core/steps/rolled-back.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import { presumed, recordsFor, type ZoneView } from '../core/zone/zone-view.ts';
import { logFault, switchLine } from '../log/lines.ts';
import type { ZonePorts } from '../ports.ts';
import { associationsOf } from './associations.ts';

/** How long an edit must stand before it is believed. */
const SECOND_LOOK_MS = 3000;

/** What was listed of one site last. */
export type Listed = {
  /** How the zone's last listing shows the site; absent until it could be listed. */
  readonly view?: ZoneView | undefined;
  /** When that listing was asked for, milliseconds of the steady clock. */
  readonly listedMs?: number;
  /** Where the site's Elastic IP was at that listing; absent when EC2 did not tell. */
  readonly association?: Association | undefined;
  /** An edit seen in a listing, to be believed when a later one shows it too. */
  readonly editSeen?: Edit | undefined;
};

/**
 * `othersWrites`: what the book had read of other writers by then. A newer write of theirs may be what looks like an
 * edit.
 */
type Edit = { detail: string; sinceMs: number; confirmed: boolean; othersWrites: number };

/** The zones as they were listed last, site by site. */
export type Listings = ZonePorts & { book: Book; sites: ReadonlyMap<Site, Listed> };

export const openListings = (ports: ZonePorts, book: Book): Listings => ({
  ...ports,
  book,
  sites: new Map(ports.config.sites.map((site) => [site, {}])),
});

export const listedOf = ({ sites }: Listings, site: Site): Listed => mustGet(sites, site);

const note = (listings: Listings, site: Site, listed: Partial<Listed>): void => {
  Object.assign(listedOf(listings, site), listed);
};

/** The sites of a zone: one listing tells how all of them stand. */
export const sitesOf = ({ sites }: Config, zone: string): Site[] =>
  sites.filter((site) => site.zone === zone);

/**
 * How a site stands. A zone that could not be listed is taken to be as we left it: what is due there is told, and done
 * only once it is listed.
 */
export const viewOf = (listings: Listings, site: Site): ZoneView | undefined => {
  const { view } = listedOf(listings, site);
  return view ?? presumed(site, stateOf(listings.book, site).written);
};

/** Somebody has written since the zone was listed, as the table says. */
export const isBehind = (listings: Listings, site: Site): boolean => {
  const { view } = listedOf(listings, site);
  return view?.kind === 'ours' && (stateOf(listings.book, site).written?.epoch ?? 0) > view.role.epoch;
};

/** The edit that was seen last, unless another writer's write was read since: it was held against less than that. */
export const editOf = (listings: Listings, site: Site): Edit | undefined => {
  const { editSeen } = listedOf(listings, site);
  return editSeen?.othersWrites === entryOf(listings.book, site).othersWrites ? editSeen : undefined;
};

/** What was listed of a site may hold no more: it is listed again before anything is done there. */
export const forgetView = (listings: Listings, site: Site): void => note(listings, site, { view: undefined });

/** EC2 was asked after its address again. */
export const noteAssociation = (listings: Listings, site: Site, association: Association): void =>
  note(listings, site, { association });

/**
 * Lists the zone and lets each site stand as it lists it; an intent that was applied is resolved. Answers why it could
 * not be listed, or nothing.
 */
export const listAgain = async (
  listings: Listings,
  zone: string,
  sites: Site[] = sitesOf(listings.config, zone),
): Promise<Fault | undefined> => {
  const { clock, zones } = listings;
  const id = zoneId(listings, zone);
  const startedMs = clock.steady();
  let found: Map<Site, Association>;
  let listing: RecordSet[];
  try {
    // Asked at the same time: with an address that moves, the zone tells half of what visitors meet.
    [found, listing] = await Promise.all([associationsOf(listings, sites), zones.list(id)]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(listings, 'zone', error);
    return error;
  }
  const byName = Map.groupBy(listing, ({ name }) => name);
  for (const site of sites) {
    // Several may be under way: what a later one has shown is newer.
    if ((listedOf(listings, site).listedMs ?? startedMs) > startedMs) continue;
    note(listings, site, { listedMs: startedMs });
    takeListing(listings, site, byName, found.get(site));
  }
  return undefined;
};

const takeListing = (
  listings: Listings,
  site: Site,
  byName: Map<string, RecordSet[]>,
  association: Association | undefined,
): void => {
  const { book, clock } = listings;
  const { written, rolledBack = [] } = stateOf(book, site);
  const own = recordsFor(site, byName, [written, ...rolledBack]);
  change(book, site, (state) => takeRolledBack(site, state, own, clock.now()));
  const view = zoneViewWith(site, own, stateOf(book, site), association);
  note(listings, site, { view, association, editSeen: editIn(listings, site, view) });
  // Nothing stored and nothing of ours in the zone is a beginning; only a role record shows that something was lost.
  if (view.kind !== 'ours') forgetLoss(book, site);
  takeView(listings, site, view);
};

/** What was applied is logged once it is saved: a controller that is over resolves nothing, and its successor does. */
const takeView = ({ book, clock }: Listings, site: Site, view: ZoneView): void => {
  const nowMs = clock.now();
  const { state, applied } = resolveIntent(site, stateOf(book, site), view, nowMs);
  change(book, site, () => state);
  if (applied === undefined) return;
  const acceptedMs = state.unpublished?.epoch === applied.epoch ? state.unpublished.acceptedMs : nowMs;
  noteApplied(book, site, applied.epoch, switchLine(book.config.deployment, site.name, applied, acceptedMs));
};

export const zoneId = ({ zoneIds }: Pick<ZonePorts, 'zoneIds'>, zone: string): string => {
  const id = zoneIds[zone];
  if (id === undefined) throw new Error(`The environment names no hosted zone id for the zone ${zone}.`);
  return id;
};

/**
 * An edit is believed after a second look some seconds later, so that a listing caught between two of somebody's
 * changes is not.
 */
const editIn = (listings: Listings, site: Site, view: ZoneView): Edit | undefined => {
  if (view.kind !== 'edited') return undefined;
  const nowMs = listings.clock.now();
  const { othersWrites } = entryOf(listings.book, site);
  const before = editOf(listings, site);
  if (before?.detail !== view.detail)
    return { detail: view.detail, sinceMs: nowMs, confirmed: false, othersWrites };
  return { ...before, confirmed: before.confirmed || nowMs - before.sinceMs >= SECOND_LOOK_MS };
};
