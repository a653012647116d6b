import { soon } from '../async/deadline.ts';
import { isBehind } from '../book/announce.ts';
import { change } from '../book/change.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { isUnanswered } from '../core/base/fault.ts';
import { askedByHand, ROWS_IN_NEED } from '../core/decision/decide.ts';
import { BY_ITSELF, type Mover, mayGo, movesAllowed } from '../core/decision/move-limit.ts';
import { servingOf } from '../core/evidence/targets.ts';
import { roleLags } from '../core/state/site-state.ts';
import { assess } from '../core/steps/assess.ts';
import { unlisted } from '../core/steps/refused.ts';
import { batches } from '../core/zone/batches.ts';
import { desiredRecords } from '../core/zone/zone-view.ts';
import type { World } from '../ports.ts';
import { listAgain } from '../zones/listing.ts';
import { type Move, prepare } from './intent.ts';
import { succeeded, waitFor } from './progress.ts';
import { readBack, type Sent, send } from './send.ts';

/** A zone's sites wait so long for change tokens and no longer: what does not fit is decided anew, on fresh evidence, at the next look. */
const WAIT_FOR_TOKENS_MS = 2000;
/** A change is usually answered within a second. */
const ANSWER_LATE_MS = 3000;

/**
 * Makes DNS say what was decided for sites of one zone: lists it, decides once more on what it lists, saves the intents, sends,
 * reads back. Every zone has a line of its own for this, so that one whose calls hang delays no other.
 */
export const act = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const now = world.clock.now();
  const due = sites.filter((w) => needsListing(w) && (!writes(w) || mayWrite(w, now)));
  const affordable = claimTokens(world, watch, due);
  if (affordable.length > 0) await actOnZone(world, watch, affordable);
};

const lags = ({ view, state }: Watched): boolean =>
  view?.kind === 'ours' && roleLags(view.role, state.override);

/** Whether anything is to be done for a site: to write, or to find out how it stands. */
export const needsListing = (watched: Watched): boolean => {
  const { view, assessment, state, editSeen } = watched;
  return (
    view === undefined ||
    assessment === undefined ||
    assessment.decision.act !== 'leave' ||
    state.intent !== undefined ||
    lags(watched) ||
    isBehind(watched) ||
    editSeen?.confirmed === false
  );
};

/** Whether the site is due only for what a refusal or a protection forbids for a while. */
const writes = (watched: Watched): boolean =>
  watched.editSeen?.confirmed !== false && watched.view !== undefined && isWriteDue(watched);

const isWriteDue = (watched: Watched): boolean =>
  (watched.assessment !== undefined && watched.assessment.decision.act !== 'leave') || lags(watched);

const mayWrite = ({ holdWritesUntilMs, state }: Watched, nowMs: number): boolean =>
  holdWritesUntilMs <= nowMs && (state.protected?.retryMs ?? 0) <= nowMs;

const inNeed = ({ assessment }: Watched): boolean =>
  assessment !== undefined && ROWS_IN_NEED.includes(assessment.decision.row);

/** As many sites as there are change tokens for, those first whose visitors wait; one always. */
const claimTokens = (world: World, watch: Watch, due: Watched[]): Watched[] => {
  if (world.pacer === undefined) return due;
  let left = world.pacer.within(WAIT_FOR_TOKENS_MS) - watch.claimedTokens;
  const sorted = [...due].sort((a, b) => Number(inNeed(b)) - Number(inNeed(a)));
  return sorted.filter((watched, index) => {
    const cost = writes(watched) ? changesOf(watched) : 0;
    left -= cost;
    return index === 0 || cost === 0 || left >= 0;
  });
};

/** What is listed goes, what the server has comes, and the role record is swapped. */
const changesOf = ({ view, site, assessment }: Watched): number => {
  const server = site.servers.find(({ name }) => name === assessment?.decision.server);
  const role = view?.kind === 'ours' ? 2 : 1;
  if (server === undefined || assessment?.decision.act !== 'serve') return role;
  const listed = view === undefined || view.kind === 'nothing' ? 0 : view.records.length;
  return listed + desiredRecords(site, server).length + role;
};

