import { waitingOf } from '../assess/assess.ts';
import { stateOf } from '../book/book.ts';
import { isAway } from '../book/table.ts';
import { type Announcement, announcementOf, announcementOfAll } from '../core/messages/announcement.ts';
import type { MadeEvent } from '../core/messages/event-of.ts';
import { quietNote } from '../core/messages/silence.ts';
import { type OneOfMany, together } from '../core/messages/together.ts';
import type { Site } from '../core/site/site.ts';
import type { Orders } from '../core/state/answered-order.ts';
import { isKept } from '../core/state/claim.ts';
import type { SiteNews } from '../core/state/news.ts';
import { isOwed, type Notice, TOLD_APART } from '../core/state/notice.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { isAfterSilence, silenceNow } from '../core/state/silence.ts';
import { mayBeOthers } from '../core/zone/zone-view.ts';
import { listedOf } from '../zones/listing.ts';
import { mayPublish, mayPublishOfAll } from './claim.ts';
import { directNews } from './direct.ts';
import { eventApart, eventsOfAll, eventsOfMany, mustWait } from './events.ts';
import { alike, beforeIt, gathered, isTrouble, latestOf, type Pending, withoutVisible } from './gather.ts';
import { remembered, type Teller } from './open.ts';
import { withOrders } from './with-orders.ts';

/**
 * One message to publish, the announcements that it tells, and whose they are. `remember`: under which name the process remembers it.
 * `group`: the incident of the mass failure that it tells of.
 */
export type Message = {
  announcement: Announcement;
  tells: string[];
  of: string[];
  remember?: string;
  group?: string | undefined;
  /** The orders that it tells along with others, by the id of each of those. */
  orders?: Orders;
  /** The same as events, where it is told by these. */
  made: MadeEvent[];
};

export const pauseOf = (name: string): string => `pause ${name}`;
export const retryOf = (name: string): string => `retry ${name}`;

const mayTell = (teller: Teller, name: string): boolean => {
  const { clock, memory, telling } = teller;
  return !telling.has(name) && (memory.get(remembered(teller, retryOf(name))) ?? 0) <= clock.now();
};

/** What this controller may tell now of each site, oldest first. */
const pendingNow = (teller: Teller): Pending[] => {
  const { book, channel, config, kept, told } = teller;
  return config.sites.flatMap((site) => {
    const outbox = stateOf(book, site).outbox.filter((one) => isOwed(one, channel));
    if (outbox.length === 0 || !mayTell(teller, site.name)) return [];
    const certain = isAway(book, site) ? outbox.filter((one) => isCertain(teller, site, one)) : outbox;
    const state = stateOf(book, site);
    const early = certain.findIndex((one) => isAfterSilence(state, one, teller.clock.now()));
    const inOrder = early === -1 ? certain : certain.slice(0, early);
    const left = inOrder.filter(({ id }) => !told.has(id) && !kept.has(id));
    const { notices, orders } = withOrders(teller, site, left);
    return notices.length === 0 ? [] : [{ site, orders, ...alike(notices) }];
  });
};

/** Those of its notices that it is stored that this controller tells. With the store away nothing is saved, nor claimed. */
const mineOf = (
  { book }: Teller,
  { site, notices }: Pick<Pending, 'site' | 'notices'>,
): Notice<SiteNews>[] =>
  isAway(book, site) ? notices : notices.filter(({ id }) => mayPublish(book, site, id));

/** The oldest of one site, and the orders of which it is what came. */
const messageApart = (teller: Teller, { site, notices: [notice], orders: all }: Pending): Message[] => {
  const orders = all.get(notice?.id ?? '') ?? [];
  const wanted = [...(notice ? [notice] : []), ...orders];
  if (notice === undefined || mineOf(teller, { site, notices: wanted }).length < wanted.length) return [];
  const announcement = announcementOf(site, teller.config, notice, {
    note: noteOn(teller, site, notice),
    orders,
  });
  const made = isByEvent(teller) ? eventApart(teller, site, { notice, announcement, orders }) : [];
  return [{ ...apart(announcement, made), tells: wanted.map(({ id }) => id), orders: all }];
};

const isByEvent = ({ channel }: Teller): boolean => channel === 'event';

/** The silence of which a message tells along with its news, but for one that is about that itself. */
const silenceTold = ({ book, clock }: Teller, site: Site, { news }: Notice<SiteNews>) =>
  news.type === 'ordered' && news.about !== undefined
    ? undefined
    : silenceNow(stateOf(book, site), clock.now());

/** Who keeps messages about the site back, and who knows of the incident. */
const noteOn = (teller: Teller, site: Site, notice: Notice<SiteNews>): string | undefined => {
  const { incident } = stateOf(teller.book, site);
  const isAbout = notice.news.type === 'ordered' && notice.news.about !== undefined;
  const acknowledged = incident?.id === notice.incident && !isAbout ? incident.acknowledged : undefined;
  const again = 'again' in notice.news && notice.news.again ? notice.incident : undefined;
  return quietNote(site.name, { silence: silenceTold(teller, site, notice), acknowledged, again });
};

