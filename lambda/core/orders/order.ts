import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { incidentId } from '../state/notice.ts';
import { enqueue } from '../state/outbox.ts';
import { isSameOrder, modeInForce, roleFields, type SiteState } from '../state/site-state.ts';
import { tellFound } from '../steps/resolve-intent.ts';
import type { Change, RecordSet } from '../zone/records.ts';
import { formatRole, type Mode, parseRole, type Role, sealed } from '../zone/role-record.ts';
import { servingText } from '../zone/stranger.ts';
import { batchFor, dueRecords, listedRole, roleRecordOf, type Written } from '../zone/zone-view.ts';
import type { Command } from './command.ts';
import { pointOrder } from './order-switch.ts';
import {
  allOf,
  cancelledSwitches,
  epochsUsedUp,
  healthOf,
  modeText,
  nextEpoch,
  type Order,
  type Ordered,
  twoWays,
  WITH_FORCE,
  waysFrom,
  zoneRefusal,
} from './ordered.ts';

/** Role records count in seconds, so an order ends on a whole one, everywhere the same. */
const untilOf = (command: Command, now: Ordered): number =>
  Math.ceil((now.nowMs + command.forMs) / 1000) * 1000;

/** What `command` comes to for a site that a controller watches. */
export const orderFor = (command: Command, now: Ordered): Order => {
  const usedUp = epochsUsedUp(now);
  if (usedUp !== undefined) return { refused: `Refused: ${usedUp}.` };
  switch (command.action) {
    case 'hold':
      return setMode(command, now, { mode: 'held', untilMs: untilOf(command, now) });
    case 'pin':
      return pin(command, now);
    case 'release':
      return release(command, now);
    case 'failback':
      return failback(command, now);
    case 'point':
      return pointOrder(command, now);
    case 'adopt':
      return adopt(command, withFound(now));
    case 'put-back':
      return putBack(command, withFound(now));
    default:
      throw new Error(`${command.action} is no order.`);
  }
};

const withFound = (now: Ordered): Ordered => ({
  ...now,
  state: tellFound(now.site, now.state, now.view, now.nowMs),
});

/** The state with the order noted, owed to everybody, and in force from now on. */
const orderedState = (
  command: Command,
  now: Ordered,
  order: { what: string; ended?: string; mode: Mode; epoch: number; serving?: string },
): SiteState => {
  const { site, state, nowMs } = now;
  const { by, reason } = command;
  const { what, ended = '', ...rest } = order;
  // Whatever was asked for before, or is kept by a protection, gives way to what is asked for now.
  const { failbackAsked: _, point: __, protected: ___, ...kept } = state;
  const news = { type: 'ordered', what, ended, by, reason } as const;
  const owing = enqueue(site, kept, { kind: 'hand', news }, nowMs);
  const text = `${by}: ${allOf(what, ended)} (${reason})`;
  const history = noted(owing.history, { atMs: nowMs, what: 'hand', text });
  return { ...owing, history, override: { by, reason, askedMs: nowMs, ...rest } };
};

/** Saves the mode, and swaps the role record alone: nothing that was decided before can land after it. */
const setMode = (command: Command, now: Ordered, mode: Mode): Order => {
  const { site, view } = now;
  const cancelled = cancelledSwitches(now, command.by);
  const what = mode.mode === 'auto' && cancelled !== '' ? cancelled : modeText(mode);
  const ended = allOf(endedOrder(command, now, mode), what === cancelled ? '' : cancelled);
  const state = orderedState(command, now, { what, ended, mode, epoch: nextEpoch(now) });
  const told = `${site.name}: ${allOf(what, ended)}`;
  const saved = `${told}, not yet in DNS`;
  // Without our role record there is no fence to move: what was sent before may still land.
  if (view.kind !== 'ours') {
    const where =
      view.kind === 'edited' ? 'the records were edited by hand' : 'no role record of ours stands';
    return { state, changes: [], done: `${saved}, where ${where}`, saved };
  }
  const { serving, sinceSeconds } = view.role;
  const fields = { serving, sinceSeconds, ...roleFields(mode), epoch: nextEpoch(now) };
  const role = sealed(fields, view.records, site.deployment);
  return {
    state,
    changes: roleSwap(site, view.roleRecord, role),
    written: writtenBy(role, view.records),
    done: told,
    saved,
  };
};

