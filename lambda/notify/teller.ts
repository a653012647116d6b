import { eachOf } from '../async/pool.ts';
import type { Task } from '../async/task.ts';
import { type Book, DOCUMENTS_AT_ONCE, stateOf } from '../book/book.ts';
import { change, changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { isAway, save } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import { announcementOf } from '../core/messages/announcement.ts';
import type { Config, Site } from '../core/site/site.ts';
import type { Orders } from '../core/state/answered-order.ts';
import type { SiteNews } from '../core/state/news.ts';
import { isOwed, type Notice, withoutTold } from '../core/state/notice.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import type { Step } from '../core/steps/step.ts';
import { evented, grouped, mailed } from '../core/steps/told.ts';
import { logFault } from '../log/lines.ts';
import { nameOf } from './direct.ts';
import { type Message, messagesFor, pauseOf, retryOf, unstorable } from './due-messages.ts';
import { remembered, type Teller } from './open.ts';
import { suppress } from './suppress.ts';
import { leaveUnstored } from './unstored.ts';

/** The outboxes are looked at this often, and at once when something was written down. */
const TELL_EVERY_MS = 1000;
/**
 * And no sooner after the last look than this for each site, milliseconds. When a thousand sites fail together, each of their
 * writes gives reason to look at all outboxes, which takes most of the controller's processor if it is done each time.
 */
const TELL_LEAST_MS = 0.1;
/**
 * A message that the topic did not take is tried again after this time, and after twice as long each time: a topic that
 * answers later than we wait has taken each of them.
 */
const PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;

/** Tells what is in the outboxes, along with the rounds and never on their time, until the signal comes. */
export const tellTask = ({ config, tell }: Book, tellers: readonly Teller[]): Task => {
  tell.reset();
  return {
    everyMs: TELL_EVERY_MS,
    leastMs: Math.floor(TELL_LEAST_MS * config.sites.length),
    woken: tell,
    run: async () => {
      // What is written down while this is told ends the next wait at once.
      tell.reset();
      for (const teller of tellers) if (!teller.work.over) tellDue(teller);
    },
  };
};

/**
 * At the end: what could not be stored nobody else knows, and what this controller has claimed nobody else tells before
 * the claim ends. A successor tells the rest.
 */
export const tellLast = async (book: Book, tellers: readonly Teller[]): Promise<void> => {
  for (const teller of tellers) tellDue(teller);
  await Promise.all(book.work.underWay);
  await leaveUnstored(book);
};

/**
 * Begins to publish what may be published now. Of each site one message is under way at a time, the oldest, so that
 * people read what happened in the order in which it did; and no site's message waits for another's.
 */
export const tellDue = (teller: Teller): void => {
  const { book, ending, telling, work } = teller;
  leaveOutRemembered(teller);
  suppress(teller);
  for (const message of [...messagesFor(teller), ...unstorable(teller)]) {
    for (const name of message.of) telling.add(name);
    void work.begin(async () => {
      let isTold = false;
      try {
        isTold = await publish(teller, message);
      } finally {
        for (const name of message.of) {
          telling.delete(name);
          if (!isTold) ending.delete(name);
        }
      }
      if (!isTold) return;
      // The next message of the site does not wait until this one is acknowledged: a save may be slow.
      book.tell.ring();
      await acknowledge(teller, message);
      book.tell.ring();
    });
  }
};

/** Publishes it by mail or as events. Of several events each is sent, whatever becomes of the others. */
const post = async ({ channel, events, topic }: Teller, { announcement, made }: Message): Promise<void> => {
  if (channel === 'mail') return topic.publish(announcement);
  const sent = await Promise.allSettled(made.map(({ event }) => events.publish(event)));
  for (const one of sent) if (one.status === 'rejected') throw one.reason;
};

/** What the log says of a message that was not taken. */
const DURING = { mail: 'announce', event: 'announce-event' } as const;

/** Answers whether the topic took it. */
const publish = async (teller: Teller, message: Message): Promise<boolean> => {
  const { announcement, tells, of, remember } = message;
  const { clock, memory, told } = teller;
  const named = (name: string) => remembered(teller, name);
  try {
    await post(teller, message);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(teller, DURING[teller.channel], error, announcement.site);
    if (!memory.has(named(UNTOLD_SINCE))) memory.set(named(UNTOLD_SINCE), clock.now());
    for (const name of of) {
      const [pause, retry] = [named(pauseOf(name)), named(retryOf(name))];
      const pauseMs = Math.min(2 * (memory.get(pause) ?? PAUSE_MS / 2), LONGEST_PAUSE_MS);
      memory.set(pause, pauseMs).set(retry, clock.now() + pauseMs);
    }
    return false;
  }
  memory.delete(named(UNTOLD_SINCE));
  for (const name of of) {
    memory.delete(named(pauseOf(name)));
    memory.delete(named(retryOf(name)));
  }
  const name = announcement.kind === 'not-moved' ? nameOf(announcement) : remember;
  if (name !== undefined) memory.set(named(name), announcement.atMs);
  rememberTold(teller, tells);
  for (const id of tells) told.add(id);
  return true;
};

/** Under this name a process remembers since when the topic has taken nothing. */
export const UNTOLD_SINCE = 'untold since';
const sameAs = (teller: Teller, id: string): string => remembered(teller, `told ${id}`);

/**
 * Subjects of notices without their numbers. Each is made once: of five hundred that wait, all are compared at each
 * message.
 */
const withoutNumbers = new WeakMap<Notice<SiteNews>, string>();
const sameWords = (config: Config, site: Site, notice: Notice<SiteNews>): string => {
  const known = withoutNumbers.get(notice);
  if (known !== undefined) return known;
  const { subject } = announcementOf(site, config, notice);
  const same = subject.replace(/ \[[^\]]*\]$/, '').replace(/[0-9]+/g, '#');
  withoutNumbers.set(notice, same);
  return same;
};

