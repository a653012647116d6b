import { noteNews } from '../assess/announce.ts';
import { assessmentOf } from '../assess/assess.ts';
import { soon } from '../async/deadline.ts';
import { entryOf, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { isAway, reload, save } from '../book/table.ts';
import { type Fault, isUnanswered } from '../core/base/fault.ts';
import { same } from '../core/base/same.ts';
import { isoTime } from '../core/base/time.ts';
import { ROWS_IN_NEED } from '../core/decision/decide.ts';
import type { Site } from '../core/site/site.ts';
import { enqueue } from '../core/state/outbox.ts';
import { withoutRefusals } from '../core/state/refusals.ts';
import { isReminderDue, reminderKey } from '../core/state/reminders.ts';
import type { Intent } from '../core/state/site-state.ts';
import { LATE, refusalTold, tellRefusal, writeRefused } from '../core/steps/refused.ts';
import { accepted, unsent } from '../core/steps/written.ts';
import { blamesEach, protectionOf, refusalOf } from '../core/zone/refusal.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import { paced } from '../edge/pacer.ts';
import { logFault } from '../log/lines.ts';
import type { Clock } from '../ports.ts';
import { listAgain, listedOf, zoneId } from '../zones/listing.ts';
import { type Apply, gateOf } from './gate.ts';
import type { Move } from './intent.ts';

/**
 * Evidence may be this old, on top of the probe's own timeout, when a batch is sent or an address given up. Older
 * evidence is gathered again.
 */
export const EVIDENCE_SLACK_MS = 15_000;
/** After a refusal that needs a person (permissions, a zone that is gone), the next try waits this long. */
const REFUSED_PAUSE_MS = 60_000;
/** A protection is a person's word, like a hold: whether it has been lifted is found out by trying, rarely. */
const PROTECTED_PAUSE_MS = 300_000;
/** Failures that may pass, of a write or of a step of an address, are told once there were so many in a row. */
export const PASSING_FAILURES_TOLD = 3;
/** Rows of the decision table that rest on this round's evidence. The others rest on a person's word. */
const ROWS_ON_EVIDENCE = [2, 10, 11, 13, 14];

const fresh = (clock: Clock, { site, intent }: Move): boolean =>
  !ROWS_ON_EVIDENCE.includes(intent.row) ||
  intent.act !== 'serve' ||
  clock.now() - intent.evidenceMs <= site.probe.timeoutSeconds * 1000 + EVIDENCE_SLACK_MS;

const dropStale = ({ book, clock, log }: Apply, moves: Move[]): Move[] => {
  const kept = moves.filter((move) => fresh(clock, move));
  for (const { site, intent } of moves.filter((move) => !kept.includes(move))) {
    // It was saved and never sent, so nothing needs to be cancelled.
    change(book, site, unsent());
    log({
      event: 'note',
      message: `The evidence for ${intent.reason} of ${site.name} is too old to act on; it is gathered anew.`,
      at: isoTime(clock.now()),
    });
  }
  return kept;
};

/** Who saves is told of an order by the table. What waits for longer than this until it is sent, milliseconds, is held against it again. */
const WAITED_MS = 250;
/** Visitors do not wait for a slow table: what it says later the fence says, too. */
const TABLE_LATE_MS = 500;

/**
 * Those that no person has ordered otherwise while they waited for change tokens, or for the batches before them. An order swaps the role
 * record, so that they would be refused; where Route 53 does not take that they would be made after it.
 */
const dropOvertaken = async ({ book, clock, log }: Apply, moves: Move[]): Promise<Move[]> => {
  const waited = moves.filter(({ savedMs }) => clock.steady() - savedMs > WAITED_MS);
  const sites = waited.map(({ site }) => site).filter((site) => !isAway(book, site));
  if (sites.length > 0) await soon(clock, TABLE_LATE_MS, reload(book, sites));
  const kept = moves.filter(({ site, override }) => same(stateOf(book, site).override, override));
  for (const { site, intent } of moves.filter((move) => !kept.includes(move))) {
    change(book, site, unsent(intent.nonce));
    const message = `${intent.reason} of ${site.name} to ${intent.to} was not sent: a person has ordered otherwise since.`;
    log({ event: 'note', message, at: isoTime(clock.now()) });
  }
  return kept;
};

/** What was sent, and how it was refused; without a fault Route 53 took it. */
export type Sent = { moves: Move[]; fault?: Fault };

/**
 * Sends one batch, once, as soon as Route 53's limits allow. Whatever comes back, `readBack` tells what became of it.
 */
export const send = async (apply: Apply, zone: string, batch: Move[]): Promise<Sent[]> => {
  const tokens = batch.reduce((sum, { changes }) => sum + changes.length, 0);
  let moves: Move[] = [];
  const { value: changeId, fault } = await paced(apply.pacerOf?.(zone), tokens, async () => {
    const due = await dropOvertaken(apply, batch);
    moves = apply.work.over ? [] : dropStale(apply, due);
    if (moves.length === 0) return undefined;
    const changes = moves.flatMap((move) => move.changes);
    const comment = `switchover ${apply.config.deployment}: ${moves.map((m) => `${m.intent.reason} ${m.site.name}`).join(', ')}`;
    return (await apply.zones.change(zoneId(apply, zone), changes, comment.slice(0, 256))).changeId;
  });
  if (moves.length === 0) return [];
  const acceptedMs = apply.clock.now();
  for (const { site, intent } of moves) {
    if (changeId === undefined) continue;
    change(apply.book, site, accepted({ changeId, epoch: intent.epoch, acceptedMs }));
  }
  if (fault?.code === 'refused' && moves.length > 1) return sendApart(apply, zone, moves, fault);
  return [{ moves, ...(fault && { fault }) }];
};

/**
 * One bad site must not keep the others. Those that the refusal names are not sent again, the rest goes once more; when
 * it names nobody (or everybody together) each half goes for itself, so that the bad ones are found among a thousand in
 * some twenty calls. When it names each for itself, as after a predecessor's last batch, none is sent again before the
 * zone has been listed.
 */
const sendApart = async (apply: Apply, zone: string, moves: Move[], fault: Fault): Promise<Sent[]> => {
  const isNamed = ({ changes }: Move) => refusalOf(fault.message, changes) !== undefined;
  const named = moves.filter(isNamed);
  const rest = moves.filter((move) => !isNamed(move));
  if (rest.length === 0 && blamesEach(fault.message, moves)) return [{ moves, fault }];
  if (named.length === 0 || rest.length === 0) {
    const middle = Math.ceil(moves.length / 2);
    const first = await send(apply, zone, moves.slice(0, middle));
    return [...first, ...(await send(apply, zone, moves.slice(middle)))];
  }
  return [...(await send(apply, zone, rest)), { moves: named, fault }];
};

/**
 * Lists the zone once after all of its batches: a large one takes eleven requests, of ten a second that an account has.
 */
export const readBack = async (apply: Apply, zone: string, sent: Sent[]): Promise<void> => {
  const sites = sent.flatMap(({ moves }) => moves.map(({ site }) => site));
  if (sites.length === 0 || (await listAgain(apply.listings, zone, sites)) !== undefined) return;
  for (const { moves, fault } of sent) {
    if (fault === undefined) continue;
    for (const move of moves)
      if (stateOf(apply.book, move.site).intent?.nonce === move.intent.nonce)
        await failed(apply, move, fault);
  }
};

/** The listing shows that the batch was not applied (yet). */
const failed = async (apply: Apply, move: Move, fault: Fault): Promise<void> => {
  const { assessments, book, clock, listings } = apply;
  const { site, intent, changes } = move;
  const nowMs = clock.now();
  logFault(apply, 'write', fault, site.name);
  const message = (fault.code === 'refused' && refusalOf(fault.message, changes)) || fault.message;
  const text = `${intent.reason} to ${intent.to}, epoch ${intent.epoch}: ${message}`;
  const passing = isUnanswered(fault.code);
  change(book, site, writeRefused(text, { why: message, atMs: nowMs, passes: passing }));
  // Without an answer it may still be applied, so the intent stays until it is finished or cancelled by a write.
  if (fault.code !== 'lost') change(book, site, unsent());
  const failures = countFailure(apply, site);
  // What a person has ordered since ends what was due before: the next look tells what is due by then.
  if (!same(stateOf(book, site).override, move.override)) return change(book, site, withoutRefusals);
  if (isNeedless(apply, move)) return change(book, site, withoutRefusals);
  // A refusal because the zone changed since it was listed is what the fence is for; the next round sees the change.
  if (fault.code === 'refused' && !asLeftBefore(intent, listedOf(listings, site).view)) return;
  // First why the site should move: people read in the order of what happened.
  noteNews(assessments, site);
  const protection = protectionOf(fault, changes);
  if (protection !== undefined) return holdByProtection(apply, move, protection);
  if (!passing) gateOf(apply, site).holdWritesUntilMs = nowMs + REFUSED_PAUSE_MS;
  if (passing && failures < PASSING_FAILURES_TOLD) return;
  // A failure that may pass comes in ever other words, with so many milliseconds in them.
  const reminders = tellRefusal(stateOf(book, site).reminders, passing ? LATE : message, nowMs);
  if (reminders === undefined) return;
  const { from, to, reason } = intent;
  const news = { type: 'refused', from, to, reason, message, passes: passing } as const;
  change(book, site, refusalTold(site, news, reminders, nowMs));
  await save(book, site);
};

/** Whether the site is well without a move that was due when it was its turn: people may have been told so meanwhile. */
const isNeedless = ({ assessments }: Apply, { site, intent }: Move): boolean => {
  const decision = assessmentOf(assessments, site)?.decision;
  return intent.act === 'serve' && decision?.act === 'leave' && decision.reason === 'fine';
};

/** How many writes of a site have failed since one was applied, this one included. */
const countFailure = (apply: Apply, site: Site): number => {
  const gate = gateOf(apply, site);
  const { appliedEpoch } = entryOf(apply.book, site);
  gate.failedWrites = gate.failedAfter === appliedEpoch ? gate.failedWrites + 1 : 1;
  gate.failedAfter = appliedEpoch;
  return gate.failedWrites;
};

/**
 * Told once, and hourly while visitors wait for it. It is written down, so that the next controller tries as rarely.
 */
const holdByProtection = async ({ book, clock }: Apply, move: Move, message: string): Promise<void> => {
  const { site, intent } = move;
  const nowMs = clock.now();
  const { protected: before, reminders } = stateOf(book, site);
  const again =
    ROWS_IN_NEED.includes(intent.row) && isReminderDue(reminders[reminderKey('protected')], nowMs);
  change(book, site, (state) => ({
    ...state,
    protected: { message, retryMs: nowMs + PROTECTED_PAUSE_MS },
  }));
  if (before?.message !== message || again) {
    const { from, to, reason } = intent;
    const known = before?.message === message && { again: true as const };
    const news = { type: 'protected', from, to, reason, message, ...known } as const;
    change(book, site, (state) => ({
      ...enqueue(site, state, { kind: 'protected', news }, nowMs),
      reminders: { ...state.reminders, [reminderKey('protected')]: nowMs },
    }));
  }
  await save(book, site);
};

/** Whether the zone still stands as it did when the intent was made. */
const asLeftBefore = (intent: Intent, view: ZoneView | undefined): boolean =>
  view?.kind === 'ours' ? view.role.epoch === intent.epoch - 1 : view?.kind !== 'edited';
