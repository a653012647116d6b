import type { Announcement } from './core/announcement.ts';
import {
  DEPLOYMENT,
  emptyDeployment,
  parseDeployment,
  storeAway,
  tellVantages,
  tellZones,
} from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import { noted } from './core/journal.ts';
import { TELL_AGAIN_MS, tell } from './core/tell.ts';
import { save, storeFault, type Watch, type Watched } from './watch.ts';
import { isoTime, type World } from './world.ts';

/**
 * Tells people what changed and why. What is owed is saved before it is told and struck off after, so that a controller that
 * dies in between leaves it to its successor: told at least once.
 */
export const announce = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  await Promise.all(sites.map((watched) => announceSite(world, watch, watched)));
  await announceDeployment(world, watch);
};

const announceSite = async (world: World, watch: Watch, watched: Watched): Promise<void> => {
  const { considered, standing } = watched;
  if (considered !== undefined && standing !== undefined) {
    const { blindRounds, state } = watched;
    const editConfirmed = (watched.editSeen?.listings ?? 0) >= 2;
    const { stateLost } = watched;
    const stateKnown = watched.version !== undefined;
    watched.state = tell({
      ...considered,
      state,
      standing,
      blindRounds,
      editConfirmed,
      stateLost,
      stateKnown,
    });
    watched.stateLost = false;
  }
  const saved = await save(world, watch, watched);
  // What could not be saved is owed by nobody else; with the store away it is told directly.
  if (!saved && !watch.storeAway) return;
  const told = await publishAll(world, watched.state.owed);
  const kept = saved && (await record(world, watch, watched));
  if (told.length === 0 && !kept) return;
  const owed = watched.state.owed.filter((a) => !told.includes(a.id));
  let journal = kept ? [] : watched.state.journal;
  for (const { kind, subject } of watched.state.owed.filter((a) => told.includes(a.id))) {
    journal = noted(journal, { atMs: world.clock.now(), what: 'told', text: `${kind}: ${subject}` });
  }
  watched.state = { ...watched.state, owed, journal };
  await save(world, watch, watched);
};

/** Moves the journal into items of its own; answers whether anything was moved. Twice the same entry is one item. */
const record = async (world: World, watch: Watch, { site, state }: Watched): Promise<boolean> => {
  if (state.journal.length === 0) return false;
  try {
    await world.store.record(site.name, state.journal);
    return true;
  } catch (error) {
    storeFault(world, watch, error);
    return false;
  }
};

/** Publishes in order until one fails; answers the ids of those that were taken. */
const publishAll = async (world: World, owed: Announcement[]): Promise<string[]> => {
  const told: string[] = [];
  for (const announcement of owed) {
    try {
      await world.topic.publish(announcement);
      told.push(announcement.id);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const at = isoTime(world.clock.now());
      world.log({
        event: 'error',
        code: `announce-${error.code}`,
        message: error.message,
        at,
        site: announcement.site,
      });
      break;
    }
  }
  return told;
};

/** What concerns the deployment as a whole: vantages that are blind, zones that cannot be read, the state table. */
const announceDeployment = async (world: World, watch: Watch): Promise<void> => {
  const { deployment } = watch;
  const { config } = world;
  const nowMs = world.clock.now();
  if (watch.storeAway) await tellStoreAway(world, nowMs);
  const sees = config.vantages.filter((v) => watch.seeingVantages.has(v));
  const unreadable = new Set(watch.sites.filter((w) => w.standing === undefined).map((w) => w.site.zone));
  const told = tellVantages(deployment.state, { blind: watch.blindVantages, sees, nowMs }, config);
  deployment.state = tellZones(told, { unreadable: [...unreadable], nowMs }, config);
  const saved = await saveDeployment(world, watch);
  if (deployment.state.owed.length === 0 || !(saved || watch.storeAway)) return;
  const published = await publishAll(world, deployment.state.owed);
  deployment.state = {
    ...deployment.state,
    owed: deployment.state.owed.filter((a) => !published.includes(a.id)),
  };
  await saveDeployment(world, watch);
};

const tellStoreAway = async (world: World, nowMs: number): Promise<void> => {
  const last = world.memory.get('store-away');
  if (last !== undefined && nowMs - last < TELL_AGAIN_MS) return;
  const told = await publishAll(world, [storeAway(world.config, nowMs)]);
  if (told.length > 0) world.memory.set('store-away', nowMs);
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
