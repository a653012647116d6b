import type { Random } from '../random.ts';
import type { Planned } from './makers.ts';
import type { Edge, Episode, Fate, Only, OrderAction, Trouble } from './troubles.ts';

/*
 * A night on which some calls are slow or hang for minutes, and servers of several sites in several zones die meanwhile. Little else
 * happens: where much does, nobody can say what a site that has nothing to do with any of it should have done by now.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The calls that are in trouble together: each alone, and all of one system. */
const CALLS: readonly (readonly [weight: number, edge: Edge, calls?: readonly string[]])[] = [
  [4, 'zone', ['list']],
  [4, 'zone', ['change']],
  [4, 'zone', ['changeStatus']],
  [3, 'zone'],
  [4, 'store', ['save', 'save-deployment']],
  [1, 'store', ['save-deployment']],
  [2, 'store', ['load']],
  [2, 'store', ['takeBaton', 'keepBaton', 'readBaton']],
  [1, 'store', ['record']],
  [3, 'store'],
  [3, 'topic'],
  [1, 'names'],
  [1, 'parameters'],
  [1, 'addresses', ['find']],
  [1, 'addresses', ['associate', 'disassociate']],
];

/** Everybody's calls, those of one zone, of all zones but one, or of some sites. */
const only = (r: Random, edge: Edge, { sites, zones }: Planned): Only | undefined => {
  const whose = r.pick(['all', 'one zone', 'all zones but one', 'some sites'] as const);
  if (whose === 'all' || edge === 'parameters') return undefined;
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);
  if (whose === 'some sites' && edge !== 'zone' && edge !== 'names') return { sites: r.some(indexes(sites)) };
  const zone = r.between(0, zones - 1);
  const others = indexes(zones).filter((each) => each !== zone);
  return { zones: whose === 'one zone' || others.length === 0 ? [zone] : others };
};

const slowCall = (r: Random, world: Planned): Trouble => {
  const [, edge, calls] = r.weighted(CALLS.map((call) => [call[0], call] as const));
  const fate = r.weighted<Fate>([
    [5, 'lost'],
    [2, 'answer-lost'],
    [5, 'slow'],
    [1, 'throttled'],
    [1, 'unavailable'],
    [1, 'denied'],
  ]);
  const whose = only(r, edge, world);
  return {
    kind: 'edge',
    edge,
    ...(calls === undefined ? {} : { calls: [...calls] }),
    fate,
    chance: r.weighted([
      [4, 1],
      [1, 0.5],
    ]),
    lateMs: 0,
    ...(fate === 'slow' ? { slowMs: r.pick([1, 3, 6, 9, 14]) * SECOND } : {}),
    ...(whose === undefined ? {} : { only: whose }),
  };
};

/** One vantage, or all but one, does not answer, or late. */
const slowVantage = (r: Random, { vantages }: Planned): Trouble => {
  const one = r.pick(vantages);
  return {
    kind: 'vantage',
    vantages: r.chance(0.8) ? [one] : vantages.filter((each) => each !== one),
    how: r.pick(['lost', 'lost', 'slow', 'denied']),
    chance: 1,
  };
};

/** Changes of some zones stay PENDING, so that one is open for each site that moves. */
const openChanges = (r: Random, world: Planned): Trouble => {
  const whose = only(r, 'zone', world);
  return { kind: 'changes', how: 'held', ...(whose === undefined ? {} : { only: whose }) };
};

const trouble = (r: Random, world: Planned): Trouble =>
  r.weighted<() => Trouble>([
    [6, () => slowCall(r, world)],
    [2, () => slowVantage(r, world)],
    [2, () => openChanges(r, world)],
  ])();

const lasts = (r: Random): number => r.pick([0.3, 1, 3, 10, 10, 60]) * MINUTE;

/** The servers of a site die one after the other: first the most preferred one, then the one that took over. */
const deaths = (r: Random, { sites }: Planned, fromMs: number, spanMs: number): Omit<Episode, 'id'>[] => {
  const died = Array.from({ length: sites }, () => 0);
  const found: Omit<Episode, 'id'>[] = [];
  const everyMs = r.pick([20, 60, 150]) * SECOND;
  for (let atMs = fromMs; atMs < spanMs; atMs += r.between(1, 2 * everyMs)) {
    // What kills one site may kill its neighbours.
    const together = r.chance(0.3) ? r.some(died.map((_, site) => site)) : [r.between(0, sites - 1)];
    for (const site of together) {
      const server = died[site] ?? 0;
      if (server > 1) continue;
      died[site] = server + 1;
      const answer = r.pick(['refuses', 'refuses', 'hangs', 'status'] as const);
      const diesMs = atMs + r.between(0, 5) * SECOND;
      const toMs = Math.min(spanMs, diesMs + r.between(90, 400) * SECOND);
      if (diesMs < toMs)
        found.push({ fromMs: diesMs, toMs, trouble: { kind: 'server', site, server, answer } });
    }
  }
  return found;
};

const order = (r: Random, { sites, servers }: Planned): Trouble => ({
  kind: 'order',
  site: r.between(0, sites - 1),
  action: r.pick<OrderAction>(['hold', 'hold', 'pin', 'release']),
  server: r.between(0, servers - 1),
  forSeconds: r.pick([120, 600]),
  force: r.chance(0.5),
});

/** Everything that happens on such a night, in order of time. */
export const slowNight = (r: Random, world: Planned, spanMs: number): Episode[] => {
  const found: Omit<Episode, 'id'>[] = [];
  const fromMs = r.between(180, 360) * SECOND;
  for (let atMs = fromMs; atMs < spanMs; ) {
    const toMs = Math.min(spanMs, atMs + lasts(r));
    const together = r.chance(0.3) ? 2 : 1;
    for (let each = 0; each < together; each++)
      found.push({ fromMs: atMs, toMs, trouble: trouble(r, world) });
    atMs = toMs + r.between(0, 240) * SECOND;
  }
  found.push(...deaths(r, world, fromMs - r.between(0, 60) * SECOND, spanMs));
  while (r.chance(0.4)) {
    const atMs = r.between(fromMs, spanMs);
    found.push({ fromMs: atMs, toMs: atMs, trouble: order(r, world) });
  }
  return found.toSorted((a, b) => a.fromMs - b.fromMs).map((episode, id) => ({ ...episode, id }));
};
