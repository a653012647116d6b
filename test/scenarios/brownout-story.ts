import { holderId, readdressed } from '../../fixtures/virtual/moving.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../lambda/console/command.ts';
import { runTerm } from '../../lambda/controller/term.ts';
import { Fault } from '../../lambda/core/base/fault.ts';
import type { ProberEvent } from '../../lambda/core/probe/request.ts';
import type { Site, ZoneAccount } from '../../lambda/core/site/site.ts';
import { INVOKE_OVERHEAD_MS, LIMITS } from '../../lambda/edge/limits.ts';
import { type KeptCredentials, keepCredentials } from '../../lambda/edge/role-credentials.ts';
import { zonesOfAccounts } from '../../lambda/edge/zone-accounts.ts';
import type { World } from '../../lambda/ports.ts';

/**
 * One outside call is slow, hangs or fails for ten minutes, and other sites are in trouble. A witness, whose zone and servers
 * have nothing to do with it, loses its primary meanwhile. It must be moved, or be told as not moved, in the time of a quiet
 * night: trouble at one site, zone, vantage or service delays no other site.
 */

/** The trouble begins, and lasts so long where a row says nothing else; the second controller after it has begun starts in the midst of it. */
const TROUBLE_S = 183;
const TROUBLE_LASTS_S = 600;

/** How the other sites are: well; their primaries die as the trouble begins; each has a change that is not published yet; an address is to move. */
type Beside = 'well' | 'dead' | 'open' | 'elastic';
/** What must come of it: where the trouble is with the very call that moves the witness, people are told that it is not moved. */
type Due = 'moved and told' | 'moved' | 'told';

export type Row = {
  /** Methods of the world's parts (`list change changeStatus assume load save … publish find associate probe ask`), apart by spaces. */
  calls: string;
  /** `hangs` until the client gives up; `slow SECONDS`; `alternately` hangs and answers; `answer-hangs`: done at once, not answered; or a fault code. */
  how: string;
  /** Everybody's calls, or only those that concern other sites, zones and changes. */
  whose?: 'others';
  /** The vantages whose prober is concerned. */
  vantages?: string[];
  others?: number;
  beside?: Beside;
  due?: Due;
  /** After so many seconds of trouble the witness's primary dies. */
  diesS?: number;
  /** The zones in which the other sites are, one by one in turn. */
  zones?: number;
  /** The trouble begins so many seconds after its usual time. */
  laterS?: number;
  lastsS?: number;
  /** How long it is watched once the witness was moved, or told as not moved; else for 300 s after a move, or to the end. */
  watchedS?: number;
  /** The others' zones are in another account, and the credentials for it last so many seconds. */
  abroadS?: number;
  /** Only calls that a controller makes in its first so many seconds are concerned. */
  firstS?: number;
};

const PATIENCE_MS: Record<string, number> = {
  list: LIMITS.list.callMs,
  change: LIMITS.change.callMs,
  changeStatus: LIMITS.changeStatus.callMs,
  assume: LIMITS.assume.callMs,
  publish: LIMITS.topic.callMs,
  find: LIMITS.find.callMs,
  associate: LIMITS.move.callMs,
  disassociate: LIMITS.move.callMs,
};

/** How long the product's client waits for this call in all. */
const patienceOf = (call: string, args: unknown[]): number => {
  if (call === 'probe') return (args[1] as ProberEvent).deadlineMs + INVOKE_OVERHEAD_MS;
  if (call === 'ask') return (args[2] as number | undefined) ?? 2000;
  return PATIENCE_MS[call] ?? LIMITS.store.callMs;
};