const actOnZone = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const zone = sites[0]?.site.zone ?? '';
  waitFor(world, watch, zone, `Route 53 has not yet listed the zone ${zone}`);
  const unread = await listAgain(world, zone, sites);
  if (unread !== undefined) {
    const last = { why: unread.message, atMs: world.clock.now(), passes: isUnanswered(unread.code) };
    for (const watched of sites) if (isWriteDue(watched)) change(watched, unlisted(last));
    return waitFor(world, watch, zone, `the zone could not be listed: ${unread.message}`);
  }
  for (const watched of sites) reassess(world, watched);
  limitMoves(world, watch, sites);
  const nowMs = world.clock.now();
  const free = sites.filter((watched) => mayWrite(watched, nowMs));
  waitFor(world, watch, zone, 'what was decided could not yet be saved');
  const prepared = await Promise.all(free.map((watched) => prepare(world, watch, watched)));
  const moves = prepared.filter((move) => move !== undefined);
  if (moves.length === 0) succeeded(world, watch, zone);
  const sent: Sent[] = [];
  for (const batch of claimed(watch, moves)) {
    waitFor(world, watch, zone, `Route 53 has not yet answered a change of the zone ${zone}`);
    const sending = send(world, watch, zone, batch);
    // It may have been taken although nobody hears of it: then the zone lists it, and people need not wait for the answer.
    if (!(await soon(world.clock, ANSWER_LATE_MS, sending)))
      await listAgain(
        world,
        zone,
        batch.map(({ watched }) => watched),
      );
    const results = await sending;
    const fault = results.find((result) => result.fault !== undefined)?.fault;
    if (fault === undefined) succeeded(world, watch, zone);
    else waitFor(world, watch, zone, `Route 53 did not take a change of the zone ${zone}: ${fault.message}`);
    sent.push(...results);
  }
  await readBack(world, watch, zone, sent);
};

/** The batches of these moves. Their change tokens are claimed until each is sent, since other zones count on the same account's. */
function* claimed(watch: Watch, moves: Move[]): Generator<Move[]> {
  const costOf = (batch: Move[]) => batch.reduce((sum, { changes }) => sum + changes.length, 0);
  let left = costOf(moves);
  watch.claimedTokens += left;
  try {
    for (const batch of batches(moves)) {
      const cost = costOf(batch);
      watch.claimedTokens -= cost;
      left -= cost;
      yield batch;
    }
  } finally {
    watch.claimedTokens -= left;
  }
}

/** The decision once more, on what the zone lists now. */
const reassess = (world: World, watched: Watched): void => {
  const { assessment, view } = watched;
  if (assessment === undefined || view === undefined) return;
  if (servingOf(view) !== servingOf(assessment.view)) {
    // What serves now is not what was looked at as serving: the next look decides.
    delete watched.assessment;
    return;
  }
  const nowMs = world.clock.now();
  const { site, state } = watched;
  const { facts, decision } = assess({ site, state, view }, assessment.look, nowMs, world.config);
  watched.assessment = { ...assessment, state, view, facts, decision, nowMs };
};

/** Whether the site is decided to move, and no person said so. */
const movesByItself = ({ assessment }: Watched): boolean =>
  assessment?.decision.act === 'serve' &&
  BY_ITSELF.includes(assessment.decision.reason) &&
  !askedByHand(assessment.facts, assessment.decision);

/** When a site was last let go, or moved by itself. A write that is still open was let go when it was decided. */
const lastMoveMs = ({ movedMs, state: { intent, damping } }: Watched): number =>
  Math.max(
    movedMs ?? damping.movesMs.at(-1) ?? 0,
    intent?.act === 'serve' && BY_ITSELF.includes(intent.reason) ? intent.decidedMs : 0,
  );

/** Lets no more than the configured share of all sites move by themselves within one interval; the others are left, and say so. */
const limitMoves = (world: World, watch: Watch, sites: Watched[]): void => {
  const { config } = world;
  const nowMs = world.clock.now();
  const due = new Set(sites.filter(movesByItself));
  const movers = watch.sites.map(
    (watched): Mover => ({
      site: watched.site.name,
      lastMs: lastMoveMs(watched),
      due: due.has(watched),
      urgent: inNeed(watched),
    }),
  );
  const allowed = movesAllowed(config.sites.length, config.maxMoveShare);
  const windowMs = config.intervalSeconds * 1000;
  const going = mayGo(movers, { allowed, windowMs, nowMs });
  for (const watched of due) {
    if (going.has(watched.site.name)) {
      if (lastMoveMs(watched) <= nowMs - windowMs) watched.movedMs = nowMs;
    } else if (watched.assessment !== undefined) {
      const { decision } = watched.assessment;
      watched.assessment = { ...watched.assessment, decision: { ...decision, act: 'leave', waits: true } };
    }
  }
};
