/**
 * Whether many sites hold their interval: the whole stack is synthesized and booted on this machine, and its looks are seen by the
 * servers that are looked at.
 *
 *     npm run bench -- interval [--json] [--sites N] [--zones N] [--controllers N] [--interval S] [--minutes M] [--scheme http|https]
 *                               [--fail] [--root DIR [--turns N]]
 *     npm run bench -- interval --virtual …    (`interval-virtual.ts`)
 *
 * Each site has two servers at addresses of their own; one nginx answers for all of them and notes when it was asked. Sites are as the
 * configuration has them by default. Needs nginx (Debian: nginx-light) and Linux, whose /proc tells what each process used.
 *
 * - A *gap* is the time between two looks at a site's server, by that server's own log. The product looks each 0.9 to 1 interval.
 * - A *look takes* the time from the start of its round until a server is asked, in the median.
 * - The sites **hold their interval** when no gap is longer than 1.1 intervals and a look together, once every
 *   site has its records.
 *
 * With `--root` another checkout is measured in turns with this one, and the ratios of what the controllers' processor does for
 * a round, of a look and of the gaps are told. With `--fail` all primaries then answer 500, and it tells when the sites were moved. Here every region's probers, all of AWS and
 * the servers themselves share this machine's cores.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from '../local/synthesize.ts';
import { beside } from './beside.ts';
import { fleetConfig, type Scheme, startServers } from './fleet.ts';
import { type Gaps, gapsOf, lookMs } from './gaps.ts';
import { differenceOf, processorOf, type Spent } from './processor.ts';
import { bootSwitchover, type Line } from './switchover.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    sites: { type: 'string', default: '1000' },
    zones: { type: 'string', default: '10' },
    controllers: { type: 'string', default: '2' },
    interval: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '5' },
    scheme: { type: 'string', default: 'http' },
    fail: { type: 'boolean' },
    root: { type: 'string' },
    turns: { type: 'string' },
  },
});
type Measured = { steady: { spent: Spent; value: Gaps & { lookMs: number } }; rounds: { made: number } };
/** What another checkout is compared by. The processor is that of all controllers. */
const figuresOf = ({ steady: { spent, value }, rounds: { made } }: Measured) => {
  const controllers = Object.entries(spent).filter(([kind]) => kind.includes('controller'));
  return {
    'ms of processor a round': (1000 / made) * controllers.reduce((sum, [, seconds]) => sum + seconds, 0),
    'ms until a server is asked': value.lookMs,
    'ms of the gaps, p99': value.p99Ms,
  };
};
const fleet = {
  sites: Number(values.sites),
  zones: Number(values.zones),
  controllers: Number(values.controllers),
  intervalSeconds: Number(values.interval),
  scheme: values.scheme as Scheme,
  port: 18_500,
};
if (values.root !== undefined) {
  const { json: _, root, turns = '1', fail: __, ...own } = values;
  const flags = Object.entries(own).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const compared = await beside(root, ['interval', ...flags], Number(turns), ([one]) =>
    figuresOf(one as Measured),
  );
  console.log(JSON.stringify({ bench: 'interval', ...fleet, ...compared }));
  process.exit();
}

/** Longer than this nobody waits for records or moves. */
const PATIENCE_MS = 300_000;
/** Looks by all vantages end, and histories and proofs are written, before what is steady is measured. */
const SETTLING_INTERVALS = 4;
/** nginx writes its log each second. */
const LOG_MS = 1500;

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const say = (text: string) => console.error(`${text} (load ${loadavg()[0]?.toFixed(1)})`);

const root = mkdtempSync(join(tmpdir(), 'switchover-interval-'));
const servers = await startServers(root, fleet);
const configFile = join(root, 'config.json');
const assembly = join(root, 'assembly');
writeFileSync(configFile, JSON.stringify(fleetConfig(fleet)));
say(`Synthesizing ${fleet.sites} sites in ${fleet.zones} zones.`);
await synthesize(assembly, configFile);

const bootedMs = Date.now();
const running = bootSwitchover(root, ['--assembly', assembly]);
const roots = { 'local cloud': running.child.pid as number, nginx: servers.pid };

