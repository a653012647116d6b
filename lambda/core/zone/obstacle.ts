import { canonicalAddress } from '../base/address.ts';
import type { Server, Site } from '../site/site.ts';
import { type RecordSet, SITE_RECORD_TYPES } from './records.ts';
import { roleRecordName } from './role-record.ts';

/** What an obstacle is judged by: records of the zone's listing, or of a name server's answers. */
export type Other = Pick<RecordSet, 'name' | 'type' | 'values'>;

const isMoved = (type: string): boolean => (SITE_RECORD_TYPES as readonly string[]).includes(type);

/** Of a listing, the records that no switch moves and that one may fail for: other types at the site's names, a CNAME at the role record's. */
export const othersOf = <T extends Other>(site: Pick<Site, 'name' | 'names'>, listing: T[]): T[] =>
  listing.filter(({ name, type }) =>
    name === roleRecordName(site.name) ? type === 'CNAME' : site.names.includes(name) && !isMoved(type),
  );

/**
 * Why Route 53 would refuse to publish `server`, as a clause; `undefined` when nothing stands against it. DNS allows no other record
 * with a CNAME (RFC 1034, 3.6.2), and Route 53 refuses the whole batch then.
 */
export const obstacleTo = (site: Site, server: Server, others: Other[]): string | undefined => {
  const alias = others.find(({ name }) => name === roleRecordName(site.name));
  if (alias !== undefined)
    return `${alias.name} has a CNAME record, and DNS allows no role record beside it; remove the CNAME record`;
  if (server.hostname === undefined || others.length === 0) return undefined;
  const has = [...Map.groupBy(others, ({ name }) => name)].map(
    ([name, sets]) =>
      `${name} has ${[...new Set(sets.map(({ type }) => type))].sort().join(' and ')} records`,
  );
  return `${has.join(', ')}, and DNS allows none beside a CNAME, as which ${server.name} is published (${server.hostname}); remove them, or give ${server.name} addresses or an \`alias\``;
};

/** The servers that could not be published, each with its obstacle. */
export const obstaclesOf = (site: Site, others: Other[]): { server: string; why: string }[] =>
  site.servers.flatMap((server) => {
    const why = obstacleTo(site, server, others);
    return why === undefined ? [] : [{ server: server.name, why }];
  });

/** Standbys that cannot be published, in a sentence, and whether any is left that can. */
export const blockedStandbys = (
  site: Site,
  serving: string | undefined,
  others: Other[],
): { text: string; isAnyLeft: boolean } | undefined => {
  const standbys = site.servers.filter(({ name }, index) =>
    serving === undefined ? index > 0 : name !== serving,
  );
  const blocked = obstaclesOf(site, others).filter(({ server }) =>
    standbys.some(({ name }) => name === server),
  );
  if (blocked.length === 0) return undefined;
  const reasons = [...Map.groupBy(blocked, ({ why }) => why)].map(
    ([why, all]) =>
      `Route 53 would refuse a move to ${all.map(({ server }) => server).join(' and ')}: ${why}`,
  );
  return { text: reasons.join('; '), isAnyLeft: blocked.length < standbys.length };
};

/**
 * Address hints of HTTPS and SVCB records at the site's names, in a sentence. Browsers may connect to a hint at once, and no
 * switch changes these records: after one they lead to the server that is down.
 */
export const hintsLeft = (site: Site, others: Other[]): string | undefined => {
  const told = others
    .filter(({ name, type }) => (type === 'HTTPS' || type === 'SVCB') && site.names.includes(name))
    .flatMap(({ name, type, values }) => {
      const hints = [...new Set(values.flatMap(hintsIn))].map(
        (address) => `${address}${holderOf(site, address)}`,
      );
      return hints.length === 0 ? [] : [`the ${type} record of ${name} names ${hints.join(', ')}`];
    });
  return told.length === 0 ? undefined : `${told.join('; ')}, and stays as it is when the site moves`;
};

const hintsIn = (value: string): string[] =>
  [...value.matchAll(/\bipv[46]hint="?([0-9a-f:.,]+)/gi)].flatMap(([, list = '']) =>
    list.split(',').filter(Boolean).map(canonicalAddress),
  );

const holderOf = ({ servers }: Site, address: string): string => {
  const holder = servers.find(({ ipv4, ipv6 }) =>
    [...ipv4, ...ipv6].some((own) => canonicalAddress(own) === address),
  );
  return holder === undefined ? '' : ` (${holder.name})`;
};
