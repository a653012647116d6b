import { numbered, shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import { DEPLOYMENT, type DeploymentState, enqueueNews } from '../state/deployment-state.ts';
import { parseState } from '../state/site-state.ts';
import { parseRole } from '../zone/role-record.ts';

/** Sites named in one message. */
const NAMED = 20;

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

/** The server that a site's stored state says it was left with. */
export const leftWith = (stored: string | undefined): string | undefined => {
  const role = stored === undefined ? undefined : parseState(stored)?.written?.role;
  return role === undefined ? undefined : parseRole(role)?.serving;
};

/**
 * The state with the sites of this configuration noted, and news of those that were taken out of it: their records
 * stay as they are, and from now on nobody watches them. `serving` is what each was left with, as far as that is known.
 */
export const tellRemoved = (
  state: DeploymentState,
  removed: Map<string, string | undefined>,
  config: Config,
  nowMs: number,
): DeploymentState => {
  const noted = {
    ...state,
    sites: config.sites.map(({ name }) => name),
    ...(shardNumber(config) === 1 && { controllers: countOf(config) }),
  };
  if (removed.size === 0) return noted;
  const sites = [...removed].slice(0, NAMED).map(([site, serving]) => ({ site, serving }));
  const news = { type: 'sites-removed', sites, count: removed.size } as const;
  return enqueueNews(noted, [{ kind: 'site-removed', news, atMs: nowMs }], config);
};
