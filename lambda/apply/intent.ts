import { assessmentOf } from '../assess/assess.ts';
import { entryOf, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { isAway, save } from '../book/table.ts';
import { askedByHand, type Decision, ROWS_IN_NEED } from '../core/decision/decide.ts';
import { evidenceOf } from '../core/evidence/evidence.ts';
import { servingOf } from '../core/evidence/targets.ts';
import { turnedMs } from '../core/site/health.ts';
import type { Site } from '../core/site/site.ts';
import type { MoveNews } from '../core/state/news.ts';
import { noticeOf } from '../core/state/notice.ts';
import { withIncident } from '../core/state/outbox.ts';
import { plannedTtl } from '../core/state/planned-switch.ts';
import {
  type Intent,
  modeInForce,
  modeToWrite,
  roleFields,
  roleLags,
  type SiteState,
} from '../core/state/site-state.ts';
import type { Assessment } from '../core/steps/assessment.ts';
import { endsIncident } from '../core/steps/incident.ts';
import { intended, unsent } from '../core/steps/written.ts';
import { membersListed } from '../core/zone/members.ts';
import type { Change, RecordSet } from '../core/zone/records.ts';
import { formatRole, MAX_EPOCH, type Role, sealed } from '../core/zone/role-record.ts';
import { batchFor, dueRecords, type ZoneView } from '../core/zone/zone-view.ts';
import { listedOf } from '../zones/listing.ts';
import { type Apply, waitFor } from './gate.ts';

/**
 * One site's part of a batch: what was decided and saved, and the changes that carry it out. `override`: the order of a person that was
 * known then. `savedMs`: of the steady clock.
 */
export type Move = {
  site: Site;
  intent: Intent;
  changes: Change[];
  override: SiteState['override'];
  savedMs: number;
};

/** Rows by which a planned switch lowers the TTL and moves. */
const ROWS_OF_PLANS = [13, 14];

type Wanted = { decision: Decision; serving: string; records: RecordSet[] };

/** What the zone should hold after the decision; `undefined` when nothing is to be written. */
const wanted = (assessment: Assessment): Wanted | undefined => {
  const { decision, site, view, state } = assessment;
  const listed = view.kind === 'nothing' ? [] : view.records;
  if (decision.act === 'serve') {
    const server = site.servers.find((s) => s.name === decision.server);
    if (server === undefined) return undefined;
    // A site that fails over in the middle of a planned switch gets its usual TTL.
    const planned = ROWS_OF_PLANS.includes(decision.row);
    const ttlSeconds = planned ? plannedTtl(site, state.point, server.name) : undefined;
    const { nowMs } = assessment;
    const records = dueRecords(site, server, listed, { targets: state.targets, nowMs, ttlSeconds });
    return { decision, serving: server.name, records };
  }
  const serving = servingOf(view);
  if (decision.act === 'adopt' && serving !== undefined) return { decision, serving, records: listed };
  // A person's order is saved and not in the zone yet: the console's own write was refused, or it died before.
  if (view.kind === 'ours' && roleLags(view.role, state.override)) {
    return { decision, serving: view.role.serving, records: listed };
  }
  // A write of ours or another's may still be on its way. Nothing is to be done any more, so it is cancelled by a
  // write: the next epoch with the same server, after which it cannot match.
  if (state.intent !== undefined && view.kind === 'ours') {
    return { decision, serving: view.role.serving, records: listed };
  }
  return undefined;
};

const whyRewritten = ({ state: { point }, decision }: Assessment): Pick<MoveNews, 'lowered'> =>
  point?.planned !== undefined && point.from === decision.server && decision.row === 14
    ? { lowered: { to: point.to, by: point.by } }
    : {};

/** Why no write can follow what the zone lists. Only a person brings a role record so far. */
const EPOCHS_USED_UP = `the epoch in its role record is ${MAX_EPOCH}, and none follows it. Set it to a lower one in the Route 53 console, then repeat "put-back"`;

/**
 * The role record that goes with what is wanted; `undefined` when no epoch is left for it, so that nobody would take it
 * for newer.
 */
const roleFor = (
  { site, state }: { site: Site; state: SiteState },
  view: ZoneView,
  want: Wanted,
  nowMs: number,
): Role | undefined => {
  const before = view.kind === 'ours' ? view.role : undefined;
  const epoch = (before?.epoch ?? state.written?.epoch ?? 0) + 1;
  if (epoch > MAX_EPOCH) return undefined;
  const stays = before !== undefined && before.serving === want.serving;
  const fields = {
    epoch,
    serving: want.serving,
    ...roleFields(modeToWrite(before, state.override, nowMs)),
    sinceSeconds: stays ? before.sinceSeconds : Math.floor(nowMs / 1000),
  };
  return sealed(fields, want.records, site.deployment);
};

type Made = { role: Role; from: string | null; nowMs: number; incident: string };

const intentOf = (nonce: string, assessment: Assessment, want: Wanted, made: Made): Intent => {
  const { site, look, state } = assessment;
  const { decision, serving: to, records } = want;
  const { role, from, nowMs, incident } = made;
  const { reason, row } = decision;
  const members = membersListed(site, to, records).map(({ name }) => name);
  const move = { reason, row, from, to, epoch: role.epoch, members, ...whyRewritten(assessment) };
  const lost = from === null || from === to ? undefined : state.targets[from];
  const news = {
    type: 'moved',
    ...move,
    evidence: evidenceOf(site, look),
    ...(lost?.health === 'down' && { sinceMs: turnedMs(lost) }),
    ...(endsIncident(assessment, to) && { over: true as const }),
  } as const;
  return {
    nonce,
    epoch: role.epoch,
    from,
    to,
    reason,
    row,
    act: decision.act,
    evidenceMs: look.startMs,
    decidedMs: nowMs,
    role: formatRole(role),
    records,
    notice: noticeOf({ site: site.name, incident, kind: reason, atMs: nowMs, news }),
  };
};

/** Saves the intent and answers the move to send; `undefined` when nothing is to be sent now. */
export const prepare = async (apply: Apply, site: Site): Promise<Move | undefined> => {
  const { assessments, book, clock, listings, work } = apply;
  const assessment = assessmentOf(assessments, site);
  const { view } = listedOf(listings, site);
  const { state, unreadable } = entryOf(book, site);
  if (assessment === undefined || view === undefined || unreadable || work.over) return undefined;
  const want = wanted(assessment);
  if (want === undefined) {
    // Next to records that are not ours a batch on its way matches nothing; one that only creates, in an empty zone,
    // will be found.
    if (state.intent !== undefined) change(book, site, unsent());
    return undefined;
  }
  if (isAway(book, site) && !mayMoveWithoutStore(assessment)) return undefined;
  if (book.batonFailures > 0 && isForHolder(assessment)) return undefined;
  const nowMs = clock.now();
  const role = roleFor({ site, state }, view, want, nowMs);
  if (role === undefined) {
    waitFor(apply, site.zone, `${site.name}: ${EPOCHS_USED_UP}`);
    return undefined;
  }
  const { incident } = withIncident(site, state, nowMs);
  const from = servingOf(view) ?? null;
  const intent = intentOf(apply.nonce(), assessment, want, { role, from, nowMs, incident: incident.id });
  change(book, site, (before) => intended(intent)({ ...before, incident }));
  const saved = await save(book, site);
  if (!saved && !(isAway(book, site) && mayMoveWithoutStore(assessment))) {
    // Nothing of it will ever be sent, so nothing of it is to be cancelled either.
    change(book, site, unsent(intent.nonce));
    return undefined;
  }
  // Another writer was first, and has changed what this was decided on: the next look decides again.
  if (stateOf(book, site).intent?.nonce !== intent.nonce) return undefined;
  const changes = batchFor(site, view, want.records, role);
  const isServe = want.decision.act === 'serve';
  return {
    site,
    intent,
    changes: isServe ? changes : changes.filter((c) => c.record.type === 'TXT'),
    override: state.override,
    savedMs: clock.steady(),
  };
};

/**
 * Rows of what nobody waits for and no person asked for: adoption, creation, the way back, what is configured
 * differently now.
 */
const ROWS_OF_HOLDER = [2, 4, 13, 14];

/**
 * Whether a write is for the holder of the baton alone. A newer controller may have begun, with a configuration that
 * this one does not know: what that one has just written must not be written back.
 */
const isForHolder = ({ decision, facts }: Assessment): boolean =>
  decision.act !== 'leave' && ROWS_OF_HOLDER.includes(decision.row) && !askedByHand(facts, decision);

/**
 * With the state store away a failover is still made, on evidence gathered since, when the role record says `auto`: a
 * hold could have been saved in the store alone. Nothing else moves, a failback never does.
 */
const mayMoveWithoutStore = ({ view, decision, nowMs }: Assessment): boolean =>
  ROWS_IN_NEED.includes(decision.row) &&
  view.kind === 'ours' &&
  modeInForce(view.role, undefined, nowMs).mode === 'auto';
