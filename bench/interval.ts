/**
 * Whether a thousand sites hold their interval, whole and on this machine: the stack is synthesized, booted, and seen from outside
 * while it runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from '../local/synthesize.ts';
import { fleetConfig, type Scheme, siteAt, startServers } from './fleet.ts';
import { differenceOf, processorOf } from './processor.ts';
import { bootSwitchover } from './switchover.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    sites: { type: 'string', default: '1000' },
    zones: { type: 'string', default: '10' },
    controllers: { type: 'string', default: '2' },
    interval: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '5' },
    scheme: { type: 'string', default: 'http' },
    settle: { type: 'string', default: '180' },
    fail: { type: 'boolean' },
    keep: { type: 'boolean' },
  },
});
const fleet = {
  sites: Number(values.sites),
  zones: Number(values.zones),
  controllers: Number(values.controllers),
  intervalSeconds: Number(values.interval),
  scheme: values.scheme as Scheme,
  port: 18_500,
};
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const say = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

const root = mkdtempSync(join(tmpdir(), 'switchover-interval-'));
const servers = await startServers(root, fleet);
const file = join(root, 'config.json');
writeFileSync(file, JSON.stringify(fleetConfig(fleet)));
const beforeSynth = performance.now();
await synthesize(join(root, 'assembly'), file);
say(
  `synthesized in ${((performance.now() - beforeSynth) / 1000).toFixed(1)} s; load ${loadavg()[0]?.toFixed(2)}; ${root}`,
);

const bootedMs = Date.now();
const running = bootSwitchover(root, ['--assembly', join(root, 'assembly')]);
const roots = { 'local cloud': running.child.pid as number, nginx: servers.pid };
try {
  const deadline = Date.now() + Number(values.settle) * 1000;
  let from = 0;
  const made = new Map<string, number>();
  const codes: Record<string, number> = {};
  const take = () => {
    for (const line of running.lines.slice(from)) {
      if (line.event === 'switch' && !made.has(line.site as string))
        made.set(line.site as string, Date.parse(line.at as string));
      if (line.event === 'error') codes[line.code as string] = (codes[line.code as string] ?? 0) + 1;
    }
    from = running.lines.length;
  };
  while (made.size < fleet.sites && Date.now() < deadline) {
    await sleep(5000);
    take();
    const cpu = processorOf(roots);
    say(
      `${made.size} sites have records after ${((Date.now() - bootedMs) / 1000).toFixed(0)} s; load ${loadavg()[0]?.toFixed(2)} ${JSON.stringify(codes)} ${JSON.stringify(cpu)}`,
    );
  }
  const allMadeMs = Math.max(...made.values());
  say(`${made.size} made; last ${((allMadeMs - bootedMs) / 1000).toFixed(1)} s after boot`);
  await sleep(3 * fleet.intervalSeconds * 1000);
  const before = processorOf(roots);
  const fromMs = Date.now();
  await sleep(Number(values.minutes) * 60_000);
  const untilMs = Date.now();
  const spent = differenceOf(processorOf(roots), before);
  take();
  await sleep(1500);
  const gaps = new Map<string, { last: number; most: number; all: number[] }>();
  for (const { atMs, address } of servers.hits().sort((a, b) => a.atMs - b.atMs)) {
    if (atMs < fromMs || atMs > untilMs) continue;
    const known = gaps.get(address) ?? { last: fromMs, most: 0, all: [] };
    known.all.push(atMs - known.last);
    known.most = Math.max(known.most, atMs - known.last);
    known.last = atMs;
    gaps.set(address, known);
  }
  const bySite = Map.groupBy(gaps, ([address]) => siteAt(address, fleet.zones));
  const worst = [...bySite.values()]
    .map((two) => Math.max(...two.map(([, g]) => g.most)))
    .sort((a, b) => a - b);
  const all = [...gaps.values()].flatMap((g) => g.all.slice(1)).sort((a, b) => a - b);
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(share * all.length))];
  console.log({
    sites: bySite.size,
    servers: gaps.size,
    looks: all.length,
    median: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    most: worst.at(-1),
    medianWorst: worst[Math.floor(worst.length / 2)],
    spent,
    load: loadavg(),
    codes,
  });
} finally {
  await running.stop();
  servers.stop();
  if (!values.keep) rmSync(root, { recursive: true, force: true });
}