/** What is to be told of each of these sites, once this controller has claimed it all. What another one holds, that one tells. */
const claimedOf = (teller: Teller, some: readonly Pending[]) => {
  const { book, clock } = teller;
  const isElsewhere = ({ site, notices }: Pending) =>
    !isAway(book, site) && notices.some((one) => isKept(one, book.id, clock.now()));
  const claimed = some
    .filter((one) => !isElsewhere(one))
    .map(({ site, notices, orders }) => {
      const told = withoutVisible(notices);
      const wanted = [...told, ...told.flatMap(({ id }) => orders.get(id) ?? [])];
      const mine = mineOf(teller, { site, notices: wanted });
      return { site, mine: told, orders, wanted, isWhole: mine.length === wanted.length };
    });
  return claimed.every(({ isWhole }) => isWhole) ? claimed : [];
};

/** All that there is to tell of these sites, in one message. */
const messageTogether = (teller: Teller, some: readonly Pending[]): Message[] => {
  const claimed = claimedOf(teller, some);
  const all = claimed.flatMap(({ site, mine, orders }): OneOfMany[] => {
    const notice = latestOf(mine);
    const asked = mine.flatMap(({ id }) => orders.get(id) ?? []);
    return notice === undefined ? [] : [{ site, notice, before: beforeIt(mine, notice), orders: asked }];
  });
  const [first, ...others] = all;
  if (first === undefined) return [];
  const groups = claimed.map(({ site }) => stateOf(teller.book, site).incident?.group);
  if (all.length <= TOLD_APART && groups.includes(undefined))
    return claimed.flatMap(({ site, mine, orders }) => messageApart(teller, { site, notices: mine, orders }));
  const announcement = together([first, ...others], teller.config, {
    incident: groups.find((group) => group !== undefined),
    waiting: waitingOf(teller.assessments).length,
    silences: all.flatMap(({ site, notice }) => silenceTold(teller, site, notice) ?? []),
  });
  return [
    {
      announcement,
      tells: claimed.flatMap(({ wanted }) => wanted.map(({ id }) => id)),
      orders: new Map(claimed.flatMap(({ orders }) => [...orders])),
      of: claimed.map(({ site }) => site.name),
      made: isByEvent(teller) ? eventsOfMany(teller, all, announcement) : [],
      // Whoever hears of trouble hears of its end.
      ...(claimed.some(({ mine }) => mine.some(isTrouble)) && { group: announcement.incident }),
    },
  ];
};

/** What is published now: of sites, and of the deployment as a whole. */
export const messagesFor = (teller: Teller): Message[] => {
  const { book, channel, config, told } = teller;
  const { apart: alone, together: many } = gathered(teller, pendingNow(teller));
  const messages = [
    ...alone.flatMap((one) => messageApart(teller, one)),
    ...many.flatMap((some) => messageTogether(teller, some)),
  ];
  const ofAll = book.deployment.state.outbox.find(
    (one) => isOwed(one, channel) && !told.has(one.id) && !mustWait(teller, one),
  );
  if (ofAll !== undefined && mayTell(teller, ofAll.site) && mayPublishOfAll(book, ofAll.id)) {
    const announcement = announcementOfAll(config, ofAll);
    messages.push(apart(announcement, isByEvent(teller) ? eventsOfAll(teller, ofAll, announcement) : []));
  }
  return messages.sort((a, b) => a.announcement.atMs - b.announcement.atMs);
};

/**
 * While the table is away, three kinds wait. `state-lost`: an empty read may be the outage itself. `edited-by-hand`: a newer role record
 * may be another controller's. `found`: whoever made the move without the table has told it, and cannot have noted that.
 */
const isCertain = ({ assessments, book }: Teller, site: Site, { kind }: Notice): boolean => {
  const { view } = listedOf(assessments.listings, site);
  const { written } = stateOf(book, site);
  return (
    kind !== 'state-lost' && kind !== 'found' && !(kind === 'edited-by-hand' && mayBeOthers(view, written))
  );
};

const apart = (announcement: Announcement, made: MadeEvent[]): Message => ({
  announcement,
  made,
  tells: [announcement.id],
  of: [announcement.site],
});

/** What no outbox can hold: told at most hourly by this process, as far as it remembers. */
export const unstorable = (teller: Teller): Message[] => {
  const nowMs = teller.clock.now();
  const isTold = (name: string) => !isReminderDue(teller.memory.get(remembered(teller, name)), nowMs);
  return directNews(teller, nowMs)
    .filter(({ name }) => !isTold(name) && mayTell(teller, name))
    .map(({ name, announcement, made }) => ({
      ...apart({ ...announcement, unstored: true }, isByEvent(teller) ? made() : []),
      of: [name],
      remember: name,
    }));
};
