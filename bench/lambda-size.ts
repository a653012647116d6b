/**
 * What the bundled functions do with the CPU and memory that Lambda gives them: the tables from which the stack picks.
 *
 *     npm run bench -- lambda-size [--part prober|controller] [--json] [--quick] [--memory MB] [--sites N [--ec2] [--ssm]]
 *
 * The prober by memory size. Needs nginx (Debian: nginx-light), and Linux. The CPU share is a quota of a cgroup where one
 * may be written, else the process is stopped and continued; the output says which. The big batch is sent to the size
 * that the stack picks, or to the one that is named.
 *
 * The controller by its number of sites and by the clients that they want: the most memory that its process has held
 * (`VmHWM`), with the heap that Lambda gives to the size that the stack picks, or to the one that is named. It may use
 * whole cores. See `controller-memory.ts` for what happens to it. `--sites` measures one number of them alone.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ProbeRequest } from '../lambda/core/probe/request.ts';
import { writeBundle } from '../lib/bundle.ts';
import {
  CASES,
  type Case,
  type Measured,
  measureController,
  QUICK_CASES,
  shownController,
} from './controller-memory.ts';
import { type Answered, type Host, nodeFlags, peakRssMb, startHost } from './host.ts';
import { median } from './statistics.ts';
import { requestOf, type Scheme, startSilence, startTargets, type Targets } from './targets.ts';
import { cpuShareOf, throttle } from './throttle.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    memory: { type: 'string' },
    sites: { type: 'string' },
    ec2: { type: 'boolean' },
    ssm: { type: 'boolean' },
  },
});
const { part } = values;
if (part !== undefined && part !== 'prober' && part !== 'controller')
  throw new Error(`Expected --part to be prober or controller, received ${part}.`);
/** What the stack picks for so many servers (`lib/stacks/prober-memory.ts`). */
const PICKED_MB = Number(values.memory ?? 256);
const MEMORIES_MB = values.memory || values.quick ? [PICKED_MB] : [128, 256, 512, 1_024, 1_769];
/** All of one deployment's servers in one batch, and of them one in a hundred that takes connections and is silent. */
const SERVERS = 2_000;
const SILENT_EVERY = 100;
/** Lambda's limit. */
const MAX_DESCRIPTORS = 1_024;
const TIMEOUT_MS = 5_000;
const DEADLINE_MS = 120_000;

const codesOf = ({ observations }: Answered): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { code } of observations) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

/** `count` servers that answer, probed in one batch: probes a second of the wall clock. All must pass. */
const rate = async (host: Host, targets: Targets, scheme: Scheme, count: number): Promise<number> => {
  const probes = Array.from({ length: count }, (_, index) =>
    requestOf(scheme, targets.ports[scheme], index, TIMEOUT_MS),
  );
  const answered = await host.ask({ probes, deadlineMs: DEADLINE_MS });
  const { ok = 0 } = codesOf(answered);
  // What a starved prober could not measure is unknown, which is right; anything else would be a wrong verdict.
  const wrong = answered.observations.filter(({ outcome }) => outcome === 'failed').length;
  if (wrong > 0)
    throw new Error(`Expected no server to fail, received ${JSON.stringify(codesOf(answered))}.`);
  return ok / answered.wallSeconds;
};

/** The big batch: who is silent must be found to be, and nobody else. */
const bigBatch = async (host: Host, targets: Targets, scheme: Scheme, silentPort: number) => {
  const probes: ProbeRequest[] = Array.from({ length: SERVERS }, (_, index) => {
    const port = index % SILENT_EVERY === 0 ? silentPort : targets.ports[scheme];
    return requestOf(scheme, port, index, TIMEOUT_MS);
  });
  let peakDescriptors = 0;
  const look = setInterval(() => {
    peakDescriptors = Math.max(peakDescriptors, readdirSync(`/proc/${host.pid}/fd`).length);
  }, 20);
  const answered = await host.ask({ probes, deadlineMs: DEADLINE_MS });
  clearInterval(look);
  return { codes: codesOf(answered), wallSeconds: answered.wallSeconds, peakDescriptors };
};