/** The hold or pin that gives way to `mode`: whoever ordered it should read of its end. */
const endedOrder = (command: Command, { state, view, nowMs }: Ordered, mode: Mode): string => {
  const role = view.kind === 'ours' ? view.role : undefined;
  // A try that finds what it stored itself looks at what was before it.
  const own = { askedMs: nowMs, by: command.by, reason: command.reason };
  const override = state.override && !isSameOrder(state.override, own) ? state.override : undefined;
  const before = modeInForce(role, override, nowMs);
  if (before.mode === 'auto') return '';
  // The role record does not say whose order it carries.
  const by = override?.mode.mode === before.mode ? ` by ${override.by}` : '';
  const what = before.mode === 'held' ? `hold${by}` : `pin to ${before.pin}${by}`;
  const isOwn = by === '' || override?.by === command.by;
  if (mode.mode === 'auto' && isOwn) return '';
  const isSame =
    mode.mode === 'pinned' && before.mode === 'pinned' ? mode.pin === before.pin : mode.mode === before.mode;
  if (!isSame) return `${what} ended`;
  return isOwn ? '' : `in place of the ${what}`;
};

/** The batch that replaces the role record alone. */
const roleSwap = (site: Site, before: RecordSet, role: Role): Change[] => [
  { action: 'DELETE', record: before },
  { action: 'CREATE', record: roleRecordOf(site, role) },
];

const writtenBy = (role: Role, records: RecordSet[]): Written => ({
  epoch: role.epoch,
  role: formatRole(role),
  records,
});

const pin = (command: Command, now: Ordered): Order => {
  const { site, view } = now;
  const server = command.server ?? '';
  if (view.kind === 'edited') return { refused: `Refused: ${twoWays(site)}` };
  const blocked = zoneRefusal(now, server);
  if (blocked !== undefined) return { refused: blocked };
  const health = healthOf(now, server);
  if (health !== 'up' && !command.force) {
    return {
      refused: `Refused: ${server} is ${health}, and a pin serves it whatever its health. ${WITH_FORCE} to pin it all the same.`,
    };
  }
  return setMode(command, now, { mode: 'pinned', pin: server, untilMs: untilOf(command, now) });
};

const release = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind === 'edited') return { refused: `Refused: ${twoWays(site)}` };
  const role = view.kind === 'ours' ? view.role : undefined;
  // Its save may have been done without an answer: then it finds itself, and goes on.
  const { override, point } = state;
  const { by, reason } = command;
  const isOwn = override !== undefined && isSameOrder(override, { askedMs: nowMs, by, reason });
  if (!isOwn && point === undefined && modeInForce(role, override, nowMs).mode === 'auto') {
    return {
      refused: `Refused: ${site.name} is neither held nor pinned, and no switch is under way; there is nothing to release.`,
    };
  }
  return setMode(command, now, { mode: 'auto' });
};

/** A `failback` command is alive for this time, then reported as not done. */
const FAILBACK_ALIVE_MS = 60_000;

const failback = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind === 'edited') return { refused: `Refused: ${twoWays(site)}` };
  if (view.kind !== 'ours') return { refused: `Refused: ${site.name} has no records of ours yet.` };
  const { mode } = modeInForce(view.role, state.override, nowMs);
  if (mode !== 'auto')
    return {
      refused: `Refused: ${site.name} is ${mode}, and failback needs the mode auto. "release" ends a hold or pin.`,
    };
  const { serving } = view.role;
  const at = site.servers.findIndex((s) => s.name === serving);
  if (at === -1)
    return {
      refused: `Refused: failback moves from a configured server to a preferred one, and ${servingText(site, serving, view.records)} is none. "pin" moves ${site.name} to a server.`,
    };
  const names = site.servers.slice(0, at).map(({ name }) => name);
  const preferred = names.filter((name) => name !== site.lastResort);
  if (preferred.length === 0)
    return { refused: `Refused: ${serving} serves ${site.name}, and no server is preferred to it.` };
  const up = preferred.filter((name) => healthOf(now, name) === 'up');
  const to = up.find((name) => zoneRefusal(now, name) === undefined) ?? up[0];
  if (to === undefined) {
    const healths = preferred.map((name) => `${name} is ${healthOf(now, name)}`).join(', ');
    return { refused: `Refused: failback needs a preferred server that is up, and ${healths}.` };
  }
  const blocked = zoneRefusal(now, to);
  if (blocked !== undefined) return { refused: blocked };
  const { by, reason } = command;
  const asked = { by, reason, askedMs: nowMs, untilMs: nowMs + FAILBACK_ALIVE_MS, from: serving };
  const what = `failback to ${to} asked for`;
  const owing = enqueue(site, state, { kind: 'hand', news: { type: 'ordered', what, by, reason } }, nowMs);
  const history = noted(owing.history, { atMs: nowMs, what: 'hand', text: `${by}: ${what} (${reason})` });
  const done = `${site.name}: asked for; it moves to ${to} as soon as a majority of all vantages sees it pass, within ${FAILBACK_ALIVE_MS / 1000} s, or you are told that it did not`;
  return { state: { ...owing, history, failbackAsked: asked }, changes: [], done, saved: done };
};

