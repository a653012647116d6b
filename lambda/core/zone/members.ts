import { canonicalAddress } from '../base/address.ts';
import type { TargetHealth } from '../site/health.ts';
import { type Server, type Site, servedAddresses } from '../site/site.ts';
import type { RecordSet } from './records.ts';

/**
 * Lever `dual`: the servers whose addresses are published along with the serving one's. A gate on each of them sends visitors on
 * to the serving one, so that a browser which finds one address dead takes the other, whatever the TTL.
 *
 *      server                                           its addresses
 *      serving                                          always in the set: the last never leaves
 *      the primary while another serves                 out: no gate stands before it, and its data may be old
 *      the last resort while another serves             out: it is nobody's standby
 *      a standby that is down                           out
 *      a standby that is up                             in, once it has been up for `joinAfterSeconds`
 *      a standby of which nothing is known              as it was: `unknown` is never `down`
 */
const mayBeMembers = (site: Site, serving: string): Server[] =>
  site.lever !== 'dual'
    ? []
    : site.servers.filter(({ name }, index) => index > 0 && name !== serving && name !== site.lastResort);

/** The servers that a listing shows along with the serving one: all their addresses stand at the site's own name. */
export const membersListed = (site: Site, serving: string, listed: RecordSet[]): Server[] => {
  const values = listed
    .filter((r) => r.name === site.name && r.routing === undefined)
    .flatMap((r) => r.values.map(canonicalAddress));
  return mayBeMembers(site, serving).filter((server) =>
    servedAddresses(server).every((address) => values.includes(canonicalAddress(address))),
  );
};

/**
 * The servers to publish along with the serving one, by the table above. Leaving is immediate and joining is damped, so a standby
 * that comes and goes costs at most two changes in `joinAfterSeconds`. Where nothing is published yet, nobody waits.
 */
export const membersDue = (
  site: Site,
  serving: string,
  listed: RecordSet[],
  { targets, nowMs }: { targets: Record<string, Pick<TargetHealth, 'health' | 'sinceMs'>>; nowMs: number },
): Server[] => {
  const before = membersListed(site, serving, listed);
  const waitMs = listed.length === 0 ? 0 : (site.dual?.joinAfterSeconds ?? 0) * 1000;
  return mayBeMembers(site, serving).filter((server) => {
    const { health, sinceMs } = targets[server.name] ?? { health: 'unknown', sinceMs: nowMs };
    if (health !== 'up') return health === 'unknown' && before.includes(server);
    return before.includes(server) || nowMs - sinceMs >= waitMs;
  });
};
