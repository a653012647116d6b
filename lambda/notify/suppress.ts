import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { announcementOf } from '../core/messages/announcement.ts';
import type { Site } from '../core/site/site.ts';
import { isKept } from '../core/state/claim.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isOvertaken } from '../core/state/refusals.ts';
import { quietBy } from '../core/state/silence.ts';
import { suppressed } from '../core/steps/told.ts';
import type { Teller } from './open.ts';

type Why = NonNullable<ReturnType<typeof quietBy>>;

/**
 * Takes out of the outboxes what a silence or an acknowledgement keeps back, before anything is claimed. It is asked here alone, of
 * what waits to be published: what is judged, decided and written knows nothing of it.
 */
export const suppressQuiet = (teller: Teller): void => {
  const { book, config, work } = teller;
  const concerned = config.sites.filter((site) => {
    const { silence, incident } = stateOf(book, site);
    if (silence === undefined && incident?.acknowledged === undefined) return false;
    const kept = (['silenced', 'acknowledged'] as const).map((why) => suppress(teller, site, why));
    return kept.some((count) => count > 0);
  });
  if (concerned.length === 0) return;
  void work.begin(() => eachOf(concerned, DOCUMENTS_AT_ONCE, async (site) => void (await save(book, site))));
};

/** Takes out what an order has overtaken, claimed by us or not; what is being published stays, and its end is told. */
export const leaveOutOvertaken = ({ book, clock, config, telling, work }: Teller): void => {
  const nowMs = clock.now();
  const concerned = config.sites.filter((site) => {
    if (telling.has(site.name)) return false;
    const state = stateOf(book, site);
    const left = state.outbox.filter((one) => !isOvertaken(one, state) || isKept(one, book.id, nowMs));
    if (left.length === state.outbox.length) return false;
    change(book, site, (now) => ({ ...now, outbox: now.outbox.filter((one) => left.includes(one)) }));
    return true;
  });
  if (concerned.length === 0) return;
  void work.begin(() => eachOf(concerned, DOCUMENTS_AT_ONCE, async (site) => void (await save(book, site))));
};

/** Answers how many. What another controller may be publishing is left to that one. */
const suppress = ({ book, clock, config, kept }: Teller, site: Site, why: Why): number => {
  const nowMs = clock.now();
  const state = stateOf(book, site);
  const isQuiet = (one: Notice<SiteNews>) =>
    // What was told one way is told the other way, too: a pager would wait for ever for the end that people have read.
    one.told === undefined &&
    !kept.has(one.id) &&
    !isKept(one, book.id, nowMs) &&
    quietBy(state, one, nowMs) === why;
  const quiet = state.outbox.filter(isQuiet);
  if (quiet.length === 0) return 0;
  const subjects = new Map(quiet.map((one) => [one.id, announcementOf(site, config, one).subject]));
  change(book, site, suppressed(subjects, why, nowMs));
  // A document that is read again before this is stored may bring it back.
  for (const id of subjects.keys()) kept.add(id);
  return quiet.length;
};
