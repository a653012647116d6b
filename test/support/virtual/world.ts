import type { LogLine } from '../../../lambda/contract.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { AlertEvent } from '../../../lambda/core/messages/event.ts';
import { type Code, outcomeOf } from '../../../lambda/core/probe/outcome.ts';
import type { Observation, ProbeRequest } from '../../../lambda/core/probe/request.ts';
import type { Config, Site } from '../../../lambda/core/site/site.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Clock, World } from '../../../lambda/ports.ts';
import {
  changeZone,
  createZone,
  findChange,
  publish,
  strandChanges,
  type Zone,
} from '../../../local/zone.ts';
import { protectionMessages } from '../../../local/zone-protections.ts';
import { toRecordSet } from '../../../local/zone-records.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { type Life, type Mishap, mortal } from './mishaps.ts';
import { MOVING, type Moving, metAt, virtualAddresses } from './moving.ts';
import { type NameServersModel, nameServersModel } from './name-servers.ts';
import { type VirtualStore, virtualStore } from './store.ts';

/** How a server answers: at once, after the probe's timeout, by a firewall in its place, or not for our sake (`unknown`). */
export type ServerBehaviour = 'ok' | 'refuses' | 'hangs' | '500' | 'blocked' | 'no-network';

export type VirtualWorld = {
  clock: VirtualClock;
  store: VirtualStore;
  /** Interval rounds are due at full intervals, as a reader of a scenario expects; otherwise their phase wanders. */
  onGrid: boolean;
  /** Read by every `seenBy`, so that a deployment is a new value here. */
  config: Config;
  zone: Zone;
  /** By address; `ok` when absent. */
  servers: Map<string, ServerBehaviour>;
  /** What a vantage sees differently: `vantage address`. */
  seenFrom: Map<string, ServerBehaviour>;
  blindVantages: Set<string>;
  /** Whichever server the zone names breaks down under the load, and is well again without it. */
  overloaded: boolean;
  /** Plays before a change reaches the zone; may throw a Fault instead of it (or `after` it). */
  onChange?: (apply: () => void) => void;
  /** The address that moves, at a site of the lever `readdress`. */
  moving: Moving;
  zoneAway: boolean;
  /** Somebody deleted the hosted zone. */
  zoneGone: boolean;
  /** Names whose records are protected in Route 53, with the comment. */
  protections: Map<string, string>;
  /** Route 53 loses every change that is not published yet, and knows it no more. */
  strand(): void;
  nameServers: NameServersModel;
  /** The topic of mails, and that of events. */
  topicAway: boolean;
  eventsAway: boolean;
  /** Of the next calls that controllers make: see `mortal`. */
  mishaps: Mishap[];
  /** `toldMs`: when it was taken, where `atMs` is when it happened. */
  mails: (Announcement & { toldMs: number })[];
  events: (AlertEvent & { toldMs: number })[];
  lines: LogLine[];
  /** The world as one function sees it, with a clock of its own if wanted. */
  seenBy(clock?: Clock): World;
  /** The world as one controller sees it: it may die or stop, its calls may go wrong, its clock may be wrong. */
  mortal(life: Life, skewMs: number): World;
  /** Changes the zone as a person would in the AWS console. */
  edit(changes: Change[]): void;
  listing(): RecordSet[];
};

/** 2026-11-22 00:00:00 UTC: any time will do, but always the same. */
export const START_MS = Date.UTC(2026, 10, 22);
export const ZONE = 'dyn.example.net';
const PROBE_MS = 40;
const CALL_MS = 20;
const INSYNC_MS = 30_000;

export const virtualSite = (name: string, given: Partial<Site> = {}): Site => {
  const full = `${name}.${ZONE}`;
  return {
    name: full,
    names: [full],
    zone: ZONE,
    host: full,
    tags: [],
    ttlSeconds: 60,
    lever: 'record',
    servers: [
      { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] },
      { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] },
    ],
    probe: { url: `https://${full}/`, method: 'GET', headers: {}, expectStatus: [200], timeoutSeconds: 3 },
    failuresToDown: 3,
    successesToUp: 3,
    downForSeconds: 10,
    confirmEverySeconds: 2,
    failback: 'manual',
    ...given,
  };
};

export const virtualConfig = (sites: Site[], given: Partial<Config> = {}): Config => ({
  deployment: 'main',
  local: false,
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: ZONE }],
  alerts: { emails: ['ops@example.net'] },
  references: [],
  intervalSeconds: 10,
  sites,
  ...given,
});

