import { afterMove } from '../decision/damping.ts';
import { BY_ITSELF } from '../decision/move-limit.ts';
import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { incidentId } from '../state/notice.ts';
import { enqueue, enqueued } from '../state/outbox.ts';
import { withReminders } from '../state/reminders.ts';
import type { Intent, SiteState } from '../state/site-state.ts';
import { parseRole, type Role } from '../zone/role-record.ts';
import { listedRole, sameRecords, type ZoneView } from '../zone/zone-view.ts';
import { tellExpiry } from './expiry.ts';
import { propagationOf } from './follow.ts';

type Ours = ZoneView & { kind: 'ours' };

/** A move that is found and is no older than this is followed from when it was made; before it would be late, by `follow`. */
const JUST_NOW_MS = 60_000;

/**
 * The state once it is known how the zone stands. An intent that the zone shows is resolved, and its announcement is
 * pending from then on; one that the fence is past is dropped; a move that nobody here remembers is told as found, so
 * that every switch is told.
 */
export const resolveIntent = (
  site: Site,
  state: SiteState,
  view: ZoneView,
  nowMs: number,
): { state: SiteState; applied?: Intent } => {
  const { intent, ...rest } = state;
  if (view.kind === 'edited' && intent !== undefined) return edited(site, state, view, nowMs);
  if (view.kind !== 'ours') return { state };
  const written = {
    epoch: view.role.epoch,
    role: view.roleRecord.values[0] ?? '',
    records: view.records,
  };
  if (intent !== undefined && isApplied(intent, state, view)) {
    // The move may be the first thing after a hold's end, and then nothing but what was written before shows that there
    // was one.
    const before = parseRole(state.written?.role ?? '');
    const told = tellExpiry(site, rest, before, nowMs);
    return { state: resolved({ ...told, written }, intent, nowMs), applied: intent };
  }
  const past = intent !== undefined && view.role.epoch >= intent.epoch;
  const next: SiteState = { ...(past ? rest : state), written };
  return { state: found(site, { before: state, next }, view.role, nowMs) };
};

/** What became of an intent where a person edited the records since: that is told as well as the edit. */
const edited = (
  site: Site,
  state: SiteState & { intent?: Intent },
  { roleRecord, owner }: ZoneView & { kind: 'edited' },
  nowMs: number,
): { state: SiteState; applied?: Intent } => {
  const { intent, ...rest } = state;
  if (intent === undefined) return { state };
  const role = parseRole(roleRecord?.values[0] ?? '');
  if (owner === undefined && role?.epoch === intent.epoch && role.serving === intent.to) {
    const written = { epoch: intent.epoch, role: intent.role, records: intent.records };
    return { state: resolved({ ...rest, written }, intent, nowMs), applied: intent };
  }
  const isRead = role !== undefined && role.epoch < intent.epoch;
  if (isRead || intent.act !== 'serve') return { state };
  const { from, to, epoch, reason, row } = intent;
  const news = { type: 'unread', from, to, epoch, reason, row } as const;
  return { state: enqueue(site, rest, { kind: 'unread', news }, nowMs) };
};

const servingNoted = (state: SiteState): string | undefined => parseRole(state.written?.role ?? '')?.serving;

/**
 * Two controllers may have decided the same at the same epoch: whichever batch was applied, it is what was decided. And
 * a person may have swapped the role record since: then the server that the intent moved to serves, and did not before.
 */
const isApplied = (intent: Intent, state: SiteState, { role, records }: Ours): boolean => {
  if (intent.to !== role.serving) return false;
  if (intent.epoch === role.epoch) return sameRecords(intent.records, records);
  return role.epoch > intent.epoch && intent.from !== intent.to && servingNoted(state) !== role.serving;
};

const resolved = (state: SiteState, intent: Intent, nowMs: number): SiteState => {
  const text = `${intent.reason}: ${intent.from ?? 'nothing'} -> ${intent.to}, epoch ${intent.epoch}, is in the zone`;
  const entry = { atMs: nowMs, what: 'written', text, detail: { role: intent.role } } as const;
  const history = noted(state.history, entry, intent.decidedMs);
  const { protected: _, writeRefused: ___, ...free } = state;
  const written = withReminders(free.reminders, 'refused', {});
  const kept: SiteState = { ...free, history, reminders: withReminders(written, 'protected', {}) };
  const next = intent.act === 'leave' ? kept : enqueued(kept, intent.notice);
  if (intent.act === 'serve') next.propagation = propagationOf(intent, state, nowMs);
  if (intent.act !== 'serve' || !BY_ITSELF.includes(intent.reason)) return next;
  // A failback that a person asked for is by hand, and ends the asking.
  if (intent.reason !== 'failback' || state.failbackAsked === undefined) {
    return { ...next, damping: afterMove(next.damping, nowMs) };
  }
  const { failbackAsked: __, ...done } = next;
  return done;
};

const foundNotice = (from: string, { epoch, serving, mode }: Role) => ({
  kind: 'found',
  news: { type: 'found', from, epoch, serving, mode } as const,
});

/**
 * A write of ours that nobody here decided or remembers: another controller's, whose own note of it was lost. The epoch
 * is the witness, since a site may have moved away and back. A person's own write is told by the order.
 */
const found = (
  site: Site,
  { before, next }: { before: SiteState; next: SiteState },
  role: Role,
  nowMs: number,
): SiteState => {
  const { written, intent, override, decided } = before;
  // Nothing was ever noted: that is a beginning, unless something was decided here before, and so may have been sent.
  if (written === undefined && intent === undefined && decided === undefined) return next;
  const from = servingNoted(before) ?? 'nothing';
  const byHand =
    override?.epoch === role.epoch && (from === role.serving || override.serving === role.serving);
  if (role.epoch <= (written?.epoch ?? 0)) return next;
  const queued = byHand ? next : enqueue(site, next, foundNotice(from, role), nowMs);
  if (from === role.serving || from === 'nothing' || !site.servers.some((s) => s.name === role.serving))
    return queued;
  const { epoch, serving: to, mode, sinceSeconds } = role;
  const incident = queued.incident?.id ?? incidentId(site.name, nowMs);
  // Nobody remembers why it moved. In the mode auto that counts as a move by itself, or a site could swing without a
  // word and without a limit.
  const counts = mode === 'auto' && !byHand;
  const damping = counts ? afterMove(queued.damping, Math.min(nowMs, sinceSeconds * 1000)) : queued.damping;
  const sinceMs = Math.min(nowMs, sinceSeconds * 1000);
  // Of one that is long ago only that it is there now is known, and nothing of it is late.
  const acceptedMs = nowMs - sinceMs < JUST_NOW_MS ? sinceMs : nowMs;
  return { ...queued, damping, propagation: { epoch, from, to, incident, acceptedMs } };
};

/**
 * Tells a move that nobody remembers together with a person's edit, as long as the role record shows it: once an order
 * replaces that, nobody could. Once the edit was told, so was this.
 */
export const tellFound = (site: Site, state: SiteState, view: ZoneView, nowMs: number): SiteState => {
  const role = listedRole(view);
  const from = servingNoted(state);
  if (role === undefined || from === undefined || role.epoch <= (state.written?.epoch ?? 0)) return state;
  if (role.serving === from || state.told.edit !== undefined) return state;
  return enqueue(site, state, foundNotice(from, role), nowMs);
};
