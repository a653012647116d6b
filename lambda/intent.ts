import { afterMove } from './core/damping.ts';
import type { Decision } from './core/decide.ts';
import { noted } from './core/journal.ts';
import type { Change, RecordSet } from './core/records.ts';
import { digestRecords, formatRole, parseRole, type Role } from './core/role.ts';
import { batchFor, desiredRecords, type Standing } from './core/standing.ts';
import { type Intent, modeInForce, roleFields, roleLags, type SiteState } from './core/state.ts';
import { servingOf } from './core/targets.ts';
import { announcementOf, type Considered, owe, withIncident } from './core/tell.ts';
import { foundMoved, moved } from './core/wording.ts';
import { save, type Watch, type Watched } from './watch.ts';
import { isoTime, type World } from './world.ts';

/** One site's part of a batch: what was decided and saved, and the changes that carry it out. */
export type Move = { watched: Watched; intent: Intent; changes: Change[] };

/** Reasons for which a site moves by itself, and which therefore count as moves (see damping.ts). */
const BY_ITSELF = ['failover', 'recovered', 'nowhere-better', 'failback'];

/** What the zone should hold after the decision; `undefined` when nothing is to be written. */
const wanted = (
  considered: Considered,
): { decision: Decision; serving: string; records: RecordSet[] } | undefined => {
  const { decision, site, standing, state } = considered;
  const listed = standing.kind === 'nothing' ? [] : standing.records;
  if (decision.act === 'serve') {
    const server = site.servers.find((s) => s.name === decision.server);
    return server && { decision, serving: server.name, records: desiredRecords(site, server) };
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

/** Saves the intent and answers the move to send; `undefined` when nothing is to be sent now. */
export const prepare = async (world: World, watch: Watch, watched: Watched): Promise<Move | undefined> => {
  const { considered, standing, site } = watched;
  if (considered === undefined || standing === undefined || watched.unreadable || watch.over)
    return undefined;
  const want = wanted(considered);
  if (want === undefined) {
    // Without our records in the zone a batch on its way matches nothing there, or what a person left.
    delete watched.state.intent;
    return undefined;
  }
  if (watch.storeAway && !mayMoveWithoutStore(considered)) return undefined;
  const nowMs = world.clock.now();
  const before = standing.kind === 'ours' ? standing.role : undefined;
  const from = servingOf(standing) ?? null;
  const role: Role = {
    epoch: (before?.epoch ?? watched.state.written?.epoch ?? 0) + 1,
    serving: want.serving,
    ...roleFields(modeInForce(before, watched.state.hand, nowMs)),
    set: digestRecords(want.records),
    sinceSeconds:
      before !== undefined && from === want.serving ? before.sinceSeconds : Math.floor(nowMs / 1000),
  };
  const open = withIncident(site, watched.state, nowMs);
  const words = moved(
    site,
    world.config,
    { decision: want.decision, from, to: want.serving, epoch: role.epoch },
    considered.look,
    nowMs,
  );
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
  if (!saved && !(watch.storeAway && mayMoveWithoutStore(considered))) return undefined;
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
  (decision.row === 10 || decision.row === 11) &&
  standing.kind === 'ours' &&
  modeInForce(standing.role, undefined, nowMs).mode === 'auto';

/**
 * A move of ours that nobody here decided or remembers: another controller's, whose own note of it was lost. It is told, so
 * that no switch goes untold.
 */
const found = (world: World, { site, state }: Watched, next: SiteState): SiteState => {
  const before = parseRole(state.written?.role ?? '');
  const now = parseRole(next.written?.role ?? '');
  if (before === undefined || now === undefined || before.serving === now.serving) return next;
  if (state.hand !== undefined && state.hand.epoch === now.epoch) return next;
  const words = foundMoved(site, world.config, before.serving, now);
  return owe(site, next, 'found', words, world.clock.now());
};

/** Takes over what the zone lists: an intent that it shows is settled, and its announcement is owed from then on. */
export const settle = (world: World, watched: Watched, standing: Standing): void => {
  const { state, site } = watched;
  if (standing.kind !== 'ours') return;
  const listedRole = standing.roleRecord.values[0] ?? '';
  const { intent } = state;
  // Two controllers may have decided the same at the same epoch; whichever batch landed, it is what was decided and owed.
  const landed =
    intent !== undefined &&
    intent.epoch === standing.role.epoch &&
    intent.to === standing.role.serving &&
    digestRecords(intent.records) === standing.role.set;
  const written = { epoch: standing.role.epoch, role: listedRole, records: standing.records };
  if (!landed) {
    watched.state = found(world, watched, { ...state, written });
    // The fence is past it: whatever is still on its way is refused.
    if (intent !== undefined && standing.role.epoch >= intent.epoch) delete watched.state.intent;
    return;
  }
  const nowMs = world.clock.now();
  const { intent: _, ...rest } = state;
  const { refused: __, ...told } = state.told;
  const text = `${intent.reason}: ${intent.from ?? 'nothing'} -> ${intent.to}, epoch ${intent.epoch}, is in the zone`;
  const journal = noted(state.journal, { atMs: nowMs, what: 'written', text, detail: { role: intent.role } });
  let next: SiteState = { ...rest, told, written, journal };
  if (intent.act !== 'leave') next = { ...next, owed: [...next.owed, intent.announcement] };
  const byHand = intent.reason === 'failback' && state.failbackAsked !== undefined;
  if (intent.act === 'serve' && BY_ITSELF.includes(intent.reason) && !byHand) {
    next = { ...next, damping: afterMove(next.damping, nowMs) };
  }
  if (byHand) delete next.failbackAsked;
  watched.state = next;
  watched.failedWrites = 0;
  if (intent.act === 'serve' && intent.from !== intent.to) {
    world.log({
      event: 'switch',
      site: site.name,
      from: intent.from,
      to: intent.to,
      reason: intent.reason,
      epoch: intent.epoch,
      at: isoTime(state.unpublished?.epoch === intent.epoch ? state.unpublished.acceptedMs : nowMs),
    });
  }
};