/** A world without sockets: servers that behave as told, the real zone model, a table and a topic in memory, virtual time. */
export const virtualWorld = (config: Config): VirtualWorld => {
  const clock = virtualClock(START_MS);
  let nonces = 0;
  const memory = new Map<string, number>();
  const world: VirtualWorld = {
    clock,
    store: virtualStore(),
    config,
    zone: createZone(ZONE),
    servers: new Map(),
    seenFrom: new Map(),
    blindVantages: new Set(),
    overloaded: false,
    moving: { associations: 0, stuck: false },
    onGrid: true,
    zoneAway: false,
    zoneGone: false,
    protections: new Map(),
    strand: () => {
      world.zone = strandChanges(publish(world.zone, clock.now()));
    },
    nameServers: nameServersModel(ZONE, clock),
    topicAway: false,
    eventsAway: false,
    mishaps: [],
    mails: [],
    events: [],
    lines: [],
    listing: () => world.zone.entries.map(({ record }) => toRecordSet(record)),
    edit: (changes) => change(changes),
    mortal: (life, skewMs) => mortal(world.seenBy(clock.skewed(skewMs)), life, world.mishaps, clock),
    seenBy: (own = clock) => ({
      config: world.config,
      zoneIds: Object.fromEntries(world.config.zones.map(({ name }) => [name, `Z${name}`])),
      clock: own,
      store: world.store,
      addresses: virtualAddresses(world.moving, () => clock.sleep(CALL_MS)),
      nonce: () => `n${nonces++}`,
      memory,
      ...(world.onGrid && { nextDueMs: gridOf(world.config.intervalSeconds * 1000) }),
      log: (line) => void world.lines.push(line),
      probers: { probe: (vantage, event) => probeAll(world, vantage, event.probes) },
      zones: {
        list: async () => {
          await clock.sleep(CALL_MS);
          mustBeThere('ListResourceRecordSets');
          return world.listing();
        },
        change: async (_, changes) => {
          await clock.sleep(CALL_MS);
          mustBeThere('ChangeResourceRecordSets');
          mustBeFree(changes);
          const apply = () => change(changes);
          if (world.onChange === undefined) apply();
          else world.onChange(apply);
          return { changeId: world.zone.pending.at(-1)?.id ?? '' };
        },
        changeStatus: async (id) => {
          world.zone = publish(world.zone, clock.now());
          const found = findChange(world.zone, id);
          if (found === undefined) throw new Fault('gone', 'Route 53', 'GetChange', `no change ${id}`);
          return found.status;
        },
      },
      dns: world.nameServers.edge,
      topic: {
        publish: async (announcement) => {
          await clock.sleep(CALL_MS);
          if (world.topicAway) throw new Fault('lost', 'SNS', 'Publish', 'no answer');
          world.mails.push({ ...announcement, toldMs: clock.now() });
        },
      },
      events: {
        publish: async (event) => {
          await clock.sleep(CALL_MS);
          if (world.eventsAway) throw new Fault('lost', 'SNS', 'Publish', 'no answer');
          world.events.push({ ...event, toldMs: clock.now() });
        },
      },
    }),
  };
  const mustBeThere = (operation: string): void => {
    if (world.zoneAway) throw new Fault('lost', 'Route 53', operation, 'no answer');
    if (world.zoneGone)
      throw new Fault('gone', 'Route 53', operation, 'NoSuchHostedZone: No hosted zone found');
  };
  const mustBeFree = (changes: Change[]): void => {
    const messages = protectionMessages(world.protections, changes);
    if (messages.length > 0) {
      throw new Fault(
        'refused',
        'Route 53',
        'ChangeResourceRecordSets',
        `InvalidChangeBatch: ${messages.join('; ')}`,
      );
    }
  };
  const change = (changes: Change[]): void => {
    const outcome = changeZone(world.zone, { changes }, { now: clock.now(), insyncAfterMs: INSYNC_MS });
    if ('refusal' in outcome) {
      throw new Fault(
        'refused',
        'Route 53',
        'ChangeResourceRecordSets',
        `[${outcome.refusal.messages.join(', ')}]`,
      );
    }
    world.zone = outcome.zone;
    world.nameServers.changed(world.zone);
  };
  world.nameServers.changed(world.zone);
  return world;
};

const gridOf = (intervalMs: number) => (afterMs: number) =>
  (Math.floor(afterMs / intervalMs) + 1) * intervalMs;

const OUTCOMES: Record<ServerBehaviour, { code: Code; detail: string }> = {
  ok: { code: 'ok', detail: '200' },
  refuses: { code: 'refused', detail: 'the connection was refused' },
  hangs: { code: 'timeout-response', detail: 'no answer within 3 s' },
  '500': { code: 'status', detail: 'answered 500' },
  blocked: { code: 'blocked', detail: 'a firewall answered in place of the server' },
  'no-network': { code: 'no-network', detail: 'no such network here' },
};

const probeAll = async (
  world: VirtualWorld,
  vantage: string,
  probes: ProbeRequest[],
): Promise<Observation[]> => {
  if (world.blindVantages.has(vantage)) {
    await world.clock.sleep(CALL_MS);
    throw new Fault('denied', 'Lambda', 'Invoke', `not authorized to invoke in ${vantage}`);
  }
  const serving = new Set(world.overloaded ? world.listing().flatMap((r) => r.values) : []);
  const site = world.config.sites.find(({ readdress }) => readdress !== undefined);
  const behaviours = probes.map(({ address: asked }) => {
    const address = asked === MOVING ? metAt(world.moving, site, world.listing()) : asked;
    if (address === undefined) return 'hangs';
    return (
      world.seenFrom.get(`${vantage} ${address}`) ??
      (serving.has(address) ? 'refuses' : (world.servers.get(address) ?? 'ok'))
    );
  });
  const hangs = behaviours.includes('hangs');
  const totalMs = hangs ? Math.max(...probes.map((p) => p.timeoutMs)) : PROBE_MS;
  await world.clock.sleep(totalMs);
  return probes.map((request, index) => {
    const seen = OUTCOMES[behaviours[index] ?? 'ok'];
    return { id: request.id, ...seen, outcome: outcomeOf(seen.code, request), phases: { totalMs } };
  });
};
