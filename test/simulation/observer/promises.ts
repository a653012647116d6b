import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import { isIn } from '../world/hosted.ts';
import type { Trouble } from '../world/troubles.ts';
import {
  type Chronicle,
  isAsLeft,
  roleIn,
  type SiteChronicle,
  troubled,
  troubledThroughout,
  type Write,
} from './chronicle.ts';
import { onTable } from './invariants/invariant.ts';
import { isLineOfSwitch } from './news.ts';
import type { Observer, Told } from './observer-shape.ts';
import type { Order } from './truth.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The reason that a person gives with an order; no other order has it, so that mails can be told apart. */
export const reasonOf = (order: Pick<Order, 'life'>): string => `drill ${order.life.id}`;

/**
 * A person has the answer to an order.
 * 2. A hold, pin or release that is answered as done stands in the role record, where that is as we left it, unless something
 * else was ordered or edited meanwhile.
 * 6. Every order that was accepted is told by a mail with its reason, and a failback or point by one that says what came of it.
 */
export const answered = (observer: Observer, order: Order, listing: RecordSet[]): void => {
  const { answer, name, askedMs } = order;
  const site = observer.chronicle.sites.get(name) as SiteChronicle;
  observer.note(`${order.action} ${order.pin} ${name}: ${answer?.ok ? 'ok' : 'refused'}: ${answer?.message}`);
  const told = ({ text }: Told) => `${text} `.includes(`Reason: ${reasonOf(order)} `);
  if (answer?.ok !== true) {
    if (mayHaveBeenDone(observer.chronicle, site, order)) return;
    if (observer.chronicle.mails.some(told))
      observer.violate('6', `people were told of an order that was refused: ${answer?.message}`, name);
    observer.refusals.push({
      site: name,
      what: `${order.action}: ${answer?.message}`,
      isToldBy: told,
      isVoid: () => mayHaveBeenDone(observer.chronicle, site, order),
    });
    return;
  }
  // What an order left is remembered with it, if the table took that.
  const { left } = site;
  const unsaved = troubled(observer.chronicle, onTable, askedMs, answer.atMs);
  const wrote = site.writes.at(-1)?.life === order.life;
  if (left !== undefined && wrote && !unsaved) left.seen = true;
  const broken = notInDns(observer, site, order, listing);
  if (broken !== undefined) observer.violate('2', broken, name);
  if (!couldNotTell(observer.chronicle, order)) {
    owe(observer, order, `the order ${order.life.id}: ${order.action}`, askedMs, told);
  }
  if (order.action === 'failback') {
    // A hold, pin or edit that comes before it was made ends it, and is told instead; so is a failover that goes where it would have.
    const isVoid = () =>
      site.editedMs > askedMs ||
      site.writes.some((write) => write.applied.atMs > askedMs && isBack(write)) ||
      othersSince(site, order).some((o) => o.askedMs < askedMs + 3 * MINUTE);
    const what = `what came of the failback ${order.life.id}`;
    owe(observer, order, what, askedMs, ({ kind }) => kind === 'failback', isVoid);
  }
  if (order.action === 'point') {
    // Whatever is ordered or edited meanwhile ends it, and is told instead.
    const isVoid = () => site.editedMs > askedMs || othersSince(site, order).length > 0;
    const what = `what came of the point ${order.life.id}`;
    const tells = ({ kind }: Told) => kind === 'pointed' || kind === 'point';
    owe(observer, order, what, askedMs, tells, isVoid);
  }
};

/** A move to a server that is preferred to the one that served. */
const isBack = ({ site, from, to }: Write): boolean => {
  const [before = -1, after = -1] = [from, to].map((one) =>
    site.servers.findIndex(({ name }) => name === one),
  );
  return after !== -1 && after < before;
};

/** With the table lost, or in trouble together with the topic, nothing but the role record can remember that there was an order. */
const couldNotTell = (chronicle: Chronicle, { askedMs, answer }: Order): boolean => {
  // What was to be told went with the table; that it was lost, and what the role record says, is told.
  if (chronicle.tableLosses.some(({ atMs }) => atMs >= askedMs)) return true;
  const atMs = answer?.atMs ?? askedMs;
  return troubled(chronicle, onTable, askedMs, atMs) && troubled(chronicle, onTopic, askedMs, atMs);
};

const onTopic = (t: Trouble): boolean => t.kind === 'edge' && t.edge === 'topic';

/**
 * Of an order that is refused, or whose records Route 53 did not take, nothing may be told. `Not done` may also mean that nobody
 * knows; an order whose save was done without an answer may meet itself when it is tried again; and a batch may come in late.
 */
const mayHaveBeenDone = (chronicle: Chronicle, { writes }: SiteChronicle, order: Order): boolean => {
  const { life, askedMs, answer } = order;
  if (writes.some((write) => write.life === life)) return true;
  if (!/Refused:|not adopted|not put back/.test(answer?.message ?? '')) return true;
  const unanswered = (t: Trouble) =>
    t.kind === 'edge' && t.edge === 'store' && (t.fate === 'answer-lost' || t.fate === 'late');
  return troubled(chronicle, unanswered, askedMs, answer?.atMs ?? askedMs);
};

/**
 * The orders that were not answered yet when this one was asked for, or were asked for later. Of two at the same moment
 * the one that was asked for first may be carried out last.
 */
const othersSince = ({ orders }: SiteChronicle, order: Order): Order[] =>
  orders.filter((o) => o !== order && (o.answer?.atMs ?? Number.POSITIVE_INFINITY) > order.askedMs);

