import type { Task } from '../async/task.ts';
import { stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import type { Site } from '../core/site/site.ts';
import { forgotten, published } from '../core/steps/written.ts';
import { logFault } from '../log/lines.ts';
import { forgetView, zoneId } from '../zones/listing.ts';
import type { Apply } from './gate.ts';

/** How often accepted changes are asked after until all name servers answer with them. */
const PUBLISH_EVERY_MS = 1000;

/**
 * Asks after accepted changes, along with everything else, until the signal comes. No zone's changes wait for
 * another's.
 */
export const publishTask = (apply: Apply): Task => {
  const asked = new Set<string>();
  const run = async (signal: AbortSignal) => {
    const waiting = apply.config.sites.filter((site) => openChange(apply, site) !== undefined);
    for (const [zone, sites] of Map.groupBy(waiting, (site) => site.zone)) {
      if (asked.has(zone)) continue;
      asked.add(zone);
      void apply.work.begin(() => askZone(apply, sites, signal).finally(() => asked.delete(zone)));
    }
  };
  return { everyMs: PUBLISH_EVERY_MS, run };
};

const openChange = ({ book }: Apply, site: Site) => stateOf(book, site).unpublished;

/** The open changes of one zone, one after the other: an account has ten such questions a second. */
const askZone = async (apply: Apply, sites: Site[], signal: AbortSignal): Promise<void> => {
  const byChange = Map.groupBy(sites, (site) => openChange(apply, site)?.changeId ?? '');
  for (const [changeId, members] of byChange) {
    if (signal.aborted) return;
    const status = await askChange(apply, members[0]?.zone ?? '', changeId);
    // While it was asked after, the next change of a site may have been accepted.
    const open = members.filter((site) => openChange(apply, site)?.changeId === changeId);
    if (status === 'PENDING') continue;
    for (const site of open) {
      notePublished(apply, site, status);
      void apply.work.begin(async () => void (await save(apply.book, site)));
    }
  }
};

/** One that could not be asked after is taken to be pending. One that Route 53 no longer knows is `GONE`. */
const askChange = async (
  apply: Apply,
  zone: string,
  changeId: string,
): Promise<'PENDING' | 'INSYNC' | 'GONE'> => {
  try {
    return await apply.zones.changeStatus(changeId, zoneId(apply, zone));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(apply, 'change', error);
    return error.code === 'gone' ? 'GONE' : 'PENDING';
  }
};

const notePublished = (apply: Apply, site: Site, status: 'INSYNC' | 'GONE'): void => {
  const { book, clock, listings, log } = apply;
  const atMs = clock.now();
  const epoch = openChange(apply, site)?.epoch ?? 0;
  if (status === 'GONE') {
    forgetView(listings, site);
    change(book, site, forgotten);
    return;
  }
  change(book, site, published(atMs));
  log({ event: 'published', site: site.name, epoch, at: isoTime(atMs) });
};
