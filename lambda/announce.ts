import type { Announcement } from './core/announcement.ts';
import {
  DEPLOYMENT,
  digest,
  emptyDeployment,
  parseDeployment,
  stateUnreadable,
  storeAway,
  tellVantages,
  tellZones,
} from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import { noted } from './core/journal.ts';
import { TELL_AGAIN_MS, tell } from './core/tell.ts';
import { save, storeFault, type Watch, type Watched } from './watch.ts';
import { eachOf, logFault, type World } from './world.ts';

/** More sites than this with the same to tell in one round are told in one message. */
const TOLD_APART = 5;
/** Documents written, and messages published, side by side. */
const AT_ONCE = 20;

/**
 * Tells people what changed and why. What is owed is saved before it is told and struck off after, so that a controller that
 * dies in between leaves it to its successor: told at least once.
 */
export const announce = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  const ready: Watched[] = [];
  await eachOf(sites, AT_ONCE, async (watched) => {
    noteOwed(world, watched);
    // What could not be saved is owed by nobody else; with the store away it is told directly.
    const kept = (await save(world, watch, watched)) || watch.storeAway;
    for (const line of watched.landed.splice(0)) if (kept) world.log(line);
    if (kept) ready.push(watched);
  });
  const told = await publishAll(world, messagesFor(world, ready));
  await eachOf(ready, AT_ONCE, (watched) => strikeOff(world, watch, watched, told));
  await announceDeployment(world, watch);
};

/** Told again hourly also while nothing can be stored: then this process remembers, as far as it lives. */
const rememberStuck = (world: World, { site, state }: Watched): void => {
  const { stuck } = state.told;
  if (stuck !== undefined) world.memory.set(`${site.name} ${stuck.reason}`, stuck.atMs);
};

const noteOwed = (world: World, watched: Watched): void => {
  const { considered, standing, state, blindRounds, stateLost, version } = watched;
  if (considered === undefined || standing === undefined) return;
  const { reason } = considered.decision;
  const atMs = version === undefined ? world.memory.get(`${watched.site.name} ${reason}`) : undefined;
  if (atMs !== undefined) state.told.stuck = { reason, atMs };
  const editConfirmed = watched.editSeen?.confirmed ?? false;
  const known = { state, standing, blindRounds, editConfirmed, stateLost, stateKnown: version !== undefined };
  watched.state = tell({ ...considered, ...known });
  watched.stateLost = false;
  rememberStuck(world, watched);
};

/** One message to publish, and the announcements that it tells. */
type Message = { announcement: Announcement; tells: string[] };

/** A message each; but many sites with the same kind of news are one message: a night of a thousand mails hides everything. */
const messagesFor = (world: World, sites: Watched[]): Message[] => {
  const byKind = Map.groupBy(
    sites.flatMap(({ state }) => state.owed),
    (announcement) => announcement.kind,
  );
  return [...byKind.values()].flatMap((owed): Message[] =>
    new Set(owed.map((a) => a.site)).size > TOLD_APART
      ? [{ announcement: digest(owed, world.config), tells: owed.map((a) => a.id) }]
      : owed.map((announcement) => ({ announcement, tells: [announcement.id] })),
  );
};

/** Publishes the messages; answers the ids of the announcements that were taken. One that fails stays owed. */
const publishAll = async (world: World, messages: Message[]): Promise<Set<string>> => {
  const told = new Set<string>();
  let failures = 0;
  // A few are told one after the other, so that they arrive in the order in which they happened.
  await eachOf(messages, messages.length > TOLD_APART ? AT_ONCE : 1, async ({ announcement, tells }) => {
    // A topic that does not answer is asked a few times a round, not a thousand times.
    if (failures >= TOLD_APART) return;
    try {
      await world.topic.publish(announcement);
      for (const id of tells) told.add(id);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failures += 1;
      logFault(world, 'announce', error, announcement.site);
    }
  });
  return told;
};

