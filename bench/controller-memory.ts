import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../lambda/core/site/site.ts';
import { writeBundle } from '../lib/bundle.ts';
import { checkConfig } from '../lib/config/index.ts';
import { CONTROLLER_ENVIRONMENT, controllerMemoryMb } from '../lib/stacks/controller-memory.ts';
import type { Told } from './controller-cloud.ts';
import type { Fate } from './controller-probers.ts';
import { fleetConfig } from './fleet.ts';
import { type Host, nodeFlags, peakRssMb, startHost } from './host.ts';

/** What a controller is measured with. */
export type Case = {
  sites: number;
  /** Whether sites move Elastic IPs, and whether they have secret headers: each loads a client of its own. */
  ec2?: boolean;
  ssm?: boolean;
  /** After all was well, one primary in so many goes on and off; one in a hundred by default. */
  flappingOneIn?: number;
};

export const CASES: Case[] = [
  { sites: 1 },
  { sites: 5 },
  { sites: 10 },
  { sites: 14, flappingOneIn: 1 },
  { sites: 17, flappingOneIn: 1, ssm: true },
  { sites: 17, flappingOneIn: 1, ec2: true },
  { sites: 17, flappingOneIn: 1, ec2: true, ssm: true },
  { sites: 50 },
  { sites: 100 },
  { sites: 250 },
  { sites: 500 },
  { sites: 1000 },
];
export const QUICK_CASES: Case[] = [{ sites: 1 }, { sites: 17, flappingOneIn: 1, ec2: true, ssm: true }];

/**
 * A controller runs until its successor has begun, and its process stands still until the next turn. Half of Lambda's
 * minute, to see more of them.
 */
const TERM_MS = 30_000;
/** A term of each of the two processes. */
const PHASE_MS = 2 * TERM_MS;
/** Longer than this nobody waits for records. */
const PATIENCE_MS = 900_000;
const SITES_PER_ZONE = 100;
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The sites of `fleet.ts`, three of which move an Elastic IP and have a secret where that is asked for. */
const configOf = ({ sites, ec2 = false, ssm = false }: Case): Config => {
  const fleet = fleetConfig({
    ...{ sites, zones: Math.ceil(sites / SITES_PER_ZONE), controllers: 1, intervalSeconds: 10 },
    ...{ scheme: 'http', port: 80 },
  });
  const special = (fleet.sites ?? []).map((site, index) => {
    if (index >= 3 || !(ec2 || ssm)) return site;
    const hex = index.toString(16).padStart(16, '0');
    const readdress = { address: `127.3.0.${index + 1}`, allocationId: `eipalloc-0${hex}` };
    const servers = (site.servers ?? []).map(({ name, ipv4 = [] }, at) => ({
      ...{ name, probeAddress: ipv4[0] as string, holder: `eni-${at}${hex}` },
    }));
    return {
      ...site,
      ...(ec2 && { lever: 'readdress' as const, readdress, servers }),
      ...(ssm && { probe: { ...site.probe, headers: { 'x-key': { secret: `/bench/key${index}` } } } }),
    };
  });
  return checkConfig({ ...fleet, sites: special }, 'bench').config;
};

const startCloud = async (configFile: string) => {
  const cloud = fork(fileOf('controller-cloud.ts'), [configFile]);
  const probers = fork(fileOf('controller-probers.ts'));
  const [[told], [port]] = (await Promise.all([once(cloud, 'message'), once(probers, 'message')])) as [
    [Told],
    [number],
  ];
  return {
    environment: { ...told.environment, AWS_ENDPOINT_URL_LAMBDA: `https://127.0.0.1:${port}` },
    decide: (fate: Fate) => probers.send(fate),
    stop: () => {
      cloud.disconnect();
      probers.disconnect();
    },
  };
};

/**
 * Two processes take turns: one starts while the other still runs. Resolves after `signal`; rejects when a process ends
 * by itself.
 */
