import { Fault } from '../core/base/fault.ts';
import { same } from '../core/base/same.ts';
import { isoTime } from '../core/base/time.ts';
import { movesAllowed } from '../core/decision/move-limit.ts';
import { withClaims } from '../core/state/claim.ts';
import {
  deploymentKey,
  emptyDeployment,
  type KnownDeployment,
  parseDeployment,
} from '../core/state/deployment-state.ts';
import { mergeDeployment } from '../core/state/merge-deployment.ts';
import { TOLD_APART } from '../core/state/notice.ts';
import { tell } from '../core/steps/tell.ts';
import {
  type Mass,
  tellMasses,
  tellVantages,
  tellWaiting,
  tellZones,
} from '../core/steps/tell-deployment.ts';
import { logFault } from '../log/lines.ts';
import type { Stored, World } from '../ports.ts';
import { change, changeDeployment } from './change.ts';
import { type Draft, saveOnTop } from './save-on-top.ts';
import { isAway, readFault, save } from './table.ts';
import { noteDefect, type Watch, type Watched } from './watch.ts';

/**
 * Writes down what people are to hear of a site: what changed and why. The teller (notify/teller.ts) tells it beside the rounds and
 * strikes it off, so that a controller that dies in between leaves it to its successor, and a topic that does not answer keeps no site
 * waiting.
 */
export const announce = async (world: World, watch: Watch, watched: Watched): Promise<void> => {
  noteNews(world, watch, watched);
  // Saved with the outbox, so that nobody else tells it meanwhile.
  if (!watch.over) change(watched, (state) => withClaims(state, watch.id, world.clock.now()));
  const isKept = (await save(world, watch, watched)) || isAway(watch, watched);
  for (const line of watched.landed.splice(0)) if (isKept) world.log(line);
  watch.tell?.();
};

/** Told again hourly also while nothing can be stored: then this process remembers, as far as it lives. */
const rememberStuck = (world: World, { site, state }: Watched): void => {
  for (const [reason, atMs] of Object.entries(state.told.stuck ?? {}))
    world.memory.set(`${site.name} ${reason}`, atMs);
};

/** Somebody has written since the zone was listed, as the table says. */
export const isBehind = ({ view, state }: Watched): boolean =>
  view?.kind === 'ours' && (state.written?.epoch ?? 0) > view.role.epoch;

/** Writes down what the last decision gives reason to tell; not stored yet. A defect in it concerns this site alone. */
export const noteNews = (world: World, watch: Watch, watched: Watched): void => {
  try {
    noteSeen(world, watched);
  } catch (error) {
    noteDefect(world, watch, error, watched.site.name);
  }
};

const noteSeen = (world: World, watched: Watched): void => {
  const { assessment, state: before, blindRounds, stateLost, version } = watched;
  // What is told must be true of the zone as it is: of a newer write it is told once the zone was listed again.
  if (assessment === undefined || isBehind(watched)) return;
  const { view = assessment.view } = watched;
  const { reason } = assessment.decision;
  const atMs = version === undefined ? world.memory.get(`${watched.site.name} ${reason}`) : undefined;
  const stuck = { ...before.told.stuck, ...(atMs !== undefined && { [reason]: atMs }) };
  const state = atMs === undefined ? before : { ...before, told: { ...before.told, stuck } };
  const editConfirmed = watched.editSeen?.confirmed ?? false;
  const listed = watched.view !== undefined;
  const stateKnown = version !== undefined;
  const known = { state, view, blindRounds, editConfirmed, stateLost, stateKnown, listed };
  change(watched, () => tell({ ...assessment, ...known }));
  watched.stateLost = false;
  rememberStuck(world, watched);
};

/** The mass failures that the states of the sites remember. */
const massesOf = (sites: readonly Watched[]): Map<string, Mass> => {
  const going = new Map<string, Mass>();
  for (const { state } of sites) {
    const { group, openedMs = 0 } = state.incident ?? {};
    if (group === undefined) continue;
    const { sinceMs, count } = going.get(group) ?? { sinceMs: openedMs, count: 0 };
    going.set(group, { sinceMs: Math.min(sinceMs, openedMs), count: count + 1 });
  }
  return going;
};

/** Whether all states are as they are stored. */
const areKnown = (watch: Watch): boolean =>
  watch.deploymentRead &&
  !isAway(watch) &&
  watch.sites.every(({ version, unreadable }) => version !== undefined && !unreadable);

