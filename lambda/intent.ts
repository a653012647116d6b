import { type Decision, ROWS_IN_NEED } from './core/decide.ts';
import { moved } from './core/letters/letters.ts';
import { announcementOf, withIncident } from './core/owe.ts';
import { type Point, plannedTtl } from './core/point.ts';
import type { Change, RecordSet } from './core/records.ts';
import { formatRole, sealed } from './core/role.ts';
import { batchFor, dueRecords } from './core/standing.ts';
import { type Intent, modeInForce, modeToWrite, roleFields, roleLags } from './core/state.ts';
import { servingOf } from './core/targets.ts';
import type { Considered } from './core/tell.ts';
import { isAway, save } from './table.ts';
import type { Watch, Watched } from './watch.ts';
import type { World } from './world.ts';

/** One site's part of a batch: what was decided and saved, and the changes that carry it out. */
export type Move = { watched: Watched; intent: Intent; changes: Change[] };

/** Rows by which a planned switch lowers the TTL and moves. */
const ROWS_OF_PLANS = [13, 14];

/** What the zone should hold after the decision; `undefined` when nothing is to be written. */
const wanted = (
  considered: Considered,
): { decision: Decision; serving: string; records: RecordSet[] } | undefined => {
  const { decision, site, standing, state } = considered;
  const listed = standing.kind === 'nothing' ? [] : standing.records;
  if (decision.act === 'serve') {
    const server = site.servers.find((s) => s.name === decision.server);
    if (server === undefined) return undefined;
    // A site that fails over in the middle of a planned switch gets its usual TTL.
    const planned = ROWS_OF_PLANS.includes(decision.row);
    const ttlSeconds = planned ? plannedTtl(site, state.point, server.name) : undefined;
    const { nowMs } = considered;
    const records = dueRecords(site, server, listed, { targets: state.targets, nowMs, ttlSeconds });
    return { decision, serving: server.name, records };
  }
  const serving = servingOf(standing);
  if (decision.act === 'adopt' && serving !== undefined) return { decision, serving, records: listed };
  // A hand saved a mode that is not in the zone yet: the hand's own write was refused, or it died before.
  if (standing.kind === 'ours' && roleLags(standing.role, state.hand)) {
    return { decision, serving: standing.role.serving, records: listed };
  }
  // A write of ours or another's may still be on its way. Nothing is to be done any more, so it is cancelled by a write:
  // the next epoch with the same server, after which it cannot match.
  if (state.intent !== undefined && standing.kind === 'ours') {
    return { decision, serving: standing.role.serving, records: listed };
  }
  return undefined;
};

const whyRewritten = ({ state: { point }, decision }: Considered): { lowered?: Point } =>
  point?.planned !== undefined && point.from === decision.server && decision.row === 14
    ? { lowered: point }
    : {};

/** Saves the intent and answers the move to send; `undefined` when nothing is to be sent now. */
export const prepare = async (world: World, watch: Watch, watched: Watched): Promise<Move | undefined> => {
  const { considered, standing, site } = watched;
  if (considered === undefined || standing === undefined || watched.unreadable || watch.over)
    return undefined;
  const want = wanted(considered);
  if (want === undefined) {
    // Beside records that are not ours a batch on its way matches nothing; one that only creates, in an empty zone, will be found.
    const { intent: _, ...rest } = watched.state;
    if (watched.state.intent !== undefined) watched.state = rest;
    return undefined;
  }
  if (isAway(watch, watched) && !mayMoveWithoutStore(considered)) return undefined;
  const nowMs = world.clock.now();
  const before = standing.kind === 'ours' ? standing.role : undefined;
  const from = servingOf(standing) ?? null;
  const fields = {
    epoch: (before?.epoch ?? watched.state.written?.epoch ?? 0) + 1,
    serving: want.serving,
    ...roleFields(modeToWrite(before, watched.state.hand, nowMs)),
    sinceSeconds:
      before !== undefined && from === want.serving ? before.sinceSeconds : Math.floor(nowMs / 1000),
  };
  const role = sealed(fields, want.records, site.deployment);
  const open = withIncident(site, watched.state, nowMs);
  const { decision, serving: to, records } = want;
  const move = { decision, from, to, epoch: role.epoch, records, ...whyRewritten(considered) };
  const words = moved(site, world.config, move, considered.look, nowMs);
  const intent: Intent = {
    nonce: world.nonce(),
    epoch: role.epoch,
    from,
    to: want.serving,
    reason: want.decision.reason,
    row: want.decision.row,
    act: want.decision.act,
    evidenceMs: considered.look.startMs,
    decidedMs: nowMs,
    role: formatRole(role),
    records: want.records,
    announcement: announcementOf(site, open.incident.id, want.decision.reason, words, nowMs),
  };
  watched.state = { ...open, intent };
  const saved = await save(world, watch, watched);
  if (!saved && !(isAway(watch, watched) && mayMoveWithoutStore(considered))) {
    const { intent: unsent, ...kept } = watched.state;
    // Nothing of it will ever be sent, so nothing of it is to be cancelled either.
    if (unsent?.nonce === intent.nonce) watched.state = kept;
    return undefined;
  }
  const changes = batchFor(site, standing, want.records, role);
  return {
    watched,
    intent,
    changes: want.decision.act === 'serve' ? changes : changes.filter((c) => c.record.type === 'TXT'),
  };
};

/**
 * With the state store away a failover is still made, on evidence gathered since, when the role record says `auto`: a hold
 * could have been saved in the store alone. Nothing else moves, a failback never does.
 */
const mayMoveWithoutStore = ({ standing, decision, nowMs }: Considered): boolean =>
  ROWS_IN_NEED.includes(decision.row) &&
  standing.kind === 'ours' &&
  modeInForce(standing.role, undefined, nowMs).mode === 'auto';
