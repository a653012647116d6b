import type { Asks, NewsOf, SiteNews } from './news.ts';
import type { Notice } from './notice.ts';
import type { SiteState } from './site-state.ts';

/** An order of a person, as it is to be told. */
export type OrderNotice = Notice<NewsOf<'ordered'>>;

/** Of each notice, by its id, the orders of persons that one message tells together with it. */
export type Orders = ReadonlyMap<string, readonly OrderNotice[]>;

export const isOrder = (one: Notice<SiteNews>): one is OrderNotice => one.news.type === 'ordered';

/**
 * How long an order waits for what comes of it, on top of an interval: a controller reads it within 5 s, looks, and moves or says
 * within 5 s that it could not.
 */
const ANSWER_MS = 10_000;

/**
 * Until when an order may wait for what comes of it, milliseconds; after that it is told alone. A failback or a switch at once has a time
 * in which it must be done, and what became of it is told at the end of that. A planned switch takes minutes: it is told before.
 */
export const answeredByMs = (
  { atMs }: OrderNotice,
  { failbackAsked, point }: Pick<SiteState, 'failbackAsked' | 'point'>,
  intervalSeconds: number,
): number => {
  const atOnce = point?.planned === undefined ? point : undefined;
  const asked = [failbackAsked, atOnce].find((one) => one?.askedMs === atMs);
  return (asked?.untilMs ?? atMs) + intervalSeconds * 1000 + ANSWER_MS;
};

type Write = NewsOf<'refused' | 'late' | 'protected' | 'unwritten'>;

/** A planned switch begins with a lower TTL at the server that serves. */
const isMoveFor = ({ order, to }: Asks, move: NewsOf<'moved'>): boolean =>
  to === undefined ? order === 'release' : (move.lowered?.to ?? move.to) === to;

/** What moves nobody is the role record with the order in it, or the lower TTL. */
const isWriteFor = ({ order, to }: Asks, write: Write): boolean =>
  order === 'release' || write.to === to || (order !== 'failback' && write.from === write.to);

/** Whether this news is what came of an order, so that one message tells both. */
const isAnswer = ({ news: order, atMs }: OrderNotice, { news, atMs: laterMs }: Notice<SiteNews>): boolean => {
  const { asks, by, reason } = order;
  if (asks === undefined || laterMs < atMs) return false;
  switch (news.type) {
    case 'moved':
      return isMoveFor(asks, news);
    case 'refused':
    case 'late':
    case 'protected':
    case 'unwritten':
      return isWriteFor(asks, news);
    case 'failback-not-done':
    case 'switch-ended':
      return news.by === by && news.reason === reason;
    case 'stuck':
      return news.hold?.by === by && news.hold.reason === reason;
    case 'over':
      return endsAll(asks);
    default:
      return false;
  }
};

/** Orders after which nothing may be amiss any more. */
const endsAll = ({ order }: Asks): boolean => order === 'put-back' || order === 'release';

/** Whether the word that all is well may be told together with this order, which waits for it. */
export const mayEndAll = (one: Notice<SiteNews>): boolean =>
  isOrder(one) && one.news.asks !== undefined && endsAll(one.news.asks);

/** The orders among these notices, oldest first, of which another one of them tells what came: by the id of that. */
export const answeredOrders = (notices: readonly Notice<SiteNews>[]): Orders => {
  const found = new Map<string, OrderNotice[]>();
  for (const order of notices.filter(isOrder)) {
    const answer = notices.find((one) => isAnswer(order, one));
    if (answer !== undefined) found.set(answer.id, [...(found.get(answer.id) ?? []), order]);
  }
  return found;
};

/** Whether a notice is an order of which nobody knows yet what comes: it may have to wait for that. */
export const isUnanswered = (one: Notice<SiteNews>, outbox: readonly Notice<SiteNews>[]): boolean =>
  isOrder(one) && one.news.asks !== undefined && !outbox.some((other) => isAnswer(one, other));
