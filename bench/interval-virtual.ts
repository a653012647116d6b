/**
 * What many sites cost a controller, and what of each service's limits they use up: the shipped controllers with the SDK's clients in
 * virtual time, over an AWS in the same process. An hour passes in a minute or so.
 *
 *     npm run bench -- interval --virtual [--json] [--sites N] [--zones Z] [--shards S] [--minutes M] [--dead N]
 *
 * Four stretches of time, one after the other: all sites get their records at once; all is well for so many minutes; one
 * primary in a hundred is 25 s dead and 25 s well in turn, as long; so many primaries die together (a thousand at most, if
 * not told), and until the last of their sites is moved.
 *
 * - Figures are for an *interval* of ten seconds, all controllers together.
 * - *Processor* is that of this process less what AWS's side took. There are no sockets and no TLS in it.
 * - *Bytes* are those of HTTP, heads included, without TLS; what AWS puts into the heads of its answers is not known, and left out.
 * - *Heap* is what is alive after a collection, AWS's side included: the table and the zones take about as much as the controllers.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { virtualClock } from '../fixtures/virtual/clock.ts';
import { answerCommand } from '../lambda/console/command.ts';
import { runTerm } from '../lambda/controller/term.ts';
import { shardConfigs } from '../lambda/core/site/shard.ts';
import type { Config } from '../lambda/core/site/site.ts';
import type { World } from '../lambda/ports.ts';
import { checkConfig } from '../lib/config/index.ts';
import { fleetConfig } from './fleet.ts';
import { virtualCloud } from './virtual-cloud.ts';
import { newTally, type Stretch, show, thousands } from './virtual-tally.ts';
import { newMeter } from './virtual-wire.ts';

const { values } = parseArgs({
  options: {
    virtual: { type: 'boolean' },
    json: { type: 'boolean' },
    sites: { type: 'string', default: '1000' },
    zones: { type: 'string' },
    shards: { type: 'string' },
    minutes: { type: 'string' },
    dead: { type: 'string' },
  },
});
const whole = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`Expected --${name} to be a whole number from 1 on, received ${text}.`);
  return number;
};
const SITES = whole('sites', values.sites);
/** Larger ones take longer, and differ less from minute to minute. */
const MINUTES = whole('minutes', values.minutes ?? (SITES > 1000 ? '2' : '10'));
const DEAD = Math.min(SITES, whole('dead', values.dead ?? '1000'));
/** As the configuration has it by default: a controller for each thousand. */
const SHARDS = whole('shards', values.shards ?? String(Math.ceil(SITES / 1000)));
const ZONES = whole('zones', values.zones ?? String(Math.max(10, SHARDS)));

const INTERVAL_MS = 10_000;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 22);
/** Nobody waits longer for records or moves, in virtual time. */
const PATIENCE_MS = 60 * MINUTE_MS;
/** What was begun is ended, before what is steady is counted. */
const SETTLING_MS = 2 * MINUTE_MS;
const FLAP_MS = 25_000;

const clock = virtualClock(START_MS);
const meter = newMeter();
let fate: (site: number) => boolean = () => false;
/** Primaries are 127.1.x.y (`fleet.ts`). */
const isDead = (address: string): boolean => {
  const [, server, high = 0, low = 0] = address.split('.').map(Number);
  return server === 1 && fate(256 * high + low);
};

const config = ((): Config => {
  const fleet = { sites: SITES, zones: ZONES, controllers: SHARDS, intervalSeconds: INTERVAL_MS / 1000 };
  const { config: checked } = checkConfig(fleetConfig({ ...fleet, scheme: 'http', port: 80 }), 'bench');
  const { deployment } = checked;
  return { ...checked, sites: checked.sites.map((site) => ({ ...site, deployment })) };
})();
const zones = config.zones.map(({ name }) => name);
const cloud = virtualCloud(clock, zones, meter, isDead);
const { stretch, standingAt } = newTally(clock, meter, cloud);
const shards = shardConfigs(config);
/** A successor runs in a process of its own, while the one before it still does: the two take turns. */
const processes: World[][] = shards.map((own) => [cloud.processOf(own), cloud.processOf(own)]);

