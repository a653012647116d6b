import { batches } from './core/batches.ts';
import { consider } from './core/consider.ts';
import { Fault } from './core/fault.ts';
import { noted } from './core/journal.ts';
import { refused } from './core/letters.ts';
import { standingWith } from './core/readdress.ts';
import type { RecordSet } from './core/records.ts';
import { settle } from './core/settle.ts';
import type { Standing } from './core/standing.ts';
import { type Intent, roleLags } from './core/state.ts';
import { owe, TELL_AGAIN_MS } from './core/tell.ts';
import { holdings } from './holdings.ts';
import { type Move, prepare } from './intent.ts';
import { save, type Watch, type Watched } from './watch.ts';
import { eachOf, isoTime, logFault, switchLine, type World } from './world.ts';

/** Intents saved side by side. */
const SAVES_AT_ONCE = 25;
/** Evidence may be this old, on top of the probe's own timeout, when the batch is sent. Older evidence is gathered anew. */
const EVIDENCE_SLACK_MS = 15_000;
/** After a refusal that needs a person (permissions, a zone that is gone), the next try waits this long. */
const REFUSED_PAUSE_MS = 60_000;
/** How long an edit must stand before it is believed. */
const SECOND_LOOK_MS = 3000;
/** Failures that may pass are told once there were so many in a row. */
const PASSING_FAILURES_TOLD = 3;
/** Rows of the decision table that rest on this round's evidence. The others rest on a person's word. */
const ROWS_ON_EVIDENCE = [2, 10, 11, 13, 14];

/** Makes DNS say what was decided: lists each zone, decides once more on what it lists, saves the intent, sends, reads back. */
export const act = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const now = world.clock.now();
  const due = sites.filter(
    (w) => needsListing(w) && (w.considered?.decision.act === 'leave' || w.holdWritesUntilMs <= now),
  );
  const byZone = Map.groupBy(due, (w) => w.site.zone);
  await Promise.all([...byZone].map(([zone, members]) => actOnZone(world, watch, zone, members)));
};

const needsListing = ({ standing, considered, state, editSeen }: Watched): boolean =>
  standing === undefined ||
  considered === undefined ||
  considered.decision.act !== 'leave' ||
  state.intent !== undefined ||
  (standing.kind === 'ours' && roleLags(standing.role, state.hand)) ||
  editSeen?.confirmed === false;

const actOnZone = async (world: World, watch: Watch, zone: string, sites: Watched[]): Promise<void> => {
  const moves: Move[] = [];
  if (!(await listAgain(world, zone, sites))) return;
  await eachOf(sites, SAVES_AT_ONCE, async (watched) => {
    reconsider(world, watched);
    const move = await prepare(world, watch, watched);
    if (move !== undefined) moves.push(move);
  });
  for (const batch of batches(moves)) await send(world, watch, zone, batch);
};

/** Lists the zone and lets each site stand as it lists it; a landed intent is settled. Answers whether it could be listed. */
export const listAgain = async (world: World, zone: string, sites: Watched[]): Promise<boolean> => {
  let listing: RecordSet[];
  // Asked at the same time: with an address that moves, the zone tells half of what visitors meet.
  const held = holdings(
    world,
    sites.map((w) => w.site),
  );
  try {
    listing = await world.zones.list(zoneId(world, zone));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'zone', error);
    return false;
  }
  const found = await held;
  for (const watched of sites) {
    const holding = found.get(watched.site);
    delete watched.holding;
    if (holding !== undefined) watched.holding = holding;
    watched.standing = standingWith(watched.site, listing, watched.state, holding);
    noteEdit(watched, watched.standing, world.clock.now());
    // Nothing stored and nothing of ours in the zone is a beginning; only a role record shows that something was lost.
    if (watched.standing.kind !== 'ours') watched.stateLost = false;
    takeStanding(world, watched, watched.standing);
  }
  return true;
};

/** What landed is logged once it is saved: a controller that is over settles nothing, and its successor does. */
const takeStanding = (world: World, watched: Watched, standing: Standing): void => {
  const nowMs = world.clock.now();
  const { state, landed } = settle(watched.site, watched.state, standing, nowMs, world.config);
  watched.state = state;
  if (landed === undefined) return;
  watched.failedWrites = 0;
  const accepted = state.unpublished?.epoch === landed.epoch ? state.unpublished.acceptedMs : nowMs;
  const line = switchLine(watched.site.name, landed, accepted);
  if (line !== undefined) watched.landed.push(line);
};

const zoneId = (world: World, zone: string): string => {
  const id = world.zoneIds[zone];
  if (id === undefined) throw new Error(`The environment names no hosted zone id for the zone ${zone}.`);
  return id;
};

/** An edit is believed after a second look some seconds later, so that a listing caught between two of somebody's changes is not. */
const noteEdit = (watched: Watched, standing: Standing, nowMs: number): void => {
  const { editSeen } = watched;
  if (standing.kind !== 'edited') delete watched.editSeen;
  else if (editSeen?.detail !== standing.detail) {
    watched.editSeen = { detail: standing.detail, sinceMs: nowMs, confirmed: false };
  } else if (nowMs - editSeen.sinceMs >= SECOND_LOOK_MS) editSeen.confirmed = true;
};

