import type { Site } from '../site/site.ts';
import { isSameOrder } from '../state/asked.ts';
import type { Asks } from '../state/news.ts';
import { modeInForce, roleFields, roleLags } from '../state/site-state.ts';
import type { Change, RecordSet } from '../zone/records.ts';
import { type Mode, type Role, sealed } from '../zone/role-record.ts';
import { roleRecordOf, type ZoneView } from '../zone/zone-view.ts';
import type { Command } from './command.ts';
import {
  allOf,
  cancelledSwitches,
  healthOf,
  modeText,
  nextEpoch,
  type Order,
  type Ordered,
  refusedOnEdit,
  untilOf,
  WITH_FORCE,
  withOverride,
  writtenBy,
  zoneRefusal,
} from './ordered.ts';

/** Saves the mode, and swaps the role record alone: nothing that was decided before can land after it. */
export const setMode = (command: Command, now: Ordered, mode: Mode): Order => {
  const { site, view } = now;
  const cancelled = cancelledSwitches(now, command.by);
  const what = mode.mode === 'auto' && cancelled !== '' ? cancelled : modeText(mode);
  const ended = allOf(endedOrder(command, now, mode), what === cancelled ? '' : cancelled);
  const { by, reason } = command;
  const given = { by, reason, what, ended, asks: asksOf(mode) };
  const state = withOverride(now, given, { mode, epoch: nextEpoch(now) });
  const told = `${site.name}: ${allOf(what, ended)}`;
  const saved = `${told}, not yet in DNS`;
  // Without our role record there is no fence to move: what was sent before may still land.
  if (view.kind !== 'ours') {
    const where = standsInstead(view);
    return { state, changes: [], done: `${saved}, where ${where}`, saved };
  }
  const { serving, sinceSeconds } = view.role;
  const fields = { serving, sinceSeconds, ...roleFields(mode), epoch: nextEpoch(now) };
  const role = sealed(fields, view.records, site.deployment);
  const { intent } = now.state;
  const isSaid = !roleLags(view.role, state.override) && intent === undefined;
  const underWay = intent ? `, and a change to ${intent.to} that was decided before may still arrive` : '';
  return {
    state,
    changes: roleSwap(site, view.roleRecord, role),
    written: writtenBy(role, view.records),
    done: told,
    saved: isSaid ? `${told}, as DNS says already, without a new epoch` : saved + underWay,
    isSaid,
  };
};

const asksOf = (mode: Mode): Asks => {
  if (mode.mode === 'pinned') return { order: 'pin', to: mode.pin };
  return { order: mode.mode === 'held' ? 'hold' : 'release' };
};

const standsInstead = (view: ZoneView): string => {
  if (view.kind !== 'edited') return 'no role record of ours stands';
  if (view.owner === undefined) return 'the records were edited by hand';
  return `the deployment ${view.owner} holds it`;
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

export const pin = (command: Command, now: Ordered): Order => {
  const { site, view } = now;
  const server = command.server ?? '';
  if (view.kind === 'edited') return { refused: refusedOnEdit(site, view) };
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

export const release = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind === 'edited') return { refused: refusedOnEdit(site, view) };
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
