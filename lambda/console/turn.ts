import type { LogLine } from '../contract.ts';
import type { Order, Ordered } from '../core/orders/ordered.ts';
import type { Site } from '../core/site/site.ts';
import type { SiteState } from '../core/state/site-state.ts';
import type { Change } from '../core/zone/records.ts';

/** One site's order, as it was made on what is stored and listed. */
export type Turn = {
  site: Site;
  made: Exclude<Order, { refused: string }>;
  changes: Change[];
  /** What is stored, as far as this function has read or written it. */
  stored: SiteState;
  /** Absent while the store is away: then the role record alone carries the order. */
  version: number | undefined;
  saved: boolean;
  /** What the order was made on. */
  met: Ordered;
  /** A switch that was applied and that nobody has logged. */
  applied: LogLine | undefined;
};
