import { soon } from '../async/deadline.ts';
import { loadDeployment } from '../book/deployment.ts';
import { reload } from '../book/table.ts';
import type { BlindRounds, Handed } from '../core/evidence/handover.ts';
import type { Site } from '../core/site/site.ts';
import { type Baton, gapMs } from '../core/state/baton.ts';
import { type Observer, resumeCounts } from '../observe/observe.ts';
import { listAgain, sitesOf } from '../zones/listing.ts';
import { noticeRemoved } from './removed.ts';
import { resume, type Schedule, slotOf } from './schedule.ts';

/**
 * A controller looks at a site after its state was read and its zone listed, and waits for each of the two no longer
 * than this.
 */
const FIRST_MS = 2000;

/** What a predecessor noted; `unstored` holds names of sites. */
type Noted = { lastRoundMs: number; unstored: Set<string>; healths: Handed; blind: BlindRounds['sites'] };

/**
 * Reads what the predecessor left and lists every zone once; `baton` says what that one noted. Each zone is opened in
 * its own time: what cannot be read or listed is looked at all the same, and what becomes known later is used then.
 */
export const open = async (
  schedule: Schedule,
  observer: Observer,
  baton: Baton | undefined,
): Promise<void> => {
  const { book, config, lastRoundMs } = schedule;
  for (const site of config.sites) slotOf(schedule, site).nextLookMs = Number.POSITIVE_INFINITY;
  const { unstored, healths = {} } = baton ?? {};
  const blind = isGap(schedule, lastRoundMs) ? undefined : baton?.blind;
  resumeCounts(observer, blind?.vantages);
  const noted = { lastRoundMs, unstored: new Set(unstored), healths, blind: blind?.sites ?? {} };
  const loaded = reload(book);
  const deployment = loadDeployment(book).then(() => noticeRemoved(book));
  await Promise.all([
    deployment,
    ...config.zones.map(({ name }) => openZone(schedule, name, { loaded, noted })),
  ]);
};

const openZone = async (
  schedule: Schedule,
  zone: string,
  { loaded, noted }: { loaded: Promise<void>; noted: Noted },
): Promise<void> => {
  const { assessments, book, clock, config, wake } = schedule;
  const sites = sitesOf(config, zone);
  if (sites.length === 0) return;
  // A listing is judged against what is remembered of our own writes.
  const isLoaded = await soon(clock, FIRST_MS, loaded);
  const listed = listAgain(assessments.listings, zone);
  await soon(clock, FIRST_MS, listed);
  for (const site of sites) resumeAfter(schedule, site, noted);
  wake.ring();
  await listed;
  if (isLoaded) return;
  await loaded;
  if (!book.work.over) await listAgain(assessments.listings, zone);
};

/** Whether nobody has looked for long. */
const isGap = ({ clock, config }: Schedule, lastRoundMs: number): boolean => {
  const nowMs = clock.now();
  const freshMs = gapMs(config.intervalSeconds);
  // A last round that lies ahead was noted by a clock that is wrong: nothing it says of time can be used.
  return nowMs - lastRoundMs > freshMs || lastRoundMs > nowMs + freshMs;
};

const resumeAfter = (schedule: Schedule, site: Site, noted: Noted): void => {
  const handed = noted.healths[site.name];
  // Nobody knows of the last rounds what they saw.
  const lastRoundMs = handed === undefined && noted.unstored.has(site.name) ? 0 : noted.lastRoundMs;
  const blindRounds = noted.blind[site.name] ?? 0;
  resume(schedule, site, { gap: isGap(schedule, lastRoundMs), lastRoundMs, handed, blindRounds });
};