const takeTurns = async (hosts: Host[], signal: AbortSignal): Promise<void> => {
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const turns = hosts.map(async (host, index) => {
    await Promise.race([ended, sleep(index * TERM_MS)]);
    while (!signal.aborted) {
      const term = host.run({ scheduledTime: new Date().toISOString() });
      await Promise.race([ended, Promise.all([term, sleep(hosts.length * TERM_MS)])]);
      if (signal.aborted) term.catch(() => {});
    }
  });
  await Promise.all(turns);
};

/** What controllers have logged: the sites that got their records, how many failed over since, and errors by code. */
const newLog = () => {
  const made = new Set<string>();
  let failovers = 0;
  const errors: Record<string, number> = {};
  const onLine = (text: string): void => {
    const { event, site = '', reason, code = '' } = JSON.parse(text) as Record<string, string>;
    if (event === 'switch' && reason === 'created') made.add(site);
    if (event === 'switch' && reason === 'failover') failovers += 1;
    if (event === 'error') errors[code] = (errors[code] ?? 0) + 1;
  };
  return { made, failovers: () => failovers, errors, onLine };
};

/**
 * The peak of either of two processes with the bundle as it is deployed, after each of these in turn; each counts all
 * that came before:
 *
 * - loaded;
 * - every site got its records and all was well, the daily check was made;
 * - some primaries went on and off;
 * - all primaries were dead.
 */
export const measureController = async (root: string, asked: Case, memoryMb?: number) => {
  const config = configOf(asked);
  const givenMb = memoryMb ?? controllerMemoryMb(config);
  const directory = join(root, JSON.stringify(asked).replaceAll(/\W+/g, '-'));
  writeBundle('lambda/controller.ts', directory, config);
  const cloud = await startCloud(join(directory, 'config.json'));
  const { made, failovers, errors, onLine } = newLog();
  const options = {
    ...{ nodeFlags: nodeFlags(givenMb), maxDescriptors: 1024, onLine },
    env: { ...cloud.environment, ...CONTROLLER_ENVIRONMENT, LAMBDA_TASK_ROOT: directory },
  };
  const hosts = [
    await startHost(join(directory, 'index.cjs'), options),
    await startHost(join(directory, 'index.cjs'), options),
  ];
  const over = new AbortController();
  const turns = takeTurns(hosts, over.signal);
  const peakMb = () => Math.round(Math.max(...hosts.map(({ pid }) => peakRssMb(pid))));
  const peakAfter = async (ms: number): Promise<number> => {
    await Promise.race([turns, sleep(ms)]);
    return peakMb();
  };
  try {
    const loadedMb = peakMb();
    const untilMs = Date.now() + PATIENCE_MS;
    while (made.size < asked.sites && Date.now() < untilMs) await peakAfter(500);
    if (made.size < asked.sites)
      throw new Error(
        `Expected ${asked.sites} sites to get their records, received ${made.size}; errors: ${JSON.stringify(errors)}.`,
      );
    const upMb = await peakAfter(PHASE_MS);
    cloud.decide({ oneIn: asked.flappingOneIn ?? 100, flapping: true });
    const flappingMb = await peakAfter(PHASE_MS);
    cloud.decide({ oneIn: 1, flapping: false });
    const allDeadMb = await peakAfter(PHASE_MS);
    return {
      ...asked,
      memoryMb: givenMb,
      loadedMb,
      upMb,
      flappingMb,
      allDeadMb,
      failovers: failovers(),
      errors,
    };
  } finally {
    over.abort();
    await turns.catch(() => {});
    await Promise.all(hosts.map((host) => host.stop()));
    cloud.stop();
  }
};

export type Measured = Awaited<ReturnType<typeof measureController>>;

/** A row in words. */
export const shownController = ({ sites, ec2, ssm, flappingOneIn = 100, ...row }: Measured): string =>
  `${String(sites).padStart(5)} sites${ec2 ? ', EC2' : ''}${ssm ? ', SSM' : ''}, given ${row.memoryMb} MB: loaded ${row.loadedMb}, all up ${row.upMb}, ` +
  `one in ${flappingOneIn} flapping ${row.flappingMb}, all dead ${row.allDeadMb} MB; ${row.failovers} failovers, errors: ${JSON.stringify(row.errors)}`;
