import type { Config } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Episode } from './troubles.ts';

/** One world before it runs. It follows from the seed alone. */
export type Plan = {
  seed: number;
  config: Config;
  /** Records that are in the zone before Switchover is. */
  before: RecordSet[];
  /** The second of each minute at which the schedule starts controllers. */
  scheduleMs: number;
  episodes: Episode[];
  /** Length of the part with troubles, milliseconds. */
  troubledMs: number;
  /** Calls are slow for minutes, and little else happens; without it, everything does. */
  night?: 'slow';
  /** Sites keep one address that moves from server to server; without it, none does. */
  lever?: 'readdress';
  /** By site: the instance that its Elastic IP is associated with before Switchover is. */
  held?: (string | undefined)[];
  /** Servers that stay down when the troubles have ceased: `site server` by index. */
  downForGood: string[];
};