const witness = virtualSite('witness');
const zoneOf = (index: number): string => `other${index || ''}.example.net`;
const otherSite = (index: number, { beside, zones }: Pick<Full, 'beside' | 'zones'>): Site => {
  const ipv4 = (place: number) => [`198.${17 + place}.${index >> 8}.${index & 255}`];
  const servers = [
    { name: 'primary', ipv4: ipv4(1), ipv6: [] },
    { name: 'standby', ipv4: ipv4(2), ipv6: [] },
  ];
  const site = virtualSite(`other${index}`, { zone: zoneOf(index % zones), servers });
  return beside === 'elastic' ? readdressed(site, true) : site;
};
const addressOf = ({ servers: [first] }: Site): string => first?.probeAddress ?? first?.ipv4[0] ?? '';

/** What became of a row; times in seconds since the witness's primary died, infinite when it did not happen. */
export type Story = {
  movedS: number;
  toldS: number;
  kinds: string[];
  heldS: number;
  hold?: Answer;
  /** What people were told of the other sites since the trouble began. */
  others: string[];
};

type Full = Row & { others: number; beside: Beside; due: Due; diesS: number; zones: number };
/** `startedMs`: of the controller whose calls these are. */
type Stage = {
  world: VirtualWorld;
  row: Full;
  count: { calls: number };
  known: Set<string>;
  /** Those of the other account: they outlive each controller, as the process does. */
  credentials: KeptCredentials;
  startedMs?: number;
};
type Attempt = () => Promise<unknown>;

const ABROAD: ZoneAccount = { roleArn: 'arn:aws:iam::111122223333:role/switchover-main', externalId: 'main' };

/** What plays a row; STS answers as the row lets it. */
const stageOf = (world: VirtualWorld, row: Full): Stage => {
  const { clock } = world;
  const assumed = async () => ({
    ...{ accessKeyId: '', secretAccessKey: '', sessionToken: '' },
    lifeMs: (row.abroadS ?? 0) * 1000,
  });
  const assume = (account: ZoneAccount) =>
    play(stage, 'assume', [account], assumed) as ReturnType<typeof assumed>;
  const stage: Stage = {
    ...{ world, row, count: { calls: 0 }, known: new Set<string>() },
    credentials: keepCredentials(assume, clock),
  };
  return stage;
};

/** The zones as the product reaches them: those of others, where they are in another account, by credentials. */
const zonesOf = ({ row, credentials }: Stage, zones: World['zones']): World['zones'] =>
  row.abroadS === undefined
    ? zones
    : zonesOfAccounts(
        zones,
        (zoneId) => (zoneId === `Z${ZONE}` ? undefined : ABROAD),
        async (account) => {
          const own = await credentials.of(account);
          return { zones, refused: () => credentials.refused(account, own) };
        },
      );

/** Whether the row's trouble meets this call now. */
const ails = ({ world, row, known, startedMs = 0 }: Stage, call: string, [first]: unknown[]): boolean => {
  const nowMs = world.clock.now();
  const { laterS = 0, lastsS = TROUBLE_LASTS_S, firstS = Infinity } = row;
  const sinceS = (nowMs - START_MS) / 1000 - TROUBLE_S - laterS;
  if (sinceS < 0 || sinceS >= lastsS || !row.calls.split(' ').includes(call)) return false;
  if (nowMs - startedMs >= firstS * 1000) return false;
  if (call === 'probe') return row.vantages?.includes(first as string) ?? true;
  if (row.whose === undefined) return true;
  if (call === 'changeStatus') return known.has(first as string);
  if (call === 'publish') return (first as { site: string }).site !== witness.name;
  return call === 'save' || call === 'record' ? first !== witness.name : first !== `Z${ZONE}`;
};

