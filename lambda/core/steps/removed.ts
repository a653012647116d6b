import { numbered, shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import type { Alerts } from '../state/alerts.ts';
import { DEPLOYMENT, type DeploymentState, enqueueNews } from '../state/deployment-state.ts';
import { parseState } from '../state/site-state.ts';
import { parseRole } from '../zone/role-record.ts';

/** Sites named in one message. */
const NAMED = 20;
/** Alerts ended by one message: sites of one mass failure share theirs. With 60 characters each they have 12 KB. */
const MOST_ENDED = 200;

const countOf = ({ shard }: Config): number => shard?.of ?? 1;

/**
 * Under which names controllers stored what they knew that are no more, since fewer are needed: the first one speaks
 * for them.
 */
export const formerKeys = ({ controllers = 1 }: DeploymentState, config: Config): string[] => {
  const former = shardNumber(config) === 1 ? controllers - countOf(config) : 0;
  return Array.from({ length: Math.max(0, former) }, (_, index) =>
    numbered(DEPLOYMENT, countOf(config) + 1 + index),
  );
};

/** Sites that were watched by those who left these states, and that nobody of this deployment watches any more. */
export const removedSites = (states: readonly DeploymentState[], config: Config): string[] => {
  const watched = new Set([...config.sites.map(({ name }) => name), ...(config.shard?.elsewhere ?? [])]);
  const known = new Set(states.flatMap(({ sites }) => sites ?? []));
  return [...known].filter((name) => !watched.has(name));
};

/** What a site was left with: the server that serves it, and what pagers have open about it. */
export type Left = { serving?: string | undefined; alerts?: Alerts | undefined };

/** What a site's stored state says that it was left with. */
export const leftWith = (stored: string | undefined): Left => {
  const { written, alerts } = (stored === undefined ? undefined : parseState(stored)) ?? {};
  return { serving: written === undefined ? undefined : parseRole(written.role)?.serving, alerts };
};

/**
 * The state with the sites of this configuration noted, and news of those that were taken out of it: their records
 * stay as they are, and from now on nobody watches them. What pagers have open about them ends with it: nothing else will tell its end.
 */
export const tellRemoved = (
  state: DeploymentState,
  removed: ReadonlyMap<string, Left>,
  config: Config,
  nowMs: number,
): DeploymentState => {
  const noted = {
    ...state,
    sites: config.sites.map(({ name }) => name),
    ...(shardNumber(config) === 1 && { controllers: countOf(config) }),
  };
  if (removed.size === 0) return noted;
  const sites = [...removed].slice(0, NAMED).map(([site, { serving }]) => ({ site, serving }));
  const ended = Object.fromEntries(
    [...removed.values()].flatMap(({ alerts = {} }) => Object.entries(alerts)).slice(0, MOST_ENDED),
  );
  const isEnd = Object.keys(ended).length > 0;
  const news = { type: 'sites-removed', sites, count: removed.size, ...(isEnd && { ended }) } as const;
  return enqueueNews(noted, [{ kind: 'site-removed', news, atMs: nowMs }], config);
};
