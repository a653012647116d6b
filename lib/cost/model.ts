import { looksOnce, ROUNDS_PER_INTERVAL } from '../../lambda/core/evidence/jitter.ts';
import { targetsOf } from '../../lambda/core/evidence/targets.ts';
import { channelSecrets } from '../../lambda/core/site/alerts.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import type { Config, Site } from '../../lambda/core/site/site.ts';
import { PROBES_PER_INVOKE, requestFor } from '../../lambda/observe/ask-vantages.ts';
import { AUDIENCES, dollarsOf, queriesPerMonth } from '../forecast/resolvers.ts';
import { controllerMemoryMb } from '../stacks/controller-memory.ts';
import { proberMemoryMb } from '../stacks/prober-memory.ts';
import { metricQuantities } from './metrics.ts';
import { PRICES, type Price, type Priced } from './prices.ts';

/**
 * The monthly bill of a deployment, computed: what it asks of each service while all is well, times that service's price. Pure.
 * Quantities follow from the configuration and the code; what does not is in `ASSUMPTIONS`, each number with its source.
 */

/** A month of 730 hours. */
const MONTH_SECONDS = 730 * 3600;
const MONTH_MINUTES = MONTH_SECONDS / 60;

export const ASSUMPTIONS = {
  /** Controllers overlap: a successor starts before its predecessor ends, about 2.5 s in sixty. Seen in the local cloud. */
  controllersAtOnce: 1.04,
  /**
   * With one look a minute a controller ends when it has looked: loading, the table, a listing of each zone, the look. A guess that only
   * an account can check.
   */
  onceSeconds: 2,
  /** A batch waits for its slowest server, there and back several times. A guess that only an account can check. */
  waitSeconds: 0.3,
  /** CPU of one probe, milliseconds of a whole core: `npm run bench -- lambda-size` and `probes`. */
  cpuMs: { 'https:': 1.5, 'tls:': 1.5, 'http:': 0.4, 'tcp:': 0.2 } as Record<string, number>,
  /** A function with less memory gets less of a core (AWS documentation). */
  coreMb: 1769,
  /** What a heartbeat's invocation takes (assumed), and the memory of its function (`lib/stacks/dead-man.ts`). */
  heartbeatSeconds: 0.01,
  heartbeatMb: 128,
  /**
   * Bytes that a probe sends, headers of IP and TCP included, as `npm run bench -- bytes` counts them on a wire, in tens: over HTTPS with
   * HTTP/2, the larger one. Longer certificate chains need a few more acknowledgements, of 52 bytes each.
   */
  sentBytes: { 'https:': 1_070, 'tls:': 580, 'http:': 460, 'tcp:': 220 } as Record<string, number>,
  /** One observation in a prober's answer, as JSON. Counted. */
  answerBytes: 300,
  /** Log of one invocation: what Lambda itself writes, and our one line of a round without the names of sites. Counted. */
  invokeLogBytes: 350,
  roundLogBytes: 250,
  /** Log of one probe of a site that asks for metrics. Counted. */
  probeLogBytes: 950,
  /** Up to so many sites a round names all that are well (`lambda/controller/round-log.ts`). */
  namedSites: 50,
  /** How often the baton is looked at; looks that find a new round to note are writes (`lambda/core/state/baton.ts`). */
  batonSeconds: 5,
  /** Records that a controller asks the zones' name servers for each minute, at most (`lambda/dns/drift.ts`). */
  askedAMinute: 200,
  /** E-mails each subscriber gets. Assumed: a few incidents. */
  mailsEach: 30,
  /** What the notifier waits for the services that it posts to, for one message; its memory is in `lib/stacks/notifier.ts`. Assumed. */
  postSeconds: 2,
  postMb: 128,
  /** A process reads its secrets anew after so many seconds (`lambda/edge/secrets.ts`). */
  secretSeconds: 300,
};

/** What a month takes of everything that has a price. */
export type Quantities = Record<Priced, number>;

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);

