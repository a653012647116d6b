import { eachOf } from '../async/pool.ts';
import type { Task } from '../async/task.ts';
import { saveDeployment } from '../book/announce.ts';
import { change, changeDeployment } from '../book/change.ts';
import { DOCUMENTS_AT_ONCE, isAway, save } from '../book/table.ts';
import { begin, type Watch, type Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { announcementOf } from '../core/messages/announcement.ts';
import type { Config } from '../core/site/site.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { acknowledged, grouped } from '../core/steps/told.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';
import { nameOf } from './direct.ts';
import { type Message, messagesFor, pauseOf, retryOf, unstorable } from './due-messages.ts';
import { leaveUnstored } from './unstored.ts';

/** What is owed is looked at this often, and at once when something was written down. */
const TELL_EVERY_MS = 5000;
/**
 * A message that the topic did not take is tried again after this time, and after twice as long each time: a topic that answers later
 * than we wait has taken each of them.
 */
const PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;

/** Tells what is owed, beside the rounds and never on their time, until the signal comes. */
export const tellTask = (world: World, watch: Watch): Task => {
  let woken = new AbortController();
  watch.tell = () => woken.abort();
  return {
    everyMs: TELL_EVERY_MS,
    woken: () => woken.signal,
    run: async () => {
      // What is written down while this is told ends the next wait at once.
      woken = new AbortController();
      if (!watch.over) tellDue(world, watch);
    },
  };
};

/**
 * At the end: what could not be stored nobody else knows, and what this controller has claimed nobody else tells before the claim ends. A
 * successor tells the rest.
 */
export const tellLast = async (world: World, watch: Watch): Promise<void> => {
  tellDue(world, watch);
  await Promise.all(watch.work);
  await leaveUnstored(world, watch);
};

/**
 * Begins to publish what is owed now. Of each site one message is under way at a time, the oldest, so that people read what happened in
 * the order in which it did; and no site's message waits for another's.
 */
export const tellDue = (world: World, watch: Watch): void => {
  leaveOutRemembered(world, watch);
  for (const message of [...messagesFor(world, watch), ...unstorable(world, watch)]) {
    for (const name of message.of) watch.telling.add(name);
    void begin(world, watch, async () => {
      let isTold = false;
      try {
        isTold = await publish(world, watch, message);
      } finally {
        for (const name of message.of) watch.telling.delete(name);
      }
      if (!isTold) return;
      // The next message of the site does not wait until this one is struck off: a save may be slow.
      watch.tell?.();
      await strikeOff(world, watch, message);
      watch.tell?.();
    });
  }
};

/** Answers whether the topic took it. */
const publish = async (world: World, watch: Watch, message: Message): Promise<boolean> => {
  const { announcement, tells, of, remember } = message;
  const { topic, memory, clock } = world;
  try {
    await topic.publish(announcement);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logFault(world, 'announce', error, announcement.site);
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
  rememberTold(world, watch, tells);
  for (const id of tells) watch.told.add(id);
  return true;
};

/** Under this name a process remembers since when the topic has taken nothing. */
export const UNTOLD_SINCE = 'untold since';
const sameAs = (id: string): string => `told ${id}`;

/** The name of what was told while it could not be stored: of the same news, in other numbers, of the same write. */
const newsOf = (config: Config, { site, state }: Watched, notice: Notice<SiteNews>): string => {
  const { kind, subject } = announcementOf(site, config, notice);
  const same = subject.replace(/^\[[^\]]*\] /, '').replace(/[0-9]+/g, '#');
  return `told ${site.name} ${kind} ${same} ${state.written?.epoch}`;
};

/**
 * What this process has told within the hour is not told again: not the very same announcement, whose striking off got lost; nor, while
 * the table is away and each controller finds the same news, the same news.
 */
const leaveOutRemembered = (world: World, watch: Watch): void => {
  const nowMs = world.clock.now();
  const isRecent = (name: string) => !isReminderDue(world.memory.get(name), nowMs);
  const isKnown = (watched: Watched, one: Notice<SiteNews>) =>
    isRecent(sameAs(one.id)) || (isAway(watch, watched) && isRecent(newsOf(world.config, watched, one)));
  const known = watch.sites.flatMap((watched) =>
    watched.state.outbox.flatMap((one) => (!watch.told.has(one.id) && isKnown(watched, one) ? [one.id] : [])),
  );
  if (known.length === 0) return;
  for (const id of known) watch.told.add(id);
  void begin(world, watch, () => strikeOff(world, watch, { tells: known }));
};

const rememberTold = (world: World, watch: Watch, tells: string[]): void => {
  const { memory, clock, config } = world;
  const nowMs = clock.now();
  for (const [name, atMs] of memory)
    if (name.startsWith('told ') && isReminderDue(atMs, nowMs)) memory.delete(name);
  for (const id of tells) memory.set(sameAs(id), nowMs);
  for (const watched of watch.sites.filter((one) => isAway(watch, one))) {
    const told = watched.state.outbox.filter(({ id }) => tells.includes(id));
    for (const one of told) memory.set(newsOf(config, watched, one), nowMs);
  }
};

/** Strikes off what was told. */
const strikeOff = async (
  world: World,
  watch: Watch,
  { tells, group }: Pick<Message, 'tells' | 'group'>,
): Promise<void> => {
  const ids = new Set(tells);
  const concerned = watch.sites.filter(({ state }) => state.outbox.some((a) => ids.has(a.id)));
  await eachOf(concerned, DOCUMENTS_AT_ONCE, async (watched) => {
    const { site } = watched;
    const told = watched.state.outbox.filter(({ id }) => ids.has(id));
    const subjects = told.map((notice): [string, string] => [
      notice.id,
      announcementOf(site, world.config, notice).subject,
    ]);
    if (group !== undefined) change(watched, grouped(group));
    change(watched, acknowledged(new Map(subjects), world.clock.now()));
    await save(world, watch, watched);
  });
  const { deployment } = watch;
  const outbox = deployment.state.outbox.filter(({ id }) => !ids.has(id));
  if (outbox.length === deployment.state.outbox.length) return;
  changeDeployment(watch, (state) => ({ ...state, outbox }));
  await saveDeployment(world, watch);
};
