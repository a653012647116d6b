import type { Assessments } from '../assess/assess.ts';
import { eachOf } from '../async/pool.ts';
import type { Task } from '../async/task.ts';
import type { Work } from '../async/work.ts';
import { type Book, DOCUMENTS_AT_ONCE, stateOf } from '../book/book.ts';
import { change, changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { isAway, save } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import {
  type Announcement,
  announcementOf,
  announcementOfAll,
  digest,
} from '../core/messages/announcement.ts';
import type { Config, Site } from '../core/site/site.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { acknowledged } from '../core/steps/told.ts';
import { mayBeOthers } from '../core/zone/zone-view.ts';
import { logFault } from '../log/lines.ts';
import type { Logging, World } from '../ports.ts';
import { listedOf } from '../zones/listing.ts';
import { mayPublish, mayPublishOfAll } from './claim.ts';
import { directNews, nameOf } from './direct.ts';
import { leaveUnstored } from './unstored.ts';

/** More sites than this with the same to tell are told in one message. */
const TOLD_APART = 5;
/** The outboxes are looked at this often, and at once when something was written down. */
const TELL_EVERY_MS = 5000;
/**
 * A message that the topic did not take is tried again after this time, and after twice as long each time: a topic that answers later
 * than we wait has taken each of them.
 */
const PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;

export type TellerPorts = Logging & Pick<World, 'config' | 'memory' | 'topic'>;

/** Publishes what is in the outboxes of the book. */
export type Teller = TellerPorts & {
  work: Work;
  book: Book;
  assessments: Assessments;
  /** Whose message is being published; and what this controller has told, which need not be acknowledged in the table yet. */
  telling: Set<string>;
  told: Set<string>;
};

export const openTeller = (ports: TellerPorts, book: Book, assessments: Assessments): Teller => ({
  ...ports,
  work: book.work,
  book,
  assessments,
  telling: new Set(),
  told: new Set(),
});

/** Tells what is in the outboxes, along with the rounds and never on their time, until the signal comes. */
export const tellTask = (teller: Teller): Task => {
  const { tell } = teller.book;
  tell.reset();
  return {
    everyMs: TELL_EVERY_MS,
    woken: tell.signal,
    run: async () => {
      // What is written down while this is told ends the next wait at once.
      tell.reset();
      if (!teller.work.over) tellDue(teller);
    },
  };
};

/**
 * At the end: what could not be stored nobody else knows, and what this controller has claimed nobody else tells before the claim ends. A
 * successor tells the rest.
 */
export const tellLast = async (teller: Teller): Promise<void> => {
  tellDue(teller);
  await Promise.all(teller.work.underWay);
  await leaveUnstored(teller.book);
};

/** One message to publish, the announcements that it tells, and whose they are. `remember`: under which name the process remembers it. */
type Message = { announcement: Announcement; tells: string[]; of: string[]; remember?: string };

/**
 * Begins to publish what may be published now. Of each site one message is under way at a time, the oldest, so that people read what happened in
 * the order in which it did; and no site's message waits for another's.
 */
export const tellDue = (teller: Teller): void => {
  const { book, telling, work } = teller;
  leaveOutRemembered(teller);
  for (const message of [...messagesFor(teller), ...unstorable(teller)]) {
    for (const name of message.of) telling.add(name);
    void work.begin(async () => {
      let isTold = false;
      try {
        isTold = await publish(teller, message);
      } finally {
        for (const name of message.of) telling.delete(name);
      }
      if (!isTold) return;
      // The next message of the site does not wait until this one is acknowledged: a save may be slow.
      book.tell.ring();
      await acknowledge(teller, new Set(message.tells));
      book.tell.ring();
    });
  }
};

/** Answers whether the topic took it. */
const publish = async (teller: Teller, message: Message): Promise<boolean> => {
  const { announcement, tells, of, remember } = message;
  const { clock, memory, told, topic } = teller;
  try {
    await topic.publish(announcement);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(teller, 'announce', error, announcement.site);
    if (!memory.has(UNTOLD_SINCE)) memory.set(UNTOLD_SINCE, clock.now());
    for (const name of of) {
      const pauseMs = Math.min(2 * (memory.get(pauseOf(name)) ?? PAUSE_MS / 2), LONGEST_PAUSE_MS);
      memory.set(pauseOf(name), pauseMs).set(retryOf(name), clock.now() + pauseMs);
    }
    return false;
  }
  memory.delete(UNTOLD_SINCE);
  for (const name of of) {
    memory.delete(pauseOf(name));
    memory.delete(retryOf(name));
  }
  const name = announcement.kind === 'not-moved' ? nameOf(announcement) : remember;
  if (name !== undefined) memory.set(name, announcement.atMs);
  rememberTold(teller, tells);
  for (const id of tells) told.add(id);
  return true;
};

/** Under this name a process remembers since when the topic has taken nothing. */
export const UNTOLD_SINCE = 'untold since';
const pauseOf = (name: string): string => `pause ${name}`;
const retryOf = (name: string): string => `retry ${name}`;

const mayTell = ({ clock, memory, telling }: Teller, name: string): boolean =>
  !telling.has(name) && (memory.get(retryOf(name)) ?? 0) <= clock.now();

/** The next notice of a site to publish, where there is one that may be. */
const nextOf = (teller: Teller, site: Site): Announcement[] => {
  const { book, config, told } = teller;
  const { outbox } = stateOf(book, site);
  if (outbox.length === 0 || !mayTell(teller, site.name)) return [];
  const certain = isAway(book, site) ? outbox.filter((a) => isCertain(teller, site, a)) : outbox;
  const next = certain.find(({ id }) => !told.has(id));
  // With the store away nothing is saved, nor claimed.
  if (next === undefined || (!isAway(book, site) && !mayPublish(book, site, next.id))) return [];
  return [announcementOf(site, config, next)];
};

/** A message each; but many sites with the same kind of news are one message: a night of a thousand mails hides everything. */
const messagesFor = (teller: Teller): Message[] => {
  const { book, config, told } = teller;
  const oldest = config.sites.flatMap((site) => nextOf(teller, site));
  const ofSites = [...Map.groupBy(oldest, ({ kind }) => kind).values()].flatMap((outbox): Message[] =>
    outbox.length > TOLD_APART
      ? [
          {
            announcement: digest(outbox, config),
            tells: outbox.map(({ id }) => id),
            of: outbox.map(({ site }) => site),
          },
        ]
      : outbox.map(apart),
  );
  const ofAll = book.deployment.state.outbox.find(({ id }) => !told.has(id));
  if (ofAll !== undefined && mayTell(teller, ofAll.site) && mayPublishOfAll(book, ofAll.id))
    ofSites.push(apart(announcementOfAll(config, ofAll)));
  return ofSites.sort((a, b) => a.announcement.atMs - b.announcement.atMs);
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

const sameAs = (id: string): string => `told ${id}`;

/** Subjects of notices without their numbers. Each is made once: of five hundred that wait, all are compared at each message. */
const withoutNumbers = new WeakMap<Notice<SiteNews>, string>();
const sameWords = (config: Config, site: Site, notice: Notice<SiteNews>): string => {
  const known = withoutNumbers.get(notice);
  if (known !== undefined) return known;
  const { subject } = announcementOf(site, config, notice);
  const same = subject.replace(/^\[[^\]]*\] /, '').replace(/[0-9]+/g, '#');
  withoutNumbers.set(notice, same);
  return same;
};

/** The name of what was told while it could not be stored: of the same news, in other numbers, of the same write. */
const newsOf = ({ book, config }: Teller, site: Site, notice: Notice<SiteNews>): string =>
  `told ${site.name} ${notice.kind} ${sameWords(config, site, notice)} ${stateOf(book, site).written?.epoch}`;

/**
 * What this process has told within the hour is not told again: not the very same announcement, whose acknowledgement got lost; nor, while
 * the table is away and each controller finds the same news, the same news.
 */
const leaveOutRemembered = (teller: Teller): void => {
  const { book, clock, config, memory, told, work } = teller;
  const nowMs = clock.now();
  const isRecent = (name: string) => !isReminderDue(memory.get(name), nowMs);
  const isKnown = (site: Site, one: Notice<SiteNews>) =>
    isRecent(sameAs(one.id)) || (isAway(book, site) && isRecent(newsOf(teller, site, one)));
  const known = config.sites.flatMap((site) =>
    stateOf(book, site).outbox.flatMap((one) => (!told.has(one.id) && isKnown(site, one) ? [one.id] : [])),
  );
  if (known.length === 0) return;
  for (const id of known) told.add(id);
  void work.begin(() => acknowledge(teller, new Set(known)));
};

const rememberTold = (teller: Teller, tells: string[]): void => {
  const { book, clock, config, memory } = teller;
  const nowMs = clock.now();
  for (const [name, atMs] of memory)
    if (name.startsWith('told ') && isReminderDue(atMs, nowMs)) memory.delete(name);
  for (const id of tells) memory.set(sameAs(id), nowMs);
  for (const site of config.sites.filter((one) => isAway(book, one))) {
    const told = stateOf(book, site).outbox.filter(({ id }) => tells.includes(id));
    for (const one of told) memory.set(newsOf(teller, site, one), nowMs);
  }
};

const apart = (announcement: Announcement): Message => ({
  announcement,
  tells: [announcement.id],
  of: [announcement.site],
});

/** Takes out of the outboxes what was told. */
const acknowledge = async ({ book, clock, config }: Teller, ids: Set<string>): Promise<void> => {
  const isConcerned = (site: Site) => stateOf(book, site).outbox.some(({ id }) => ids.has(id));
  await eachOf(config.sites.filter(isConcerned), DOCUMENTS_AT_ONCE, async (site) => {
    const told = stateOf(book, site).outbox.filter(({ id }) => ids.has(id));
    const subjects = new Map(told.map((one) => [one.id, announcementOf(site, config, one).subject]));
    change(book, site, acknowledged(subjects, clock.now()));
    await save(book, site);
  });
  const { outbox } = book.deployment.state;
  const left = outbox.filter(({ id }) => !ids.has(id));
  if (left.length === outbox.length) return;
  changeDeployment(book, (state) => ({ ...state, outbox: left }));
  await saveDeployment(book);
};

/** What no outbox can hold: told at most hourly by this process, as far as it remembers. */
const unstorable = (teller: Teller): Message[] => {
  const nowMs = teller.clock.now();
  return directNews(teller, nowMs)
    .filter(([name]) => isReminderDue(teller.memory.get(name), nowMs) && mayTell(teller, name))
    .map(([remember, one]) => ({ ...apart({ ...one, unstored: true }), of: [remember], remember }));
};
