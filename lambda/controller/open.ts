import { soon } from '../async/deadline.ts';
import { loadDeployment } from '../book/announce.ts';
import { reload } from '../book/table.ts';
import { sitesOf, type Watch, type Watched } from '../book/watch.ts';
import type { Handed } from '../core/evidence/handover.ts';
import { type Baton, gapMs } from '../core/state/baton.ts';
import type { World } from '../ports.ts';
import { listAgain } from '../zones/listing.ts';
import { noticeRemoved } from './removed.ts';
import { resume } from './schedule.ts';

/** A controller looks at a site after its state was read and its zone listed, and waits for each of the two no longer than this. */
const FIRST_MS = 2000;

/** What a predecessor noted; `unstored` holds names of sites. */
type Noted = { lastRoundMs: number; unstored: Set<string>; healths: Handed };

/**
 * Reads what the predecessor left and lists every zone once; `baton` says what that one noted. Each zone is opened in
 * its own time: what cannot be read or listed is looked at all the same, and what becomes known later is used then.
 */
export const open = async (world: World, watch: Watch, baton: Baton | undefined): Promise<void> => {
  const { config } = world;
  for (const watched of watch.sites) watched.nextLookMs = Number.POSITIVE_INFINITY;
  const { lastRoundMs } = watch;
  const noted = { lastRoundMs, unstored: new Set(baton?.unstored), healths: baton?.healths ?? {} };
  const loaded = reload(world, watch, watch.sites);
  const deployment = loadDeployment(world, watch).then(() => noticeRemoved(world, watch));
  await Promise.all([
    deployment,
    ...config.zones.map(({ name }) => openZone(world, watch, sitesOf(watch, name), { loaded, noted })),
  ]);
};

const openZone = async (
  world: World,
  watch: Watch,
  sites: Watched[],
  { loaded, noted }: { loaded: Promise<void>; noted: Noted },
): Promise<void> => {
  const [first] = sites;
  if (first === undefined) return;
  const { zone } = first.site;
  // A listing is judged against what is remembered of our own writes.
  const isLoaded = await soon(world.clock, FIRST_MS, loaded);
  const listed = listAgain(world, zone, sites);
  await soon(world.clock, FIRST_MS, listed);
  for (const watched of sites) resumeAfter(world, watched, noted);
  watch.wake?.();
  await listed;
  if (isLoaded) return;
  await loaded;
  if (!watch.over) await listAgain(world, zone, sites);
};

const resumeAfter = (world: World, watched: Watched, noted: Noted): void => {
  const { name } = watched.site;
  const handed = noted.healths[name];
  // Nobody knows of the last rounds what they saw.
  const lastRoundMs = handed === undefined && noted.unstored.has(name) ? 0 : noted.lastRoundMs;
  const nowMs = world.clock.now();
  const freshMs = gapMs(world.config.intervalSeconds);
  // A last round that lies ahead was noted by a clock that is wrong: nothing it says of time can be used.
  const gap = nowMs - lastRoundMs > freshMs || lastRoundMs > nowMs + freshMs;
  resume(world, watched, { gap, lastRoundMs, handed });
};