/** The name of what was told while it could not be stored: of the same news, in other numbers, of the same write. */
const newsOf = (teller: Teller, site: Site, notice: Notice<SiteNews>): string => {
  const { book, config } = teller;
  const words = sameWords(config, site, notice);
  return remembered(
    teller,
    `told ${site.name} ${notice.kind} ${words} ${stateOf(book, site).written?.epoch}`,
  );
};

/**
 * What this process has told within the hour is not told again: not the very same announcement, whose acknowledgement
 * got lost; nor, while the table is away and each controller finds the same news, the same news. That a site stays where it is is
 * remembered until that is over (`assess/announce.ts`), so that the next outage is told.
 */
const leaveOutRemembered = (teller: Teller): void => {
  const { book, channel, clock, config, memory, told, work } = teller;
  const nowMs = clock.now();
  const isRecent = (name: string) => !isReminderDue(memory.get(name), nowMs);
  const isKnown = (site: Site, one: Notice<SiteNews>) =>
    isRecent(sameAs(teller, one.id)) ||
    (isAway(book, site) && one.news.type !== 'stuck' && isRecent(newsOf(teller, site, one)));
  const known = config.sites.flatMap((site) =>
    stateOf(book, site)
      .outbox.filter((one) => isOwed(one, channel) && !told.has(one.id) && isKnown(site, one))
      .map(({ id }) => id),
  );
  if (known.length === 0) return;
  for (const id of known) told.add(id);
  void work.begin(() => acknowledge(teller, { tells: known, made: [] }));
};

const rememberTold = (teller: Teller, tells: string[]): void => {
  const { book, clock, config, memory } = teller;
  const nowMs = clock.now();
  for (const [name, atMs] of memory)
    if (name.startsWith('told ') && isReminderDue(atMs, nowMs)) memory.delete(name);
  for (const id of tells) memory.set(sameAs(teller, id), nowMs);
  for (const site of config.sites.filter((one) => isAway(book, one))) {
    const told = stateOf(book, site).outbox.filter(({ id }) => tells.includes(id));
    for (const one of told) memory.set(newsOf(teller, site, one), nowMs);
  }
};

/** Notes what was told: what was told both ways leaves the outboxes. */
const acknowledge = async (
  teller: Teller,
  { tells, group, made, orders = new Map() }: Pick<Message, 'tells' | 'group' | 'made' | 'orders'>,
): Promise<void> => {
  const { book, channel, config } = teller;
  const ids = new Set(tells);
  const changes = new Map(made.flatMap((one) => [...one.changes]));
  const isConcerned = (site: Site) =>
    changes.has(site.name) || stateOf(book, site).outbox.some(({ id }) => ids.has(id));
  const concerned = config.sites.filter(isConcerned);
  // All at once, and before anything is saved: the next event of any of them is made of what is open then.
  for (const site of concerned) {
    if (group !== undefined) change(book, site, grouped(group));
    const step =
      channel === 'mail' ? asMailed(teller, site, ids, orders) : evented(ids, changes.get(site.name));
    change(book, site, step);
    teller.ending.delete(site.name);
  }
  await eachOf(concerned, DOCUMENTS_AT_ONCE, async (site) => {
    await save(book, site);
  });
  const { outbox } = book.deployment.state;
  if (!outbox.some((one) => ids.has(one.id) && isOwed(one, channel))) return;
  changeDeployment(book, (state) => ({ ...state, outbox: withoutTold(outbox, ids, channel) }));
  await saveDeployment(book);
};

/** With the subjects, which stand in the history. An order that was told together with what came of it had none of its own. */
const asMailed = (
  { book, clock, config }: Teller,
  site: Site,
  ids: ReadonlySet<string>,
  orders: Orders,
): Step => {
  const told = stateOf(book, site).outbox.filter(({ id }) => ids.has(id));
  const joined = new Set([...orders.values()].flat().map(({ id }) => id));
  const subjectOf = (one: Notice<SiteNews>) =>
    joined.has(one.id)
      ? undefined
      : announcementOf(site, config, one, { orders: orders.get(one.id) }).subject;
  return mailed(new Map(told.map((one) => [one.id, subjectOf(one)])), clock.now());
};
