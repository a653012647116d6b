import { clockTime, isoTime } from '../base/time.ts';
import { nextServer } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import { healthsOf, servingOf } from '../evidence/targets.ts';
import type { Health } from '../site/health.ts';
import { homeServer, type Site } from '../site/site.ts';
import { pointStatus } from '../state/planned-switch.ts';
import { propagationSoFar } from '../state/propagation.ts';
import { modeInForce, type SiteState } from '../state/site-state.ts';
import { refusedNow } from '../steps/refused.ts';
import { type Association, holderText, isUnderWay } from '../zone/moved-address.ts';
import { blockedStandbys, hintsLeft } from '../zone/obstacle.ts';
import type { Mode } from '../zone/role-record.ts';
import { isStranger, servingText } from '../zone/stranger.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { type Condition, conditionOf, conditionSince } from './condition.ts';
import { type QuietStatus, quietNow } from './quiet-now.ts';
import {
  factsNow,
  type Holder,
  holderNow,
  type RowNow,
  rowNow,
  type ServerStatus,
  serversNow,
} from './site-now.ts';

/** One site as it stands now, in DNS first of all. */
export type SiteStatus = {
  site: string;
  tags: string[];
  /** For how long resolvers keep an answer. */
  ttlSeconds: number;
  /** How the site fares, in one word. */
  condition: Condition;
  /** Since when that is so, as far as it is known, ISO 8601 UTC. */
  since: string | null;
  /** The server that the zone names; null when it names none of ours or could not be read. */
  serving: string | null;
  /** Since when the zone names it, ISO 8601 UTC; null where no role record of ours says. Absent in what an earlier version answers. */
  servingSince?: string | null;
  zone: ZoneView['kind'] | 'unreadable';
  mode: Mode['mode'];
  /** End of the hold or pin, ISO 8601 UTC. */
  until: string | null;
  /** Whose hold or pin it is, and how it ends; null in mode auto. */
  holder: Holder | null;
  /** The counter of the role record; null where the zone has none of ours. */
  epoch: number | null;
  /** `unknown` for all when the controller has been silent. */
  healths: Record<string, Health>;
  servers: ServerStatus[];
  /** The server that would take over if the serving one died now. */
  next: string | null;
  /** The row of the decision table that holds now; null where nobody knows. */
  decision: RowNow | null;
  incident: string | null;
  /** What people are not told, and whose doing that is; null where nothing is kept back. */
  silence: QuietStatus['silence'];
  acknowledged: QuietStatus['acknowledged'];
  /** A switch that a person asked for and that is under way. */
  point?: Omit<ReturnType<typeof pointStatus>, 'text'>;
  /** What a person should know: an edit, stale evidence, an announcement that is still to be sent. */
  notes: Note[];
};

/** The code is for programs and stays; the text is for people, and its words may change. */
export type Note = { code: NoteCode; text: string };
export type NoteCode = keyof typeof NOTES;

/** What was read of one site. */
export type Seen = {
  nowMs: number;
  /** What is stored; undefined when it is not one that this version understands, or could not be read. */
  state: SiteState | undefined;
  /** The state table could not be read. */
  away?: boolean;
  /** Undefined when the zone could not be read. */
  view: ZoneView | undefined;
  /** Where the site's Elastic IP is, if it has one and EC2 told. */
  association?: Association | undefined;
  /** The controller has not decided lately: what it knew is stale. */
  silent: boolean;
};

/** The status of `site`, from all that was read of it. */
export const statusOf = (site: Site, seen: Seen): SiteStatus => {
  const { nowMs, state, view, silent } = seen;
  const role = view?.kind === 'ours' ? view.role : undefined;
  const mode = modeInForce(role, state?.override, nowMs);
  const known = silent ? {} : healthsOf(state?.targets ?? {});
  const facts =
    silent || state === undefined || view === undefined ? undefined : factsNow(site, { state, view, nowMs });
  const serving = (view && servingOf(view)) ?? null;
  const servers = serversNow(site, state, facts).map((one) => ({ ...one, serves: one.server === serving }));
  const notes = Object.entries(NOTES).flatMap(([code, textOf]) => {
    const text = textOf({ ...seen, site, mode });
    return text === undefined ? [] : [{ code: code as NoteCode, text }];
  });
  const zone = view?.kind ?? 'unreadable';
  const condition = conditionOf({ zone, serving, mode: mode.mode, notes, servers, home: homeServer(site) });
  const holder = holderNow(site, mode, state);
  const servingSince = role === undefined || serving === null ? null : isoTime(role.sinceSeconds * 1000);
  return {
    ...pointOf(seen),
    site: site.name,
    tags: site.tags,
    ttlSeconds: site.ttlSeconds,
    condition,
    since: conditionSince(condition, {
      servers,
      servingSince,
      orderedAt: holder?.since ?? null,
      editedAt: editFound(state),
    }),
    serving,
    servingSince,
    zone,
    mode: mode.mode,
    until: mode.mode === 'auto' ? null : new Date(mode.untilMs).toISOString(),
    holder,
    epoch: role?.epoch ?? null,
    healths: Object.fromEntries(site.servers.map((s) => [s.name, known[s.name] ?? 'unknown'])),
    servers,
    next: (facts && nextServer(facts)) ?? null,
    decision: facts === undefined || state === undefined ? null : rowNow(facts, state),
    incident: state?.incident?.id ?? null,
    ...quietNow(site, state, nowMs),
    notes,
  };
};

