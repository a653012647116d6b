/**
 * Sites whose primaries die together: how many calls of Route 53 it takes to move them, what of the account's limits that
 * uses up, and how long it lasts from the decision until the last change is accepted. Beside it, in the same run, the naive loop: one
 * call with UPSERT for each site.
 *
 *     npm run bench -- writes [--json] [--quick] [--sites N] [--only switchover|naive] [--svg FILE]
 *
 * The controller is the real one (term, round, act, the clients of the AWS SDK, the real clock); Route 53 is the local one
 * with the limits of a real account, in a process of its own, over the wire. Probers and the state table are played, and one look
 * settles a server.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { LogLine } from '../lambda/contract.ts';
import { runTerm } from '../lambda/controller/term.ts';
import type { Site } from '../lambda/core/site/site.ts';
import { desiredRecords } from '../lambda/core/zone/zone-view.ts';
import { systemClock } from '../lambda/edge/clock.ts';
import { changeTokens } from '../local/route53-limits.ts';
import { type Curve, svgCurves, textCurves } from './curves.ts';
import { memoryStore } from './memory-store.ts';
import type { Asked, Told } from './writes-cloud.ts';
import { floorOf } from './writes-floor.ts';
import {
  type Accepted,
  configOf,
  controllerWorld,
  type Families,
  type Fate,
  sitesOf,
  ZONE,
  ZONES_REGION,
} from './writes-world.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    svg: { type: 'string' },
    sites: { type: 'string' },
    only: { type: 'string' },
  },
});
const COUNTS = values.sites ? [Number(values.sites)] : values.quick ? [1, 10, 100] : [1, 10, 100, 1000];
/** Give up on a run after so long, and say how far it came. */
const LONGEST_MS = 400_000;

type Cloud = {
  child: ChildProcess;
  at: Extract<Told, { tell: 'ready' }>;
  calls: Extract<Told, { tell: 'call' }>[];
  limit(): Promise<void>;
  end(): Promise<void>;
};

const startCloud = async (): Promise<Cloud> => {
  const child = fork(fileURLToPath(new URL('./writes-cloud.ts', import.meta.url)), [ZONE]);
  const calls: Cloud['calls'] = [];
  const heard = new Map<string, (told: Told) => void>();
  child.on('message', (told: Told) => {
    if (told.tell === 'call') calls.push(told);
    else heard.get(told.tell)?.(told);
  });
  const hear = (tell: string) => new Promise<Told>((resolve) => heard.set(tell, resolve));
  const at = (await hear('ready')) as Cloud['at'];
  const ask = (asked: Asked) => child.send(asked);
  return {
    child,
    at,
    calls,
    async limit() {
      const limited = hear('limited');
      ask({ ask: 'limits' });
      await limited;
    },
    async end() {
      ask({ ask: 'end' });
      await once(child, 'exit');
    },
  };
};

/** One way of moving `sites` sites, measured. Seconds count from the decision to the last change accepted. */
export type Measured = {
  way: 'switchover' | 'naive';
  families: Families;
  sites: number;
  moved: number;
  /** The first change accepted. */
  firstSeconds: number;
  seconds: number;
  floorSeconds: number;
  tokens: number;
  changeCalls: number;
  fewestChangeCalls: number;
  readCalls: number;
  throttled: number;
  /** Seconds of processor that the controller's process used. */
  cpuSeconds: number;
  /** Sites moved by then: seconds since the decision, and how many. */
  curve: [seconds: number, moved: number][];
};

const curveOf = (accepted: Accepted[], sinceMs: number): Measured['curve'] => {
  let moved = 0;
  return accepted.map(({ atMs, changes }) => {
    moved += changes.filter(({ action, record }) => action !== 'DELETE' && record.type === 'A').length;
    return [(atMs - sinceMs) / 1000, moved];
  });
};

const summed = (
  way: Measured['way'],
  families: Families,
  sites: Site[],
  seen: { accepted: Accepted[]; calls: Cloud['calls']; sinceMs: number; cpuSeconds: number },
): Measured => {
  const { accepted, calls, sinceMs, cpuSeconds } = seen;
  const changes = calls.filter(({ operation }) => operation === 'ChangeResourceRecordSets');
  const taken = accepted.flatMap((each) => each.changes);
  const curve = curveOf(accepted, sinceMs);
  const floor = floorOf(sites, way);
  return {
    ...{ way, families, sites: sites.length, moved: curve.at(-1)?.[1] ?? 0 },
    firstSeconds: curve[0]?.[0] ?? 0,
    ...{ seconds: curve.at(-1)?.[0] ?? 0, floorSeconds: floor.seconds },
    tokens: changeTokens(taken.map(({ action }) => action)),
    ...{ changeCalls: changes.length, fewestChangeCalls: floor.calls },
    readCalls: calls.length - changes.length,
    throttled: calls.filter(({ status }) => status === 400).length,
    ...{ cpuSeconds, curve },
  };
};

/** Runs controllers until `done`, as the schedule would, and ends the last one. */
const controllersUntil = async (
  { world }: ReturnType<typeof controllerWorld>,
  done: () => boolean,
): Promise<void> => {
  const running: Promise<unknown>[] = [];
  let nextMs = 0;
  const deadlineMs = Date.now() + LONGEST_MS;
  while (!done() && Date.now() < deadlineMs) {
    if (Date.now() >= nextMs) {
      nextMs = Date.now() + 60_000;
      running.push(runTerm(world, new Date().toISOString()));
    }
    await systemClock.sleep(20);
  }
  await world.store.takeBaton(Date.now());
  await Promise.all(running);
};

const switchesIn = (lines: LogLine[], reason: string): number =>
  new Set(lines.flatMap((line) => (line.event === 'switch' && line.reason === reason ? [line.site] : [])))
    .size;

