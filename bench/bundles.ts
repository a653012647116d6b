/**
 * The three bundles as they are deployed: size, what they are made of, how long they take to load, and for the prober to the
 * end of its first probe. `npm run bench -- bundles [--json] [--quick]`. Needs nginx (Debian: nginx-light) for that probe.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ENV } from '../lambda/contract.ts';
import { BASE } from '../lib/aside.ts';
import { writeBundle } from '../lib/bundle.ts';
import { loadConfig } from '../lib/config/index.ts';
import { peakRssMb, startHost } from './host.ts';
import { partsOf } from './modules.ts';
import { median } from './statistics.ts';
import { requestOf, type Scheme, startTargets, type Targets } from './targets.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const repeats = values.quick ? 3 : 11;

const root = mkdtempSync(join(tmpdir(), 'switchover-bundles-'));
const directoryOf = (name: string): string => join(root, name);
const fileOf = (name: string): string => join(directoryOf(name), 'index.cjs');
/** What lies beside a bundle and is loaded as it starts. */
const CLIENTS = 'aws-sdk-clients';
const clientsOf = (name: string): Buffer =>
  Buffer.concat(
    [CLIENTS, BASE]
      .map((own) => join(directoryOf(name), 'node_modules', own))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file)))),
  );

/** From the start of the process: milliseconds until the handler can be called, and until each first probe is answered. */
const timesOf = async (name: string, targets: Targets) => {
  const startedAt = performance.now();
  const passedMs = () => performance.now() - startedAt;
  const host = await startHost(fileOf(name), {
    env: {
      LAMBDA_TASK_ROOT: directoryOf(name),
      AWS_REGION: 'eu-west-2',
      [ENV.zoneIds]: '{}',
      [ENV.tableName]: 'table',
      [ENV.topicArn]: 'arn:aws:sns:eu-west-2:111122223333:topic',
      [ENV.eventsArn]: 'arn:aws:sns:eu-west-2:111122223333:events',
    },
  });
  const loadedMs = passedMs();
  const rssMb = peakRssMb(host.pid);
  try {
    if (name !== 'prober') return { loadedMs, rssMb };
    const firstOf = async (scheme: Scheme) => {
      const askedAt = performance.now();
      const probe = requestOf(scheme, targets.ports[scheme], 0);
      const { observations } = await host.ask({ probes: [probe], deadlineMs: 10_000 });
      if (observations[0]?.code !== 'ok')
        throw new Error(`Expected the first probe to pass, received ${JSON.stringify(observations)}.`);
      return performance.now() - askedAt;
    };
    // Each in a process that has probed nothing: every other time the one, then the other.
    const scheme: Scheme = alternate() ? 'http' : 'https';
    return { loadedMs, rssMb, [`${scheme}FirstProbeMs`]: await firstOf(scheme) };
  } finally {
    await host.stop();
  }
};

let turns = 0;
const alternate = (): boolean => turns++ % 2 === 0;

type Times = { loadedMs: number; rssMb: number; httpFirstProbeMs?: number; httpsFirstProbeMs?: number };

const rowOf = (name: string, times: Times[]) => {
  const code = readFileSync(fileOf(name), 'utf8');
  const clients = clientsOf(name);
  const parts = clients.length === 0 ? [] : [{ part: CLIENTS, bytes: clients.length }];
  const middle = (key: keyof Times) => median(times.flatMap((time) => time[key] ?? []));
  return {
    name,
    bytes: Buffer.byteLength(code) + clients.length,
    gzippedBytes: gzipSync(code).length + gzipSync(clients).length,
    loadedMs: middle('loadedMs'),
    rssMb: middle('rssMb'),
    httpFirstProbeMs: middle('httpFirstProbeMs'),
    httpsFirstProbeMs: middle('httpsFirstProbeMs'),
    parts: name === NOTHING ? [] : [...parts, ...partsOf(code)].sort((a, b) => b.bytes - a.bytes),
  };
};

/** Node's own share of it all. */
const NOTHING = 'nothing';
const NAMES = [NOTHING, 'prober', 'console', 'controller'];

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} KB`;
const print = (row: ReturnType<typeof rowOf>): void => {
  const ms = (number: number | undefined) => (number === undefined ? '-' : `${number.toFixed(0)} ms`);
  console.error(
    `${row.name}: ${kilobytes(row.bytes)} (${kilobytes(row.gzippedBytes)} gzipped), loaded after ${ms(row.loadedMs)}, then the first HTTP probe takes ${ms(row.httpFirstProbeMs)}, HTTPS ${ms(row.httpsFirstProbeMs)}; ${row.rssMb?.toFixed(0)} MB`,
  );
  console.error(
    `   ${row.parts
      .slice(0, 8)
      .map(({ part, bytes }) => `${part} ${kilobytes(bytes)}`)
      .join(', ')}`,
  );
};

const targets = await startTargets(root);
try {
  const { config } = await loadConfig();
  mkdirSync(directoryOf(NOTHING));
  writeFileSync(fileOf(NOTHING), 'exports.handler = async () => {};');
  for (const name of NAMES.slice(1))
    writeBundle(`lambda/${name}.ts`, directoryOf(name), name === 'prober' ? undefined : config);
  const all = new Map<string, Times[]>(NAMES.map((name) => [name, []]));
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const name of NAMES) {
      all.get(name)?.push(await timesOf(name, targets));
      // The other half of the prober's first probes.
      if (name === 'prober') all.get(name)?.push(await timesOf(name, targets));
    }
  }
  const rows = NAMES.map((name) => rowOf(name, all.get(name) ?? []));
  for (const row of rows) print(row);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  if (values.json) console.log(JSON.stringify({ bench: 'bundles', repeats, machine, rows }));
} finally {
  targets.stop();
  rmSync(root, { recursive: true, force: true });
}