const editFound = (state: SiteState | undefined): string | null => {
  const { decision, facts } = state?.decided ?? {};
  return decision?.reason !== 'edited-by-hand' || facts === undefined ? null : isoTime(facts.nowMs);
};

const pointOf = ({ state, nowMs }: Seen): Pick<SiteStatus, 'point'> => {
  if (state?.point === undefined) return {};
  const { text: _, ...point } = pointStatus(state.point, nowMs);
  return { point };
};

type Facts = Seen & { site: Site; mode: Mode };

/** What a person can do while the state table is away. */
export const WITHOUT_TABLE =
  'hold works, so does pin with force, though nothing moves for it until the table is back; give a release again then';

const blockedBeside = ({ site, view }: Facts) =>
  view && blockedStandbys(site, servingOf(view), view.others ?? []);

/**
 * Every note by its code, in the order in which they are told, with its words where it applies. docs/taking-over.md
 * lists the codes.
 */
export const NOTES = {
  'zone-unreadable': ({ view }) =>
    view === undefined ? 'the hosted zone could not be read: what it says is not known' : undefined,

  'edited-by-hand': ({ view }) =>
    view?.kind !== 'edited'
      ? undefined
      : view.owner === undefined
        ? `edited by hand: ${view.detail}; "adopt" takes it, "put-back" undoes it`
        : `left alone: ${view.detail}; "adopt" takes it over for this one`,

  'standby-blocked': (seen) => {
    const blocked = blockedBeside(seen);
    return blocked?.isAnyLeft === false ? `${blocked.text}; nothing would take over` : undefined;
  },

  'server-blocked': (seen) => {
    const blocked = blockedBeside(seen);
    return blocked?.isAnyLeft ? blocked.text : undefined;
  },

  'address-hints': ({ site, view }) => view && hintsLeft(site, view.others ?? []),

  'serving-unconfigured': ({ site, view }) =>
    view?.kind === 'ours' && isStranger(site, view.role.serving)
      ? `${servingText(site, view.role.serving, view.records)} serves and is no configured server; "pin" moves the site to one`
      : undefined,

  'state-unreadable': ({ state, away }) =>
    state === undefined && !away ? 'the stored state is not one that this version understands' : undefined,

  'store-away': ({ away }) =>
    away
      ? `the state table is away: no health is known, nor what is stored there alone; ${WITHOUT_TABLE}`
      : undefined,

  'announcements-waiting': ({ state }) => {
    const count = state?.outbox.length ?? 0;
    if (count === 0) return undefined;
    return count === 1
      ? 'one announcement is still to be sent'
      : `${count} announcements are still to be sent`;
  },

  protected: ({ state }) =>
    state?.protected &&
    `a record protection forbids changes, tried again at ${clockTime(state.protected.retryMs)}: ${state.protected.message}`,

  'server-flapping': ({ site, state, silent }) => {
    const flaps = silent ? {} : (state?.told.flaps ?? {});
    const told = site.servers.flatMap(({ name }) => {
      const { flapping, turnsMs = [] } = flaps[name] ?? {};
      if (flapping === undefined) return [];
      const last = turnsMs.length === 0 ? '' : `, last at ${clockTime(Math.max(...turnsMs))}`;
      return [
        `${name} is flapping: its health turned ${flapping.turns} times since ${clockTime(flapping.sinceMs)}${last}`,
      ];
    });
    return told.length === 0 ? undefined : told.join('; ');
  },

  'write-refused': ({ state, view, silent }) =>
    state === undefined || silent ? undefined : refusedNow(state, view),

  'moves-wait': ({ state, silent }) =>
    state?.decided?.decision.waits && !silent ? explained(state.decided.decision) : undefined,

  pinned: ({ mode }) => (mode.mode === 'pinned' ? `pinned to ${mode.pin}` : undefined),

  'address-held': ({ site, association }) =>
    association && `${site.readdress?.address} is held by ${holderText(site, association)}`,

  'address-moving': ({ site, view, state }) =>
    view !== undefined && state !== undefined && isUnderWay(site, view, state)
      ? `${site.readdress?.address} has not answered since ${servingOf(view)} is to have it`
      : undefined,

  unpublished: ({ state }) =>
    state?.unpublished && 'Route 53 has accepted a change and does not yet say that all name servers have it',

  unproven: ({ state }) => state?.propagation && propagationSoFar(state.propagation),

  point: ({ state, nowMs }) => state?.point && pointStatus(state.point, nowMs).text,
} satisfies Record<string, (facts: Facts) => string | undefined>;