/** When each site was switched for one of these reasons, milliseconds since 1970. */
const switches = (reasons: string[]): Map<string, number> =>
  new Map(
    running.lines
      .filter(({ event, reason }) => event === 'switch' && reasons.includes(reason as string))
      .map(({ site, at }) => [site as string, Date.parse(at as string)]),
  );

/** Waits until all sites were switched; answers the seconds from `sinceMs` on, in order. */
const allSwitched = async (reasons: string[], sinceMs: number): Promise<number[]> => {
  while (switches(reasons).size < fleet.sites && Date.now() < sinceMs + PATIENCE_MS) await sleep(500);
  return [...switches(reasons).values()].map((ms) => (ms - sinceMs) / 1000).sort((a, b) => a - b);
};

/** What `work` cost, by kind of process, and the errors that were logged meanwhile, by code. */
const during = async <T>(work: () => Promise<T>) => {
  const before = processorOf(roots);
  const from = running.lines.length;
  const value = await work();
  const errors = running.lines.slice(from).filter(({ event }) => event === 'error');
  return { value, spent: differenceOf(processorOf(roots), before), errors: tally(errors) };
};

const tally = (errors: Line[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(errors, ({ code }) => code as string)].map(([code, all]) => [code, all.length]),
  );

const watchLooks = async (): Promise<Gaps & { lookMs: number }> => {
  const fromMs = Date.now();
  await sleep(Number(values.minutes) * 60_000);
  const span = { fromMs, untilMs: Date.now() };
  await sleep(LOG_MS);
  const hits = servers.hits();
  return { ...gapsOf(hits, span, fleet), lookMs: lookMs(hits, span, running.lines, fleet) };
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const processor = (spent: Spent, rounds = 1): string =>
  Object.entries(spent)
    .map(([kind, used]) => `${kind} ${(used / rounds).toFixed(2)}`)
    .join(', ');

try {
  const made = await during(() => allSwitched(['created'], bootedMs));
  say(
    `${made.value.length} of ${fleet.sites} sites have records, the last after ${made.value.at(-1)} s; processor, s: ${processor(made.spent)}`,
  );
  await sleep(SETTLING_INTERVALS * fleet.intervalSeconds * 1000);
  const steady = await during(watchLooks);
  const { value: looks } = steady;
  const intervalMs = fleet.intervalSeconds * 1000;
  const allowedMs = 1.1 * intervalMs + looks.lookMs;
  const holds = made.value.length === fleet.sites && looks.mostMs <= allowedMs;
  const rounds = { expected: (Number(values.minutes) * 60_000) / intervalMs, made: looks.fewest };
  say(
    [
      `In ${values.minutes} minutes every server was looked at ${looks.fewest} to ${looks.most} times; an interval each would be ${rounds.expected}.`,
      `Gaps: median ${seconds(looks.medianMs)}, p99 ${seconds(looks.p99Ms)}, longest ${seconds(looks.mostMs)} = ${(looks.mostMs / intervalMs).toFixed(2)} intervals.`,
      `A look takes ${seconds(looks.lookMs)}, so ${seconds(allowedMs)} are allowed: they ${holds ? 'HOLD' : 'DO NOT HOLD'} their interval.`,
      `Processor for a round, s: ${processor(steady.spent, looks.fewest)}. Errors: ${JSON.stringify(steady.errors)}`,
    ].join('\n'),
  );
  const failed = values.fail
    ? await during(async () => {
        servers.breakPrimaries();
        return allSwitched(['failover'], Date.now());
      })
    : undefined;
  if (failed)
    say(
      `All primaries dead: ${failed.value.length} sites moved, after ${failed.value[0]} to ${failed.value.at(-1)} s; processor, s: ${processor(failed.spent)}. Errors: ${JSON.stringify(failed.errors)}`,
    );
  if (values.json)
    console.log(
      JSON.stringify({ bench: 'interval', ...fleet, holds, rounds, made, steady, failed, load: loadavg() }),
    );
  process.exitCode = holds ? 0 : 1;
} finally {
  await running.stop();
  servers.stop();
  rmSync(root, { recursive: true, force: true });
}