const foreign = (records: RecordSet[]): RecordSet | undefined => records.find((r) => r.routing !== undefined);
const refuseForeign = (record: RecordSet): Order => ({
  refused: `Refused: ${record.name} ${record.type} is a ${record.routing} record, which Switchover never writes or removes. Replace it by a simple record in the Route 53 console first.`,
});

/** Takes an edit as it is: as a pin to the server it names, or as a hold with `serving=other`. */
const adopt = (command: Command, now: Ordered): Order => {
  const { site, view, nowMs } = now;
  if (view.kind !== 'edited' && view.kind !== 'adoptable') {
    return {
      refused: `Refused: the records of ${site.name} are not edited by hand, so there is nothing to adopt.`,
    };
  }
  const strange = foreign(view.records);
  if (strange !== undefined) return refuseForeign(strange);
  if (!view.records.some((r) => site.names.includes(r.name))) {
    return {
      refused: `Refused: ${site.name} has no records, and an empty set is never adopted. "put-back" restores the server that served before.`,
    };
  }
  const records = view.records.filter((r) => site.names.includes(r.name));
  const untilMs = untilOf(command, now);
  const mode: Mode =
    view.serving === undefined ? { mode: 'held', untilMs } : { mode: 'pinned', pin: view.serving, untilMs };
  const epoch = nextEpoch(now);
  const serving = view.serving ?? 'other';
  const sinceSeconds = Math.floor(nowMs / 1000);
  const role = sealed({ epoch, serving, ...roleFields(mode), sinceSeconds }, records, site.deployment);
  // What is no server's has nothing else to be known by.
  const address = view.serving === undefined ? ` (${servingText(site, serving, records)})` : '';
  const what = `edit adopted${address}, ${modeText(mode)}`;
  const ended = cancelledSwitches(now, command.by);
  const state = orderedState(command, now, { what, ended, mode, epoch, serving });
  const changes = batchFor(site, view, records, role);
  return {
    state,
    changes,
    written: writtenBy(role, records),
    done: `${site.name}: ${allOf(what, ended)}`,
    saved: `${site.name}: not adopted, Route 53 did not take the role record`,
  };
};

/** Restores the server that the role record, else the state, names. */
const putBack = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind !== 'edited')
    return {
      refused: `Refused: the records of ${site.name} are not edited by hand, so there is nothing to put back.`,
    };
  // It was never ours: putting it back would take it from the one that holds it.
  if (view.owner !== undefined)
    return { refused: `Refused: ${site.name}: ${view.detail}. ${waysFrom(site)}` };
  const strange = foreign(view.records);
  if (strange !== undefined) return refuseForeign(strange);
  const named = listedRole(view)?.serving ?? parseRole(state.written?.role ?? '')?.serving;
  const server = site.servers.find((s) => s.name === named);
  if (server === undefined) {
    return {
      refused: `Refused: neither the role record nor the stored state names a configured server (${named ?? 'nothing'}). Set the record to a server's address by hand, then "adopt".`,
    };
  }
  const blocked = zoneRefusal(now, server.name);
  if (blocked !== undefined) return { refused: blocked };
  const health = healthOf(now, server.name);
  if (health === 'down' && !command.force) {
    return {
      refused: `Refused: ${server.name} served before and is down now. ${WITH_FORCE} to put it back all the same, or "adopt" the edit.`,
    };
  }
  const epoch = nextEpoch(now);
  const targets = now.silent ? {} : state.targets;
  const records = dueRecords(site, server, state.written?.records ?? [], { targets, nowMs });
  const sinceSeconds = Math.floor(nowMs / 1000);
  const role = sealed({ epoch, serving: server.name, mode: 'auto', sinceSeconds }, records, site.deployment);
  const what = `edit put back, ${server.name} serves`;
  const ended = cancelledSwitches(now, command.by);
  const order = { what, ended, mode: { mode: 'auto' as const }, epoch, serving: server.name };
  const next = orderedState(command, now, order);
  // The next controller proves that visitors get it; what they got before is whatever the edit named.
  const incident = next.incident?.id ?? incidentId(site.name, nowMs);
  const propagation = { epoch, from: null, to: server.name, incident, acceptedMs: nowMs };
  const changes = batchFor(site, view, records, role);
  return {
    state: { ...next, propagation },
    changes,
    written: writtenBy(role, records),
    done: `${site.name}: ${allOf(what, ended)}`,
    saved: `${site.name}: not put back, Route 53 did not take the records`,
  };
};