/** The SDK's clients read files when they are called first, which takes time that is not virtual. */
const warmUp = async (): Promise<void> => {
  const [world] = processes[0] as [World];
  const probe = { probes: [], deadlineMs: 1000 };
  let isOver = false;
  const calls = Promise.allSettled([
    world.store.load(['warm']),
    world.zones.changeStatus('C0', ''),
    world.probers.probe(config.homeRegion, probe),
  ]).then(() => {
    isOver = true;
  });
  while (!isOver) {
    await sleep(20);
    await clock.runUntil(clock.now() + 10);
  }
  await calls;
};

let minute = 0;
/** Lets time pass, with a new controller for each shard each minute. */
const passUntil = async (untilMs: number): Promise<void> => {
  for (;;) {
    const nextMs = START_MS + (minute + 1) * MINUTE_MS;
    if (nextMs > untilMs) return clock.runUntil(untilMs);
    await clock.runUntil(nextMs);
    minute += 1;
    const farSeconds = Math.round(meter.farUs / 1e6);
    const spent = `${Math.round(process.cpuUsage().user / 1e6)} s of processor, ${farSeconds} of it AWS's side`;
    console.error(`minute ${minute}: ${standingAt('primary')} sites at their primary; ${spent}`);
    for (const [one, other] of processes)
      void runTerm((minute % 2 === 0 ? one : other) as World, new Date(nextMs).toISOString());
  }
};

/** Until the zones send so many sites to this server. */
const untilAt = (server: string, sites: number) => async (): Promise<void> => {
  const sinceMs = clock.now();
  do await passUntil(clock.now() + INTERVAL_MS);
  while (standingAt(server) < sites && clock.now() < sinceMs + PATIENCE_MS);
};

await warmUp();
const shown: Stretch[] = [];
const note = (seen: Stretch): void => {
  shown.push(seen);
  console.log(show(seen, SITES, INTERVAL_MS));
};
console.log(`${SITES} sites in ${ZONES} zones, ${shards.length} controllers`);
note(await stretch('all sites get their records', untilAt('primary', SITES)));
await passUntil(clock.now() + SETTLING_MS);
note(await stretch('all is well', () => passUntil(clock.now() + MINUTES * MINUTE_MS)));
fate = (site) => site % 100 === 0 && Math.floor(clock.now() / FLAP_MS) % 2 === 0;
note(await stretch('one primary in a hundred flaps', () => passUntil(clock.now() + MINUTES * MINUTE_MS)));
fate = () => false;
await passUntil(clock.now() + SETTLING_MS);
/** Whoever flapped is at the standby already. */
const moved = standingAt('standby');
fate = (site) => site % 100 !== 0 && site < DEAD;
const dying = Array.from({ length: DEAD }, (_, site) => site).filter(fate).length;
note(await stretch(`${dying} primaries die together`, untilAt('standby', moved + dying)));
/** What `status` answers a person, and how long that takes in virtual time. */
const askStatus = async (): Promise<{ bytes: number; seconds: number }> => {
  const sinceMs = clock.now();
  let isOver = false;
  const asked = answerCommand(cloud.processOf(config), { action: 'status' }).then((answer) => {
    isOver = true;
    return { bytes: Buffer.byteLength(JSON.stringify(answer)), seconds: (clock.now() - sinceMs) / 1000 };
  });
  while (!isOver) await passUntil(clock.now() + 100);
  return asked;
};
const status = await askStatus();
console.log(`status: ${thousands(status.bytes / 1000)} KB after ${status.seconds.toFixed(1)} s`);
const largest = Object.fromEntries(cloud.table.largest);
console.log(`largest items, bytes: ${JSON.stringify(largest)}`);
if (values.json)
  console.log(
    JSON.stringify({
      ...{ bench: 'interval-virtual', sites: SITES, zones: ZONES, controllers: shards.length },
      ...{ stretches: shown, status, largest, load: loadavg() },
    }),
  );
process.exit();
