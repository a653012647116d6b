import type { Random } from '../random.ts';
import {
  DEPLOYS,
  EDITS,
  type Episode,
  type Fate,
  type OrderAction,
  type ServerTrouble,
  type Trouble,
} from './troubles.ts';

/** What the makers need to know of the world that is planned. */
export type Planned = { sites: number; servers: number; vantages: string[]; zones: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;

type Maker = (r: Random, world: Planned) => { trouble: Trouble; lastsMs: number };

const server: Maker = (r, { sites, servers, vantages }) => {
  const trouble: ServerTrouble = {
    kind: 'server',
    site: r.between(0, sites - 1),
    // The servers that visitors are sent to matter most.
    server: r.chance(0.1) ? 'all' : r.chance(0.5) ? 0 : r.between(0, servers - 1),
    answer: r.weighted([
      [4, 'refuses'],
      [2, 'hangs'],
      [3, 'status'],
      [1, 'slow'],
      [1, 'no-network'],
    ]),
  };
  const pattern = r.next();
  if (pattern < 0.3) {
    const periodMs = r.pick([2, 4, 7, 10, 15, 20, 30, 45, 60, 90, 120, 200, 300, 600]) * SECOND;
    trouble.flaps = { periodMs: periodMs + r.between(-500, 500), share: r.between(1, 9) / 10 };
  } else if (pattern < 0.45) trouble.loss = r.between(5, 95) / 100;
  if (r.chance(0.2)) trouble.from = r.some(vantages);
  if (r.chance(0.1)) trouble.ipv6Only = true;
  return { trouble, lastsMs: r.between(5, r.chance(0.5) ? 90 : 1200) * SECOND };
};

const vantage: Maker = (r, { vantages }) => ({
  trouble: {
    kind: 'vantage',
    vantages: r.chance(0.3) ? vantages : r.some(vantages),
    how: r.pick(['denied', 'lost', 'throttled', 'slow', 'partial', 'no-network', 'cut-off']),
    chance: r.pick([0.2, 0.5, 1]),
  },
  lastsMs: r.between(5, 400) * SECOND,
});

const reference: Maker = (r, { vantages }) => ({
  trouble: {
    kind: 'reference',
    which: r.pick(['all', 'all', 0, 1] as const),
    answer: r.pick(['refuses', 'hangs']),
    ...(r.chance(0.5) ? { from: r.some(vantages) } : {}),
  },
  lastsMs: r.between(5, 400) * SECOND,
});

const CALLS = {
  zone: [['list'], ['change'], ['change'], ['changeStatus'], undefined],
  store: [
    ['load'],
    ['save', 'save-deployment'],
    ['takeBaton'],
    ['keepBaton', 'readBaton'],
    ['record'],
    undefined,
    undefined,
  ],
  topic: [undefined],
} as const;

const edge =
  (name: 'zone' | 'store' | 'topic'): Maker =>
  (r, { zones }) => {
    const calls = r.pick<readonly string[] | undefined>(CALLS[name]);
    const fates: Fate[] = ['lost', 'lost', 'answer-lost', 'answer-lost', 'slow', 'throttled', 'unavailable'];
    if (name !== 'topic') fates.push('late');
    if (name === 'zone') fates.push('late', 'late', 'busy', 'gone', 'denied');
    else fates.push('denied');
    return {
      trouble: {
        kind: 'edge',
        edge: name,
        ...(calls === undefined ? {} : { calls: [...calls] }),
        fate: r.pick(fates),
        chance: r.pick([0.2, 0.5, 1]),
        lateMs: name === 'zone' ? r.pick([5, 20, 60, 150, 400]) * SECOND : r.between(1, 20) * SECOND,
        ...(zones > 1 && r.chance(0.5) ? { only: { zones: [r.between(0, zones - 1)] } } : {}),
      },
      lastsMs: r.between(5, 360) * SECOND,
    };
  };

const clock: Maker = (r) => ({
  trouble: {
    kind: 'clock',
    how: r.pick(['skew', 'jump']),
    byMs: r.pick([-1, 1]) * (r.chance(0.5) ? r.between(1, 40) : r.between(40, 600)) * SECOND,
  },
  lastsMs: r.between(60, 300) * SECOND,
});

const process: Maker = (r) => ({
  trouble: {
    kind: 'process',
    how: r.pick(['crash', 'freeze']),
    chance: r.pick(['now', 0.002, 0.01, 0.05] as const),
    frozenMs:
      r.weighted([
        [3, r.between(1, 30)],
        [2, r.between(30, 180)],
        [2, r.between(180, 600)],
      ]) * SECOND,
  },
  lastsMs: r.between(10, 300) * SECOND,
});

const schedule: Maker = (r) => {
  const how = r.pick(['none', 'late', 'twice', 'old', 'future'] as const);
  const byMs = how === 'late' ? r.between(1, 170) * SECOND : r.between(1, 600) * MINUTE;
  return { trouble: { kind: 'schedule', how, byMs }, lastsMs: r.between(60, 400) * SECOND };
};

const order: Maker = (r, { sites, servers }) => ({
  trouble: {
    kind: 'order',
    ...(r.chance(0.5) ? { planned: true } : {}),
    site: r.between(0, sites - 1),
    action: r.weighted<OrderAction>([
      [3, 'hold'],
      [3, 'pin'],
      [4, 'release'],
      [4, 'failback'],
      [3, 'point'],
      [1, 'adopt'],
      [1, 'put-back'],
    ]),
    server: r.between(0, servers - 1),
    forSeconds: r.pick([20, 60, 120, 300, 600, 1200]),
    force: r.chance(0.5),
  },
  lastsMs: 0,
});

const edit: Maker = (r, { sites }) => ({
  trouble: {
    kind: 'edit',
    site: r.between(0, sites - 1),
    how: r.pick(EDITS),
    afterwards: r.weighted([
      [3, 'adopt'],
      [3, 'put-back'],
      [2, 'undo'],
      [1, 'nothing'],
    ]),
  },
  lastsMs: r.between(5, 240) * SECOND,
});

const MAKERS: readonly (readonly [weight: number, make: Maker])[] = [
  [16, server],
  [3, vantage],
  [1, reference],
  [6, edge('zone')],
  [5, edge('store')],
  [3, edge('topic')],
  [
    2,
    (r) => ({
      trouble: { kind: 'changes', how: r.pick(['held', 'stranded', 'busy']) },
      lastsMs: r.between(20, 400) * SECOND,
    }),
  ],
  [
    1,
    (r, { sites }) => ({
      trouble: { kind: 'protected', site: r.between(0, sites - 1) },
      lastsMs: r.between(20, 200) * SECOND,
    }),
  ],
  [
    1,
    (r) => ({
      trouble: { kind: 'table', how: r.pick(['emptied', 'restored']), agoMs: r.between(1, 60) * MINUTE },
      lastsMs: r.between(1, 60) * SECOND,
    }),
  ],
  [
    0.5,
    (r, { zones }) => ({
      trouble: { kind: 'zone', which: r.between(0, zones - 1), emptied: r.chance(0.5) },
      lastsMs: r.between(20, 300) * SECOND,
    }),
  ],
  [
    1,
    (r) => ({
      trouble: { kind: 'names', how: r.pick(['away', 'lag']) },
      lastsMs: r.between(20, 400) * SECOND,
    }),
  ],
  [2, schedule],
  [4, process],
  [2, clock],
  [6, order],
  [2, edit],
  [
    1,
    (r, { sites, servers }) => ({
      trouble: {
        kind: 'deploy',
        site: r.between(0, sites - 1),
        how: r.pick(DEPLOYS),
        server: r.between(0, servers - 1),
      },
      lastsMs: 0,
    }),
  ],
];

/**
 * Troubles for a time of `spanMs`, so many that one or more is there most of the time. Each world leaves some kinds out and
 * favours others: what two kinds do together shows where the others do not drown it.
 */
export const troubles = (r: Random, world: Planned, spanMs: number): Episode[] => {
  const episodes: Episode[] = [];
  const makers = MAKERS.map(([weight, make]) => [weight * r.pick([0, 1, 1, 1, 5]), make] as const);
  const everyMs = r.pick([30, 60, 90, 150, 300]) * SECOND;
  let atMs = r.between(20, 120) * SECOND;
  while (atMs < spanMs) {
    const { trouble, lastsMs } = r.weighted(makers)(r, world);
    const toMs = atMs + lastsMs <= spanMs ? atMs + lastsMs : r.between(atMs, spanMs);
    episodes.push({ id: episodes.length, fromMs: atMs, toMs, trouble });
    // What kills one server may kill the next a moment later.
    if (trouble.kind === 'server' && r.chance(0.2)) {
      const after = { ...trouble, server: r.between(0, world.servers - 1) };
      const fromMs = Math.min(atMs + r.between(0, 20) * SECOND, toMs);
      episodes.push({ id: episodes.length, fromMs, toMs, trouble: after });
    }
    atMs += r.between(0, 2 * everyMs);
  }
  return episodes;
};
