import { clockTime } from '../core/base/time.ts';
import { byController, controllerName } from '../core/site/shard.ts';
import type { Config, Site } from '../core/site/site.ts';
import { gapMs } from '../core/state/baton.ts';
import type { World } from '../ports.ts';

/** A controller as the console finds it. */
export type Found = { number: number; sites: Site[]; lastRoundMs: number; silent: boolean };

/** The controllers that decide for `sites`, in order, and whether each has looked lately. */
export const controllersOf = async (
  world: World,
  sites: readonly Site[],
  nowMs: number,
): Promise<Found[]> => {
  const found = [...byController(world.config, sites)].map(async ([number, own]) => {
    const lastRoundMs = (await world.store.readBaton(number))?.lastRoundMs ?? 0;
    return {
      number,
      sites: own,
      lastRoundMs,
      // A last round that is still to come was noted by a clock that is wrong: nobody knows how long ago it was.
      silent: Math.abs(nowMs - lastRoundMs) > gapMs(world.config.intervalSeconds),
    };
  });
  return (await Promise.all(found)).sort((a, b) => a.number - b.number);
};

const lastRound = ({ lastRoundMs }: Found): string =>
  lastRoundMs === 0 ? 'never' : `at ${clockTime(lastRoundMs)}`;

/** What a person should know of the controllers, in a sentence or two. */
export const silenceText = ({ deployment }: Config, found: readonly Found[]): string => {
  const silent = found.filter((each) => each.silent);
  const oldest = found.reduce<Found | undefined>(
    (before, each) => (before === undefined || each.lastRoundMs < before.lastRoundMs ? each : before),
    undefined,
  );
  if (silent.length === 0)
    return oldest === undefined ? 'No site was asked for.' : `The last round started ${lastRound(oldest)}.`;
  const which = found.length === 1 && found[0]?.number === 1;
  return silent
    .map((each) =>
      which
        ? `The controller is silent: its last round started ${lastRound(each)}. What was seen before is stale, so every health is unknown.`
        : `The controller ${controllerName(deployment, each.number)} is silent: its last round started ${lastRound(each)}. What was seen before is stale, so every health of its sites is unknown.`,
    )
    .join(' ');
};
