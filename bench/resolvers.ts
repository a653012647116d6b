/**
 * The forecast's model of what resolvers keep (lib/forecast/resolvers.ts) beside five real ones. Each runs on loopback in front of our
 * name server; populations of clients ask it at Poisson times for names of several popularities and TTLs; at known instants all
 * records change; the share of old answers from then on, and the number of fetches, are compared with the model's.
 * `npm run bench -- resolvers [--json] [--quick]`. Ends with 1 when they are further apart than `AGREED`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchesPerSecond, type Keeping, oldShare, RESOLVERS } from '../lib/forecast/resolvers.ts';
import { startDns } from '../local/dns.ts';
import { changeZone, createZone, type Zone } from '../local/zone.ts';
import { answer } from '../local/zone-answer.ts';
import { type Asker, startAsker, untilAnswered } from './asker.ts';
import { isInstalled, RECURSORS, type Running, startRecursor } from './recursors.ts';

/**
 * How far apart model and measurement may be: the curves by so many hundredths of the asks on average, the mean time for which old
 * answers are given by half a second and so much of the time they are kept, the number of fetches by so much of it.
 */
const AGREED = { points: 5, seconds: 0.5, secondsPercent: 3, fetchesPercent: 5 };

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const TTLS = values.quick ? [10] : [10, 30];
/** Names, and how often each is asked for: in the cache nearly always, mostly, and seldom. */
const POPULARITIES = [
  { asksPerSecond: 0.5, names: 600 },
  { asksPerSecond: 0.15, names: 800 },
  { asksPerSecond: 0.05, names: 2400 },
];
/**
 * The names of a population change in so many groups, spread over a second: resolvers reckon in whole seconds, so a single
 * instant would show what a change at that part of a second does, and not what changes do.
 */
const GROUPS = [0, 1, 2, 3];
const ZONE = 'flip.example';
const READY = `ready.${ZONE}`;
const [OLD, NEW] = ['192.0.2.1', '192.0.2.2'];
/** Longer than the longest time an answer is kept by so much, and an ask waits for its answer at most so long. */
const MARGIN_SECONDS = 3;

type Population = {
  recursor: string;
  ttlSeconds: number;
  asksPerSecond: number;
  names: number;
  keeping: Keeping;
  /** By group: its names lie below this one, and a wildcard answers for them. */
  below: string[];
  /** Questions that reached the name server. */
  fetches: number;
};

const populationsOf = (recursors: string[]): Population[] =>
  recursors.flatMap((recursor, number) =>
    TTLS.flatMap((ttlSeconds) =>
      POPULARITIES.map((popularity, at) => {
        const { keeps, floorSeconds = 0 } = RECURSORS[recursor]!;
        const keeping = RESOLVERS[keeps](Math.max(ttlSeconds, floorSeconds));
        const below = GROUPS.map((group) => `g${group}.p${at}.t${ttlSeconds}.r${number}.${ZONE}`);
        return { recursor, ttlSeconds, ...popularity, keeping, below, fetches: 0 };
      }),
    ),
  );

/** The zone with the wildcards of these names at `value`, in one change. */
const pointed = (zone: Zone, names: { below: string; ttlSeconds: number }[], value: string): Zone => {
  const changes = names.map(({ below, ttlSeconds }) => ({
    action: 'UPSERT',
    record: { name: `*.${below}`, type: 'A', ttlSeconds, values: [value] },
  }));
  const outcome = changeZone(zone, { changes }, { now: Date.now(), insyncAfterMs: 0 });
  if ('refusal' in outcome) throw new Error(outcome.refusal.messages.join(', '));
  return outcome.zone;
};

const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));
const say = (text: string) => console.error(text);

type Asking = { population: Population; asker: Asker };
/** When each group was changed, by `performance.now()`, and for how many seconds was asked. */
type Course = { flippedMs: number[]; seconds: number };

/** Asks until nothing old can be kept any more, changes one group after the other, and asks on for as long. */
const flip = async (populations: Population[], change: (group: number) => void): Promise<Course> => {
  const beganMs = performance.now();
  const longest = Math.max(...populations.map(({ keeping }) => keeping.endsAt)) + MARGIN_SECONDS;
  say(`Asking ${[...new Set(populations.map((p) => p.recursor))].join('; ')}: ${2 * longest + 1} s.`);
  await sleep(longest);
  const flippedMs: number[] = [];
  for (const group of GROUPS) {
    change(group);
    flippedMs.push(performance.now());
    await sleep(1 / GROUPS.length);
  }
  await sleep(longest);
  return { flippedMs, seconds: (performance.now() - beganMs) / 1000 };
};

const measure = async (recursors: string[]) => {
  const root = mkdtempSync(join(tmpdir(), 'switchover-resolvers-'));
  const populations = populationsOf(recursors);
  const inGroup = (group: number) =>
    populations.map(({ below, ttlSeconds }) => ({ below: below[group]!, ttlSeconds }));
  const byBelow = new Map(populations.flatMap((one) => one.below.map((below) => [below, one])));
  let zone = pointed(createZone(ZONE), [{ below: READY, ttlSeconds: 60 }], OLD);
  for (const group of GROUPS) zone = pointed(zone, inGroup(group), OLD);
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
  const asking: Asking[] = [];
  try {
    for (const name of recursors)
      running.set(name, await startRecursor(name, root, dns.port, (port) => untilAnswered(port, READY)));
    for (const population of populations) {
      const { port } = running.get(population.recursor)!;
      const asker = startAsker({ port, ...population, keptSeconds: population.keeping.renewsAt });
      asking.push({ population, asker });
    }
    const course = await flip(populations, (group) => {
      zone = pointed(zone, inGroup(group), NEW);
    });
    return asking.map((one) => compare(one, course));
  } finally {
    for (const { asker } of asking) asker.stop();
    for (const { stop } of running.values()) await stop();
    await dns.close();
    rmSync(root, { recursive: true, force: true });
  }
};

