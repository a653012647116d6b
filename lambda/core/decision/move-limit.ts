/** Reasons for which a site moves by itself. */
export const BY_ITSELF: readonly string[] = ['failover', 'recovered', 'nowhere-better', 'failback'];

/** A site as the limit on moves sees it. */
export type Mover = {
  site: string;
  /** When it was last let go, or last moved by itself, milliseconds; 0 when it never was. */
  lastMs: number;
  /** It is due to move by itself now. */
  due: boolean;
  /** Its visitors wait: what serves it is down. */
  urgent: boolean;
};

/** How many sites may move by themselves within one interval: the share of all, rounded up, and never fewer than one. */
export const movesAllowed = (sites: number, share = 1): number => Math.max(1, Math.ceil(share * sites));

/**
 * The sites that may go now, by name. Whatever decided wrongly for all sites at once, in our evidence or in our code, thus
 * reaches a part of them before people hear of it. `movers` are all sites of the deployment. One that went within the last
 * `windowMs` counts, and may try again: its first try may have failed. Visitors who wait go first, then who tried longest ago.
 */
export const mayGo = (
  movers: readonly Mover[],
  { allowed, windowMs, nowMs }: { allowed: number; windowMs: number; nowMs: number },
): Set<string> => {
  const isRecent = ({ lastMs }: Mover) => lastMs > nowMs - windowMs;
  const free = Math.max(0, allowed - movers.filter(isRecent).length);
  const waiting = movers
    .filter((mover) => mover.due && !isRecent(mover))
    .sort((a, b) => Number(b.urgent) - Number(a.urgent) || a.lastMs - b.lastMs);
  const again = movers.filter((mover) => mover.due && isRecent(mover));
  return new Set([...again, ...waiting.slice(0, free)].map(({ site }) => site));
};
