import type { Task } from '../async/task.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { begin, type Watch, type Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { forgotten, published } from '../core/steps/written.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';

/** How often accepted changes are asked after until all name servers answer with them. */
const PUBLISH_EVERY_MS = 1000;

/** Asks after accepted changes, beside everything else, until the signal comes. No zone's changes wait for another's. */
export const publishTask = (world: World, watch: Watch): Task => {
  const asked = new Set<string>();
  const run = async (signal: AbortSignal) => {
    const waiting = watch.sites.filter((w) => w.state.unpublished !== undefined);
    for (const [zone, sites] of Map.groupBy(waiting, ({ site }) => site.zone)) {
      if (asked.has(zone)) continue;
      asked.add(zone);
      void begin(world, watch, () => askZone(world, watch, sites, signal).finally(() => asked.delete(zone)));
    }
  };
  return { everyMs: PUBLISH_EVERY_MS, run };
};

/** The open changes of one zone, one after the other: an account has ten such questions a second. */
const askZone = async (world: World, watch: Watch, sites: Watched[], signal: AbortSignal): Promise<void> => {
  const byChange = Map.groupBy(sites, (w) => w.state.unpublished?.changeId ?? '');
  for (const [changeId, members] of byChange) {
    if (signal.aborted) return;
    const status = await askChange(world, changeId);
    // While it was asked after, the next change of a site may have been accepted.
    const open = members.filter(({ state }) => state.unpublished?.changeId === changeId);
    if (status === 'PENDING') continue;
    for (const watched of open) {
      notePublished(world, watched, status);
      void begin(world, watch, async () => void (await save(world, watch, watched)));
    }
  }
};

/** One that could not be asked after is taken to be pending. One that Route 53 no longer knows is `GONE`. */
const askChange = async (world: World, changeId: string): Promise<'PENDING' | 'INSYNC' | 'GONE'> => {
  try {
    return await world.zones.changeStatus(changeId);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'change', error);
    return error.code === 'gone' ? 'GONE' : 'PENDING';
  }
};

const notePublished = (world: World, watched: Watched, status: 'INSYNC' | 'GONE'): void => {
  const atMs = world.clock.now();
  const epoch = watched.state.unpublished?.epoch ?? 0;
  if (status === 'GONE') {
    delete watched.view;
    change(watched, forgotten);
    return;
  }
  change(watched, published(atMs));
  world.log({ event: 'published', site: watched.site.name, epoch, at: isoTime(atMs) });
};
