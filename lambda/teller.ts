import { saveDeployment } from './announce.ts';
import { type Announcement, incidentId } from './core/announcement.ts';
import {
  DEPLOYMENT,
  defect,
  deploymentUnreadable,
  digest,
  stateUnreadable,
  storeAway,
} from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import { noted } from './core/journal.ts';
import { unwritten } from './core/letters/letters.ts';
import { announcementOf } from './core/owe.ts';
import { mayBeOthers } from './core/standing.ts';
import type { SiteState } from './core/state.ts';
import { TELL_AGAIN_MS } from './core/tell.ts';
import { leaveUntold } from './untold.ts';
import { isSaved, noteDefect, type Queue, save, type Watch, type Watched } from './watch.ts';
import { DOCUMENTS_AT_ONCE, eachOf, logFault, type World } from './world.ts';

/** More sites than this with the same to tell are told in one message. */
const TOLD_APART = 5;
/** Messages published side by side. */
const MESSAGES_AT_ONCE = 20;
/** What is owed is looked at this often, and at once when a round wrote something down. */
const TELL_EVERY_MS = 5000;
/** A topic that failed is left alone for this long: it must keep nothing else waiting. */
const PAUSE_MS = 15_000;

/** Tells what is owed, beside the rounds and never on their time, until the signal comes. */
export const keepTelling = async (
  world: World,
  watch: Watch,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> => {
  let woken = new AbortController();
  watch.tell = () => woken.abort();
  while (!watch.over) {
    await world.clock.sleep(TELL_EVERY_MS, AbortSignal.any([woken.signal, signal]));
    // What is written down while this is told ends the next sleep at once.
    woken = new AbortController();
    // A successor tells what is stored; what is not, nobody else knows.
    if (watch.over && !watch.storeAway) return;
    try {
      if (await tellOnce(world, watch, queue)) await world.clock.sleep(PAUSE_MS, signal);
    } catch (error) {
      noteDefect(world, watch, error);
    }
  }
  // After the last round: what that still wrote down is left as well.
  await queue(() => leaveUntold(world, watch));
};

/** Tells what is owed now and strikes it off; answers whether the topic failed. */
const tellOnce = async (world: World, watch: Watch, queue: Queue): Promise<boolean> => {
  const messages = [...messagesFor(world, watch), ...unstorable(world, watch)];
  const { told, failed } = await publishAll(world, messages);
  if (told.size > 0) await queue(() => strikeOff(world, watch, told));
  return failed;
};

/** One message to publish, and the announcements that it tells. `remember`: under which name the process remembers that it did. */
type Message = { announcement: Announcement; tells: string[]; remember?: string };

/** A message each; but many sites with the same kind of news are one message: a night of a thousand mails hides everything. */
const messagesFor = (world: World, watch: Watch): Message[] => {
  // What is not saved is not told: a controller that dies now could not strike it off. With the store away nothing is saved.
  const kept = watch.sites.filter((w) => w.state.owed.length > 0 && (watch.storeAway || isSaved(w)));
  const byKind = Map.groupBy(
    kept.flatMap((watched) =>
      watch.storeAway ? watched.state.owed.filter((a) => isCertain(watched, a)) : watched.state.owed,
    ),
    (announcement) => announcement.kind,
  );
  const ofSites = [...byKind.values()].flatMap((owed): Message[] =>
    new Set(owed.map((a) => a.site)).size > TOLD_APART
      ? [{ announcement: digest(owed, world.config), tells: owed.map((a) => a.id) }]
      : owed.map(apart),
  );
  // In the order in which it happened, so that nobody reads of the mending before the breaking.
  const all = [...ofSites, ...watch.deployment.state.owed.map(apart)];
  return all.sort((a, b) => a.announcement.atMs - b.announcement.atMs);
};

/**
 * What is known without the table. That the state was lost is known only once a first one could be stored, and whose a newer role
 * record is only once nothing newer is found stored; a successor tells an edit, and has all names.
 */
const isCertain = ({ standing, state }: Watched, { kind }: Announcement): boolean =>
  kind !== 'state-lost' && !(kind === 'edited-by-hand' && mayBeOthers(standing, state.written));

const apart = (announcement: Announcement): Message => ({ announcement, tells: [announcement.id] });

/** Publishes the messages; answers the ids of the announcements that were taken, and whether any was not: that one stays owed. */
const publishAll = async (
  world: World,
  messages: Message[],
): Promise<{ told: Set<string>; failed: boolean }> => {
  const told = new Set<string>();
  let failures = 0;
  // A few are told one after the other, so that they arrive in the order in which they happened.
  const atOnce = messages.length > TOLD_APART ? MESSAGES_AT_ONCE : 1;
  await eachOf(messages, atOnce, async ({ announcement, tells, remember }) => {
    if (failures > 0) return;
    try {
      await world.topic.publish(announcement);
      for (const id of tells) told.add(id);
      const name = announcement.kind === 'not-moved' ? nameOf(announcement) : remember;
      if (name !== undefined) world.memory.set(name, announcement.atMs);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failures += 1;
      logFault(world, 'announce', error, announcement.site);
    }
  });
  return { told, failed: failures > 0 };
};

/** A hand or another controller may have written in between: then it is struck off what that one wrote, or it would be told twice. */
const STRIKES = 3;

/** Strikes off what was told. */
const strikeOff = async (world: World, watch: Watch, told: Set<string>): Promise<void> => {
  const concerned = watch.sites.filter(({ state }) => state.owed.some((a) => told.has(a.id)));
  await eachOf(concerned, DOCUMENTS_AT_ONCE, async (watched) => {
    for (let tries = 0; tries < STRIKES; tries++) {
      watched.state = withoutTold(watched.state, told, world.clock.now());
      if ((await save(world, watch, watched)) || watch.storeAway) return;
    }
  });
  const { deployment } = watch;
  deployment.state = { ...deployment.state, owed: deployment.state.owed.filter((a) => !told.has(a.id)) };
  await saveDeployment(world, watch);
};

const withoutTold = (state: SiteState, told: Set<string>, nowMs: number): SiteState => {
  const owed = state.owed.filter((a) => !told.has(a.id));
  const journal = state.owed
    .filter((a) => told.has(a.id))
    .reduce(
      (all, { kind, subject }) => noted(all, { atMs: nowMs, what: 'told', text: `${kind}: ${subject}` }),
      state.journal,
    );
  return { ...state, owed, journal };
};

/** The name under which a process remembers that it has told this. */
const nameOf = ({ site, kind }: Announcement): string => `${site} ${kind}`;

/** What cannot be owed, because nothing can be stored: told at most hourly by this process, as far as it remembers. */
const unstorable = (world: World, watch: Watch): Message[] => {
  const { config, clock, memory } = world;
  const nowMs = clock.now();
  const unreadable = watch.sites.filter((w) => w.unreadable);
  const names = unreadable.map((w) => w.site.name);
  const news: Announcement[] = [
    ...(watch.storeAway ? [storeAway(config, nowMs)] : []),
    ...(watch.defect === undefined ? [] : [defect(config, watch.defect, nowMs)]),
    ...(names.length > 0 ? [stateUnreadable(config, names, nowMs)] : []),
    ...unreadable.flatMap((watched) => dueAndUnwritten(world, watched, nowMs)),
  ];
  const named = news.map((one): [string, Announcement] => [nameOf(one), one]);
  // Of one kind with the news of sites, and other news.
  if (watch.deployment.version === undefined)
    named.push([`${DEPLOYMENT} state-unreadable ${DEPLOYMENT}`, deploymentUnreadable(config, nowMs)]);
  return named
    .filter(([name]) => nowMs - (memory.get(name) ?? 0) >= TELL_AGAIN_MS)
    .map(([remember, one]) => ({ ...apart({ ...one, unstored: true }), remember }));
};

/** A move that is due at a site whose stored state cannot be read, and is therefore not made. */
const dueAndUnwritten = ({ config }: World, { site, considered }: Watched, nowMs: number): Announcement[] => {
  if (considered?.decision.act !== 'serve') return [];
  const { facts, decision } = considered;
  const words = unwritten(site, config, { from: facts.serving ?? null, to: decision.server ?? '' });
  return [announcementOf(site, incidentId(site.name, nowMs), 'write-refused', words, nowMs)];
};
