import { calm, type Damping } from '../decision/damping.ts';
import type { Decision, Facts } from '../decision/decide.ts';
import type { Flaps } from '../decision/flaps.ts';
import type { Causes } from '../evidence/causes.ts';
import type { TargetHealth } from '../site/health.ts';
import type { AnsweredAs } from '../zone/moved-address.ts';
import type { RecordSet } from '../zone/records.ts';
import { type Mode, modeOfRole, type Role } from '../zone/role-record.ts';
import type { Written } from '../zone/zone-view.ts';
import type { Alerts } from './alerts.ts';
import type { Asked } from './asked.ts';
import type { Entry } from './history.ts';
import type { SiteNews } from './news.ts';
import type { Notice } from './notice.ts';
import type { Propagation } from './propagation.ts';
import type { Reminders } from './reminders.ts';
import { fromSchema1 } from './schema-1.ts';
import type { Silence } from './silence.ts';
import { isSiteState } from './state-shape.ts';

/**
 * What a controller leaves to its successor about one site: one item of the state table. It saves work and keeps
 * promises (notices to publish, intents); it is never asked which server serves. Losing it causes no switch.
 */
export type SiteState = {
  schema: 2;
  /** By target key, see `evidence/targets.ts`. */
  targets: Record<string, TargetHealth>;
  /** Why each is judged so, by the same keys: for people alone, nothing is decided by it. */
  causes?: Record<string, Causes>;
  written?: Written;
  intent?: Intent;
  /** Accepted by Route 53, which does not say yet that all its name servers have it. */
  unpublished?: {
    changeId: string;
    epoch: number;
    acceptedMs: number;
    /** What was there before this change and those before it that were not published, oldest first. */
    before?: Written[];
  };
  /** Route 53 no longer knows a change of ours: one of these may be what the zone lists again. */
  rolledBack?: Written[];
  /** A record protection forbids our changes, in Route 53's words: it is tried again at `retryMs`. */
  protected?: { message: string; retryMs: number };
  /**
   * Why the last write that was due was not made; absent once it was, or nothing is due. `passes`: it may be taken at
   * the next try.
   */
  writeRefused?: { why: string; atMs: number; passes: boolean };
  /** A write that is in the zone and not yet known to be what visitors get. */
  propagation?: Propagation;
  /**
   * Open from the first trouble until all is fine again; its id is in every subject. `alarmed`: people were told of trouble, and not yet
   * that it is over; `ended`: they were told that, and a person keeps the site as it is. `group`: the incident of a mass failure under which the site was told of together with others. `acknowledged`: a
   * person knows of it, and is not reminded until it changes.
   */
  incident?: {
    id: string;
    openedMs: number;
    alarmed?: true;
    ended?: true;
    group?: string;
    acknowledged?: Asked;
  };
  /** What pagers have open about it; absent where nothing is. */
  alerts?: Alerts;
  /** A person keeps the messages about the site back for a while. Nothing is decided by it. */
  silence?: Silence;
  told: Told;
  reminders: Reminders;
  outbox: Notice<SiteNews>[];
  /** History that is not yet in items of its own. */
  history: Entry[];
  /** The last decision that was noted in the history, and the facts it rested on. */
  decided?: { decision: Decision; facts: Facts };
  damping: Damping;
  /** Lever `readdress`: the last role (server and `since`) under which the site answered at its address. */
  answeredAs?: AnsweredAs;
  /**
   * A person's `failback` command, alive until `untilMs`. `from`: what served then; absent where an earlier version
   * stored it.
   */
  failbackAsked?: Asked & { untilMs: number; from?: string };
  /** A person's `point` command, until it is carried out or given up. */
  point?: Point;
  /**
   * The last order of a person; `epoch` is the role record's epoch it is meant to be written with, `serving` the server
   * that an `adopt` or `put-back` left serving.
   */
  override?: Asked & { mode: Mode; epoch: number; serving?: string };
};

/** What people were told last, so that nothing is told twice and nothing is left out. */
export type Told = {
  /** Servers announced as down and not yet as up again. */
  down: string[];
  /** Standbys announced as unknown and not known again yet. */
  unknown?: string[];
  /** By server: how often it turned lately while it did not serve, and whether it is told to be flapping. */
  flaps?: Record<string, Flaps>;
  /** By server: the end of its certificate that was warned of, and how many days ahead. */
  certificates?: Record<string, { expiresMs: number; days: number }>;
  /** Servers that were told to have a record in their way. */
  obstacles?: string[];
  /** By server: the vantage that found it to take no hello as large as a browser's. */
  hellos?: Record<string, string>;
  /** The edit by hand that was announced, by what the zone held. */
  edit?: string;
  /** The end of the hold or pin whose expiry was announced. */
  expiryMs?: number;
};

/**
 * A write that was decided and saved before it was sent. It is resolved when the zone lists it, or found not to have
 * been applied.
 */
export type Intent = {
  /** Unique to the sender: another's intent is finished or cancelled, never sent again as if it were one's own. */
  nonce: string;
  epoch: number;
  from: string | null;
  to: string;
  reason: string;
  row: number;
  /** `leave` marks a write that only cancels an earlier one. */
  act: 'serve' | 'adopt' | 'leave';
  /** Start of the round whose verdicts it rests on. */
  evidenceMs: number;
  decidedMs: number;
  /** The role record's value once it is applied. */
  role: string;
  records: RecordSet[];
  /** Told once it is applied. */
  notice: Notice<SiteNews>;
};

