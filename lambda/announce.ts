import type { Announcement } from './core/announcement.ts';
import { DEPLOYMENT, emptyDeployment, parseDeployment, tellVantages } from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import { tell } from './core/tell.ts';
import { save, storeFault, type Watch, type Watched } from './watch.ts';
import { isoTime, type World } from './world.ts';

/**
 * Tells people what changed and why. What is owed is saved before it is told and struck off after, so that a controller that
 * dies in between leaves it to its successor: told at least once.
 */
export const announce = async (world: World, watch: Watch, sites: Watched[]): Promise<void> => {
  await Promise.all(sites.map((watched) => announceSite(world, watch, watched)));
  await announceVantages(world, watch);
};

const announceSite = async (world: World, watch: Watch, watched: Watched): Promise<void> => {
  const { considered, standing } = watched;
  if (considered !== undefined && standing !== undefined) {
    const { blindRounds, state } = watched;
    const editConfirmed = (watched.editSeen?.listings ?? 0) >= 2;
    watched.state = tell({ ...considered, state, standing, blindRounds, editConfirmed });
  }
  const saved = await save(world, watch, watched);
  // What could not be saved is owed by nobody else; with the store away it is told directly.
  if (watched.state.owed.length === 0 || !(saved || watch.storeAway)) return;
  const told = await publishAll(world, watched.state.owed);
  if (told.length === 0) return;
  watched.state = { ...watched.state, owed: watched.state.owed.filter((a) => !told.includes(a.id)) };
  await save(world, watch, watched);
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

const announceVantages = async (world: World, watch: Watch): Promise<void> => {
  const { deployment } = watch;
  const sees = world.config.vantages.filter((v) => watch.seeingVantages.has(v));
  const now = { blind: watch.blindVantages, sees, nowMs: world.clock.now() };
  deployment.state = tellVantages(deployment.state, now, world.config);
  const saved = await saveDeployment(world, watch);
  if (deployment.state.owed.length === 0 || !(saved || watch.storeAway)) return;
  const told = await publishAll(world, deployment.state.owed);
  deployment.state = { ...deployment.state, owed: deployment.state.owed.filter((a) => !told.includes(a.id)) };
  await saveDeployment(world, watch);
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