const strikeOff = async (world: World, watch: Watch, watched: Watched, told: Set<string>): Promise<void> => {
  const kept = await record(world, watch, watched);
  const mine = watched.state.owed.filter((a) => told.has(a.id));
  if (mine.length === 0 && !kept) return;
  const owed = watched.state.owed.filter((a) => !told.has(a.id));
  let journal = kept ? [] : watched.state.journal;
  for (const { kind, subject } of mine) {
    journal = noted(journal, { atMs: world.clock.now(), what: 'told', text: `${kind}: ${subject}` });
  }
  watched.state = { ...watched.state, owed, journal };
  await save(world, watch, watched);
};

/** Moves the journal into items of its own; answers whether anything was moved. Twice the same entry is one item. */
const record = async (world: World, watch: Watch, { site, state }: Watched): Promise<boolean> => {
  if (state.journal.length === 0 || watch.storeAway) return false;
  try {
    await world.store.record(site.name, state.journal);
    return true;
  } catch (error) {
    storeFault(world, watch, error);
    return false;
  }
};

const apart = (owed: Announcement[]): Message[] =>
  owed.map((announcement) => ({ announcement, tells: [announcement.id] }));

/** What concerns the deployment as a whole: vantages that are blind, zones that cannot be read, the state table. */
const announceDeployment = async (world: World, watch: Watch): Promise<void> => {
  const { deployment } = watch;
  const { config } = world;
  const nowMs = world.clock.now();
  if (watch.storeAway) await tellDirectly(world, storeAway(config, nowMs));
  const unreadable = watch.sites.filter((w) => w.unreadable);
  if (unreadable.length > 0) {
    await tellDirectly(
      world,
      stateUnreadable(
        config,
        unreadable.map((w) => w.site.name),
        nowMs,
      ),
    );
  }
  const sees = config.vantages.filter((v) => watch.seeingVantages.has(v));
  const unlisted = new Set(watch.sites.filter((w) => w.standing === undefined).map((w) => w.site.zone));
  const blind = tellVantages(deployment.state, { blind: watch.blindVantages, sees, nowMs }, config);
  deployment.state = tellZones(blind, { unreadable: [...unlisted], nowMs }, config);
  const saved = await saveDeployment(world, watch);
  if (deployment.state.owed.length === 0 || !(saved || watch.storeAway)) return;
  const told = await publishAll(world, apart(deployment.state.owed));
  deployment.state = { ...deployment.state, owed: deployment.state.owed.filter((a) => !told.has(a.id)) };
  await saveDeployment(world, watch);
};

/** What cannot be owed, because nothing can be stored: told at most hourly by this process, as far as it remembers. */
const tellDirectly = async (world: World, announcement: Announcement): Promise<void> => {
  const { kind, atMs } = announcement;
  const last = world.memory.get(kind);
  if (last !== undefined && atMs - last < TELL_AGAIN_MS) return;
  const told = await publishAll(world, apart([announcement]));
  if (told.size > 0) world.memory.set(kind, atMs);
};

const saveDeployment = async (world: World, watch: Watch): Promise<boolean> => {
  const { deployment } = watch;
  const text = JSON.stringify(deployment.state);
  if (text === deployment.saved) return true;
  try {
    deployment.version = await world.store.save(DEPLOYMENT, text, deployment.version);
    deployment.saved = text;
    return true;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'conflict') {
      storeFault(world, watch, error);
      return false;
    }
    await loadDeployment(world, watch);
    return false;
  }
};

/** Reads what the predecessor left about the deployment. */
export const loadDeployment = async (world: World, watch: Watch): Promise<void> => {
  try {
    const stored = (await world.store.load([DEPLOYMENT])).get(DEPLOYMENT);
    const state = stored === undefined ? undefined : parseDeployment(stored.text);
    watch.deployment = {
      state: state ?? emptyDeployment(),
      version: stored?.version ?? 0,
      saved: state === undefined ? '' : (stored?.text ?? ''),
    };
  } catch (error) {
    storeFault(world, watch, error);
  }
};
