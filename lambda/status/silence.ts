import { clockTime } from '../core/base/time.ts';
import { byController, controllerName } from '../core/site/shard.ts';
import type { Config, Site } from '../core/site/site.ts';
import { gapMs, OLDEST_EVENT_MS } from '../core/state/baton.ts';
import type { StatusPorts } from './ports.ts';

/** A controller as the console finds it. */
export type Found = {
  number: number;
  sites: Site[];
  /** 0 before its first round was noted. */
  lastRoundMs: number;
  /** When the schedule started it last; undefined before the first time. */
  startedMs?: number;
  silent: boolean;
};

/** The controllers that decide for `sites`, in order, and whether each has looked lately. */
export const controllersOf = async (
  ports: StatusPorts,
  sites: readonly Site[],
  nowMs: number,
): Promise<Found[]> => {
  const found = [...byController(ports.config, sites)].map(async ([number, own]) => {
    const baton = await ports.store.readBaton(number);
    const lastRoundMs = baton?.lastRoundMs ?? 0;
    return {
      number,
      sites: own,
      lastRoundMs,
      ...(baton !== undefined && { startedMs: baton.scheduledMs }),
      // A last round that is still to come was noted by a clock that is wrong: nobody knows how long ago it was.
      silent: Math.abs(nowMs - lastRoundMs) > gapMs(ports.config.intervalSeconds),
    };
  });
  return (await Promise.all(found)).sort((a, b) => a.number - b.number);
};

/** How a controller of which no fresh round is noted stands. In its first seconds that is no reason to worry. */
const silenceOf = ({ lastRoundMs, startedMs }: Found, nowMs: number): string => {
  if (lastRoundMs !== 0)
    return `is silent: its last noted round started at ${clockTime(lastRoundMs)}. What was seen before is stale, so every health is unknown.`;
  if (startedMs === undefined) return 'was not started yet, so no health is known.';
  return Math.abs(nowMs - startedMs) > OLDEST_EVENT_MS
    ? `is silent: it was started at ${clockTime(startedMs)}, and no round of it is noted. So no health is known.`
    : `was started at ${clockTime(startedMs)}, and its first round is not noted yet. So no health is known.`;
};

/** What a person should know of the controllers, in a sentence or two. */
export const silenceText = ({ deployment }: Config, found: readonly Found[], nowMs: number): string => {
  const silent = found.filter((each) => each.silent);
  const [oldest] = found.toSorted((a, b) => a.lastRoundMs - b.lastRoundMs);
  if (oldest === undefined) return 'No site was asked for.';
  // A controller notes its rounds every few seconds.
  if (silent.length === 0) return `The last round started at ${clockTime(oldest.lastRoundMs)} or later.`;
  const isOnly = found.length === 1 && oldest.number === 1;
  return silent
    .map((each) => {
      const which = isOnly ? '' : ` ${controllerName(deployment, each.number)}`;
      return `The controller${which} ${silenceOf(each, nowMs)}`;
    })
    .join(' ');
};
