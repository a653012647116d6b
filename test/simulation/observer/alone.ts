import type { Server, Site } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import { ownerOf } from '../world/answers.ts';

/** The addresses of a server by record type, in the observer's own reckoning. */
const addressesOf = ({ ipv4, ipv6 }: Server): string[] => [...ipv4, ...ipv6];

/** The servers that may stand beside the serving one with the lever `dual`: standbys, each behind a gate. */
export const standbysOf = (site: Site): Server[] =>
  site.lever === 'dual' ? site.servers.filter(({ name }, at) => at > 0 && name !== site.lastResort) : [];

/**
 * A site's address records without those of the servers that stand beside the serving one: what the name of the primary alone
 * holds tells who serves. Without the lever `dual`, and where a person took that name away, the records are as they are.
 */
export const aloneOf = (site: Site, records: RecordSet[]): RecordSet[] => {
  const own = records.filter((r) => r.name === site.dual?.primaryName).flatMap((r) => r.values);
  if (own.length === 0) return records;
  const serving = ownerOf(own[0] ?? '');
  // By the number of the server, since a standby may be configured at another address by now.
  const isStandby = (value: string): boolean => {
    const owner = ownerOf(value);
    return owner?.site === serving?.site && (owner?.server ?? 0) > 0 && owner?.server !== serving?.server;
  };
  return records.flatMap((record) => {
    const values = record.values.filter((value) => !isStandby(value));
    const isBeside = record.name !== site.dual?.primaryName && values.length < record.values.length;
    // A set of which nothing would be left is no set of ours, but for a family that only standbys have.
    if (
      isBeside &&
      values.length === 0 &&
      own.every((value) => value.includes(':') !== (record.type === 'AAAA'))
    )
      return [];
    return isBeside && values.length > 0 ? [{ ...record, values }] : [record];
  });
};

/** The standbys whose addresses all stand at the site's own name beside those of `serving`. */
export const besideIn = (site: Site, serving: string | undefined, records: RecordSet[]): Server[] => {
  const values = records.filter((r) => r.name === site.name).flatMap((r) => r.values);
  return standbysOf(site).filter(
    (server) => server.name !== serving && addressesOf(server).every((address) => values.includes(address)),
  );
};
