/**
 * The forecast's model of what resolvers keep (lib/forecast/model.ts) beside five real ones. Each runs on loopback in front of our
 * name server; populations of clients ask it at Poisson times for names of several popularities and TTLs; at one known instant all
 * records change; the share of old answers from then on, and the number of fetches, are compared with the model's.
 * `npm run bench -- resolvers [--json] [--quick]`. Exits 1 when they differ by more than `AGREED`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchesPerSecond, type Keeping, oldShare, RESOLVERS } from '../lib/forecast/model.ts';
import { startDns } from '../local/dns.ts';
import { changeZone, createZone, type Zone } from '../local/zone.ts';
import { answer } from '../local/zone-answer.ts';
import { type Asker, startAsker } from './asker.ts';
import { isInstalled, RECURSORS, type Running, startRecursor } from './recursors.ts';

/** How far model and measurement may be apart; `points` are hundredths of a share. */
const AGREED = { cachedSeconds: 0.5, meanPoints: 3, fetchesPercent: 10 };

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const TTLS = values.quick ? [10] : [10, 30];
/** Names, and how often each is asked for: one that never leaves the cache, one that often does, one that is rarely in it. */
const POPULARITIES = [
  { asksPerSecond: 1, names: 200 },
  { asksPerSecond: 0.3, names: 400 },
  { asksPerSecond: 0.05, names: 2400 },
];
/**
 * The names of a population change in so many groups, spread over a second: resolvers reckon in whole seconds, so a single
 * instant would show what a change at that part of a second does, and not what changes do.
 */
const GROUPS = 4;
const ZONE = 'flip.example';
const [OLD, NEW] = ['192.0.2.1', '192.0.2.2'];
/** A little more than the longest time an answer is kept. */
const MARGIN_SECONDS = 3;

type Population = {
  recursor: string;
  ttlSeconds: number;
  asksPerSecond: number;
  names: number;
  keeping: Keeping;
  /** By group: all its names lie below this one, which a wildcard answers for. */
  below: string[];
  /** Questions that reached the name server. */
  fetches: number;
};

const installed = Object.keys(RECURSORS).filter((name) => isInstalled(RECURSORS[name]!.program));
const missing = Object.keys(RECURSORS).filter((name) => !installed.includes(name));
if (missing.length > 0) {
  const packages = [...new Set(missing.map((name) => RECURSORS[name]!.debianPackage))].join(' ');
  console.error(
    `Not installed, so not measured: ${missing.join('; ')}. On Debian: apt-get install ${packages}`,
  );
}
if (installed.length === 0) process.exit(1);

const populations = installed.flatMap((recursor, number) =>
  TTLS.flatMap((ttlSeconds) =>
    POPULARITIES.map((popularity, at): Population => {
      const { keeps, floorSeconds = 0 } = RECURSORS[recursor]!;
      const keeping = RESOLVERS[keeps](Math.max(ttlSeconds, floorSeconds));
      const below = Array.from(
        { length: GROUPS },
        (_, group) => `g${group}.p${at}.t${ttlSeconds}.r${number}.${ZONE}`,
      );
      return { recursor, ttlSeconds, ...popularity, keeping, below, fetches: 0 };
    }),
  ),
);
const longest = Math.max(...populations.map(({ keeping }) => keeping.endsAt));

/** The records of one group at `value`, in one change. */
const pointed = (zone: Zone, group: number, value: string): Zone => {
  const changes = populations.map(({ below, ttlSeconds }) => ({
    action: 'UPSERT',
    record: { name: `*.${below[group]}`, type: 'A', ttlSeconds, values: [value] },
  }));
  const outcome = changeZone(zone, { changes }, { now: Date.now(), insyncAfterMs: 0 });
  if ('refusal' in outcome) throw new Error(outcome.refusal.messages.join(', '));
  return outcome.zone;
};

const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** One ask after the flip. */
type Heard = { afterSeconds: number; old: boolean };
type Measured = { population: Population; heard: Heard[]; lost: number; seconds: number };