/** One call, as the row's trouble lets it go. */
const play = async (stage: Stage, call: string, args: unknown[], attempt: Attempt): Promise<unknown> => {
  const { world, row } = stage;
  if (call === 'changeStatus' && row.beside === 'open' && world.clock.now() < START_MS + TROUBLE_S * 1000) {
    stage.known.add(args[0] as string);
    return 'PENDING';
  }
  if (!ails(stage, call, args)) return attempt();
  const [how, seconds] = row.how.split(' ') as [string, string?];
  const patienceMs = patienceOf(call, args);
  stage.count.calls += 1;
  if (how === 'alternately' && stage.count.calls % 2 === 0) return attempt();
  if (how === 'slow' && Number(seconds) * 1000 < patienceMs) {
    await world.clock.sleep(Number(seconds) * 1000);
    return attempt();
  }
  if (how === 'answer-hangs') await attempt();
  const isAtOnce = ['denied', 'throttled', 'unavailable'].includes(how);
  if (!isAtOnce) await world.clock.sleep(patienceMs);
  const code = isAtOnce ? (how as 'denied') : 'lost';
  throw new Fault(code, 'the outside', call, 'as the row of the table says');
};

const seen = (night: Stage): World => {
  const stage = { ...night, startedMs: night.world.clock.now() };
  const world = stage.world.seenBy();
  const wrap = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, member]) => [
        name,
        typeof member === 'function'
          ? (...args: unknown[]) => play(stage, name, args, () => member.apply(part, args))
          : member,
      ]),
    ) as T;
  const { zones, store, topic, probers, addresses, dns } = world;
  const parts = {
    zones: zonesOf(stage, wrap(zones)),
    store: wrap(store),
    topic: wrap(topic),
    probers: wrap(probers),
  };
  return {
    ...world,
    ...parts,
    ...(addresses && { addresses: wrap(addresses) }),
    ...(dns && { dns: wrap(dns) }),
  };
};

/** Plays one row from the first controller until well after the trouble, or until the witness was moved and told. */
export const tellStory = async (given: Row, holds = false): Promise<Story> => {
  const row: Full = { others: 5, beside: 'dead', due: 'moved and told', diesS: 20, zones: 1, ...given };
  const others = Array.from({ length: row.others }, (_, index) => otherSite(index, row));
  // What serves the witness comes last: nothing of the others may be waited for before.
  const zones = [...Array.from({ length: row.zones }, (_, index) => zoneOf(index)), ZONE].map((name) => ({
    name,
  }));
  const world = virtualWorld(virtualConfig([...others, witness], { zones }));
  world.onGrid = false;
  if (row.beside === 'elastic') world.moving.holder = holderId(0);
  const stage = stageOf(world, row);
  const diesMs = START_MS + (TROUBLE_S + row.diesS) * 1000;
  const story: Story = { movedS: Infinity, toldS: Infinity, kinds: [], heldS: Infinity, others: [] };
  world.onChange = (apply) => {
    apply();
    const now = world.listing().find((r) => r.name === witness.name && r.type === 'A')?.values[0];
    const nowS = (world.clock.now() - diesMs) / 1000;
    if (now === witness.servers[1]?.ipv4[0]) story.movedS = Math.min(story.movedS, nowS);
  };
  const dies = (site: Site) => () => void world.servers.set(addressOf(site), 'refuses');
  const orders = async () => {
    const order = { action: 'hold', site: witness.name, by: 'ops', reason: 'maintenance' };
    const askedMs = world.clock.now();
    story.hold = await answerCommand(seen(stage), order);
    story.heldS = (world.clock.now() - askedMs) / 1000;
  };
  const minutes = Math.ceil((TROUBLE_S + (row.lastsS ?? TROUBLE_LASTS_S)) / 60) + 4;
  const events = [
    ...Array.from({ length: minutes }, (_, minute) => {
      const start = () => void runTerm(seen(stage), new Date(START_MS + minute * 60_000).toISOString());
      return [minute * 60 + 1.3, start] as const;
    }),
    ...others.flatMap((site, index) => {
      if (row.beside === 'well') return [];
      return [[row.beside === 'open' ? 75 + 10 * index : TROUBLE_S + 2, dies(site)] as const];
    }),
    ...(holds ? [[TROUBLE_S + row.diesS - 10, () => void orders()] as const] : []),
    [TROUBLE_S + row.diesS, dies(witness)] as const,
  ].sort(([a], [b]) => a - b);
  for (const [atS, run] of events) {
    await world.clock.runUntil(START_MS + atS * 1000);
    if (isWatched(stage, story, atS)) break;
    run();
  }
  await world.clock.runUntil(world.clock.now() + 60_000);
  return whatWasTold(stage, story, diesMs);
};

