import { incidentId } from '../state/notice.ts';
import { roleFields } from '../state/site-state.ts';
import type { RecordSet } from '../zone/records.ts';
import { type Mode, parseRole, sealed } from '../zone/role-record.ts';
import { servingText } from '../zone/stranger.ts';
import { batchFor, dueRecords, listedRole } from '../zone/zone-view.ts';
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

const foreign = (records: RecordSet[]): RecordSet | undefined => records.find((r) => r.routing !== undefined);
const refuseForeign = (record: RecordSet): Order => ({
  refused: `Refused: ${record.name} ${record.type} is a ${record.routing} record, which Switchover never writes or removes. Replace it by a simple record in the Route 53 console first.`,
});

/** Takes an edit as it is: as a pin to the server it names, or as a hold with `serving=other`. */
export const adopt = (command: Command, now: Ordered): Order => {
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
  const owner = view.kind === 'edited' ? view.owner : undefined;
  const taken = owner === undefined ? 'edit adopted' : `taken over from the deployment ${owner}`;
  const what = `${taken}${address}, ${modeText(mode)}`;
  const ended = cancelledSwitches(now, command.by);
  const { by, reason } = command;
  const given = { by, reason, what, ended, asks: { order: 'adopt' } } as const;
  const state = withOverride(now, given, { mode, epoch, serving });
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
export const putBack = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind !== 'edited')
    return {
      refused: `Refused: the records of ${site.name} are not edited by hand, so there is nothing to put back.`,
    };
  // It was never ours: putting it back would take it from the one that holds it.
  if (view.owner !== undefined) return { refused: refusedOnEdit(site, view) };
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
  const { by, reason } = command;
  const order = { mode: { mode: 'auto' as const }, epoch, serving: server.name };
  const given = { by, reason, what, ended, asks: { order: 'put-back', to: server.name } } as const;
  const next = withOverride(now, given, order);
  // The next controller finds out when visitors get it; what they got before is whatever the edit named.
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
