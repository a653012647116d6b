import { clockTime } from '../base/time.ts';
import type { Health } from '../site/health.ts';
import type { Config, Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import type { Asks } from '../state/news.ts';
import { enqueue } from '../state/outbox.ts';
import { withoutRefusals } from '../state/refusals.ts';
import type { SiteState } from '../state/site-state.ts';
import { obstacleTo } from '../zone/obstacle.ts';
import type { Change, RecordSet } from '../zone/records.ts';
import { epochsIn, formatRole, MAX_EPOCH, type Mode, type Role } from '../zone/role-record.ts';
import type { Written, ZoneView } from '../zone/zone-view.ts';

/** One site as a person's command meets it. */
export type Ordered = {
  site: Site;
  state: SiteState;
  view: ZoneView;
  nowMs: number;
  config: Config;
  /** The controller has decided nothing lately, so no stored health is fresh. */
  silent: boolean;
  /** The state table could not be read: `state` is none, and other orders may wait there. */
  unread?: boolean;
};

/**
 * What a command comes to for one site: a refusal that says the way out; or the state to save, and the batch that makes
 * the zone say it. `done` is the answer once it is in the zone, `saved` the answer when it could only be saved.
 */
export type Order =
  | { refused: string }
  | {
      state: SiteState;
      changes: Change[];
      /** What the zone holds once the batch is applied; absent without a batch. */
      written?: Written;
      done: string;
      saved: string;
      /** The zone says what was ordered also without the batch, so nothing is left to write where it was not taken. */
      isSaid?: boolean;
    };

/** Health as far as it is fresh. */
export const healthOf = ({ state, silent }: Ordered, server: string): Health =>
  (silent ? undefined : state.targets[server]?.health) ?? 'unknown';

/** Who is refused reads this on a command line, or as the answer to an event. */
export const WITH_FORCE = 'Repeat it with force (--force, or in an event "force": true)';

/** The two ways out of an edit by hand. */
export const twoWays = (site: Site): string =>
  `The records of ${site.name} were edited by hand, and the last hand wins. ` +
  '"adopt" takes the edit as it is; "put-back" restores the server that served before.';

/** The ways out where another deployment holds the site. */
export const waysFrom = (site: Site): string =>
  `Take ${site.name} out of one of the two deployments; "adopt" takes it over for this one.`;

/** Why an order is refused on records that are not as we left them, with the ways out. */
export const refusedOnEdit = (site: Site, { owner, detail }: ZoneView & { kind: 'edited' }): string =>
  owner === undefined ? `Refused: ${twoWays(site)}` : `Refused: ${site.name}: ${detail}. ${waysFrom(site)}`;

/**
 * Why the zone would not take `server` as the one that serves, as a refusal; `undefined` when it would. No force helps
 * there.
 */
export const zoneRefusal = ({ site, view }: Ordered, name: string): string | undefined => {
  const server = site.servers.find((one) => one.name === name);
  const obstacle = server && obstacleTo(site, server, view.others ?? []);
  return obstacle && `Refused: Route 53 would refuse ${name}: ${obstacle}.`;
};

export const allOf = (...parts: string[]): string => parts.filter(Boolean).join(', ');

/** The switches that were asked for and give way to an order of `by`: whoever asked for one should read of its end. */
export const cancelledSwitches = ({ state: { point, failbackAsked } }: Ordered, by: string): string => {
  const askedBy = (other: string) => (other === by ? '' : ` asked for by ${other}`);
  return allOf(
    point === undefined ? '' : `switch to ${point.to}${askedBy(point.by)} cancelled`,
    failbackAsked === undefined ? '' : `failback${askedBy(failbackAsked.by)} cancelled`,
  );
};

/** Orders that wait in the table for their write have epochs ahead of the zone's: never so many. */
const EPOCHS_AHEAD = 100;

/**
 * The epoch after everything that was ever seen of this site: no batch made before can match any more, no earlier order
 * is newer.
 */
export const nextEpoch = ({ state, view, unread }: Ordered): number => {
  const listed = 'roleRecord' in view ? epochsIn(view.roleRecord?.values ?? []) : [];
  const { written, intent, override } = state;
  return (
    Math.max(...listed, written?.epoch ?? 0, intent?.epoch ?? 0, override?.epoch ?? 0) +
    (unread ? EPOCHS_AHEAD : 1)
  );
};

/**
 * Why no epoch follows what the zone lists; `undefined` as ever. A lower one would be believed by nobody for a minute.
 */
export const epochsUsedUp = (now: Ordered): string | undefined =>
  nextEpoch(now) <= MAX_EPOCH
    ? undefined
    : `the epoch in the role record of ${now.site.name} is ${nextEpoch(now) - 1}, and none follows it. Set it to a lower one in the Route 53 console, then repeat this; hosts and gates believe a lower epoch after a minute`;

/** The mode as people are told of it. */
export const modeText = (mode: Mode): string => {
  if (mode.mode === 'auto') return 'released';
  return mode.mode === 'held'
    ? `held until ${clockTime(mode.untilMs)}`
    : `pinned to ${mode.pin} until ${clockTime(mode.untilMs)}`;
};

/** Who ordered what, and what gave way to it. */
type Given = { by: string; reason: string; what: string; ended?: string | undefined; asks: Asks };

/** The state with the order noted in the history, and enqueued for everybody. `mode`: what it put in force. */
export const withOrder = (
  { site, nowMs }: Ordered,
  state: SiteState,
  given: Given,
  mode?: Mode['mode'],
): SiteState => {
  const { by, reason, what, ended = '', asks } = given;
  const news = { type: 'ordered', what, ended, by, reason, asks } as const;
  const queued = enqueue(site, state, { kind: 'hand', news }, nowMs);
  const text = `${by}: ${allOf(what, ended)} (${reason})`;
  const entry = { atMs: nowMs, what: 'hand', text, ...(mode && { detail: { by, reason, mode } }) } as const;
  return { ...queued, history: noted(queued.history, entry) };
};

/** The same of an order that is in force from now on. */
export const withOverride = (
  now: Ordered,
  given: Given,
  order: { mode: Mode; epoch: number; serving?: string },
): SiteState => {
  // Whatever was asked for before, or is kept by a protection, gives way to what is asked for now.
  const { failbackAsked: _, point: __, ...kept } = withoutRefusals(now.state);
  const { by, reason } = given;
  return {
    ...withOrder(now, kept, given, order.mode.mode),
    override: { by, reason, askedMs: now.nowMs, ...order },
  };
};

/** Role records count in seconds, so an order ends on a whole one, everywhere the same. */
export const untilOf = ({ forMs }: { forMs: number }, { nowMs }: Ordered): number =>
  Math.ceil((nowMs + forMs) / 1000) * 1000;

export const writtenBy = (role: Role, records: RecordSet[]): Written => ({
  epoch: role.epoch,
  role: formatRole(role),
  records,
});