const measure = async (): Promise<Measured[]> => {
  const root = mkdtempSync(join(tmpdir(), 'switchover-resolvers-'));
  const groups = Array.from({ length: GROUPS }, (_, group) => group);
  let zone = groups.reduce((before, group) => pointed(before, group, OLD), createZone(ZONE));
  const byBelow = new Map(populations.flatMap((one) => one.below.map((below) => [below, one])));
  const dns = await startDns({
    port: 0,
    host: '127.0.0.1',
    answer: (name, type) => {
      const population = byBelow.get(name.slice(name.indexOf('.') + 1));
      if (population !== undefined && type === 'A') population.fetches += 1;
      return name.endsWith(ZONE) ? answer(zone, name, type) : undefined;
    },
  });
  const running = new Map<string, Running>();
  const askers: { population: Population; asker: Asker }[] = [];
  try {
    for (const name of installed) running.set(name, await startRecursor(name, root, dns.port));
    for (const population of populations) {
      const { keeping, asksPerSecond, names, below } = population;
      const port = running.get(population.recursor)!.port;
      askers.push({
        population,
        asker: startAsker({ port, below, names, asksPerSecond, keptSeconds: keeping.renewsAt }),
      });
    }
    const startedMs = performance.now();
    await sleep(longest + MARGIN_SECONDS);
    const flippedMs: number[] = [];
    for (const group of groups) {
      zone = pointed(zone, group, NEW);
      flippedMs.push(performance.now());
      await sleep(1 / GROUPS);
    }
    console.error(`All records changed; asking on for ${longest + MARGIN_SECONDS} s.`);
    await sleep(longest + MARGIN_SECONDS);
    const seconds = (performance.now() - startedMs) / 1000;
    return askers.map(({ population, asker }) => ({
      population,
      seconds,
      lost: asker.lost(),
      heard: asker.heard
        .map(({ askedMs, group, address }) => ({
          afterSeconds: (askedMs - flippedMs[group]!) / 1000,
          old: address === OLD,
        }))
        .filter(({ afterSeconds }) => afterSeconds >= 0),
    }));
  } finally {
    for (const { asker } of askers) asker.stop();
    for (const { stop } of running.values()) await stop();
    await dns.close();
    rmSync(root, { recursive: true, force: true });
  }
};

const BINS = 10;
const mean = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0) / (numbers.length || 1);

/** Model and measurement of one population, as shares of old answers in ten stretches of the time an answer is kept. */
const compare = ({ population, heard, lost, seconds }: Measured) => {
  const { keeping, asksPerSecond, names, fetches, recursor, ttlSeconds } = population;
  const width = Math.ceil(keeping.endsAt + 1) / BINS;
  const curve = Array.from({ length: BINS }, (_, bin) => {
    const within = heard.filter(({ afterSeconds: s }) => s >= bin * width && s < (bin + 1) * width);
    const model = mean(
      Array.from({ length: 20 }, (_, i) => oldShare(keeping, asksPerSecond, (bin + (i + 0.5) / 20) * width)),
    );
    return { model, measured: mean(within.map(({ old }) => Number(old))), asks: within.length };
  });
  const cached = (which: 'model' | 'measured') => curve.reduce((sum, bin) => sum + bin[which] * width, 0);
  const fetchesModel = fetchesPerSecond(keeping, asksPerSecond) * names * seconds;
  return {
    recursor,
    ttlSeconds,
    asksPerSecond,
    binSeconds: width,
    curve,
    cachedSeconds: { model: cached('model'), measured: cached('measured') },
    meanPoints: 100 * mean(curve.map(({ model, measured }) => Math.abs(model - measured))),
    maxPoints: 100 * Math.max(...curve.map(({ model, measured }) => Math.abs(model - measured))),
    fetches: { model: fetchesModel, measured: fetches },
    lastOldSeconds: Math.max(0, ...heard.filter(({ old }) => old).map(({ afterSeconds }) => afterSeconds)),
    lost,
  };
};

const rows = (await measure()).map(compare);
for (const row of rows) {
  console.error(
    [
      row.recursor.padEnd(25),
      String(row.ttlSeconds).padStart(3),
      String(row.asksPerSecond).padStart(5),
      row.cachedSeconds.model.toFixed(1).padStart(6),
      row.cachedSeconds.measured.toFixed(1).padStart(6),
      row.meanPoints.toFixed(1).padStart(5),
      row.maxPoints.toFixed(1).padStart(5),
      row.fetches.model.toFixed(0).padStart(6),
      String(row.fetches.measured).padStart(6),
      row.lastOldSeconds.toFixed(1).padStart(6),
      String(row.lost).padStart(4),
      row.curve
        .map(({ model, measured }) => `${(100 * model).toFixed(0)}/${(100 * measured).toFixed(0)}`)
        .join(' '),
    ].join(' '),
  );
}
if (values.json) console.log(JSON.stringify({ bench: 'resolvers', agreed: AGREED, rows }));
