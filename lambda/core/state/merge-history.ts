import { same } from '../base/same.ts';
import { parseRole } from '../zone/role-record.ts';
import { boundedHistory, type Entry } from './history.ts';
import { isOwed } from './notice.ts';
import type { SiteState } from './site-state.ts';
import { pendingOf, type Sides } from './three-way.ts';

/** What of a state says that the event of an entry has happened; undefined of an entry that is of its writer alone. */
type Part = ((state: SiteState) => unknown) | undefined;

/** A server that turned, or is down for another cause. When and how it was seen failing differs with the look. */
const seenPart = ({ detail = {} }: Entry): Part => {
  const { target: key, was, is } = detail;
  if (typeof key !== 'string') return undefined;
  return ({ targets, causes }) => [targets[key]?.health, was === is && causes?.[key]?.failing];
};

/** A write of ours: whether it is known to be in the zone, and that not only as one that nobody had decided. */
const writtenPart = ({ detail }: Entry): Part => {
  const epoch = parseRole(String(detail?.role))?.epoch;
  if (epoch === undefined) return undefined;
  return ({ written, outbox }) =>
    written?.epoch === epoch && !outbox.some(({ news }) => news.type === 'found' && news.epoch === epoch);
};

/** A notice that was told, or kept back: whether it still is to be mailed. */
const noticePart = ({ detail }: Entry): Part =>
  typeof detail?.notice === 'string'
    ? ({ outbox }) => outbox.some((one) => one.id === detail.notice && isOwed(one, 'mail'))
    : undefined;

/** By what an entry is about: the part of the state that both have changed alike if both have seen the same event. */
const PARTS: Partial<Record<Entry['what'], (entry: Entry) => Part>> = {
  seen: seenPart,
  decided: () => (state) => {
    const { waitUntilMs: _, ...decision } = state.decided?.decision ?? {};
    return decision;
  },
  written: writtenPart,
  visible: () => (state) => [state.propagation?.epoch, state.propagation?.lateTold],
  told: noticePart,
  suppressed: noticePart,
  // Whose silence has ended; all else of a person's is noted by the one function that carried it out.
  hand: ({ detail }) => (detail?.silence === undefined ? undefined : ({ silence }) => silence?.askedMs),
  lost: () => (state) => [state.written?.epoch, state.rolledBack],
};

/** Whether theirs has noted the event of an entry that only ours has: both have gone from the same to the same. */
const isNoted = ({ base, ours, theirs }: Sides<SiteState>, entry: Entry): boolean => {
  const part = PARTS[entry.what]?.(entry);
  return part !== undefined && !same(part(theirs), part(base)) && same(part(ours), part(theirs));
};

/**
 * The entries that wait on either side, without what either is done with. A controller and its successor look at the same servers for
 * some seconds, each at moments of its own: of an event that both have seen, what is stored is the one entry.
 */
export const mergedHistory = (sides: Sides<SiteState>): Entry[] => {
  const { base, ours, theirs } = sides;
  const known = new Set([...base.history, ...theirs.history].map(({ id }) => id));
  const all = pendingOf({ base: base.history, ours: ours.history, theirs: theirs.history });
  return boundedHistory(all.filter((one) => known.has(one.id) || !isNoted(sides, one)));
};