/** What concerns the deployment as a whole: vantages that are blind, zones that cannot be read. */
export const announceDeployment = async (world: World, watch: Watch): Promise<void> => {
  const { deployment } = watch;
  const { config } = world;
  const nowMs = world.clock.now();
  const sees = config.vantages.filter((v) => watch.seeingVantages.has(v));
  const unlisted = new Set(watch.sites.filter((w) => w.view === undefined).map((w) => w.site.zone));
  const blind = tellVantages(deployment.state, { blind: watch.blindVantages, sees, nowMs }, config);
  const zones = tellZones(blind, { unreadable: [...unlisted], nowMs }, config);
  const due = watch.sites.filter(({ assessment: a }) => a?.decision.act === 'serve' || a?.decision.waits);
  // Of more sites the message about all of them tells how many wait.
  const apart = due.length > TOLD_APART ? [] : due;
  const waiting = apart.filter((w) => w.assessment?.decision.waits).map((w) => w.site.name);
  const allowed = movesAllowed(config.sites.length, config.maxMoveShare);
  const told = tellWaiting(zones, { waiting, allowed, nowMs }, config);
  const masses = tellMasses(told, { going: massesOf(watch.sites), known: areKnown(watch), nowMs }, config);
  changeDeployment(watch, () => withClaims(masses, watch.id, nowMs));
  await saveDeployment(world, watch);
  watch.tell?.();
};

/** Saves what matters of the deployment; answers whether it is stored now. What is not, this process remembers. */
export const saveDeployment = async (world: World, watch: Watch): Promise<boolean> => {
  await watch.deploymentSaving;
  if (isStored(watch)) {
    delete world.memory.deployment;
    return true;
  }
  if (!watch.deploymentRead || watch.deployment.version === undefined || isAway(watch))
    return remember(world, watch);
  const saving = putDeployment(world, watch);
  watch.deploymentSaving = saving.finally(() => delete watch.deploymentSaving);
  return await saving;
};

const isStored = ({ deployment: { state, stored } }: Watch): boolean =>
  stored !== undefined && same(state, stored);

const putDeployment = async (world: World, watch: Watch): Promise<boolean> => {
  let { state: sent } = watch.deployment;
  const draft = (): Draft => {
    sent = watch.deployment.state;
    return { text: JSON.stringify(sent), version: watch.deployment.version ?? 0 };
  };
  try {
    const version = await saveOnTop(world.store, deploymentKey(world.config), draft(), (document) => {
      takeInDeployment(world, watch, document);
      return watch.deployment.version === undefined || isStored(watch) ? undefined : draft();
    });
    if (version !== undefined) watch.deployment = { ...watch.deployment, version, stored: sent };
    if (version === undefined && !isStored(watch)) return remember(world, watch);
    delete world.memory.deployment;
    return true;
  } catch (error) {
    // The table is there and takes no such document.
    if (error instanceof Fault && error.code === 'refused') noteDefect(world, watch, error);
    else if (error instanceof Fault) logFault(world, 'store', error);
    else noteDefect(world, watch, error);
    return remember(world, watch);
  }
};

const remember = ({ memory }: World, { deployment }: Watch): false => {
  memory.deployment = { ...deployment };
  return false;
};

/** The deployment as this process knew it last, where that could not be stored: what a controller begins with, until it has read more. */
export const rememberedDeployment = ({ memory }: World): KnownDeployment => ({
  ...(memory.deployment ?? { state: emptyDeployment(), version: 0 }),
});

/** Reads what the predecessor left about the deployment. */
export const loadDeployment = async (world: World, watch: Watch): Promise<void> => {
  try {
    const key = deploymentKey(world.config);
    takeInDeployment(world, watch, (await world.store.load([key])).get(key));
  } catch (error) {
    readFault(world, watch, error);
  } finally {
    watch.deploymentRead = true;
  }
};

/** Takes in what was read, as that of a site. One that this version cannot read is left, and never overwritten. */
const takeInDeployment = (world: World, watch: Watch, document: Stored | undefined): void => {
  const { state, stored: base = emptyDeployment(), version } = watch.deployment;
  if (document === undefined) {
    watch.deployment = { state, version: 0 };
    return;
  }
  const found = parseDeployment(document.text);
  if (found === undefined) {
    watch.deployment = { state, version: undefined };
    logUnreadable(world);
    return;
  }
  const isOwn = version === document.version;
  watch.deployment = {
    state: isOwn ? state : mergeDeployment(base, state, found),
    version: document.version,
    stored: found,
  };
};

const logUnreadable = (world: World): void =>
  world.log({
    event: 'error',
    code: 'state-unreadable',
    message: `What is stored of ${world.config.deployment} as a whole is not one this version understands; it is left as it is and nothing is saved.`,
    at: isoTime(world.clock.now()),
  });
