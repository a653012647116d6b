import { assessmentOf, decideAgain, letWait } from '../assess/assess.ts';
import { soon } from '../async/deadline.ts';
import { stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { isUnanswered } from '../core/base/fault.ts';
import { askedByHand, ROWS_IN_NEED } from '../core/decision/decide.ts';
import { BY_ITSELF, type Mover, mayGo, movesAllowed } from '../core/decision/move-limit.ts';
import type { Site } from '../core/site/site.ts';
import { roleLags } from '../core/state/site-state.ts';
import { unlisted } from '../core/steps/refused.ts';
import { batches } from '../core/zone/batches.ts';
import { desiredRecords } from '../core/zone/zone-view.ts';
import type { Pacer } from '../ports.ts';
import { editOf, isBehind, listAgain, listedOf } from '../zones/listing.ts';
import { type Apply, gateOf, succeeded, waitFor } from './gate.ts';
import { type Move, prepare } from './intent.ts';
import { readBack, type Sent, send } from './send.ts';

/**
 * A zone's sites wait so long for change tokens and no longer: what does not fit is decided again, on fresh evidence,
 * at the next look.
 */
const WAIT_FOR_TOKENS_MS = 2000;
/** A change is usually answered within a second. */
const ANSWER_LATE_MS = 3000;

/**
 * Makes DNS say what was decided for sites of one zone: lists it, decides once more on what it lists, saves the
 * intents, sends, reads back. Every zone has a line of its own for this, so that one whose calls hang delays no other.
 */
export const act = async (apply: Apply, sites: Site[]): Promise<void> => {
  const nowMs = apply.clock.now();
  const due = sites.filter(
    (site) => needsListing(apply, site) && (!writes(apply, site) || mayWrite(apply, site, nowMs)),
  );
  const affordable = claimTokens(apply, due);
  if (affordable.length > 0) await actOnZone(apply, affordable);
};

const lags = ({ book, listings }: Apply, site: Site): boolean => {
  const { view } = listedOf(listings, site);
  return view?.kind === 'ours' && roleLags(view.role, stateOf(book, site).override);
};

/** Whether something is decided for a site that a write makes so. */
const isToWrite = (apply: Apply, site: Site): boolean => {
  const assessment = assessmentOf(apply.assessments, site);
  return (assessment !== undefined && assessment.decision.act !== 'leave') || lags(apply, site);
};

const isUnconfirmed = ({ listings }: Apply, site: Site): boolean =>
  editOf(listings, site)?.confirmed === false;

/** Whether anything is to be done for a site: to write, or to find out how it stands. */
export const needsListing = (apply: Apply, site: Site): boolean =>
  listedOf(apply.listings, site).view === undefined ||
  assessmentOf(apply.assessments, site) === undefined ||
  isToWrite(apply, site) ||
  stateOf(apply.book, site).intent !== undefined ||
  isBehind(apply.listings, site) ||
  isUnconfirmed(apply, site);

/** Whether the site is due only for what a refusal or a protection forbids for a while. */
const writes = (apply: Apply, site: Site): boolean =>
  !isUnconfirmed(apply, site) && listedOf(apply.listings, site).view !== undefined && isToWrite(apply, site);

const mayWrite = (apply: Apply, site: Site, nowMs: number): boolean =>
  gateOf(apply, site).holdWritesUntilMs <= nowMs &&
  (stateOf(apply.book, site).protected?.retryMs ?? 0) <= nowMs;

const inNeed = ({ assessments }: Apply, site: Site): boolean => {
  const assessment = assessmentOf(assessments, site);
  return assessment !== undefined && ROWS_IN_NEED.includes(assessment.decision.row);
};

/** As many sites as there are change tokens for, those first whose visitors wait; one always. */
const claimTokens = (apply: Apply, due: Site[]): Site[] => {
  const pacer = apply.pacerOf?.(due[0]?.zone ?? '');
  if (pacer === undefined) return due;
  let left = pacer.within(WAIT_FOR_TOKENS_MS) - claimedOf(apply, pacer);
  const sorted = [...due].sort((a, b) => Number(inNeed(apply, b)) - Number(inNeed(apply, a)));
  return sorted.filter((site, index) => {
    const cost = writes(apply, site) ? changesOf(apply, site) : 0;
    left -= cost;
    return index === 0 || cost === 0 || left >= 0;
  });
};

const claimedOf = ({ claimedTokens }: Apply, pacer: Pacer): number => claimedTokens.get(pacer) ?? 0;

/** What is listed goes, what the server has comes, and the role record is swapped. */
const changesOf = ({ assessments, listings }: Apply, site: Site): number => {
  const { view } = listedOf(listings, site);
  const decision = assessmentOf(assessments, site)?.decision;
  const server = site.servers.find(({ name }) => name === decision?.server);
  const role = view?.kind === 'ours' ? 2 : 1;
  if (server === undefined || decision?.act !== 'serve') return role;
  const listed = view === undefined || view.kind === 'nothing' ? 0 : view.records.length;
  return listed + desiredRecords(site, server).length + role;
};

const actOnZone = async (apply: Apply, sites: Site[]): Promise<void> => {
  const { assessments, clock, listings } = apply;
  const zone = sites[0]?.zone ?? '';
  waitFor(apply, zone, `Route 53 has not yet listed the zone ${zone}`);
  const unread = await listAgain(listings, zone, sites);
  if (unread !== undefined) {
    const last = { why: unread.message, atMs: clock.now(), passes: isUnanswered(unread.code) };
    for (const site of sites) if (isToWrite(apply, site)) change(apply.book, site, unlisted(last));
    return waitFor(apply, zone, `the zone could not be listed: ${unread.message}`);
  }
  for (const site of sites) decideAgain(assessments, site);
  limitMoves(apply, sites);
  const nowMs = clock.now();
  const free = sites.filter((site) => mayWrite(apply, site, nowMs));
  waitFor(apply, zone, 'what was decided could not yet be saved');
  const prepared = await Promise.all(free.map((site) => prepare(apply, site)));
  const moves = prepared.filter((move) => move !== undefined);
  if (moves.length === 0) succeeded(apply, zone);
  const sent: Sent[] = [];
  for (const batch of claimed(apply, moves)) sent.push(...(await sendInTime(apply, zone, batch)));
  await readBack(apply, zone, sent);
};

const sendInTime = async (apply: Apply, zone: string, batch: Move[]): Promise<Sent[]> => {
  waitFor(apply, zone, `Route 53 has not yet answered a change of the zone ${zone}`);
  const sending = send(apply, zone, batch);
  // It may have been taken although nobody hears of it: then the zone lists it, and people need not wait for the
  // answer.
  if (!(await soon(apply.clock, ANSWER_LATE_MS, sending)))
    await listAgain(
      apply.listings,
      zone,
      batch.map(({ site }) => site),
    );
  const results = await sending;
  const fault = results.find((result) => result.fault !== undefined)?.fault;
  if (fault === undefined) succeeded(apply, zone);
  else waitFor(apply, zone, `Route 53 did not take a change of the zone ${zone}: ${fault.message}`);
  return results;
};

/**
 * The batches of these moves. Their change tokens are claimed until each is sent, since other zones count on the same
 * account's.
 */
function* claimed(apply: Apply, moves: Move[]): Generator<Move[]> {
  const costOf = (batch: Move[]) => batch.reduce((sum, { changes }) => sum + changes.length, 0);
  const pacer = apply.pacerOf?.(moves[0]?.site.zone ?? '');
  const claim = (tokens: number) => pacer && apply.claimedTokens.set(pacer, claimedOf(apply, pacer) + tokens);
  let left = costOf(moves);
  claim(left);
  try {
    for (const batch of batches(moves)) {
      const cost = costOf(batch);
      claim(-cost);
      left -= cost;
      yield batch;
    }
  } finally {
    claim(-left);
  }
}

/** Whether the site is decided to move, and no person said so. */
const movesByItself = ({ assessments }: Apply, site: Site): boolean => {
  const assessment = assessmentOf(assessments, site);
  return (
    assessment?.decision.act === 'serve' &&
    BY_ITSELF.includes(assessment.decision.reason) &&
    !askedByHand(assessment.facts, assessment.decision)
  );
};

/** When a site was last let go, or moved by itself. A write that is still open was let go when it was decided. */
const lastMoveMs = (apply: Apply, site: Site): number => {
  const { intent, damping } = stateOf(apply.book, site);
  return Math.max(
    gateOf(apply, site).movedMs ?? damping.movesMs.at(-1) ?? 0,
    intent?.act === 'serve' && BY_ITSELF.includes(intent.reason) ? intent.decidedMs : 0,
  );
};

/**
 * Lets no more than the configured share of all sites move by themselves within one interval; the others are left, and
 * say so.
 */
const limitMoves = (apply: Apply, sites: Site[]): void => {
  const { config, clock } = apply;
  const nowMs = clock.now();
  const due = new Set(sites.filter((site) => movesByItself(apply, site)));
  const movers = config.sites.map(
    (site): Mover => ({
      site: site.name,
      lastMs: lastMoveMs(apply, site),
      due: due.has(site),
      urgent: inNeed(apply, site),
    }),
  );
  const allowed = movesAllowed(config.sites.length, config.maxMoveShare);
  const windowMs = config.intervalSeconds * 1000;
  const going = mayGo(movers, { allowed, windowMs, nowMs });
  for (const site of due) {
    if (!going.has(site.name)) letWait(apply.assessments, site);
    else if (lastMoveMs(apply, site) <= nowMs - windowMs) gateOf(apply, site).movedMs = nowMs;
  }
};