/** The decision once more, on what the zone lists now. */
const reconsider = (world: World, watched: Watched): void => {
  const { considered, standing } = watched;
  if (considered === undefined || standing === undefined) return;
  const nowMs = world.clock.now();
  const { site, state } = watched;
  const { facts, decision } = consider({ site, state, standing }, considered.look, nowMs, world.config);
  watched.considered = { ...considered, state, standing, facts, decision, nowMs };
};

const fresh = (world: World, { watched, intent }: Move): boolean =>
  !ROWS_ON_EVIDENCE.includes(intent.row) ||
  intent.act !== 'serve' ||
  world.clock.now() - intent.evidenceMs <= watched.site.probe.timeoutSeconds * 1000 + EVIDENCE_SLACK_MS;

const dropStale = (world: World, moves: Move[]): Move[] => {
  const kept = moves.filter((move) => fresh(world, move));
  for (const { watched, intent } of moves.filter((move) => !kept.includes(move))) {
    // It was saved and never sent, so nothing needs to be cancelled.
    delete watched.state.intent;
    world.log({
      event: 'note',
      message: `The evidence for ${intent.reason} of ${watched.site.name} is too old to act on; it is gathered anew.`,
      at: isoTime(world.clock.now()),
    });
  }
  return kept;
};

/** Sends one batch, once. Whatever comes back, the zone's listing tells what became of it. */
const send = async (world: World, watch: Watch, zone: string, batch: Move[]): Promise<void> => {
  const moves = watch.over ? [] : dropStale(world, batch);
  if (moves.length === 0) return;
  const comment = `switchover ${world.config.deployment}: ${moves.map((m) => `${m.intent.reason} ${m.watched.site.name}`).join(', ')}`;
  let fault: Fault | undefined;
  let changeId: string | undefined;
  try {
    const changes = moves.flatMap((move) => move.changes);
    changeId = (await world.zones.change(zoneId(world, zone), changes, comment.slice(0, 256))).changeId;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error;
  }
  const acceptedMs = world.clock.now();
  for (const { watched, intent } of moves) {
    if (changeId !== undefined) watched.state.unpublished = { changeId, epoch: intent.epoch, acceptedMs };
  }
  if (fault?.code === 'refused' && moves.length > 1) return sendApart(world, watch, zone, moves, fault);
  const listed = await listAgain(
    world,
    zone,
    moves.map((m) => m.watched),
  );
  for (const { watched, intent } of moves) {
    if (watched.state.intent?.nonce !== intent.nonce) continue;
    if (fault === undefined || !listed) continue;
    await failed(world, watch, watched, intent, fault);
  }
};

/** One bad site must not keep the others: those that the refusal names go apart, or each goes alone when it names none. */
const sendApart = async (
  world: World,
  watch: Watch,
  zone: string,
  moves: Move[],
  fault: Fault,
): Promise<void> => {
  const isNamed = ({ changes }: Move) => changes.some((c) => fault.message.includes(`${c.record.name}.`));
  const named = moves.filter(isNamed);
  const rest = moves.filter((move) => !isNamed(move));
  const groups =
    named.length > 0 && rest.length > 0 ? [rest, ...named.map((m) => [m])] : moves.map((m) => [m]);
  for (const group of groups) await send(world, watch, zone, group);
};

/** The listing shows that the batch did not land (yet). */
const failed = async (
  world: World,
  watch: Watch,
  watched: Watched,
  intent: Intent,
  fault: Fault,
): Promise<void> => {
  const { site } = watched;
  const nowMs = world.clock.now();
  logFault(world, 'write', fault, site.name);
  const text = `${intent.reason} to ${intent.to}, epoch ${intent.epoch}: ${fault.message}`;
  watched.state = {
    ...watched.state,
    journal: noted(watched.state.journal, { atMs: nowMs, what: 'refused', text }),
  };
  // Without an answer it may still land, so the intent stays until it is finished or cancelled by a write.
  if (fault.code !== 'lost') delete watched.state.intent;
  watched.failedWrites += 1;
  const passing = ['lost', 'throttled', 'busy', 'unavailable'].includes(fault.code);
  // A refusal because the zone changed since it was listed is what the fence is for; the next round sees the change.
  if (fault.code === 'refused' && !asLeftBefore(intent, watched.standing)) return;
  if (!passing) watched.holdWritesUntilMs = nowMs + REFUSED_PAUSE_MS;
  if (passing && watched.failedWrites < PASSING_FAILURES_TOLD) return;
  const before = watched.state.told.refused;
  if (before !== undefined && before.message === fault.code && nowMs - before.atMs < TELL_AGAIN_MS) return;
  const words = refused(site, world.config, { from: intent.from, to: intent.to, message: fault.message });
  const owing = owe(site, watched.state, 'write-refused', words, nowMs);
  watched.state = { ...owing, told: { ...owing.told, refused: { message: fault.code, atMs: nowMs } } };
  await save(world, watch, watched);
};

/** Whether the zone still stands as it did when the intent was made. */
const asLeftBefore = (intent: Intent, standing: Standing | undefined): boolean =>
  standing?.kind === 'ours' ? standing.role.epoch === intent.epoch - 1 : standing?.kind !== 'edited';