type Probe = { sentBytes: number; cpuMs: number; questionBytes: number };

const probeOf = (url: string, address: string, ownBytes: number, questionBytes: number): Probe => {
  const { sentBytes, cpuMs } = ASSUMPTIONS;
  const scheme = new URL(url).protocol;
  // Lambda has no IPv6 outside a VPC: the kernel refuses such a probe before a packet is made.
  if (address.includes(':')) return { sentBytes: 0, cpuMs: 0, questionBytes };
  return { sentBytes: (sentBytes[scheme] ?? 0) + ownBytes, cpuMs: cpuMs[scheme] ?? 0, questionBytes };
};

/** Everything one look at all sites asks, in the order in which it is asked. */
const probesOf = (sites: Site[]): Probe[] =>
  sites.flatMap((site) =>
    targetsOf(site, { kind: 'nothing' }).flatMap(({ key, addresses }) =>
      addresses.map((address): Probe => {
        const request = requestFor(site, `${site.name} ${key} ${address}`, address);
        const headers = Object.entries(request.headers).map(
          ([name, value]) => name.length + value.length + 4,
        );
        const ownBytes = sum(headers) + Buffer.byteLength(request.body ?? '');
        return probeOf(request.url, address, ownBytes, Buffer.byteLength(JSON.stringify(request)) + 1);
      }),
    ),
  );

const batchesOf = <T>(probes: T[]): T[][] => {
  const batches: T[][] = [];
  for (let from = 0; from < probes.length; from += PROBES_PER_INVOKE)
    batches.push(probes.slice(from, from + PROBES_PER_INVOKE));
  return batches;
};

/** The role record of every site and both families of its names, as many as are asked. */
const askedEachMinute = (sites: Site[]): number => {
  const all = sum(sites.map(({ names }) => 1 + 2 * names.length));
  return Math.min(all, ASSUMPTIONS.askedAMinute);
};

const recordTypesOf = (servers: Site['servers']): number =>
  servers.some(({ ipv4, ipv6 }) => ipv4.length > 0 && ipv6.length > 0) ? 2 : 1;

/** Looks a month while all is well: each is taken by one vantage. */
export const looksOf = ({ intervalSeconds }: Config): number =>
  looksOnce(intervalSeconds) ? MONTH_MINUTES : (MONTH_SECONDS / intervalSeconds) * ROUNDS_PER_INTERVAL;

/** Seconds that all controllers run in a month, if there is one. */
const controllerSeconds = ({ intervalSeconds }: Config): number =>
  looksOnce(intervalSeconds)
    ? MONTH_MINUTES * ASSUMPTIONS.onceSeconds
    : MONTH_SECONDS * ASSUMPTIONS.controllersAtOnce;