export const emptyState = (): SiteState => ({
  schema: 2,
  targets: {},
  told: { down: [] },
  reminders: {},
  outbox: [],
  history: [],
  damping: calm,
});

/** Reads a stored state; `undefined` when it is not one that this version understands whole. */
export const parseState = (text: string): SiteState | undefined => {
  try {
    const value = fromSchema1(JSON.parse(text));
    return isSiteState(value) ? (value as SiteState) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The mode in force: a hold or pin in either the role record or the state beats auto, and of two the one of the higher
 * epoch wins. So a hold survives a lost table and a role record that could not be written. A release is newer than what the role record
 * holds where it could not be written yet: it ends that at once, or the site would move as a pin says that is over.
 */
export const modeInForce = (role: Role | undefined, override: SiteState['override'], nowMs: number): Mode => {
  const fromRole: Mode = role === undefined ? { mode: 'auto' } : modeOfRole(role, nowMs);
  const fromHand: Mode =
    override === undefined || (override.mode.mode !== 'auto' && override.mode.untilMs <= nowMs)
      ? { mode: 'auto' }
      : override.mode;
  if (fromRole.mode === 'auto') return fromHand;
  const isReleased = override?.mode.mode === 'auto' && override.epoch > (role?.epoch ?? 0);
  if (fromHand.mode === 'auto') return isReleased ? fromHand : fromRole;
  return (override?.epoch ?? 0) > (role?.epoch ?? 0) ? fromHand : fromRole;
};

/** The order that the hold or pin in force is of; undefined where that is not known. A role record keeps whole seconds. */
export const whoseMode = (mode: Mode, override: SiteState['override']): SiteState['override'] =>
  override !== undefined &&
  mode.mode !== 'auto' &&
  override.mode.mode === mode.mode &&
  (override.mode.mode !== 'pinned' || (mode.mode === 'pinned' && override.mode.pin === mode.pin)) &&
  Math.abs(override.mode.untilMs - mode.untilMs) <= 1000
    ? override
    : undefined;

/** The fields of a role record that carry the mode. */
export const roleFields = (mode: Mode): Pick<Role, 'mode' | 'pin' | 'untilSeconds'> => {
  if (mode.mode === 'auto') return { mode: 'auto' };
  const untilSeconds = Math.ceil(mode.untilMs / 1000);
  return mode.mode === 'held'
    ? { mode: 'held', untilSeconds }
    : { mode: 'pinned', pin: mode.pin, untilSeconds };
};

/** Whether an order's mode is not in the role record yet, although nothing newer than it is there. */
export const roleLags = (role: Role, override: SiteState['override']): boolean => {
  if (override === undefined || override.epoch < role.epoch) return false;
  const { mode, pin, untilSeconds } = roleFields(override.mode);
  return role.mode !== mode || role.pin !== pin || role.untilSeconds !== untilSeconds;
};

/**
 * The mode that the next role record holds: an order's that is not in the zone yet, a release too; else the one in
 * force.
 */
export const modeToWrite = (role: Role | undefined, override: SiteState['override'], nowMs: number): Mode => {
  const lags = role !== undefined && override !== undefined && roleLags(role, override);
  return lags && (override.mode.mode === 'auto' || override.mode.untilMs > nowMs)
    ? override.mode
    : modeInForce(role, override, nowMs);
};

/**
 * Of an order that is stored and one that was made before that was read, the one that counts: the one that was made
 * knowing the other, as its epoch says. On an edited zone, where no role record fences, both may have been made on the
 * same epoch; then it is the one that was given later.
 */
export const lastOverride = (
  stored: SiteState['override'],
  made: SiteState['override'],
): SiteState['override'] => {
  if (stored === undefined || made === undefined) return stored ?? made;
  if (stored.epoch !== made.epoch) return stored.epoch > made.epoch ? stored : made;
  return stored.askedMs > made.askedMs ? stored : made;
};

/** The state with what was written, unless it remembers something newer. */
export const withWritten = (state: SiteState, written: Written | undefined): SiteState =>
  written === undefined || (state.written?.epoch ?? 0) >= written.epoch ? state : { ...state, written };

/**
 * A person's order to serve another server, which the controller carries out: at once, or as a planned switch. It lives
 * in the state, so that a controller that dies leaves it to the next one, as far as it had come.
 */
export type Point = Asked & {
  from: string;
  to: string;
  /** Not switched by then, it is given up, milliseconds. */
  untilMs: number;
  /** A planned switch; without it the site moves at once. */
  planned?: {
    /** For how long resolvers may keep what was answered before the TTL was lowered. */
    waitSeconds: number;
    /** Since when every name server answers with the lowered TTL, milliseconds. */
    lowMs?: number;
    /** Since when every name server answers with the new server, milliseconds. */
    switchedMs?: number;
    /** Since when the new server is through the minute in which it was watched, and was up then, milliseconds. */
    watchedMs?: number;
  };
};