const BINS = 10;
const mean = (numbers: number[]): number =>
  numbers.reduce((total, n) => total + n, 0) / (numbers.length || 1);

/** Model and measurement of one population; shares of old answers in ten stretches of the time that an answer is kept. */
const compare = ({ population, asker }: Asking, { flippedMs, seconds }: Course) => {
  const { keeping, asksPerSecond, names, fetches, recursor, ttlSeconds } = population;
  const binSeconds = (keeping.endsAt + 1) / BINS;
  const heard = asker.heard
    .map(({ askedMs, group, address }) => ({
      after: (askedMs - flippedMs[group]!) / 1000,
      old: address === OLD,
    }))
    .filter(({ after }) => after >= 0);
  const bins = Array.from({ length: BINS }, (_, bin) => {
    const within = heard.filter(({ after }) => Math.floor(after / binSeconds) === bin);
    const parts = Array.from({ length: 20 }, (_, part) => (bin + (part + 0.5) / 20) * binSeconds);
    return {
      model: mean(parts.map((second) => oldShare(keeping, asksPerSecond, second))),
      measured: mean(within.map(({ old }) => Number(old))),
    };
  });
  const oldSeconds = (of: 'model' | 'measured') => mean(bins.map((bin) => bin[of])) * binSeconds * BINS;
  const row = {
    recursor,
    ttlSeconds,
    asksPerSecond,
    binSeconds,
    bins,
    points: 100 * mean(bins.map(({ model, measured }) => Math.abs(model - measured))),
    oldSeconds: { model: oldSeconds('model'), measured: oldSeconds('measured') },
    fetches: {
      model: Math.round(fetchesPerSecond(keeping, asksPerSecond) * names * seconds),
      measured: fetches,
    },
    // What was asked last may still be answered.
    unheard: asker
      .unheard()
      .filter((ms) => ms > flippedMs[0]! && ms < performance.now() - MARGIN_SECONDS * 1000).length,
  };
  const secondsApart = Math.abs(row.oldSeconds.model - row.oldSeconds.measured);
  const agrees =
    row.points <= AGREED.points &&
    secondsApart <= AGREED.seconds + (AGREED.secondsPercent / 100) * keeping.endsAt &&
    Math.abs(row.fetches.measured / row.fetches.model - 1) <= AGREED.fetchesPercent / 100;
  return { ...row, agrees };
};
type Row = ReturnType<typeof compare>;

const percent = (share: number): string => (100 * share).toFixed(0).padStart(2);
const rowText = ({
  ttlSeconds,
  asksPerSecond,
  oldSeconds,
  points,
  fetches,
  agrees,
  bins,
  unheard,
}: Row): string =>
  [
    `  TTL ${ttlSeconds}, ${asksPerSecond} asks a second: old answers for ${oldSeconds.model.toFixed(1)} s, measured ${oldSeconds.measured.toFixed(1)} s; ` +
      `fetches ${fetches.model}, measured ${fetches.measured}; curves ${points.toFixed(1)} points apart${unheard > 0 ? `; ${unheard} asks unanswered` : ''}: ${agrees ? 'agrees' : 'DIFFERS'}`,
    `    model    ${bins.map(({ model }) => percent(model)).join(' ')}`,
    `    measured ${bins.map(({ measured }) => percent(measured)).join(' ')}`,
  ].join('\n');

const names = Object.keys(RECURSORS);
const missing = names.filter((name) => !isInstalled(RECURSORS[name]!.program));
if (missing.length > 0) {
  const packages = [...new Set(missing.map((name) => RECURSORS[name]!.debianPackage))].join(' ');
  say(`Not installed, so not measured: ${missing.join('; ')}. On Debian: apt-get install ${packages}`);
}
const installed = names.filter((name) => !missing.includes(name));
const rows: Row[] = [];
// Three at a time: all at once would wait for the processor, one after the other would take ten minutes.
for (let from = 0; from < installed.length; from += 3)
  rows.push(...(await measure(installed.slice(from, from + 3))));

for (const recursor of installed) {
  say(`${recursor}; old answers in percent, by tenths of the time that an answer is kept`);
  for (const row of rows.filter((one) => one.recursor === recursor)) say(rowText(row));
}
const apart = rows.filter(({ agrees }) => !agrees).length;
say(
  `${rows.length - apart} of ${rows.length} populations agree with the model: curves within ${AGREED.points} points on average, the mean time of old answers within ` +
    `${AGREED.seconds} s + ${AGREED.secondsPercent} %, fetches within ${AGREED.fetchesPercent} %. The curves are ${mean(rows.map(({ points }) => points)).toFixed(1)} points apart on average.`,
);
if (values.json) console.log(JSON.stringify({ bench: 'resolvers', agreed: AGREED, missing, rows }));
process.exitCode = apart > 0 || rows.length === 0 ? 1 : 0;
