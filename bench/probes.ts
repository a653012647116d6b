/**
 * Probes per CPU-second of our prober and of its peers, in turn, on the same servers: a fresh connection for each probe,
 * status 200 and a text in the body. `npm run bench -- probes [--json] [--quick] [--repeat N] [--profile] [--scheme NAME]
 * [--root DIRECTORY]`: with a root the prober of another checkout is measured in the same turns.
 * Needs nginx (Debian: nginx-light) and bash; peers that are not installed are named, with the way to install them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { blackbox } from './peers/blackbox.ts';
import { naive, switchover, switchoverOf } from './peers/bundled.ts';
import { checkHttp } from './peers/check-http.ts';
import { curl } from './peers/curl.ts';
import { gdnsd } from './peers/gdnsd.ts';
import { isThere, type Measured, type Peer } from './peers/peer.ts';
import { profileOf, type Share } from './profile.ts';
import { median, spread } from './statistics.ts';
import { type Scheme, startTargets, type Targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    profile: { type: 'boolean' },
    repeat: { type: 'string' },
    root: { type: 'string' },
    scheme: { type: 'string' },
  },
});
const count = values.quick ? 300 : 1_000;
const repeats = Number(values.repeat ?? (values.quick ? 1 : 3));
const ALL_SCHEMES = ['http', 'https', 'h2'] as const;
const SCHEMES = ALL_SCHEMES.filter((each) => (values.scheme ?? each) === each);
if (SCHEMES.length === 0) {
  console.error(`Expected --scheme ${ALL_SCHEMES.join(' or ')}, received ${values.scheme}.`);
  process.exit(2);
}
const before = values.root === undefined ? [] : [switchoverOf(values.root)];
const PEERS: Peer[] = [switchover(), ...before, curl, blackbox, checkHttp, gdnsd, naive];
/** Those that ours is compared with. */
const RIVALS = [blackbox.name, curl.name];

const root = mkdtempSync(join(tmpdir(), 'switchover-probes-'));
let turns = 0;
const ownDirectory = (): string => {
  const dir = join(root, `turn-${turns++}`);
  mkdirSync(dir);
  return dir;
};

/** One turn of a peer; every probe must pass, or the figure would say nothing. */
const turn = async (peer: Peer, scheme: Scheme, targets: Targets): Promise<Measured> => {
  const measured = await peer.measure({ scheme, count, targets, dir: ownDirectory() });
  if (measured.passed !== measured.probes) {
    const received = `${measured.passed} of ${measured.probes}`;
    throw new Error(`Expected all ${scheme} probes of ${peer.name} to pass, received ${received}.`);
  }
  return measured;
};

const perCpuSecond = ({ probes, cpuSeconds }: Measured): number => probes / cpuSeconds;

const rowOf = (peer: string, scheme: Scheme, all: Map<string, Measured[]>) => {
  const mine = all.get(peer) ?? [];
  const rates = mine.map(perCpuSecond);
  // A ratio within one repetition: what else the machine did then slowed both.
  const against = (rival: string) => {
    const theirs = all.get(rival)?.map(perCpuSecond) ?? [];
    return theirs.length === 0
      ? undefined
      : median(rates.map((rate, turn) => rate / (theirs[turn] as number)));
  };
  return {
    scheme,
    peer,
    probesPerCpuSecond: spread(rates),
    coldProbesPerCpuSecond: median(mine.flatMap(({ coldPerCpuSecond }) => coldPerCpuSecond ?? [])),
    wallSeconds: median(mine.map(({ wallSeconds }) => wallSeconds)),
    rssMb: median(mine.flatMap(({ rssMb }) => rssMb ?? [])),
    ratios: Object.fromEntries(RIVALS.map((rival) => [rival, against(rival)])),
  };
};

const show = (number: number | undefined, digits = 0): string =>
  (number === undefined ? '-' : number.toFixed(digits)).padStart(8);

const print = (row: ReturnType<typeof rowOf>): void => {
  const { min, median: middle, max } = row.probesPerCpuSecond;
  const range = `${show(middle)} (${min?.toFixed(0)}-${max?.toFixed(0)})`.padEnd(24);
  const ratios = RIVALS.map((rival) => `x${show(row.ratios[rival], 2).trim()} of ${rival}`).join(', ');
  console.error(
    `${row.scheme.padEnd(6)}${row.peer.padEnd(18)}${range}${show(row.coldProbesPerCpuSecond)} cold${show(row.rssMb)} MB  ${ratios}`,
  );
};

const measureAll = async (targets: Targets, present: Peer[]) => {
  const rows: ReturnType<typeof rowOf>[] = [];
  console.error('probes per CPU-second: median (least-most), first look of a process, peak memory, ratios');
  for (const scheme of SCHEMES) {
    const all = new Map<string, Measured[]>();
    const taking = present.filter(({ schemes }) => schemes.includes(scheme));
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (const peer of taking) {
        all.set(peer.name, [...(all.get(peer.name) ?? []), await turn(peer, scheme, targets)]);
      }
    }
    const found = taking.map(({ name }) => rowOf(name, scheme, all));
    for (const row of found) print(row);
    rows.push(...found);
  }
  return rows;
};

const profiled = async (scheme: Scheme, targets: Targets) => {
  const dir = ownDirectory();
  await switchover(true).measure({ scheme, count, targets, dir });
  const { parts, functions } = profileOf(dir);
  const list = (shares: Share[], atMost: number) => {
    for (const { what, share } of shares.slice(0, atMost))
      console.error(`${show(100 * share, 1)} %  ${what}`);
  };
  console.error(`\n${scheme}: where our prober spends its time, by part and by function`);
  list(parts, 12);
  console.error('');
  list(functions, 16);
  return { scheme, parts: parts.slice(0, 12), functions: functions.slice(0, 40) };
};

const missing = PEERS.filter((peer) => !isThere(peer));
for (const { name, needs } of missing) {
  console.error(`${name} is not installed, so it is left out: apt-get install ${needs?.debian}`);
}
const targets = await startTargets(root);
try {
  const rows = await measureAll(
    targets,
    PEERS.filter((peer) => isThere(peer)),
  );
  const profiles = [];
  for (const scheme of values.profile ? SCHEMES : []) profiles.push(await profiled(scheme, targets));
  if (values.json) {
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
    const absent = missing.map(({ name }) => name);
    console.log(
      JSON.stringify({ bench: 'probes', servers: count, repeats, machine, missing: absent, rows, profiles }),
    );
  }
} finally {
  targets.stop();
  rmSync(root, { recursive: true, force: true });
}
