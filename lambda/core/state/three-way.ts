import { same } from '../base/same.ts';

/** Two states that were made apart from a common one. `theirs` is stored, `ours` is not yet. */
export type Sides<S> = { base: S; ours: S; theirs: S };

/** Who alone changed a value is right. Where both did, `both` says what counts. */
export const threeWay = <T>({ base, ours, theirs }: Sides<T>, both: (ours: T, theirs: T) => T): T => {
  if (same(ours, base) || same(ours, theirs)) return theirs;
  return same(theirs, base) ? ours : both(ours, theirs);
};

/** What is stored is what others know and may have acted on. */
export const stored = <T>(_ours: T, theirs: T): T => theirs;

/**
 * What either side added, without what either side took away. The order is that of `theirs`, what `ours` added follows.
 */
export const mergedList = (base: string[], ours: string[], theirs: string[]): string[] => {
  const isGone = (one: string) => base.includes(one) && !(ours.includes(one) && theirs.includes(one));
  return [...new Set([...theirs, ...ours])].filter((one) => !isGone(one));
};

/** The same of values by key. `both` says which value counts where both sides have changed that of one key. */
export const mergedRecord = <T>(
  { base, ours, theirs }: Sides<Record<string, T>>,
  both: (ours: T | undefined, theirs: T | undefined) => T | undefined = stored,
): Record<string, T> => {
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return Object.fromEntries(
    keys.flatMap((key): [string, T][] => {
      const value = threeWay<T | undefined>({ base: base[key], ours: ours[key], theirs: theirs[key] }, both);
      return value === undefined ? [] : [[key, value]];
    }),
  );
};

type Named = { id: string };
const idsOf = (list: readonly Named[]): Set<string> => new Set(list.map(({ id }) => id));

/**
 * What waits on either side, without what either side is done with: that was there at first, and is not there any more.
 * `both`: what counts of one that both sides have changed; undefined where it is done with now.
 */
export const pendingOf = <T extends Named>(
  { base, ours, theirs }: Sides<readonly T[]>,
  both: (ours: T, theirs: T) => T | undefined = stored,
): T[] => {
  const [known, own, other] = [idsOf(base), idsOf(ours), idsOf(theirs)];
  const isDone = ({ id }: Named) => known.has(id) && !(own.has(id) && other.has(id));
  const byId = (list: readonly T[], one: T) => list.find(({ id }) => id === one.id) ?? one;
  const kept = theirs
    .filter((one) => !isDone(one))
    .flatMap((one) => {
      const sides = { base: byId(base, one), ours: byId(ours, one), theirs: one };
      return threeWay<T | undefined>(sides, (own, other) => own && other && both(own, other)) ?? [];
    });
  return [...kept, ...ours.filter((one) => !other.has(one.id) && !isDone(one))];
};

/**
 * Whether the other side has told already what a new notice of ours tells, as the part of the state says that remembers
 * what was told: both sides have changed it, and ours adds nothing to what theirs remembers.
 */
export const isRemembered = <S>(
  { base, ours, theirs }: Sides<S>,
  merged: S,
  part: (state: S) => unknown,
): boolean =>
  !same(part(theirs), part(base)) && !same(part(ours), part(base)) && same(part(merged), part(theirs));

/** An object without the fields that are undefined. */
export const present = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
