import type { Server, Site } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import { type Random, random } from '../random.ts';
import { ZONES } from './hosted.ts';
import { troubles } from './makers.ts';
import type { Plan } from './plan-shape.ts';
import { withReaddress } from './readdress.ts';
import { slowNight } from './slow-nights.ts';

/** 2026-11-22 00:00:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 22);
const REGIONS = ['eu-west-2', 'eu-west-1', 'eu-central-1', 'us-east-1', 'ap-south-1'];
/** By these, vantages doubt themselves where a world has them. */
const REFERENCES = ['https://reference0.example/', 'https://reference1.example/'];
const PREFERENCE = ['primary', 'standby', 'third'];
const MINUTE = 60_000;

const serverOf = (r: Random, site: number, index: number): Server => {
  const name = PREFERENCE[index] ?? `server${index}`;
  if (index > 0 && r.chance(0.08)) {
    return { name, ipv4: [], ipv6: [], hostname: `${name}.site${site}.example.org` };
  }
  const server: Server = { name, ipv4: [`10.${site}.${index}.1`], ipv6: [] };
  if (r.chance(0.25)) server.ipv6 = [`2001:db8:${site}:${index}::1`];
  if (r.chance(0.1)) server.ipv4.push(`10.${site}.${index}.2`);
  if (r.chance(0.1)) server.probeAddress = `10.${site}.${index}.99`;
  return server;
};

const siteOf = (r: Random, index: number, servers: number, zone: string): Site => {
  const name = `www${index}.${zone}`;
  const list = Array.from({ length: servers }, (_, at) => serverOf(r, index, at));
  const site: Site = {
    name,
    names: r.chance(0.25) ? [name, `shop${index}.${zone}`] : [name],
    zone,
    host: name,
    tags: [],
    ttlSeconds: r.pick([10, 30, 60]),
    lever: 'record',
    servers: list,
    probe: {
      url: `https://${name}/`,
      method: 'GET',
      headers: {},
      expectStatus: [200],
      timeoutSeconds: r.pick([1, 3, 5]),
    },
    failuresToDown: r.pick([1, 2, 3, 3, 5]),
    successesToUp: r.pick([1, 2, 3, 3, 6]),
    downForSeconds: r.pick([0, 5, 10, 10, 20]),
    confirmEverySeconds: r.pick([1, 2, 2, 5]),
    failback: r.chance(0.5) ? 'manual' : { afterSeconds: r.pick([30, 60, 180, 600]) },
  };
  // The last resort may be any server, even the primary's neighbour.
  if (servers > 2 && r.chance(0.4)) site.lastResort = (list[r.between(1, servers - 1)] as Server).name;
  return site;
};

/** Some sites have the lever `dual`, where their servers allow it. */
const withDual = (site: Site, r: Random): Site => {
  if (!r.chance(0.3) || site.servers.some((s) => s.hostname !== undefined)) return site;
  const primaryName = `alone-${site.name}`;
  const dual = {
    primaryName,
    primaryHost: primaryName,
    probeHeader: 'x-probe',
    joinAfterSeconds: r.pick([0, 30]),
  };
  return { ...site, lever: 'dual', dual, names: [...site.names, primaryName] };
};

export const recordsFor = (names: string[], ttlSeconds: number, server: Server): RecordSet[] =>
  names.flatMap((name) =>
    [
      { name, type: 'CNAME', ttlSeconds, values: server.hostname === undefined ? [] : [server.hostname] },
      { name, type: 'A', ttlSeconds, values: server.hostname === undefined ? server.ipv4 : [] },
      { name, type: 'AAAA', ttlSeconds, values: server.hostname === undefined ? server.ipv6 : [] },
    ].filter((record) => record.values.length > 0),
  );

const recordsBefore = (r: Random, site: Site): RecordSet[] => {
  const found = r.next();
  if (found < 0.4) return [];
  if (found < 0.9) return recordsFor(site.names, r.pick([60, 300]), r.pick(site.servers));
  return [{ name: site.name, type: 'A', ttlSeconds: 300, values: ['192.0.2.99'] }];
};

/** The world of a seed; with the lever `readdress` the same one, where addresses move. */
export const planOf = (seed: number, lever?: Plan['lever']): Plan => {
  const plan = plainPlan(seed);
  return lever === undefined ? plan : withReaddress(plan, random(`${seed}/readdress`));
};

const plainPlan = (seed: number): Plan => {
  const r = random(seed);
  const vantages = REGIONS.slice(
    0,
    r.weighted([
      [1, 1],
      [1, 2],
      [8, 3],
      [1, 4],
      [2, 5],
    ] as const),
  );
  const servers = r.weighted([
    [3, 2],
    [2, 3],
  ] as const);
  const often = r.weighted([
    [5, 10],
    [1, 20],
    [1, 30],
  ] as const);
  const intervalSeconds = r.fork('once a minute').chance(ONCE_A_MINUTE) ? 60 : often;
  const night = r.fork('night').chance(SLOW_NIGHTS) ? 'slow' : undefined;
  const zones = zonesOf(r.fork('zones'), night);
  const sites = Array.from({ length: siteCount(r, night) }, (_, index) => {
    const site = siteOf(r, index, servers, zones[index % zones.length] ?? ZONES[0]);
    return withSecret(withDual(site, r.fork(`dual ${index}`)), r.fork(`secret ${index}`));
  });
  const troubledMs = night === undefined ? r.between(30, 90) * MINUTE : r.between(20, 45) * MINUTE;
  const planned = { sites: sites.length, servers, vantages, zones: zones.length };
  const happens = night === undefined ? troubles : slowNight;
  return {
    seed,
    ...(night === undefined ? {} : { night }),
    config: {
      deployment: 'main',
      local: false,
      homeRegion: 'eu-west-2',
      vantages,
      zones: zones.map((name) => ({ name })),
      alerts: { emails: ['ops@example.net'] },
      references: r.fork('references').chance(0.4) ? REFERENCES : [],
      intervalSeconds,
      sites,
    },
    before: sites.flatMap((site) => recordsBefore(r, site)),
    scheduleMs: r.between(0, 59_000),
    troubledMs,
    episodes: happens(r.fork('troubles'), planned, troubledMs),
    downForGood: sites.flatMap((_, site) =>
      Array.from({ length: servers }, (_, server) => `${site} ${server}`).filter(() => r.chance(0.15)),
    ),
  };
};

/** Shares of all worlds. */
const SLOW_NIGHTS = 0.35;
const ONCE_A_MINUTE = 0.1;

const zonesOf = (r: Random, night: Plan['night']): string[] =>
  ZONES.slice(
    0,
    night === 'slow'
      ? r.pick([1, 2, 2, 3])
      : r.weighted([
          [3, 1],
          [1, 2],
        ] as const),
  );

/** At most ten: a digit in every address says whose it is. */
const siteCount = (r: Random, night: Plan['night']): number =>
  night === 'slow'
    ? r.between(3, 9)
    : r.weighted([
        [3, 1],
        [2, 2],
        [1, 3],
      ] as const);

/** The probes of some sites carry a secret, which the controller reads from the parameter store. */
const withSecret = (site: Site, r: Random): Site =>
  r.chance(0.2)
    ? { ...site, probe: { ...site.probe, secretHeaders: { 'x-probe': `/probe/${site.name}` } } }
    : site;
