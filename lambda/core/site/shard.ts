import type { Config, Site } from './site.ts';

/**
 * The sites of each controller, the first controller's first. There is one for all, unless `sitesPerController` is exceeded.
 * Zones are dealt out whole and in the order of the configuration: the next zone joins the last controller if it fits there,
 * else a new one begins. Only a zone with more sites than that is cut. A zone whose writes come from one controller needs no
 * luck: Route 53 takes one change of a zone at a time, and two controllers would turn each other away. More sites never make
 * fewer controllers, so a function that exists stays.
 */
export const shardsOf = ({ sites, zones, sitesPerController }: Config): Site[][] => {
  if (sitesPerController === undefined || sites.length <= sitesPerController) return [sites];
  const byZone = Map.groupBy(sites, (site) => site.zone);
  const shards: Site[][] = [];
  for (const { name } of zones) {
    const members = byZone.get(name) ?? [];
    const room = sitesPerController - (shards.at(-1)?.length ?? sitesPerController);
    if (members.length <= room) {
      shards.at(-1)?.push(...members);
      continue;
    }
    for (let from = 0; from < members.length; from += sitesPerController)
      shards.push(members.slice(from, from + sitesPerController));
  }
  return shards;
};

/** The configuration of each controller: its own sites and their zones. A controller that has all sites has all of it. */
export const shardConfigs = (config: Config): Config[] => {
  const shards = shardsOf(config);
  if (shards.length === 1) return [config];
  return shards.map((sites, index) => {
    const own = new Set(sites);
    const zones = new Set(sites.map(({ zone }) => zone));
    return {
      ...config,
      sites,
      zones: config.zones.filter(({ name }) => zones.has(name)),
      shard: {
        number: index + 1,
        of: shards.length,
        elsewhere: config.sites.flatMap((site) => (own.has(site) ? [] : site.name)),
      },
    };
  });
};

/** Of a controller's own configuration; 1 where there is only one. */
export const shardNumber = ({ shard }: Config): number => shard?.number ?? 1;

/** `sites` by the number of the controller that decides for them; one of several knows of its own alone. */
export const byController = (config: Config, sites: readonly Site[]): Map<number, Site[]> => {
  if (config.shard !== undefined) return new Map([[config.shard.number, [...sites]]]);
  const numbers = new Map(
    shardsOf(config).flatMap((shard, index) => shard.map(({ name }) => [name, index + 1] as const)),
  );
  return Map.groupBy(sites, ({ name }) => numbers.get(name) ?? 1);
};

/** The first keeps the plain name, so that a deployment that grows keeps what it has. */
export const numbered = (name: string, number: number): string => (number === 1 ? name : `${name}-${number}`);

/** The function that decides for the sites of this controller. */
export const controllerName = (deployment: string, number = 1): string =>
  numbered(`${deployment}-controller`, number);

/** What a heartbeat calls itself by, and the alarm on silence listens for. No deployment's name has a slash. */
export const heartbeatName = (deployment: string, number = 1): string =>
  number === 1 ? deployment : `${deployment}/${number}`;
