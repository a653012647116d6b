import type { Config, Server, Site } from '../../../lambda/core/site/site.ts';
import type { Trouble } from './troubles.ts';

/** The configuration after a deployment. `count` makes each new address a new one. */
export const deployed = (
  config: Config,
  first: Config,
  trouble: Trouble & { kind: 'deploy' },
  count: number,
): Config => ({
  ...config,
  sites: config.sites.map((site, index) =>
    index === trouble.site ? changed(site, first.sites[index] ?? site, trouble, count) : site,
  ),
});

const changed = (
  site: Site,
  first: Site,
  { how, server }: Trouble & { kind: 'deploy' },
  count: number,
): Site => {
  switch (how) {
    case 'servers': {
      const third = first.servers[2];
      if (third === undefined) return site;
      const { lastResort: _, ...rest } = site;
      // Only the last one goes, so that the place of a server in the list stays its number.
      return site.servers.length > 2
        ? {
            ...rest,
            servers: site.servers.slice(0, 2),
            ...(site.lastResort === third.name ? {} : { lastResort: site.lastResort }),
          }
        : { ...site, servers: [...site.servers, third], lastResort: first.lastResort };
    }
    case 'ttl':
      return { ...site, ttlSeconds: site.ttlSeconds === 60 ? 30 : 60 };
    case 'names':
      return {
        ...site,
        names: [
          site.name,
          site.name.replace('www', 'shop'),
          ...(site.dual === undefined ? [] : [site.dual.primaryName]),
        ],
      };
    case 'failback':
      return { ...site, failback: site.failback === 'manual' ? { afterSeconds: 60 } : 'manual' };
    case 'address':
      return {
        ...site,
        servers: site.servers.map((s, at) => (at === server ? elsewhere(site, s, count) : s)),
      };
  }
};

/** The server at a new address; where the address to serve at moves, the one to probe is new. */
const elsewhere = (site: Site, server: Server, count: number): Server => {
  const next = (address = '') => address.replace(/\.\d+$/, `.${10 + count}`);
  if (site.readdress !== undefined) return { ...server, probeAddress: next(server.probeAddress) };
  return server.hostname === undefined ? { ...server, ipv4: [next(server.ipv4[0])] } : server;
};
