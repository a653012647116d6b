import type { TargetHealth } from '../site/health.ts';
import { isDoubt, type Look } from './judge.ts';

type Targets = Record<string, TargetHealth>;

/** The healths that a controller leaves to its successor apart from what is stored, by site. */
export type Handed = Record<string, Targets>;

type Counts = Readonly<Record<string, number>>;

/** In how many looks in a row too few vantages saw a site, and in how many a vantage saw nothing at all. */
export type BlindRounds = { sites: Counts; vantages: Counts };

/** More sites, of some hundred bytes each, would make the note too large. Of those a successor knows what is stored. */
const MOST = 100;

/** A site as its controller leaves it. `unstored`: its healths are not stored as they are. `isLate`: a look at it takes long. */
type Leaving = {
  name: string;
  targets: Targets;
  lastLook: Look | undefined;
  unstored: boolean;
  isLate: boolean;
};

/** Whether the next looks have to tell. How far a streak has come is not stored at each step. */
const isInDoubt = ({ targets, lastLook, isLate }: Leaving): boolean =>
  isLate ||
  (lastLook !== undefined && isDoubt(lastLook)) ||
  Object.values(targets).some(({ streak }) => streak !== undefined);

/** The healths of the sites that are in doubt, and of those whose healths could not be stored. */
export const handedOver = (sites: readonly Leaving[]): Handed =>
  Object.fromEntries(
    sites
      .filter((site) => site.unstored || isInDoubt(site))
      .slice(0, MOST)
      .map(({ name, targets }) => [name, targets]),
  );

/** What is blind, undefined where nothing is. All sites are noted: trouble of a vantage is mostly about every one. */
export const blindOf = (
  sites: readonly { name: string; blindRounds: number }[],
  vantages: ReadonlyMap<string, number>,
): BlindRounds | undefined => {
  const blind = sites.filter(({ blindRounds }) => blindRounds > 0);
  if (blind.length + vantages.size === 0) return undefined;
  const counts = blind.map(({ name, blindRounds }) => [name, blindRounds] as const);
  return { sites: Object.fromEntries(counts), vantages: Object.fromEntries(vantages) };
};

/** When a target was last seen either way, milliseconds. */
export const seenMs = ({ freshMs, sinceMs, streak }: TargetHealth): number =>
  Math.max(freshMs, sinceMs, streak?.lastMs ?? 0);

/** The healths that a successor begins with: of each target what was seen last, be it stored or noted with the baton. */
export const laterHealths = (stored: Targets, noted: Targets = {}): Targets => ({
  ...stored,
  ...Object.fromEntries(
    Object.entries(noted).filter(([key, target]) => {
      const known = stored[key];
      return known === undefined || seenMs(target) > seenMs(known);
    }),
  ),
});
