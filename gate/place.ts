import { isIP } from 'node:net';
import { probedAddresses } from '../lambda/core/evidence/targets.ts';
import type { Outcome } from '../lambda/core/probe/request.ts';
import type { Config, Dual, Server, Site } from '../lambda/core/site/site.ts';
import { finder } from '../lambda/dns/finder.ts';
import { dnsEdge } from '../lambda/edge/dns.ts';
import { requestFor } from '../lambda/observe/ask-vantages.ts';
import type { DnsEdge, DnsServer } from '../lambda/ports.ts';
import { probeBatch } from '../lambda/prober/batch.ts';

/** The site and server that a gate stands before, from the configuration. */
export type Place = { site: Site; dual: Dual; me: Server; secret: string };

/** What was asked of a gate and cannot be; the message says the way out. */
export class Misplaced extends Error {}

/** Finds the place of a gate, or throws `Misplaced`. `secret` is the value of a header that is kept in SSM. */
export const placeOf = (
  config: Config,
  given: { site: string; server?: string | undefined },
  secret: string | undefined,
): Place => {
  const site = config.sites.find(({ name }) => name === given.site);
  if (site === undefined) {
    const names = config.sites.map(({ name }) => name).join(', ') || 'none';
    throw new Misplaced(`Expected --site to be a configured site (${names}), received "${given.site}".`);
  }
  if (site.lever !== 'dual' || site.dual === undefined) {
    throw new Misplaced(
      `The lever of ${site.name} is '${site.lever}', with which a gate has nothing to do; set \`lever\` to 'dual' and say \`dual\` (docs/dual.md).`,
    );
  }
  return {
    site,
    dual: site.dual,
    me: standbyOf(site, given.server),
    secret: secretOf(site, site.dual, secret),
  };
};

const standbyOf = ({ name, servers }: Site, given: string | undefined): Server => {
  const standbys = servers.slice(1);
  const named = standbys.map((server) => server.name).join(', ');
  const [only] = standbys;
  if (given === undefined && standbys.length === 1 && only !== undefined) return only;
  const found = standbys.find((server) => server.name === given);
  if (found !== undefined) return found;
  throw new Misplaced(
    `Expected --server to be a standby of ${name} (${named}), received ${given === undefined ? 'none' : `"${given}"`}. No gate stands before the primary, ${servers[0]?.name}.`,
  );
};

const secretOf = ({ name, probe }: Site, { probeHeader }: Dual, secret: string | undefined): string => {
  const written = Object.entries(probe.headers).find(([header]) => header.toLowerCase() === probeHeader)?.[1];
  const value = written ?? secret?.trim();
  if (value !== undefined && value !== '') return value;
  throw new Misplaced(
    `The value of ${probeHeader} is not in the configuration of ${name}; put it into the environment as SWITCHOVER_PROBE_SECRET, the same as in SSM's parameter store.`,
  );
};

/** Probes a server of the site as a prober would, every address of it: one that fails fails the server. */
export const tryServer = async ({ site, dual, secret }: Place, name: string): Promise<Outcome> => {
  const server = site.servers.find((one) => one.name === name);
  if (server === undefined) return 'unknown';
  const parameter = Object.entries(site.probe.secretHeaders ?? {}).find(
    ([header]) => header.toLowerCase() === dual.probeHeader,
  )?.[1];
  const secrets = new Map(parameter === undefined ? [] : [[parameter, secret]]);
  const probes = probedAddresses(server).map((address) => requestFor(site, address, address, secrets));
  const { observations } = await probeBatch({ probes, deadlineMs: site.probe.timeoutSeconds * 1000 + 1000 });
  const outcomes = observations.map(({ outcome }) => outcome);
  return (['failed', 'passed'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'unknown';
};

/** The addresses of the zone's name servers as the resolvers of this machine know them, IPv4 first; throws when they know none. */
export const nameServersOf = async (
  zone: string,
  dns: DnsEdge = dnsEdge(undefined),
): Promise<DnsServer[]> => {
  const found = await finder(dns).serversOf(zone);
  if (found.length === 0) throw new Error(`the resolvers of this machine know none of ${zone}`);
  // IPv4 first: a gate without IPv6 would else lose a turn with every other question.
  return found
    .map(({ address }) => ({ address, port: dns.port }))
    .sort((a, b) => isIP(a.address) - isIP(b.address));
};
