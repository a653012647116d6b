import { assessedOf } from '../assess/assess.ts';
import { stateOf } from '../book/book.ts';
import { isAway } from '../book/table.ts';
import { servingOf } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';
import { isOrder, type Orders } from '../core/state/answered-order.ts';
import { headlineOf, severityOf } from '../core/state/headline.ts';
import type { SiteNews } from '../core/state/news.ts';
import { type Notice, TOLD_APART } from '../core/state/notice.ts';
import { listedOf } from '../zones/listing.ts';
import type { Teller } from './open.ts';

/**
 * A message about many sites waits until nothing more comes for so long, milliseconds: the servers of one rack are found dead within an
 * interval or two, and their sites move one batch after the other. Alertmanager's `group_wait` is for the same.
 */
const QUIET_MS = { trouble: 5000, calm: 30_000 };
/**
 * But trouble that nobody knows of waits no longer than this: a site that is moved elsewhere is told of as on a quiet night. What becomes
 * of sites whose mass failure people know of may wait longer, but not that one of them has no way out: somebody has to do something.
 */
const TROUBLE_MS = 2000;
const STUCK_MS = 15_000;
const MORE_TROUBLE_MS = 120_000;
/** What is no trouble waits at most for so long, as Alertmanager's `group_interval`. */
const CALM_MS = 300_000;

/**
 * What is to be told of one site, oldest first. `orders`: what is told together with each. `urgent`: a person's order that is told alone is
 * among it, or behind it.
 */
export type Pending = { site: Site; notices: Notice<SiteNews>[]; orders: Orders; urgent?: boolean };

/** What may be told at once: who ordered what, and why, is no line among what became of servers. */
export const alike = (notices: Notice<SiteNews>[]): Pick<Pending, 'notices' | 'urgent'> => {
  const [first] = notices;
  const end = notices.findIndex((one) => first !== undefined && isOrder(one) !== isOrder(first));
  return { notices: end === -1 ? notices : notices.slice(0, end), urgent: notices.some(isOrder) };
};

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

/** Whether more is soon to be told of a site: what serves has begun to fail, or it is to move, at once or in its turn. */
export const isComing = ({ assessments, book }: Teller, site: Site): boolean => {
  const { assessment, moveWaits } = assessedOf(assessments, site);
  if (assessment === undefined) return false;
  const { serving, verdicts } = assessment.facts;
  const isFailing =
    serving !== undefined &&
    verdicts[serving] === 'failed' &&
    !stateOf(book, site).told.down.includes(serving);
  const { act, server, waits } = assessment.decision;
  const view = listedOf(assessments.listings, site).view ?? assessment.view;
  return isFailing || moveWaits || waits === true || (act === 'serve' && servingOf(view) !== server);
};

const isCritical = ({ notices }: Pending): boolean =>
  notices.some(({ news }) => severityOf(news) === 'critical');

/** Whether a site stays where its server is down. */
const isStuck = ({ notices }: Pending): boolean =>
  notices.some(({ news }) => ['SITE DOWN', 'NOT MOVED'].includes(headlineOf(news) ?? ''));

/** How long what becomes of the sites of a mass failure may wait. */
const patienceMs = (known: Pending[]): number => {
  if (known.some(isStuck)) return STUCK_MS;
  return known.some(isCritical) ? MORE_TROUBLE_MS : CALM_MS;
};

/** Whether a message about these is due: nothing more is to come soon, or it has waited for long enough. */
const isDue = (
  pending: readonly Pending[],
  { quietMs, mostMs }: { quietMs: number; mostMs: number },
  nowMs: number,
): boolean => {
  const times = pending.flatMap(({ notices }) => withoutVisible(notices).map(({ atMs }) => atMs));
  const waitMs = pending.some(({ urgent }) => urgent) ? Math.min(mostMs, TROUBLE_MS) : mostMs;
  return nowMs - Math.min(...times) >= waitMs || nowMs - Math.max(...times) >= quietMs;
};

type IsGrouped = (one: Pending) => boolean;

/**
 * Whether these are told in one message: they are many, or people know them as some of many. Of one of those what nobody is woken by has
 * its own words; so has each order.
 */
const isMany = (some: readonly Pending[], isGrouped: IsGrouped): boolean =>
  some.length > TOLD_APART ||
  (some.every((one) => isGrouped(one) && !one.notices.some(isOrder)) &&
    (some.length > 1 || some.some(isCritical)));

/** Those of a mass failure apart from the others, where there are too few to be told in one message. */
const byGroup = (some: Pending[], isGrouped: IsGrouped): Pending[][] =>
  isMany(some, isGrouped) ? [some] : [some.filter(isGrouped), some.filter((one) => !isGrouped(one))];

/**
 * Which sites are told apart, and which together. One event at many sites is one message, whatever becomes of each of them; a night of
 * a thousand mails hides everything. With the table away nothing waits: what is not stored dies with this controller.
 */
export const gathered = (teller: Teller, pending: readonly Pending[]): Gathered => {
  if (pending.length === 0) return { apart: [], together: [] };
  const { book, clock, config } = teller;
  const nowMs = clock.now();
  const incidentOf = (site: Site) => stateOf(book, site).incident;
  const [bad, calm] = [pending.filter(isInTrouble), pending.filter((one) => !isInTrouble(one))];
  const isPatient = !isAway(book) && pending.every(({ site }) => !isAway(book, site));
  const coming = config.sites.filter((site) => isComing(teller, site));
  const quiet = (quietMs: number) => (coming.length === 0 ? quietMs : Number.POSITIVE_INFINITY);
  const concerned = new Set([...bad.map(({ site }) => site), ...coming]);
  const gathersTrouble = bad.length > 0 && concerned.size > TOLD_APART;
  const isGrouped = ({ site }: Pending) => incidentOf(site)?.group !== undefined;
  const [known, fresh] = [bad.filter(isGrouped), bad.filter((one) => !isGrouped(one))];
  const isTold = (some: Pending[], mostMs: number) =>
    !isPatient || isDue(some, { quietMs: quiet(QUIET_MS.trouble), mostMs }, nowMs);
  // Of what people know already each batch of moves is no news of its own, however few sites it has.
  const more = isTold(known, patienceMs(known)) ? known : [];
  const first = !gathersTrouble || isTold(fresh, TROUBLE_MS) ? fresh : [];
  const kinds = [...Map.groupBy(calm, ({ notices }) => latestOf(notices)?.kind).values()];
  // Of a mass failure one site's good news is mostly the first of many.
  const waiting = (some: Pending[]) =>
    isPatient &&
    (some.length > TOLD_APART || some.some(isGrouped)) &&
    !isDue(some, { quietMs: quiet(QUIET_MS.calm), mostMs: CALM_MS }, nowMs);
  const good = kinds.filter((some) => !waiting(some));
  const troubles = first.length > TOLD_APART ? [[...first, ...more]] : [first, more];
  const told = [...troubles, ...good].flatMap((some) => byGroup(some, isGrouped));
  return {
    apart: told.filter((some) => !isMany(some, isGrouped)).flat(),
    together: told.filter((some) => isMany(some, isGrouped)),
  };
};