/** Whether what came of it was watched for long enough. */
const isWatched = (stage: Stage, story: Story, atS: number): boolean => {
  const { due, diesS, watchedS } = stage.row;
  const { movedS, toldS } = whatWasTold(stage, story, START_MS + (TROUBLE_S + diesS) * 1000);
  const isDone = due === 'told' ? watchedS !== undefined && toldS < Infinity : movedS < Infinity;
  return isDone && atS > TROUBLE_S + diesS + (watchedS ?? 300);
};

const OUTCOMES = ['failover', 'write-refused', 'blind', 'zone-unreadable', 'held'];

const whatWasTold = ({ world }: Stage, story: Story, diesMs: number): Story => {
  const fromMs = START_MS + TROUBLE_S * 1000;
  const isOwn = ({ site, subject, text }: { site: string; subject: string; text: string }) =>
    site === witness.name || `${subject}${text}`.includes(witness.name) || subject.includes(`zone ${ZONE} `);
  const own = world.mails.filter((mail) => mail.toldMs >= fromMs && isOwn(mail));
  const told = own.find(({ kind }) => OUTCOMES.includes(kind));
  return {
    ...story,
    toldS: told === undefined ? Infinity : (told.toldMs - diesMs) / 1000,
    kinds: own.map(({ kind }) => kind),
    others: world.mails
      .filter((mail) => mail.toldMs >= fromMs && !isOwn(mail))
      .map(({ subject, text }) => `${subject}\n${text}`),
  };
};

/** What became of many sites whose primaries all died at once; seconds since then. */
export type Crowd = { moved: number; lastS: number };

/** Plays a night in which all of `count` sites in five zones lose their primaries while one call is in trouble. */
export const tellCrowd = async (given: Row, count: number): Promise<Crowd> => {
  const row: Full = { others: count, beside: 'dead', due: 'moved', diesS: 20, zones: 5, ...given };
  const sites = Array.from({ length: count }, (_, index) => otherSite(index, row));
  const zones = Array.from({ length: row.zones }, (_, index) => ({ name: zoneOf(index) }));
  const world = virtualWorld(virtualConfig(sites, { zones }));
  world.onGrid = false;
  const stage = stageOf(world, row);
  const diesMs = START_MS + (TROUBLE_S + row.diesS) * 1000;
  const standbys = new Set(sites.map(({ servers: [, standby] }) => standby?.ipv4[0]));
  const crowd: Crowd = { moved: 0, lastS: Infinity };
  world.onChange = (apply) => {
    apply();
    const moved = world.listing().filter(({ type, values: [value] }) => type === 'A' && standbys.has(value));
    if (moved.length > crowd.moved) crowd.lastS = (world.clock.now() - diesMs) / 1000;
    crowd.moved = moved.length;
  };
  const lastMinute = Math.ceil((TROUBLE_S + row.diesS) / 60) + 2;
  for (let minute = 0; minute < lastMinute && crowd.moved < count; minute += 1) {
    if (minute === Math.floor((TROUBLE_S + row.diesS) / 60)) {
      await world.clock.runUntil(diesMs);
      for (const site of sites) world.servers.set(addressOf(site), 'refuses');
    }
    await world.clock.runUntil(START_MS + minute * 60_000 + 1300);
    void runTerm(seen(stage), new Date(START_MS + minute * 60_000).toISOString());
  }
  // What comes of them later is the same as of few.
  for (let afterS = 0; afterS <= 120 && crowd.moved < count; afterS += 1)
    await world.clock.runUntil(diesMs + afterS * 1000);
  return crowd;
};