/** What a month takes while all is well. */
export const quantitiesOf = (config: Config): Quantities => {
  const { sites, references, vantages, homeRegion, zones, alerts } = config;
  const assumed = ASSUMPTIONS;
  const looks = looksOf(config);
  const controllers = shardConfigs(config);
  const probes = probesOf(sites);
  const asked = references.map((url) => probeOf(url, '', 0, 150 + 2 * url.length));
  const batches = batchesOf(probes);
  batches[0]?.push(...asked);
  const memoryMb = proberMemoryMb(config);
  const batchSeconds = (batch: Probe[]): number =>
    assumed.waitSeconds + (sum(batch.map(({ cpuMs }) => cpuMs)) / 1000) * (assumed.coreMb / memoryMb);
  const proberSeconds = looks * sum(batches.map(batchSeconds));
  const heartbeats = MONTH_MINUTES * controllers.length;
  const all = batches.flat();
  const awayShare = vantages.filter((region) => region !== homeRegion).length / vantages.length;
  const names = sites.length > assumed.namedSites ? [] : sites.map(({ name }) => name.length + 3);
  // A controller's first round is noted apart from these looks.
  const looksAtBaton = looksOnce(config.intervalSeconds)
    ? MONTH_MINUTES
    : MONTH_SECONDS / assumed.batonSeconds;
  const batonLooks = looksAtBaton + MONTH_MINUTES;
  const notes = Math.min(looks, batonLooks);
  const secrets = new Set(sites.flatMap(({ probe }) => Object.values(probe.secretHeaders ?? {}))).size;
  const invokes = looks * batches.length;
  // As many messages as mails of one subscriber, if there is a channel to post to.
  const posted = alerts.channels === undefined ? 0 : assumed.mailsEach;
  const measured = sum(sites.map(({ metrics: kept, servers }) => (kept === true ? servers.length : 0)));
  return {
    compute:
      (controllerSeconds(config) * sum(controllers.map(controllerMemoryMb))) / 1024 +
      (proberSeconds * memoryMb) / 1024 +
      (heartbeats * assumed.heartbeatSeconds * assumed.heartbeatMb) / 1024 +
      (posted * assumed.postSeconds * assumed.postMb) / 1024,
    requests: posted + invokes + MONTH_MINUTES * controllers.length + heartbeats,
    schedule: MONTH_MINUTES * controllers.length,
    writes: (notes + MONTH_MINUTES) * controllers.length,
    reads: batonLooks - notes + MONTH_MINUTES * (sites.length + 1),
    internet: (looks * sum(all.map(({ sentBytes }) => sentBytes))) / 1e9,
    regions:
      (looks * awayShare * sum(all.map(({ questionBytes }) => questionBytes + assumed.answerBytes))) / 1e9,
    logs:
      ((invokes + heartbeats) * assumed.invokeLogBytes +
        looks * (assumed.roundLogBytes + sum(names) + measured * assumed.probeLogBytes)) /
      1e9,
    alarms: controllers.length + (alerts.channels === undefined ? 0 : 1),
    ...metricQuantities(config),
    mails: alerts.emails.length * assumed.mailsEach,
    decryptions: (secrets * MONTH_SECONDS) / assumed.secretSeconds + posted * channelSecrets(alerts).length,
    zones: Math.min(25, zones.length),
    moreZones: Math.max(0, zones.length - 25),
    // A controller that ends after its look lists each zone as it starts, and asks no name server.
    queries: looksOnce(config.intervalSeconds)
      ? 0
      : MONTH_MINUTES * sum(controllers.map((own) => askedEachMinute(own.sites))),
  };
};

export type Line = {
  what: Priced;
  quantity: number;
  unit: string;
  /** US dollars without any free tier. */
  dollars: number;
  /** The same with what is always free. */
  dollarsBeyondFree: number;
};

export type Bill = { lines: Line[]; dollars: number; dollarsBeyondFree: number };

/** The bill of a month while all is well, a line for each thing that has a price and is used. */
export const billOf = (config: Config): Bill => {
  const quantities = quantitiesOf(config);
  const lines = (Object.keys(PRICES) as Priced[]).map((what): Line => {
    const { dollars, per, unit, free }: Price = PRICES[what];
    const quantity = quantities[what];
    const priced = (units: number): number => (units / per) * dollars;
    return {
      what,
      quantity,
      unit,
      dollars: priced(quantity),
      dollarsBeyondFree: priced(Math.max(0, quantity - free)),
    };
  });
  return {
    lines: lines.filter(({ quantity }) => quantity > 0),
    dollars: sum(lines.map(({ dollars }) => dollars)),
    dollarsBeyondFree: sum(lines.map(({ dollarsBeyondFree }) => dollarsBeyondFree)),
  };
};

/** What visitors' resolvers ask of the zones in a month, if every site had this audience; it comes on top of the bill. */
export const visitorsOf = ({ sites }: Config): { audience: string; queries: number; dollars: number }[] =>
  AUDIENCES.map((audience) => {
    const queries = sum(
      sites.map(
        ({ names, ttlSeconds, servers }) =>
          names.length * queriesPerMonth(ttlSeconds, audience, recordTypesOf(servers)),
      ),
    );
    return { audience: audience.name, queries, dollars: dollarsOf(queries) };
  });