const notInDns = (
  observer: Observer,
  site: SiteChronicle,
  order: Order,
  listing: RecordSet[],
): string | undefined => {
  const { action, askedMs, answer } = order;
  const want = { hold: 'held', pin: 'pinned', release: 'auto' }[action as 'hold'];
  if (want === undefined || answer?.message.includes('not yet in DNS')) return undefined;
  const names = order.life.config.sites.find((s) => s.name === site.name)?.names ?? [];
  if (!isAsLeft(site, names, listing)) return undefined;
  // A table that was restored is older than the zone, which then is taken for edited.
  if (observer.chronicle.tableLosses.length > 0) return undefined;
  const others = othersSince(site, order).length > 0;
  const expired =
    action !== 'release' && askedMs + order.forSeconds * SECOND + order.life.skewMs <= (answer?.atMs ?? 0);
  if (others || expired || site.editedMs > askedMs) return undefined;
  const role = roleIn(site.name, listing);
  if (role?.mode === want && (role.pin ?? '') === order.pin) return undefined;
  return `${action} ${order.pin} was answered "${answer?.message}", and the role record says ${role?.mode} ${role?.pin ?? ''}`;
};

const owe = (
  observer: Observer,
  { name }: Order,
  what: string,
  sinceMs: number,
  matches: (mail: Told) => boolean,
  isVoid = () => false,
): void => {
  const isToldBy = (mail: Told) => mail.site === name && matches(mail);
  // A controller may have told it before the person had the answer.
  if (observer.chronicle.mails.some((mail) => mail.atMs >= sinceMs && isToldBy(mail))) return;
  observer.outbox.push({ site: name, sinceMs, what, isToldBy, isVoid });
};

/** 6. Every switch by a controller is told by a mail that names its epoch, or says that it was found. */
export const oweSwitch = (observer: Observer, write: Write): void => {
  const { site, applied, life, from, to, roleBefore, roleAfter } = write;
  const epoch = roleAfter?.epoch ?? 0;
  const sinceMs = applied.sent.atMs;
  // A first batch has no fence but that nothing is there: one that comes in late, into a zone made anew, is told as an edit.
  const isStray = roleBefore === undefined && applied.atMs - sinceMs > MINUTE;
  // It was to be told by what the table held, and that the table was lost is told instead.
  if (observer.chronicle.tableLosses.some(({ atMs }) => atMs > sinceMs)) return;
  observer.outbox.push({
    site: site.name,
    sinceMs,
    landedMs: applied.atMs,
    epoch,
    unsaved: troubled(observer.chronicle, onTable, life.bornMs, applied.atMs),
    what: `the switch ${from} -> ${to} of epoch ${epoch}`,
    isToldBy: (mail) =>
      mail.site === site.name &&
      ((isStray && mail.kind === 'edited-by-hand') ||
        mail.text.includes(`(epoch ${epoch}, row`) ||
        isLineOfSwitch(mail, to ?? '') ||
        tellsOfMove(mail, to ?? '', epoch)),
  });
};

/**
 * A mail that says that moves were found which nobody had noted, up to an epoch that is this move's or a later one; or that the
 * stored state was lost, and what the role record says instead.
 */
const tellsOfMove = ({ kind, text }: Told, to: string, epoch: number): boolean => {
  const found = /epoch (\d+) now names/.exec(text)?.[1];
  const [, kept, server] = /epoch (\d+), (\S+) serves/.exec(text) ?? [];
  return (
    (kind === 'found' && Number(found) >= epoch) ||
    (kind === 'state-lost' && server === to && Number(kept) >= epoch)
  );
};

/**
 * A person took the role record away. An intent that was saved still tells that a switch was sent; of one without, which nobody
 * could read from the zone before, nobody can know. Nor can a mail tell of one for which the table and the topic were both away
 * all the while: then it stands in the log.
 */
export const forgetUntellable = (observer: Observer, site: string, nowMs: number): void => {
  const { chronicle } = observer;
  const listedMs = Math.max(
    0,
    ...[...chronicle.listedMs].map(([zone, atMs]) => (isIn(zone, site) ? atMs : 0)),
  );
  observer.outbox = observer.outbox.filter((outbox) => {
    if (outbox.site !== site || outbox.unsaved !== true) return true;
    const { landedMs = 0, epoch } = outbox;
    const throughout = (matches: (t: Trouble) => boolean) =>
      troubledThroughout(chronicle, matches, landedMs, nowMs);
    const isInLog = chronicle.logged.has(`${site} ${epoch}`);
    return landedMs <= listedMs && !(isInLog && throughout(onTable) && throughout(onTopic));
  });
};

/** 6. The end of a hold or pin that was accepted is told, unless another order, an edit or a loss of the table came before it. */
export const owePromises = (observer: Observer, nowMs: number): void => {
  const { chronicle } = observer;
  for (const site of chronicle.sites.values()) {
    for (const order of site.orders) {
      const untilMs = order.askedMs + order.forSeconds * SECOND;
      if (order.expired || order.answer === undefined || untilMs > nowMs) continue;
      order.expired = true;
      if (
        !order.answer.ok ||
        (order.action !== 'hold' && order.action !== 'pin') ||
        order.life.mostSkewMs > 0
      )
        continue;
      // Two orders of about the same end have one mail between them.
      const overtaken = site.orders.some((o) => o !== order && o.askedMs > order.askedMs - 30 * MINUTE);
      if (overtaken || site.editedMs > order.askedMs || order.answer.atMs > untilMs - 5 * SECOND) continue;
      if (chronicle.tableLosses.some((loss) => loss.atMs > order.askedMs)) continue;
      const fromMs = untilMs - 10 * MINUTE;
      owe(
        observer,
        order,
        `the end of the ${order.action} ${order.life.id}`,
        fromMs,
        ({ kind }) => kind === 'expiry',
      );
    }
  }
};
