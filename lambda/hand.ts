import type { LogLine } from './contract.ts';
import type { Announcement } from './core/announcement.ts';
import { gapMs } from './core/baton.ts';
import { type Command, readCommand } from './core/command.ts';
import { Fault } from './core/fault.ts';
import { type Order, type Ordered, orderFor } from './core/order.ts';
import type { Change } from './core/records.ts';
import { settle } from './core/settle.ts';
import { type Config, disclosed, type Site } from './core/site.ts';
import { standingOf } from './core/standing.ts';
import { emptyState, parseState } from './core/state.ts';
import { type Explanation, explain, type HistoryEntry, history, type SiteStatus, status } from './report.ts';
import { logFault, switchLine, type World } from './world.ts';

/** What the console function answers. `ok` is false when anything that was asked was refused or is not in DNS yet. */
export type Answer = {
  ok: boolean;
  message: string;
  /** With an order: what became of it, by site. */
  outcomes?: { site: string; ok: boolean; message: string }[];
  sites?: SiteStatus[];
  history?: HistoryEntry[];
  explanations?: Explanation[];
  /** The configuration that was deployed, as `disclosed`, with the sites that were asked for. */
  config?: Config;
};

/** The controller writes the same documents; a hand tries again on top of what it wrote. */
const TRIES = 6;
const PAUSE_MS = 200;

/** Carries out one command. Whatever is wrong with it is answered, and nothing has changed then. */
export const hand = async (world: World, event: unknown): Promise<Answer> => {
  const command = readCommand(event, world.config);
  if ('refused' in command) return { ok: false, message: command.refused };
  try {
    switch (command.action) {
      case 'config':
        return configOf(world.config, command.sites);
      case 'status':
        return await status(world, command.sites);
      case 'history':
        return await history(world, command.sites, command.limit);
      case 'explain':
        return await explain(world, command.sites, command.atMs);
      default:
        return await order(world, command);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, message: `Not done: ${error.message}` };
  }
};

const configOf = (config: Config, sites: Site[]): Answer => ({
  ok: true,
  message: `${config.deployment} was deployed with ${config.sites.length} sites.`,
  config: disclosed({ ...config, sites }),
});

/** Sites are ordered one by one within a zone, since its batches would refuse one another, and zones side by side. */
const order = async (world: World, command: Command): Promise<Answer> => {
  const byZone = [...Map.groupBy(command.sites, (s) => s.zone).values()];
  const outcomes = (
    await Promise.all(
      byZone.map(async (sites) => {
        const done: NonNullable<Answer['outcomes']> = [];
        for (const site of sites) done.push(await orderSite(world, command, site));
        return done;
      }),
    )
  ).flat();
  if (outcomes.some((o) => o.ok)) await wake(world);
  const ok = outcomes.every((o) => o.ok);
  const refused = outcomes.filter((o) => !o.ok);
  const message =
    outcomes.length === 1
      ? (outcomes[0]?.message ?? '')
      : `${command.action}: done for ${outcomes.length - refused.length} of ${outcomes.length} sites.${
          refused.length === 0
            ? ''
            : ` Not for: ${refused
                .map((o) => o.site)
                .join(', ')
                .slice(0, 1000)}.`
        }`;
  return { ok, message, outcomes };
};

/** The controller reads the states again. With the store away it meets the role record before its next write anyway. */
const wake = async (world: World): Promise<void> => {
  try {
    await world.store.wake();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
};

const orderSite = async (world: World, command: Command, site: Site) => {
  const outcome = (ok: boolean, message: string) => ({ site: site.name, ok, message });
  // One moment for all tries, so that what is owed and noted twice is owed and noted once.
  const nowMs = world.clock.now();
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await world.clock.sleep(PAUSE_MS * tries);
    const met = await meet(world, site, nowMs);
    if ('refused' in met) return outcome(false, met.refused);
    if (met.standing === undefined && command.action !== 'hold') {
      return outcome(
        false,
        `Not done: the zone ${site.zone} could not be read. Only "hold" works without it.`,
      );
    }
    const made = orderFor(command, { ...met, standing: met.standing ?? { kind: 'nothing' } });
    if ('refused' in made) return outcome(false, made.refused);
    const tried = await carryOut(world, site, made, met.version);
    if (tried !== 'again' && met.landed !== undefined) world.log(met.landed);
    if (tried === 'done' && met.standing !== undefined) return outcome(true, made.done);
    if (tried === 'again') continue;
    // A mode that is saved holds from the next round on, and the controller writes it; records are the hand's own affair.
    const isMode = ['hold', 'pin', 'release'].includes(command.action);
    return outcome(
      isMode,
      isMode ? `${made.saved}; the controller repeats the write until it is` : made.saved,
    );
  }
  return outcome(false, `Not done: ${site.name} changed ${TRIES} times meanwhile. Ask again.`);
};

