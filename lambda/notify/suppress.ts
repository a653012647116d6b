import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { announcementOf } from '../core/messages/announcement.ts';
import type { Site } from '../core/site/site.ts';
import { endsOpen } from '../core/state/alerts.ts';
import { isKept } from '../core/state/claim.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isOvertaken } from '../core/state/refusals.ts';
import { quietBy } from '../core/state/silence.ts';
import type { SiteState } from '../core/state/site-state.ts';
import { type Suppression, suppressed } from '../core/steps/told.ts';
import type { Teller } from './open.ts';
import { isToldWithOthers } from './with-orders.ts';

/**
 * Takes out of the outboxes what is not to be told any more, or not now, and notes in the history what it would have said. It is asked
 * once for both ways, by the teller of mails.
 */
export const suppress = (teller: Teller): void => {
  const { book, channel, config, work } = teller;
  if (channel !== 'mail') return;
  const concerned = config.sites.filter((site) => suppressAt(teller, site));
  if (concerned.length === 0) return;
  void work.begin(() => eachOf(concerned, DOCUMENTS_AT_ONCE, async (site) => void (await save(book, site))));
};

/** Whether there was anything. What is being published, here or by another controller, is left to that. */
const suppressAt = (teller: Teller, site: Site): boolean => {
  const { book, clock, config, isUnderWay, kept, told } = teller;
  const nowMs = clock.now();
  const state = stateOf(book, site);
  if (state.outbox.length === 0) return false;
  const isToldWith = isToldWithOthers(teller, site);
  const isWaiting = (one: Notice<SiteNews>) =>
    // Who asked for a move that is told stands in that message.
    !isToldWith(one) &&
    // What was told one way is told the other way, too: a pager would wait for ever for the end that people have read. Only what
    // programs were told of a write that was not made people need not read once it is over: they read of its end.
    (one.told === undefined || (one.told === 'event' && isOvertaken(one, state))) &&
    !kept.has(one.id) &&
    !isKept(one, book.id, nowMs) &&
    !isUnderWay(site.name, one.id);
  const { ending, byWhy } = suppressible(site, state, { isWaiting, nowMs });
  for (const [why, some] of byWhy) {
    const subjects = new Map(some.map((one) => [one.id, announcementOf(site, config, one).subject]));
    change(book, site, suppressed(subjects, why, nowMs, ending));
    // A document that is read again before this is stored may bring it back.
    for (const { id } of some) (ending.has(id) ? told : kept).add(id);
  }
  return byWhy.size > 0;
};

/** What is kept back, by why; `ending`: by id, those of it that end what pagers have open, so that programs are told. */
const suppressible = (
  site: Site,
  state: SiteState,
  { isWaiting, nowMs }: { isWaiting(one: Notice<SiteNews>): boolean; nowMs: number },
): { ending: Set<string>; byWhy: Map<Suppression, Notice<SiteNews>[]> } => {
  const ending = new Set<string>();
  const byWhy = new Map<Suppression, Notice<SiteNews>[]>();
  const heard: Notice<SiteNews>[] = [];
  for (const one of state.outbox) {
    const why = isWaiting(one) ? suppressedBy(state, one, nowMs) : undefined;
    const ends = why === 'silenced' ? endsOpen({ ...state, outbox: [...heard, one] }, site, one) : undefined;
    if (why === undefined || ends !== undefined) heard.push(one);
    // Whoever may have been woken hears of the end.
    if (why === undefined || ends === 'woke') continue;
    if (ends === 'open') ending.add(one.id);
    byWhy.set(why, [...(byWhy.get(why) ?? []), one]);
  }
  return { ending, byWhy };
};

/**
 * Why a notice that waits to be published is not told. It is asked here alone: what is judged, decided and written knows nothing
 * of it.
 */
const suppressedBy = (state: SiteState, one: Notice<SiteNews>, nowMs: number): Suppression | undefined =>
  isOvertaken(one, state) ? 'overtaken' : quietBy(state, one, nowMs);
