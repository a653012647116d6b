import type { Server, Site } from '../../../lambda/core/site/site.ts';
import type { Random } from '../random.ts';
import { allocationOf, instanceOf, isElastic, STRANGE_INSTANCE, sharedAddress } from './instances.ts';
import type { Plan } from './plan-shape.ts';
import type { Episode, Fate, Trouble } from './troubles.ts';

const SECOND = 1000;

/** The server as it is probed, with the address that moves to serve at. */
const association = (site: number, elastic: boolean, server: Server, index: number): Server => ({
  name: server.name,
  ipv4: [sharedAddress(site)],
  ipv6: [],
  probeAddress: `10.${site}.${index}.99`,
  ...(elastic && { holder: instanceOf(site, index) }),
});

const readdressed = (site: Site, index: number, elastic: boolean): Site => {
  const { dual, ...rest } = site;
  return {
    ...rest,
    lever: 'readdress',
    readdress: { address: sharedAddress(index), ...(elastic && { allocationId: allocationOf(index) }) },
    names: site.names.filter((name) => name !== dual?.primaryName),
    servers: site.servers.map((server, at) => association(index, elastic, server, at)),
  };
};

/** What is in the zone of a site whose address moves, before Switchover is: nothing, that address, or a stranger's. */
const recordsOf = (r: Random, site: Site): Plan['before'] => {
  const found = r.next();
  if (found < 0.4) return [];
  const values = [found < 0.93 ? (site.readdress?.address ?? '') : '192.0.2.99'];
  const ttlSeconds = r.pick([60, 300]);
  return site.names.map((name) => ({ name, type: 'A', ttlSeconds, values }));
};

const heldBefore = (r: Random, { servers }: Site, index: number): string | undefined => {
  const found = r.next();
  if (found < 0.5) return instanceOf(index, 0);
  if (found < 0.7) return undefined;
  return found < 0.93 ? instanceOf(index, r.between(0, servers.length - 1)) : STRANGE_INSTANCE;
};

/**
 * The same world, where most sites keep one address that moves: an Elastic IP, or one that the hosts take by themselves. All that is
 * drawn for that comes from a stream of its own, so that the world is otherwise the one of its seed.
 */
export const withReaddress = (plan: Plan, r: Random): Plan => {
  const sites = plan.config.sites.map((site, index) => {
    const kind = r.weighted([
      [7, 'elastic'],
      [2, 'hosts'],
      [1, 'as it is'],
    ] as const);
    return kind === 'as it is' ? site : readdressed(site, index, kind === 'elastic');
  });
  const before = sites.flatMap((site) =>
    site.readdress === undefined
      ? plan.before.filter((record) => site.names.includes(record.name))
      : recordsOf(r, site),
  );
  const held = sites.map((site, index) => (isElastic(site) ? heldBefore(r, site, index) : undefined));
  const added = plan.night === 'slow' ? [] : troubles(r, sites, plan.troubledMs);
  const episodes = [...plan.episodes, ...added]
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .map((episode, id) => ({ ...episode, id }));
  return { ...plan, lever: 'readdress', config: { ...plan.config, sites }, before, held, episodes };
};

const CALLS = [['find'], ['disassociate'], ['associate'], ['disassociate', 'associate'], undefined] as const;
const FATES: readonly Fate[] = [
  'lost',
  'answer-lost',
  'answer-lost',
  'late',
  'late',
  'slow',
  'throttled',
  'unavailable',
  'denied',
  'gone',
];

const onEc2 = (r: Random): Trouble => {
  const calls = r.pick<readonly string[] | undefined>(CALLS);
  return {
    kind: 'edge',
    edge: 'addresses',
    ...(calls === undefined ? {} : { calls: [...calls] }),
    fate: r.pick(FATES),
    chance: r.pick([0.2, 0.5, 1]),
    lateMs: r.pick([2, 5, 20, 60, 150, 400]) * SECOND,
  };
};

/** A person gives an Elastic IP to something else, or takes it away; a host of a subnet does not let its address go. */
const byHand = (r: Random, sites: Site[], index: number): Trouble => {
  const site = sites[index] as Site;
  if (!isElastic(site)) return { kind: 'host', site: index };
  return {
    kind: 'address',
    site: index,
    how: r.weighted([
      [4, 'to-a-server'],
      [2, 'to-a-stranger'],
      [3, 'to-nobody'],
    ] as const),
    server: r.between(0, site.servers.length - 1),
    afterwards: r.weighted([
      [3, 'adopt'],
      [3, 'put-back'],
      [2, 'undo'],
      [2, 'pin'],
      [2, 'nothing'],
    ] as const),
  };
};

/** What makes an address move: its server dies, or a person says so. */
const cause = (r: Random, sites: Site[], site: number): Trouble => {
  const server = r.between(0, (sites[site]?.servers.length ?? 1) - 1);
  if (r.chance(0.6)) return { kind: 'server', site, server, answer: r.pick(['refuses', 'status'] as const) };
  const action = r.pick(['pin', 'point', 'hold', 'release'] as const);
  return { kind: 'order', site, action, server, forSeconds: r.pick([60, 300]), force: true };
};

/** A process stops, most often for longer than it takes others to move an address. */
const stop = (r: Random): Trouble => ({
  kind: 'process',
  how: 'freeze',
  chance: r.pick([0.01, 0.05, 0.2]),
  frozenMs: r.pick([20, 90, 300]) * SECOND,
});

/** Troubles with the addresses, beside all others. Some worlds have few of them, and some a lot. */
const troubles = (r: Random, sites: Site[], spanMs: number): Episode[] => {
  const moving = sites.flatMap((site, index) => (site.readdress === undefined ? [] : [index]));
  const everyMs = r.pick([40, 90, 200, 400]) * SECOND;
  const makers = [
    [4 * r.pick([0, 1, 2]), () => onEc2(r)],
    [3 * r.pick([0, 1, 2]), () => byHand(r, sites, r.pick(moving))],
    [3, () => cause(r, sites, r.pick(moving))],
    [r.pick([0, 0, 1]), () => stop(r)],
  ] as const;
  const episodes: Episode[] = [];
  if (moving.length === 0) return episodes;
  for (let atMs = r.between(10, 200) * SECOND; atMs < spanMs; atMs += r.between(1, 2 * everyMs)) {
    const trouble = r.weighted(makers)();
    const lastsMs = trouble.kind === 'order' ? 0 : r.between(5, 300) * SECOND;
    const toMs = atMs + lastsMs <= spanMs ? atMs + lastsMs : r.between(atMs, spanMs);
    episodes.push({ id: 0, fromMs: atMs, toMs, trouble });
  }
  return episodes;
};
