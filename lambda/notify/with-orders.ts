import { assessmentOf } from '../assess/assess.ts';
import { stateOf } from '../book/book.ts';
import { isAway } from '../book/table.ts';
import type { Site } from '../core/site/site.ts';
import {
  answeredByMs,
  answeredOrders,
  isOrder,
  isUnanswered,
  type OrderNotice,
  type Orders,
} from '../core/state/answered-order.ts';
import { isKept } from '../core/state/claim.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isBehind, listedOf } from '../zones/listing.ts';
import { isComing } from './gather.ts';
import type { Teller } from './open.ts';

/** Whether the zone is known as it was before the order. */
const isOld = ({ assessments: { listings } }: Teller, site: Site, { news: { asks } }: OrderNotice): boolean =>
  isBehind(listings, site) ||
  (asks?.order === 'put-back' && listedOf(listings, site).view?.kind === 'edited');

/**
 * Whether an order waits for what comes of it: one event is one message. A failback or a switch that was asked for waits until it is
 * made or is over; any other order until a look that knows it has shown whether the site moves for it. None waits longer than
 * `answeredByMs`, and with the table away none waits at all: what is not stored dies with this controller.
 */
const isWaiting = (teller: Teller, site: Site, order: OrderNotice): boolean => {
  const { assessments, book, clock, config } = teller;
  const state = stateOf(book, site);
  const { failbackAsked, override, point } = state;
  if (isAway(book, site) || clock.now() >= answeredByMs(order, state, config.intervalSeconds)) return false;
  if ([failbackAsked, point].some((one) => one?.askedMs === order.atMs)) return true;
  // Another order has taken its place.
  if (override?.askedMs !== order.atMs) return false;
  const known = assessmentOf(assessments, site)?.state.override?.askedMs;
  return known !== order.atMs || isOld(teller, site, order) || isComing(teller, site);
};

/** These notices of a site without the orders that wait, and without those that are told together with another one. */
export const withOrders = (
  teller: Teller,
  site: Site,
  notices: readonly Notice<SiteNews>[],
): { notices: Notice<SiteNews>[]; orders: Orders } => {
  const { book, clock } = teller;
  // Who is about to tell an order alone does so.
  const isElsewhere = (one: Notice<SiteNews>) => isOrder(one) && isKept(one, book.id, clock.now());
  const orders = answeredOrders(notices.filter((one) => !isElsewhere(one)));
  const answered = new Set([...orders.values()].flat());
  const isLeft = (one: Notice<SiteNews>) =>
    isOrder(one) && (answered.has(one) || (isUnanswered(one, notices) && isWaiting(teller, site, one)));
  return { notices: notices.filter((one) => !isLeft(one)), orders };
};

/** Those of a site's outbox that nobody is to be told of by themselves now. */
export const isToldWithOthers = (teller: Teller, site: Site): ((one: Notice<SiteNews>) => boolean) => {
  const { outbox } = stateOf(teller.book, site);
  const alone = new Set(withOrders(teller, site, outbox).notices);
  return (one) => !alone.has(one);
};