type Met = Omit<Ordered, 'standing'> & {
  standing: Ordered['standing'] | undefined;
  version: number | undefined;
  /** A switch that landed and that nobody has logged. */
  landed: LogLine | undefined;
};

/** The site as it is stored and listed. With the store away its version is unknown; with the zone away its standing is. */
const meet = async (world: World, site: Site, nowMs: number): Promise<Met | { refused: string }> => {
  const orUndefined = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  };
  const documents = await orUndefined(world.store.load([site.name]));
  const stored = documents?.get(site.name);
  const state = stored === undefined ? emptyState() : parseState(stored.text);
  if (state === undefined) {
    return { refused: `Refused: the stored state of ${site.name} is not one that this version understands.` };
  }
  const listing = await orUndefined(world.zones.list(world.zoneIds[site.zone] ?? ''));
  const standing = listing && standingOf(site, listing, state.written);
  // What landed just before is settled here: after the role record is swapped nobody could tell it any more.
  const settled = standing === undefined ? { state } : settle(site, state, standing, nowMs, world.config);
  const baton = await orUndefined(world.store.readBaton());
  const silent = nowMs - (baton?.lastRoundMs ?? 0) > gapMs(world.config.intervalSeconds);
  if (documents === undefined && standing?.kind !== 'ours') {
    return {
      refused: `Not done: neither the state table nor our own records in ${site.zone} could be read.`,
    };
  }
  const version = documents && (stored?.version ?? 0);
  const landed = settled.landed && switchLine(site.name, settled.landed, nowMs);
  return { site, state: settled.state, landed, standing, nowMs, config: world.config, silent, version };
};

/**
 * Saves first, then writes: nothing that was decided before can land after it. A conflict or a refusal means that something
 * was written in between, and the command is made again on top of it. With the store away the role record alone carries it.
 */
const carryOut = async (
  world: World,
  site: Site,
  made: Exclude<Order, { refused: string }>,
  version: number | undefined,
): Promise<'done' | 'again' | 'saved'> => {
  let saved = false;
  try {
    if (version !== undefined) await world.store.save(site.name, JSON.stringify(made.state), version);
    saved = version !== undefined;
  } catch (error) {
    if (!(error instanceof Fault) || (made.changes.length === 0 && error.code !== 'conflict')) throw error;
    if (error.code === 'conflict') return 'again';
  }
  const written = made.changes.length === 0 ? 'done' : await write(world, site, made);
  if (written === 'done' && !saved) await tellDirectly(world, made.state.owed);
  return written === 'saved' && !saved ? 'again' : written;
};

const write = async (
  world: World,
  site: Site,
  { changes, done }: Exclude<Order, { refused: string }>,
): Promise<'done' | 'again' | 'saved'> => {
  try {
    const comment = `switchover ${world.config.deployment}: ${done}`;
    await world.zones.change(world.zoneIds[site.zone] ?? '', changes, comment);
    return 'done';
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (await landed(world, site, changes)) return 'done';
    return ['refused', 'busy', 'throttled'].includes(error.code) ? 'again' : 'saved';
  }
};

/** What could not be saved is owed by nobody else. The order stands in DNS, whatever becomes of the mail. */
const tellDirectly = async (world: World, owed: Announcement[]): Promise<void> => {
  for (const announcement of owed) {
    try {
      await world.topic.publish(announcement);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      logFault(world, 'announce', error, announcement.site);
    }
  }
};

/** After a refusal or a lost answer: whether the zone lists the role record that was sent. */
const landed = async (world: World, site: Site, changes: Change[]): Promise<boolean> => {
  const sent = changes.find((c) => c.action === 'CREATE' && c.record.type === 'TXT')?.record;
  try {
    const listing = await world.zones.list(world.zoneIds[site.zone] ?? '');
    return listing.some((r) => r.name === sent?.name && r.type === 'TXT' && r.values[0] === sent.values[0]);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
};
