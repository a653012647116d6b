import { Fault } from '../core/base/fault.ts';
import type { Site } from '../core/site/site.ts';
import type { Association } from '../core/zone/moved-address.ts';
import { logFault } from '../log/lines.ts';
import type { ZonePorts } from '../ports.ts';

/**
 * Where the Elastic IPs of these sites are: one question for each region. A site is missing when it moves none, or when
 * EC2 did not tell; an address that EC2 does not know is held by nothing, and giving it to somebody will fail in EC2's
 * own words.
 */
export const associationsOf = async (ports: ZonePorts, sites: Site[]): Promise<Map<Site, Association>> => {
  const { addresses } = ports;
  const found = new Map<Site, Association>();
  if (addresses === undefined) return found;
  const moving = sites.filter((site) => site.readdress?.allocationId !== undefined);
  const byRegion = Map.groupBy(moving, (site) => site.readdress?.region ?? ports.config.homeRegion);
  await Promise.all(
    [...byRegion].map(async ([region, members]) => {
      try {
        const ids = members.map((site) => site.readdress?.allocationId ?? '');
        const associationById = await addresses.find(region, [...new Set(ids)]);
        for (const [index, site] of members.entries())
          found.set(site, associationById.get(ids[index] ?? '') ?? {});
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        logFault(ports, 'addresses', error);
      }
    }),
  );
  return found;
};
