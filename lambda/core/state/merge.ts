import { same } from '../base/same.ts';
import { seenMs } from '../evidence/handover.ts';
import type { TargetHealth } from '../site/health.ts';
import { type Asked, isSameOrder } from './asked.ts';
import { mergedHistory } from './merge-history.ts';
import { mergedNotices } from './merge-notices.ts';
import { mergedIncident, mergedSilence } from './merge-quiet.ts';
import { withoutOvertakenRefusals } from './refusals.ts';
import { type Reminders, remindersOf, withReminders } from './reminders.ts';
import { lastOverride, type SiteState, type Told } from './site-state.ts';
import { mergedList, mergedRecord, present, type Sides, stored, threeWay } from './three-way.ts';

/*
 * Two writers of one state, a controller and its successor or a controller and a person's console, begin with the same
 * stored one. Who saves second meets a conflict, and saves what comes of both. Each field has one rule for the case
 * that both have changed it:
 *
 *     targets                          of each target the health that was seen last
 *     written, propagation, unpublished  the higher epoch
 *     override                         the last order, as `lastOverride` tells
 *     point, failbackAsked             the last one that was asked for; none that either side has ended, or that an order ended
 *     intent                           theirs: it is stored, so it may be sent. Ours was not sent before it was stored.
 *     outbox, history                  what waits on either side, without what either is done with, and what both came by is one
 *     told, reminders                  by what it is about; of the same one theirs. An edit as the side of the higher epoch knows it
 *     damping, decided, answeredAs, writeRefused  the later one
 *     alerts                           what either has opened and neither has ended, by key
 *     incident                         theirs; of the same one what either side has changed of it. What ours tells of an incident that
 *                                      both opened is told of theirs
 *     silence                          the last one that was asked for; of the same one with what either side has kept back
 *     protected, rolledBack            theirs
 *     causes                           theirs: the next look tells them again
 */

type Fields = Sides<SiteState>;

const field = <K extends keyof SiteState>({ base, ours, theirs }: Fields, key: K): Sides<SiteState[K]> => ({
  base: base[key],
  ours: ours[key],
  theirs: theirs[key],
});

/** The one of the higher number; `theirs` where both have the same. */
const higher =
  <T>(numberOf: (one: T & {}) => number) =>
  (ours: T | undefined, theirs: T | undefined): T | undefined =>
    ours != null && (theirs == null || numberOf(ours) > numberOf(theirs)) ? ours : theirs;

const laterSeen = higher<TargetHealth>(seenMs);

/**
 * A new intent of ours counts only if theirs has changed nothing that it was decided on. What ours has resolved stays
 * resolved.
 */
const mergedIntent = ({ base, ours, theirs }: Fields): SiteState['intent'] => {
  if (!same(theirs.intent, base.intent)) return theirs.intent;
  const isNew = ours.intent !== undefined && ours.intent.nonce !== base.intent?.nonce;
  const restsOn = ({ override, point, failbackAsked, written, protected: kept }: SiteState) => [
    override,
    point?.askedMs,
    failbackAsked,
    written,
    kept,
  ];
  return isNew && !same(restsOn(theirs), restsOn(base)) ? theirs.intent : ours.intent;
};

/** Whether `other` is done with following a write that `side` still follows. */
const isThrough = (propagation: SiteState['propagation'], other: SiteState, base: SiteState): boolean => {
  if (propagation === undefined || other.propagation?.epoch === propagation.epoch) return false;
  const { epoch } = propagation;
  return (
    base.propagation?.epoch === epoch ||
    (!same(other.written, base.written) && (other.written?.epoch ?? 0) >= epoch)
  );
};

const mergedPropagation = (sides: Fields): SiteState['propagation'] => {
  const { base, ours, theirs } = sides;
  const own = isThrough(ours.propagation, theirs, base) ? undefined : ours.propagation;
  const other = isThrough(theirs.propagation, ours, base) ? undefined : theirs.propagation;
  return threeWay(
    { base: base.propagation, ours: own, theirs: other },
    higher(({ epoch }) => epoch),
  );
};

/** The last order to move; one that both began with is over once either side has ended it. */
const mergedAsked = <T extends Asked>(
  sides: Sides<T | undefined>,
  override: SiteState['override'],
): T | undefined => {
  const { base } = sides;
  const isOver = (one: T | undefined, other: T | undefined) =>
    one !== undefined &&
    base !== undefined &&
    isSameOrder(one, base) &&
    !(other !== undefined && isSameOrder(other, base));
  const asked = threeWay(sides, (ours, theirs) =>
    higher<T>(({ askedMs }) => askedMs)(
      isOver(ours, theirs) ? undefined : ours,
      isOver(theirs, ours) ? undefined : theirs,
    ),
  );
  // Whatever was asked for before an order gives way to it.
  return asked !== undefined && override !== undefined && override.askedMs > asked.askedMs
    ? undefined
    : asked;
};

/**
 * An edit that was told without knowing of the newer write that the other side knows: it may be none, and is told again
 * if it is one.
 */
const mergedEdit = ({ base, ours, theirs }: Fields): Told['edit'] => {
  const [own, other] = [ours.written?.epoch ?? 0, theirs.written?.epoch ?? 0];
  if (own !== other) return own > other ? ours.told.edit : theirs.told.edit;
  return threeWay({ base: base.told.edit, ours: ours.told.edit, theirs: theirs.told.edit }, stored);
};

