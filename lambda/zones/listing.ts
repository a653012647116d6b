import { change } from '../book/change.ts';
import type { Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import type { Site } from '../core/site/site.ts';
import { settle } from '../core/steps/resolve-intent.ts';
import { unstrand } from '../core/steps/rolled-back.ts';
import { type Association, zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import { recordsFor, type ZoneView } from '../core/zone/zone-view.ts';
import { logFault, switchLine } from '../log/lines.ts';
import type { World } from '../ports.ts';
import { associationsOf } from './associations.ts';

/** How long an edit must stand before it is believed. */
const SECOND_LOOK_MS = 3000;

/**
 * Lists the zone and lets each site stand as it lists it; a landed intent is settled. Answers why it could not be listed,
 * or nothing.
 */
export const listAgain = async (world: World, zone: string, sites: Watched[]): Promise<Fault | undefined> => {
  const id = zoneId(world, zone);
  const startedMs = world.clock.steady();
  const configured = sites.map((w) => w.site);
  let found: Map<Site, Association>;
  let listing: RecordSet[];
  try {
    // Asked at the same time: with an address that moves, the zone tells half of what visitors meet.
    [found, listing] = await Promise.all([associationsOf(world, configured), world.zones.list(id)]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'zone', error);
    return error;
  }
  const byName = Map.groupBy(listing, ({ name }) => name);
  for (const watched of sites) {
    // Several may be under way: what a later one has shown is newer.
    if ((watched.listedMs ?? startedMs) > startedMs) continue;
    watched.listedMs = startedMs;
    const { written, rolledBack = [] } = watched.state;
    const own = recordsFor(watched.site, byName, [written, ...rolledBack]);
    change(watched, (state) => unstrand(watched.site, state, own, world.clock.now()));
    const association = found.get(watched.site);
    delete watched.association;
    if (association !== undefined) watched.association = association;
    watched.view = zoneViewWith(watched.site, own, watched.state, association);
    noteEdit(watched, watched.view, world.clock.now());
    // Nothing stored and nothing of ours in the zone is a beginning; only a role record shows that something was lost.
    if (watched.view.kind !== 'ours') watched.stateLost = false;
    takeView(world, watched, watched.view);
  }
  return undefined;
};

/** What landed is logged once it is saved: a controller that is over settles nothing, and its successor does. */
const takeView = (world: World, watched: Watched, view: ZoneView): void => {
  const nowMs = world.clock.now();
  const { state, landed } = settle(watched.site, watched.state, view, nowMs);
  change(watched, () => state);
  if (landed === undefined) return;
  watched.failedWrites = 0;
  watched.landedEpoch = landed.epoch;
  const accepted = state.unpublished?.epoch === landed.epoch ? state.unpublished.acceptedMs : nowMs;
  const line = switchLine(watched.site.name, landed, accepted);
  if (line !== undefined) watched.landed.push(line);
};

export const zoneId = (world: World, zone: string): string => {
  const id = world.zoneIds[zone];
  if (id === undefined) throw new Error(`The environment names no hosted zone id for the zone ${zone}.`);
  return id;
};

/** An edit is believed after a second look some seconds later, so that a listing caught between two of somebody's changes is not. */
const noteEdit = (watched: Watched, view: ZoneView, nowMs: number): void => {
  const { editSeen } = watched;
  if (view.kind !== 'edited') delete watched.editSeen;
  else if (editSeen?.detail !== view.detail) {
    watched.editSeen = { detail: view.detail, sinceMs: nowMs, confirmed: false };
  } else if (nowMs - editSeen.sinceMs >= SECOND_LOOK_MS) editSeen.confirmed = true;
};
