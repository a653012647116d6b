import { type Command, readCommand } from './core/command.ts';
import { Fault } from './core/fault.ts';
import { STALE_INTERVALS } from './core/judge.ts';
import type { Site } from './core/site.ts';
import { standingOf } from './core/standing.ts';
import { emptyState, modeInForce, parseState, type SiteState } from './core/state.ts';
import { healthsOf, servingOf } from './core/targets.ts';
import { isoTime, type World } from './world.ts';

/** What the console function answers: `ok` says whether what was asked is done or under way. */
export type Answer = { ok: boolean; message: string; sites?: SiteStatus[] };

export type SiteStatus = {
  site: string;
  /** The server that the zone names; null when it names none of ours, or could not be asked. */
  serving: string | null;
  /** How the zone stands: `ours`, `nothing`, `adoptable`, `edited`, or `unreadable`. */
  zone: string;
  mode: string;
  healths: Record<string, string>;
  incident: string | null;
  /** What a person should know: an edit, evidence that is stale, an announcement that is still owed. */
  notes: string[];
};

/** A `failback` command is alive for this time, then reported as not done. */
const FAILBACK_ALIVE_MS = 60_000;
const WRITE_TRIES = 5;

/** Carries out one command. Whatever is wrong with it is answered, and nothing has changed then. */
export const hand = async (world: World, event: unknown): Promise<Answer> => {
  const command = readCommand(event, world.config);
  if ('refused' in command) return { ok: false, message: command.refused };
  try {
    return command.action === 'status' ? await status(world, command.sites) : await failback(world, command);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, message: `Not done: ${error.message}` };
  }
};

const seen = async (world: World, site: Site, states: Map<string, { text: string }>) => {
  const text = states.get(site.name)?.text;
  const state = text === undefined ? emptyState() : parseState(text);
  const id = world.zoneIds[site.zone] ?? '';
  return { state, standing: standingOf(site, await world.zones.list(id), state?.written) };
};

const status = async (world: World, sites: Site[]): Promise<Answer> => {
  const [states, baton] = await Promise.all([
    world.store.load(sites.map((s) => s.name)),
    world.store.readBaton(),
  ]);
  const nowMs = world.clock.now();
  const silentMs = nowMs - (baton?.lastRoundMs ?? 0);
  const silent = silentMs > STALE_INTERVALS * world.config.intervalSeconds * 1000;
  const statuses: SiteStatus[] = [];
  for (const site of sites) statuses.push(await statusOf(world, site, states, silent));
  const last = baton === undefined ? 'never' : `at ${isoTime(baton.lastRoundMs)}`;
  return {
    ok: true,
    message: silent
      ? `The controller has decided nothing lately: its last round started ${last}. Healths are stale.`
      : `The last round started ${last}.`,
    sites: statuses,
  };
};

const statusOf = async (
  world: World,
  site: Site,
  states: Map<string, { text: string }>,
  silent: boolean,
): Promise<SiteStatus> => {
  const { state, standing } = await seen(world, site, states);
  const role = standing.kind === 'ours' ? standing.role : undefined;
  const mode = modeInForce(role, state?.hand, world.clock.now());
  return {
    site: site.name,
    serving: servingOf(standing) ?? null,
    zone: standing.kind,
    mode: mode.mode,
    healths: silent
      ? Object.fromEntries(site.servers.map((s) => [s.name, 'unknown']))
      : healthsOf(state?.targets ?? {}),
    incident: state?.incident?.id ?? null,
    notes: [
      ...(standing.kind === 'edited' ? [`edited by hand: ${standing.detail}`] : []),
      ...(state === undefined ? ['the stored state cannot be read by this version'] : []),
      ...(state && state.owed.length > 0 ? [`${state.owed.length} announcements are still owed`] : []),
    ],
  };
};

const failback = async (world: World, command: Command & { action: 'failback' }): Promise<Answer> => {
  const [site] = command.sites as [Site];
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    const stored = await world.store.load([site.name]);
    const { state, standing } = await seen(world, site, stored);
    if (state === undefined)
      return { ok: false, message: `The stored state of ${site.name} cannot be read by this version.` };
    const refusal = refuseFailback(world, site, state, standing);
    if (refusal !== undefined) return { ok: false, message: refusal };
    const nowMs = world.clock.now();
    const { by, reason } = command;
    const asked = { by, reason, askedMs: nowMs, untilMs: nowMs + FAILBACK_ALIVE_MS };
    try {
      const version = stored.get(site.name)?.version ?? 0;
      await world.store.save(site.name, JSON.stringify({ ...state, failbackAsked: asked }), version);
    } catch (error) {
      // The controller wrote in between: what it wrote is read, and the command is put on top.
      if (error instanceof Fault && error.code === 'conflict') continue;
      throw error;
    }
    await world.store.wake();
    return {
      ok: true,
      message: `Asked: ${site.name} moves back to ${site.servers[0]?.name} as soon as all vantages see it pass, within ${FAILBACK_ALIVE_MS / 1000} s, or you are told that it did not.`,
    };
  }
  return {
    ok: false,
    message: `Not done: the state of ${site.name} changed ${WRITE_TRIES} times meanwhile. Ask again.`,
  };
};

const refuseFailback = (
  world: World,
  site: Site,
  state: SiteState,
  standing: ReturnType<typeof standingOf>,
): string | undefined => {
  if (standing.kind !== 'ours')
    return `Refused: the zone does not hold the records of ${site.name} as Switchover left them (${standing.kind}).`;
  const mode = modeInForce(standing.role, state.hand, world.clock.now()).mode;
  if (mode !== 'auto') return `Refused: ${site.name} is ${mode}; failback needs the mode auto.`;
  const { serving } = standing.role;
  const preferred = site.servers
    .slice(
      0,
      site.servers.findIndex((s) => s.name === serving),
    )
    .map((s) => s.name);
  if (preferred.length === 0)
    return `Refused: ${serving} serves, and no server of ${site.name} is preferred to it.`;
  const up = preferred.filter((name) => state.targets[name]?.health === 'up');
  if (up.length > 0) return undefined;
  const healths = preferred
    .map((name) => `${name} is ${state.targets[name]?.health ?? 'unknown'}`)
    .join(', ');
  return `Refused: failback needs a preferred server that is up, and ${healths}.`;
};
