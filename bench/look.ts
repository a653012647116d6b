/**
 * What one controller costs while all is well, by the number of its sites: processor for one look, and memory.
 *
 *     npm run bench -- look [--json] [--sites N] [--seconds S] [--root DIR [--turns N]]
 *
 * The controller is the real one with its real Lambda client; probers are a server that answers every Invoke at once, and Route 53
 * and the table are in memory. Figures are seconds of processor, so a busy machine does not change them much; how late
 * looks are is the machine's affair, and is told beside them. With `--root` another checkout is measured in turns with this one, and the
 * ratio of the processor is told.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LogLine } from '../lambda/contract.ts';
import { runTerm } from '../lambda/controller/term.ts';
import { sealed } from '../lambda/core/zone/role-record.ts';
import { desiredRecords, roleRecordOf } from '../lambda/core/zone/zone-view.ts';
import { systemClock } from '../lambda/edge/clock.ts';
import { lambdaProbers } from '../lambda/edge/lambda.ts';
import type { World } from '../lambda/ports.ts';
import { beside } from './beside.ts';
import { memoryStore } from './memory-store.ts';
import { configOf, sitesOf, ZONE } from './writes-world.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    sites: { type: 'string' },
    seconds: { type: 'string' },
    root: { type: 'string' },
    turns: { type: 'string' },
  },
});
const COUNTS = values.sites ? [Number(values.sites)] : [1, 100, 250, 500, 1000];
const SECONDS = Number(values.seconds ?? 40);
const SETTLING_MS = 12_000;

if (values.root !== undefined) {
  const sites = values.sites ?? '1000';
  const flags = ['look', '--sites', sites, '--seconds', String(SECONDS)];
  const compared = await beside(values.root, flags, Number(values.turns ?? 5), ([one]) => ({
    'ms of processor a look': Number(one?.cpuMsPerLook),
  }));
  console.log(JSON.stringify({ bench: 'look', sites: Number(sites), ...compared }));
  process.exit();
}

const child = fork(fileURLToPath(new URL('./look-probers.ts', import.meta.url)));
const [port] = (await once(child, 'message')) as [number];
Object.assign(process.env, {
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
});

/** A zone in which every site stands as its controller left it, served by its primary. */
const listingOf = (sites: ReturnType<typeof sitesOf>) => [
  { name: ZONE, type: 'SOA', ttlSeconds: 900, values: ['ns. hostmaster. 1 7200 900 1209600 86400'] },
  ...sites.flatMap((site) => {
    const records = desiredRecords(site, site.servers[0] as NonNullable<(typeof site.servers)[0]>);
    const role = sealed({ epoch: 1, serving: 'primary', mode: 'auto', sinceSeconds: 1_795_341_600 }, records);
    return [...records, roleRecordOf(site, role)];
  }),
];

const measure = async (count: number) => {
  const sites = sitesOf(count, 'alone');
  const config = configOf(sites);
  const listing = listingOf(sites);
  const rounds: { startMs: number; loggedMs: number }[] = [];
  const store = memoryStore();
  const log = (line: LogLine) => {
    if (line.event === 'round') rounds.push({ startMs: Date.parse(line.at), loggedMs: Date.now() });
  };
  const world: World = {
    ...{ config, zoneIds: { [ZONE]: 'Z1' }, clock: systemClock, store, log, memory: new Map() },
    ...{ nonce: () => String(performance.now()), probers: lambdaProbers('bench-prober') },
    zones: {
      list: async () => listing,
      change: async () => ({ changeId: 'C1' }),
      changeStatus: async () => 'INSYNC',
    },
    topic: { publish: async () => {} },
    events: { publish: async () => {} },
  };
  const running = runTerm(world, new Date().toISOString());
  await systemClock.sleep(SETTLING_MS);
  rounds.length = 0;
  const cpu = process.cpuUsage();
  await systemClock.sleep(SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const looks = rounds.length;
  await store.takeBaton(Date.now());
  await running;
  const gapsMs = rounds.slice(1).map(({ startMs }, index) => startMs - (rounds[index]?.startMs ?? startMs));
  const lastedMs = rounds.map(({ startMs, loggedMs }) => loggedMs - startMs);
  const cpuMs = (user + system) / 1000 / Math.max(1, looks);
  return {
    ...{ sites: count, looks, cpuMsPerLook: Math.round(cpuMs) },
    longestGapMs: Math.max(0, ...gapsMs),
    longestLookMs: Math.max(...lastedMs),
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
    shareOfCore: Number((cpuMs / 1000 / config.intervalSeconds).toFixed(4)),
  };
};

for (const count of COUNTS) {
  const measured = await measure(count);
  if (values.json) console.log(JSON.stringify(measured));
  else
    console.log(
      `${String(count).padStart(5)} sites: ${measured.cpuMsPerLook} ms of processor a look (${(100 * measured.shareOfCore).toFixed(1)} % of a core at 10 s; 128 MB have 7.2 %), ${measured.rssMb} MB, ${measured.looks} looks in ${SECONDS} s, at most ${measured.longestGapMs} ms apart, lasted up to ${measured.longestLookMs} ms`,
    );
}
child.kill();