const mergedTold = ({ base, ours, theirs }: Sides<Told>, edit: Told['edit']): Told => {
  const of = <K extends keyof Told>(key: K): Sides<Told[K]> => ({
    base: base[key],
    ours: ours[key],
    theirs: theirs[key],
  });
  const list = (key: 'down' | 'unknown' | 'obstacles') =>
    threeWay(of(key), (own, other) => mergedList(base[key] ?? [], own ?? [], other ?? []));
  const record = <T>(all: Sides<Record<string, T> | undefined>) =>
    threeWay(all, (own, other) =>
      mergedRecord({ base: all.base ?? {}, ours: own ?? {}, theirs: other ?? {} }),
    );
  return present<Told>({
    down: list('down') ?? [],
    unknown: list('unknown'),
    flaps: record(of('flaps')),
    certificates: record(of('certificates')),
    obstacles: list('obstacles'),
    hellos: record(of('hellos')),
    edit,
    expiryMs: threeWay(
      of('expiryMs'),
      higher((atMs) => atMs),
    ),
  });
};

/** An address that either side has seen to answer where it is to be is not away from there. */
const withoutArrived = (reminders: Reminders, answeredAs: SiteState['answeredAs']): Reminders => {
  const away = Object.entries(remindersOf(reminders, 'address')).filter(
    ([sinceSeconds]) => Number(sinceSeconds) > (answeredAs?.sinceSeconds ?? 0),
  );
  return withReminders(reminders, 'address', Object.fromEntries(away));
};

/** By key, what either side has opened and neither has ended. */
const mergedAlerts = ({ base, ours, theirs }: Sides<SiteState['alerts']>): SiteState['alerts'] => {
  const merged = mergedRecord({ base: base ?? {}, ours: ours ?? {}, theirs: theirs ?? {} });
  return Object.keys(merged).length === 0 ? undefined : merged;
};

/** The later one; of two of one moment the one with more moves. */
const laterDamping = (ours: SiteState['damping'], theirs: SiteState['damping']): SiteState['damping'] => {
  if (ours.lastDueMs !== theirs.lastDueMs) return ours.lastDueMs > theirs.lastDueMs ? ours : theirs;
  return ours.movesMs.length > theirs.movesMs.length ? ours : theirs;
};

/**
 * Ours, where both have opened an incident for themselves: people read of one trouble under one id. What tells of it
 * keeps its own id.
 */
const inTheirIncident = ({ base, ours, theirs }: Fields): SiteState => {
  const [own, id] = [ours.incident?.id, theirs.incident?.id];
  const isOpenedTwice = own !== base.incident?.id && id !== base.incident?.id && own !== id;
  if (own === undefined || id === undefined || !isOpenedTwice) return ours;
  const moved = <T extends { incident: string }>(one: T): T =>
    one.incident === own ? { ...one, incident: id } : one;
  const { intent, propagation } = ours;
  return {
    ...ours,
    outbox: ours.outbox.map(moved),
    ...(intent && { intent: { ...intent, notice: moved(intent.notice) } }),
    ...(propagation && { propagation: moved(propagation) }),
  };
};

/** What was written, is to be, and was refused. */
const ofWrites = (sides: Fields) => ({
  written: threeWay(
    field(sides, 'written'),
    higher(({ epoch }) => epoch),
  ),
  intent: mergedIntent(sides),
  unpublished: threeWay(
    field(sides, 'unpublished'),
    higher(({ epoch }) => epoch),
  ),
  rolledBack: threeWay(field(sides, 'rolledBack'), stored),
  protected: threeWay(field(sides, 'protected'), stored),
  writeRefused: threeWay(
    field(sides, 'writeRefused'),
    higher(({ atMs }) => atMs),
  ),
  propagation: mergedPropagation(sides),
});

/**
 * What comes of `theirs`, which another writer has stored, and what was `made` here (ours), which could not be: both
 * were made from `base`, which is what ours was last loaded or saved as. So what one has acknowledged does not come
 * back, and what one has removed stays removed.
 */
export const merge = (base: SiteState, made: SiteState, theirs: SiteState): SiteState => {
  if (same(made, base) || same(made, theirs)) return theirs;
  if (same(theirs, base)) return made;
  const sides = withoutOvertakenRefusals({
    base,
    ours: inTheirIncident({ base, ours: made, theirs }),
    theirs,
  });
  const { ours } = sides;
  const of = <K extends keyof SiteState>(key: K) => field(sides, key);
  const override = threeWay(of('override'), (own, other) => lastOverride(other, own));
  const answeredAs = threeWay(
    of('answeredAs'),
    higher(({ sinceSeconds }) => sinceSeconds),
  );
  const told = mergedTold({ base: base.told, ours: ours.told, theirs: theirs.told }, mergedEdit(sides));
  const reminders = mergedRecord(of('reminders'));
  const merged = present<SiteState>({
    schema: 2,
    ...ofWrites(sides),
    targets: mergedRecord(of('targets'), laterSeen),
    causes: threeWay(of('causes'), stored),
    incident: mergedIncident(of('incident')),
    alerts: mergedAlerts(of('alerts')),
    silence: mergedSilence(of('silence')),
    told,
    reminders: same(answeredAs, base.answeredAs) ? reminders : withoutArrived(reminders, answeredAs),
    outbox: [],
    history: mergedHistory(sides),
    decided: threeWay(
      of('decided'),
      higher(({ facts }) => facts.nowMs),
    ),
    damping: threeWay(of('damping'), laterDamping),
    answeredAs,
    failbackAsked: mergedAsked(of('failbackAsked'), override),
    point: mergedAsked(of('point'), override),
    override,
  });
  const result = { ...merged, outbox: mergedNotices(sides, merged) };
  // One text for one state: else it would be saved once more.
  return same(result, theirs) ? theirs : result;
};
