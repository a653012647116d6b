import { type Hit, siteAt } from './fleet.ts';
import { median } from './statistics.ts';
import type { Line } from './switchover.ts';

type Span = { fromMs: number; untilMs: number };
type Fleet = { sites: number; zones: number };

/** Gaps between looks at one server, milliseconds, and how often the server that was looked at least and most was. */
export type Gaps = { medianMs: number; p99Ms: number; mostMs: number; fewest: number; most: number };

/** All vantages look within this time of each other: that is one look. */
const ONE_LOOK_MS = 1000;

/** Every server of every site counts; one that was never asked has a gap as long as the span. */
export const gapsOf = (hits: Hit[], { fromMs, untilMs }: Span, { sites }: Fleet): Gaps => {
  const looks = new Map<string, number[]>();
  for (const { atMs, address } of within(hits, fromMs, untilMs)) {
    const known = looks.get(address) ?? [];
    if (atMs - (known.at(-1) ?? Number.NEGATIVE_INFINITY) > ONE_LOOK_MS) known.push(atMs);
    looks.set(address, known);
  }
  const times = [...looks.values()];
  const unseen = 2 * sites - times.length;
  const between = times.flatMap((all) => all.slice(1).map((atMs, index) => atMs - (all[index] as number)));
  // What began before the span or ends after it was at least so long.
  const edges = times.flatMap((all) => [(all[0] as number) - fromMs, untilMs - (all.at(-1) as number)]);
  const sorted = [...between].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? untilMs - fromMs;
  const counts = times.map((all) => all.length);
  return {
    medianMs: at(0.5),
    p99Ms: at(0.99),
    mostMs: unseen > 0 ? untilMs - fromMs : longest([...between, ...edges]),
    fewest: unseen > 0 ? 0 : -longest(counts.map((count) => -count)),
    most: longest(counts),
  };
};

/**
 * How long a look takes, milliseconds: the median of the times from the start of a round until a server was asked. The longest
 * would be no measure: a controller that hands over has its last looks made again, and logs none of them.
 */
export const lookMs = (hits: Hit[], { fromMs, untilMs }: Span, lines: Line[], { zones }: Fleet): number => {
  const rounds = Map.groupBy(
    lines.filter(({ event }) => event === 'round'),
    ({ site }) => site as string,
  );
  const starts = new Map(
    [...rounds].map(([site, all]) => [site, all.map(({ at }) => Date.parse(at as string))]),
  );
  const took = within(hits, fromMs, untilMs).flatMap(({ atMs, address }) => {
    const start = starts.get(siteAt(address, zones))?.findLast((ms) => ms <= atMs);
    return start === undefined ? [] : [atMs - start];
  });
  return median(took) ?? 0;
};

const within = (hits: Hit[], fromMs: number, untilMs: number): Hit[] =>
  hits.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);

/** `Math.max` takes no hundred thousand arguments. */
const longest = (numbers: number[]): number =>
  numbers.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
