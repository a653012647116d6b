import { same } from '../base/same.ts';
import { leavesAlarmed } from './headline.ts';
import type { SiteNews } from './news.ts';
import { bounded, mergedNotice, type Notice, writeEpochOf } from './notice.ts';
import { reminderKey, remindersOf } from './reminders.ts';
import type { SiteState } from './site-state.ts';
import { isRemembered, pendingOf, type Sides } from './three-way.ts';

type Part = (state: SiteState) => unknown;

/**
 * By kind of a notice: the part of the state that remembers that it was told. What is not here tells of one event, by
 * its id.
 */
const REMEMBERS: Record<string, Part> = {
  'server-down': ({ told }) => told.down,
  'server-up': ({ told }) => told.down,
  'server-unknown': ({ told }) => told.unknown,
  'server-flapping': ({ told }) => told.flaps,
  'server-blocked': ({ told }) => told.obstacles,
  'certificate-expires': ({ told }) => told.certificates,
  'hello-refused': ({ told }) => told.hellos,
  'edited-by-hand': ({ told }) => told.edit,
  expiry: ({ told }) => told.expiryMs,
  over: ({ incident }) => incident,
  silence: ({ silence }) => silence?.askedMs,
  'write-refused': ({ reminders }) => remindersOf(reminders, 'refused'),
  'not-moved': ({ reminders, answeredAs }) => [remindersOf(reminders, 'address'), answeredAs],
  protected: (state) => [state.protected, remindersOf(state.reminders, 'protected')],
  visible: ({ propagation }) => propagation?.epoch,
  'not-visible': ({ propagation }) => [propagation?.epoch, propagation?.lateTold],
  failback: ({ failbackAsked }) => failbackAsked,
  point: ({ point }) => point?.askedMs,
  moved: ({ answeredAs }) => answeredAs,
  stranded: ({ rolledBack }) => rolledBack,
  unread: ({ intent }) => intent?.nonce,
};

/** Why a site stays where it is: told by the decision's reason. */
const STUCK = ['nowhere-better', 'held', 'pinned', 'flapping', 'blind', 'unsure', 'waiting'];

const partOf = (kind: string): Part | undefined =>
  STUCK.includes(kind)
    ? ({ reminders }) => ['', ' alone'].map((more) => reminders[reminderKey('stuck', `${kind}${more}`)])
    : REMEMBERS[kind];

const epochOf = ({ written }: SiteState): number => written?.epoch ?? 0;

/**
 * Whether `side` has told of the intent that both began with: it was resolved there, and is no longer in its outbox.
 */
const hasTold = (side: SiteState, { intent }: SiteState, { id }: Notice): boolean =>
  intent?.notice.id === id &&
  side.intent?.nonce !== intent.nonce &&
  epochOf(side) === intent.epoch &&
  side.outbox.every((one) => one.id !== id);

/** Whether `side` knows better than to have found a write of `epoch`: it has noted or decided it, and tells that. */
const knowsWrite = (side: SiteState, base: SiteState, epoch: number): boolean =>
  (epochOf(side) >= epoch && !same(side.written, base.written)) ||
  (side.intent?.epoch === epoch && side.intent.nonce !== base.intent?.nonce);

/** An edit was judged by `side` without knowing of the newer write that `other` knows, and may be none. */
const isOldEdit = (side: SiteState, other: SiteState, { kind }: Notice): boolean =>
  kind === 'edited-by-hand' && epochOf(other) > epochOf(side);

/**
 * Whether theirs tells the end of the incident of which ours has found it, or has told it. What is found is remembered by nothing but its
 * notice until that was told.
 */
const isEndKnown = ({ base, theirs }: Sides<SiteState>, { incident: id }: Notice): boolean => {
  const isAlarmed = ({ incident }: SiteState) => incident?.id === id && incident.alarmed === true;
  const tells = theirs.outbox.some((one) => one.incident === id && leavesAlarmed(one.news) === false);
  return tells || (isAlarmed(base) && !isAlarmed(theirs));
};

/** Whether a notice that only ours has is told by theirs, or rests on what theirs knows better. */
const isVoid = (sides: Sides<SiteState>, merged: SiteState, one: Notice): boolean => {
  const { base, ours, theirs } = sides;
  // Whoever stored something first met an empty table, and tells that.
  if (one.kind === 'state-lost') return true;
  if (isOldEdit(ours, theirs, one)) return true;
  if (one.news.type === 'over' && isEndKnown(sides, one)) return true;
  if (one.kind === 'found') return knowsWrite(theirs, base, writeEpochOf(one) ?? epochOf(ours));
  if (writeEpochOf(one) !== undefined) return hasTold(theirs, base, one);
  const part = partOf(one.kind);
  return part !== undefined && isRemembered(sides, merged, part);
};

/** A move that was found by one and made by the other is told by the one that made it. */
const isMadeBy = (side: SiteState, { news }: Notice): boolean =>
  news.type === 'found' &&
  side.outbox.some((other) => other.news.type === 'moved' && other.news.epoch === news.epoch);

/**
 * The outbox of a merged state: what either side has to tell, without what either has told. Of news that both have come
 * by for themselves, as two controllers that see the same server die, only what is stored is told.
 */
export const mergedNotices = (sides: Sides<SiteState>, merged: SiteState): Notice<SiteNews>[] => {
  const { base, ours, theirs } = sides;
  const known = new Set([...base.outbox, ...theirs.outbox].map(({ id }) => id));
  const all = pendingOf({ base: base.outbox, ours: ours.outbox, theirs: theirs.outbox }, mergedNotice);
  return bounded(
    all.filter((one) => {
      if (!known.has(one.id)) return !isVoid(sides, merged, one);
      const isTheirs = theirs.outbox.includes(one) && base.outbox.every(({ id }) => id !== one.id);
      return !(isTheirs && (hasTold(ours, base, one) || isMadeBy(ours, one) || isOldEdit(theirs, ours, one)));
    }),
  );
};
