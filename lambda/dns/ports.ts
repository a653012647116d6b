import type { Assessments } from '../assess/assess.ts';
import type { Work } from '../async/work.ts';
import type { Book } from '../book/book.ts';
import type { Pace } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import type { Logging, World } from '../ports.ts';
import type { Listings } from '../zones/listing.ts';

/** What is compared with what name servers answer; `rounds`: how closely each site is looked at, and since when. */
export type Asking = Logging &
  Pick<World, 'config'> & {
    work: Work;
    book: Book;
    listings: Listings;
    assessments: Assessments;
    rounds: ReadonlyMap<Site, { pace: Pace; lastLaunchMs: number }>;
  };