/** The round in which the first primary was found down: its line is written between deciding and acting. */
const decidedAt = (lines: { line: LogLine; atMs: number }[]): number =>
  lines.find(
    ({ line }) => line.event === 'round' && Object.values(line.sites).some((s) => s.primary === 'down'),
  )?.atMs ?? 0;

const switchover = async (families: Families, count: number): Promise<Measured> => {
  const sites = sitesOf(count, families);
  const cloud = await startCloud();
  const fate: Fate = { dead: false };
  const store = memoryStore();
  const lines: { line: LogLine; atMs: number }[] = [];
  const note = (line: LogLine) => void lines.push({ line, atMs: Date.now() });
  const said = () => lines.map(({ line }) => line);
  try {
    const first = controllerWorld(configOf(sites), cloud.at, store, fate, note);
    await controllersUntil(first, () => switchesIn(said(), 'created') === count);
    await cloud.limit();
    lines.length = 0;
    const second = controllerWorld(configOf(sites), cloud.at, store, fate, note);
    let cpu = process.cpuUsage();
    const failing = controllersUntil(second, () => switchesIn(said(), 'failover') === count);
    // The zone has been listed, every health is settled, and what that took of the buckets is back.
    await systemClock.sleep(12_000);
    cloud.calls.length = 0;
    cpu = process.cpuUsage();
    fate.dead = true;
    await failing;
    const { user, system } = process.cpuUsage(cpu);
    const sinceMs = decidedAt(lines);
    const calls = cloud.calls.filter(
      ({ atMs }) => atMs >= sinceMs && atMs <= (second.accepted.at(-1)?.atMs ?? 0) + 5,
    );
    return summed('switchover', families, sites, {
      ...{ accepted: second.accepted, calls, sinceMs },
      cpuSeconds: (user + system) / 1e6,
    });
  } finally {
    await cloud.end();
  }
};

/** What people write first: for each site one call with UPSERT, tried again until it is taken. */
const naive = async (families: Families, count: number): Promise<Measured> => {
  const sites = sitesOf(count, families);
  const cloud = await startCloud();
  const accepted: Accepted[] = [];
  try {
    await cloud.limit();
    const client = new Route53Client({
      endpoint: cloud.at.url,
      region: ZONES_REGION,
      credentials: cloud.at.operator,
    });
    const cpu = process.cpuUsage();
    const sinceMs = Date.now();
    for (const site of sites) {
      const [, standby] = site.servers;
      const records = desiredRecords(site, standby as NonNullable<typeof standby>);
      const changes = records.map((record) => ({ action: 'UPSERT', record }));
      const batch = changes.map(({ action, record }) => ({
        Action: action as 'UPSERT',
        ResourceRecordSet: {
          Name: record.name,
          Type: record.type as 'A',
          TTL: record.ttlSeconds,
          ResourceRecords: record.values.map((Value) => ({ Value })),
        },
      }));
      const command = new ChangeResourceRecordSetsCommand({
        HostedZoneId: cloud.at.zoneId,
        ChangeBatch: { Changes: batch },
      });
      while (true) {
        const taken = await client.send(command).then(
          () => true,
          (error) => {
            if (error.name !== 'Throttling') throw error;
            return false;
          },
        );
        if (taken) break;
      }
      accepted.push({ atMs: Date.now(), changes: changes as never });
    }
    client.destroy();
    const { user, system } = process.cpuUsage(cpu);
    return summed('naive', families, sites, {
      ...{ accepted, calls: cloud.calls, sinceMs },
      cpuSeconds: (user + system) / 1e6,
    });
  } finally {
    await cloud.end();
  }
};

const TITLES = { alone: 'A alone', both: 'A with AAAA' };
const row = (m: Measured): string =>
  [
    m.way.padEnd(11),
    TITLES[m.families].padEnd(12),
    ...[m.sites, m.moved, m.changeCalls, m.fewestChangeCalls, m.readCalls, m.throttled, m.tokens].map(
      (value) => String(value).padStart(8),
    ),
    ...[m.firstSeconds, m.seconds, m.floorSeconds, m.cpuSeconds].map((value) => value.toFixed(2).padStart(8)),
  ].join(' ');
const HEAD = [
  ...['way'.padEnd(11), 'records'.padEnd(12)],
  ...[
    'sites',
    'moved',
    'changes',
    'fewest',
    'reads',
    'refused',
    'tokens',
    'first',
    'seconds',
    'floor',
    'cpu',
  ].map((word) => word.padStart(8)),
].join(' ');

const all: Measured[] = [];
if (!values.json) console.log(HEAD);
for (const count of COUNTS)
  for (const families of ['alone', 'both'] as const)
    for (const measure of [switchover, naive]) {
      if (values.only !== undefined && values.only !== measure.name) continue;
      const measured = await measure(families, count);
      all.push(measured);
      const { curve: _, ...figures } = measured;
      console.log(values.json ? JSON.stringify(figures) : row(measured));
    }

const largest = COUNTS.at(-1) ?? 1;
const curves: Curve[] = all
  .filter(({ sites }) => sites === largest)
  .map(({ way, families, curve }) => ({ label: `${way}, ${TITLES[families]}`, points: [[0, 0], ...curve] }));
if (!values.json) console.log(textCurves(curves, 'sites moved, by seconds after the decision').join('\n'));
if (values.svg !== undefined)
  writeFileSync(
    values.svg,
    svgCurves(curves, {
      title: `${largest} sites whose primaries die together`,
      subtitle:
        'npm run bench -- writes: sites moved, by seconds after the decision; local Route 53 with the limits of an account',
      x: 'seconds after the decision',
    }),
  );