const measure = async (memoryMb: number, bundle: string, targets: Targets, silentPort: number) => {
  // Loaded at full speed: Lambda does not hold a function back before its first event.
  const host = await startHost(bundle, { nodeFlags: nodeFlags(memoryMb), maxDescriptors: MAX_DESCRIPTORS });
  const held = throttle(host.pid, cpuShareOf(memoryMb));
  const send = (scheme: Scheme, count: number) => rate(host, targets, scheme, count);
  const sendBig = (scheme: Scheme) =>
    memoryMb === PICKED_MB ? bigBatch(host, targets, scheme, silentPort) : undefined;
  try {
    // As many as keep each size busy for a few seconds.
    const count = Math.min(SERVERS, memoryMb);
    const coldHttps = await send('https', count);
    const bigHttps = await sendBig('https');
    const bigHttp = await sendBig('http');
    const warmHttps = median([await send('https', count), await send('https', count)]) as number;
    const warmHttp = median([await send('http', count), await send('http', count)]) as number;
    return {
      memoryMb,
      cpuShare: cpuShareOf(memoryMb),
      throttledBy: held.how,
      probesPerSecond: { coldHttps, warmHttps, warmHttp },
      gbSecondsPer1000Https: (1_000 / warmHttps) * (memoryMb / 1_024),
      batchOf2000: bigHttps && { https: bigHttps, http: bigHttp },
      peakRssMb: peakRssMb(host.pid),
    };
  } finally {
    held.release();
    await host.stop();
  }
};

type Row = Awaited<ReturnType<typeof measure>>;
type Big = Awaited<ReturnType<typeof bigBatch>>;

const print = (row: Row): void => {
  const { coldHttps, warmHttps, warmHttp } = row.probesPerSecond;
  const whole = (n: number, width: number) => n.toFixed(0).padStart(width);
  console.error(
    `${whole(row.memoryMb, 5)} MB, ${(100 * row.cpuShare).toFixed(1).padStart(5)} % of a core by ${row.throttledBy}: ` +
      `HTTPS ${whole(coldHttps, 4)} cold, ${whole(warmHttps, 4)} warm, HTTP ${whole(warmHttp, 4)} probes/s; ` +
      `${row.gbSecondsPer1000Https.toFixed(1)} GB-s for 1,000 HTTPS; peak ${whole(row.peakRssMb, 0)} MB`,
  );
  if (row.batchOf2000 === undefined) return;
  for (const [scheme, big] of Object.entries(row.batchOf2000) as [Scheme, Big][]) {
    console.error(
      `   2,000 ${scheme} servers in one batch: ${big.wallSeconds.toFixed(1)} s, ${big.peakDescriptors} descriptors, ${JSON.stringify(big.codes)}`,
    );
  }
};

const measureProbers = async (root: string): Promise<Row[]> => {
  const targets = await startTargets(root);
  const silence = await startSilence();
  try {
    writeBundle('lambda/prober.ts', root);
    const rows = [];
    for (const memoryMb of MEMORIES_MB) {
      const row = await measure(memoryMb, join(root, 'index.cjs'), targets, silence.port);
      print(row);
      rows.push(row);
    }
    return rows;
  } finally {
    targets.stop();
    silence.stop();
  }
};

const casesAsked = (): Case[] => {
  const { sites, ec2 = false, ssm = false, quick } = values;
  if (sites !== undefined)
    return [{ sites: Number(sites), ec2, ssm, ...(ec2 || ssm ? { flappingOneIn: 1 } : {}) }];
  return quick ? QUICK_CASES : CASES;
};

const measureControllers = async (root: string): Promise<Measured[]> => {
  const rows = [];
  for (const asked of casesAsked()) {
    const row = await measureController(root, asked, values.memory ? Number(values.memory) : undefined);
    console.error(shownController(row));
    rows.push(row);
  }
  return rows;
};

const root = mkdtempSync(join(tmpdir(), 'switchover-size-'));
try {
  const rows = part === 'controller' ? [] : await measureProbers(root);
  const controllers = part === 'prober' ? [] : await measureControllers(root);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  if (values.json)
    console.log(JSON.stringify({ bench: 'lambda-size', timeoutMs: TIMEOUT_MS, machine, rows, controllers }));
} finally {
  rmSync(root, { recursive: true, force: true });
}
