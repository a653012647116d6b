import { isAway } from '../book/table.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { headlineOf, severityOf } from '../core/state/headline.ts';
import type { SiteNews } from '../core/state/news.ts';
import { type Notice, TOLD_APART } from '../core/state/notice.ts';
import type { SiteState } from '../core/state/site-state.ts';

/**
 * A message about many sites waits until nothing more comes for so long, milliseconds: the servers of one rack are found dead within an
 * interval or two, and their sites move one batch after the other. Alertmanager's `group_wait` is for the same.
 */
const QUIET_MS = { trouble: 5000, calm: 10_000 };
/** But trouble waits at most for so long at first, and for so long once people know of the mass failure that it belongs to. */
const TROUBLE_MS = 30_000;
const MORE_TROUBLE_MS = 120_000;
/** What is no trouble waits at most for so long, as Alertmanager's `group_interval`. */
const CALM_MS = 300_000;

/** What is to be told of one site, oldest first. */
export type Pending = { watched: Watched; notices: Notice<SiteNews>[] };

/** What is told now: sites apart, each by its oldest notice, and many at once. The rest waits. */
export type Gathered = { apart: Pending[]; together: Pending[][] };

/** That all name servers have a change is a part of the news of that change, where many are told of. */
export const withoutVisible = (notices: Notice<SiteNews>[]): Notice<SiteNews>[] => {
  const others = notices.filter(({ news }) => headlineOf(news) !== 'VISIBLE');
  return others.length === 0 ? notices : others;
};

/** What counts of a site is how it stands: the latest. */
export const latestOf = (notices: Notice<SiteNews>[]): Notice<SiteNews> | undefined =>
  withoutVisible(notices).at(-1);

/** What is told with it from before: no move is left out; that a server is down is, where what became of that is told too. */
export const beforeIt = (notices: Notice<SiteNews>[], latest: Notice<SiteNews>): Notice<SiteNews>[] =>
  notices.filter(
    (one) => one !== latest && headlineOf(one.news) !== 'SERVER DOWN' && one.news.type !== 'late',
  );

export const isTrouble = ({ news }: Notice<SiteNews>): boolean => severityOf(news) !== 'info';

/** Trouble that is over before it could be told is none any more, where many are told of. */
const isInTrouble = ({ notices }: Pending): boolean => {
  const latest = latestOf(notices);
  return latest !== undefined && isTrouble(latest);
};

/** Whether a site's serving server has begun to fail, and people are not told of it yet. */
const isFailing = ({ assessment, state }: Watched): boolean => {
  const { serving, verdicts } = assessment?.facts ?? {};
  return serving !== undefined && verdicts?.[serving] === 'failed' && !state.told.down.includes(serving);
};

/** Whether more is soon to be told of a site: it fails, is to move, or waits for its turn to. */
const isComing = (watched: Watched): boolean =>
  isFailing(watched) || watched.dueSinceMs !== undefined || watched.assessment?.decision.waits === true;

/** A mass failure that began longer ago than this says nothing of what happens now. */
const YOUNG_MS = 900_000;

const isYoungMass = ({ incident }: SiteState, nowMs: number): boolean =>
  incident?.group !== undefined && nowMs - incident.openedMs < YOUNG_MS;

const isCritical = ({ notices }: Pending): boolean =>
  notices.some(({ news }) => severityOf(news) === 'critical');

const isGrouped = ({ watched }: Pending): boolean => watched.state.incident?.group !== undefined;

/** Whether a message about these is due: nothing more is to come soon, or it has waited for long enough. */
const isDue = (
  pending: readonly Pending[],
  { quietMs, mostMs }: { quietMs: number; mostMs: number },
  nowMs: number,
): boolean => {
  const times = pending.flatMap(({ notices }) => withoutVisible(notices).map(({ atMs }) => atMs));
  return nowMs - Math.min(...times) >= mostMs || nowMs - Math.max(...times) >= quietMs;
};

/**
 * Which sites are told apart, and which together. One event at many sites is one message, whatever becomes of each of them; a night of
 * a thousand mails hides everything. With the table away nothing waits: what is not stored dies with this controller.
 */
export const gathered = (watch: Watch, pending: readonly Pending[], nowMs: number): Gathered => {
  const [bad, calm] = [pending.filter(isInTrouble), pending.filter((one) => !isInTrouble(one))];
  const isPatient = !isAway(watch) && pending.every(({ watched }) => !isAway(watch, watched));
  const coming = watch.sites.filter(isComing);
  const quiet = (quietMs: number) => (coming.length === 0 ? quietMs : Number.POSITIVE_INFINITY);
  const concerned = new Set([...bad.map(({ watched }) => watched), ...coming]);
  const gathersTrouble = bad.length > 0 && concerned.size > TOLD_APART;
  const isKnown = watch.sites.some(({ state }) => isYoungMass(state, nowMs));
  const mostMs = isKnown ? (bad.some(isCritical) ? MORE_TROUBLE_MS : CALM_MS) : TROUBLE_MS;
  const isTold =
    !isPatient || !gathersTrouble || isDue(bad, { quietMs: quiet(QUIET_MS.trouble), mostMs }, nowMs);
  const kinds = [...Map.groupBy(calm, ({ notices }) => latestOf(notices)?.kind).values()];
  // Of a mass failure one site's good news is mostly the first of many.
  const waiting = (some: Pending[]) =>
    isPatient &&
    (some.length > TOLD_APART || some.some(isGrouped)) &&
    !isDue(some, { quietMs: quiet(QUIET_MS.calm), mostMs: CALM_MS }, nowMs);
  const told = [...(isTold ? [bad] : []), ...kinds.filter((some) => !waiting(some))];
  return {
    apart: told.filter((some) => some.length <= TOLD_APART).flat(),
    together: told.filter((some) => some.length > TOLD_APART),
  };
};
