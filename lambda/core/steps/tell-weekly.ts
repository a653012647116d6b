import { shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import { type DeploymentState, enqueueNews } from '../state/deployment-state.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** Monday, 5 January 1970, 09:00 UTC: a morning on which somebody is there to miss it. */
const FIRST_MS = (4 * 24 + 9) * HOUR_MS;

/** The last Monday morning at or before `nowMs`. */
const mondayOf = (nowMs: number): number => Math.floor((nowMs - FIRST_MS) / WEEK_MS) * WEEK_MS + FIRST_MS;

/**
 * The state with the test message of this week, once: what was sent last is remembered, so it does not matter how many controllers ran
 * since, or whether one ran at that very moment. None for the week of the first deployment, whose own mails prove the same. Of several
 * controllers the first sends it. A silence is of sites, and this is of none: it comes all the same.
 */
export const tellWeekly = (state: DeploymentState, nowMs: number, config: Config): DeploymentState => {
  if (config.weeklyTest !== true || shardNumber(config) !== 1) return state;
  const monday = mondayOf(nowMs);
  const { testedMs } = state;
  if (testedMs === monday) return state;
  const next = { ...state, testedMs: monday };
  // What is noted of a week to come was noted by a clock that is wrong.
  if (testedMs === undefined || testedMs > monday) return next;
  const news = { type: 'weekly-test', nextMs: monday + WEEK_MS } as const;
  return enqueueNews(next, [{ kind: 'weekly-test', news, atMs: monday }], config);
};
