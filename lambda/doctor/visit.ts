import type { DoctorFacts } from '../core/doctor/facts.ts';
import { standbysKnown } from '../core/doctor/standby.ts';
import type { Site } from '../core/site/site.ts';
import { finder } from '../dns/finder.ts';
import type { DnsEdge } from '../ports.ts';
import { readAccount } from './account.ts';
import { patientDns, tryAgain, VISIT_MS } from './again.ts';
import { type AskedZone, askZone } from './delegation.ts';
import { askSite } from './names.ts';
import type { DoctorPorts } from './ports.ts';
import type { Visitor } from './visitor.ts';

/** Sites asked side by side. */
const AT_ONCE = 20;

/** How the world finds these zones and sites. Nothing is asked any more once the signal has come. */
export const askDns = async (
  dns: DnsEdge,
  zones: AskedZone[],
  sites: Site[],
  signal?: AbortSignal,
): Promise<Pick<DoctorFacts, 'zones' | 'names'>> => {
  const find = finder(dns, signal);
  const found = await Promise.all(zones.map((zone) => askZone(find, zone)));
  const names: DoctorFacts['names'] = [];
  for (let from = 0; from < sites.length; from += AT_ONCE) {
    const some = sites
      .slice(from, from + AT_ONCE)
      .map((site, at) => askSite(find, site, found, { index: from + at, count: sites.length }));
    names.push(...(await Promise.all(some)));
  }
  return { zones: found, names };
};

/**
 * What the doctor finds out from inside the account, without asking a server: the vantages do that all day. What is not
 * answered is asked again for a while; it ends in time whatever is slow.
 */
export const visit = async (
  ports: DoctorPorts,
  by: 'controller' | 'console',
  sites: Site[],
  signal?: AbortSignal,
): Promise<DoctorFacts> => {
  const done = new AbortController();
  const late = new AbortController();
  void ports.clock.sleep(VISIT_MS, done.signal).then(() => late.abort());
  const over = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    return await look({ ports, by, again: tryAgain(ports.clock, over) }, sites, over);
  } finally {
    done.abort();
  }
};

const look = async (visitor: Visitor, sites: Site[], over: AbortSignal): Promise<DoctorFacts> => {
  const { dns } = visitor.ports.doctorTools;
  const account = await readAccount(visitor, sites);
  const servers = standbysKnown(account, sites);
  if (dns === undefined) return { zones: [], names: [], servers, account };
  const zones = account.zones.map(({ zone, nameServers }) => ({
    name: zone,
    ...(nameServers && { nameServers }),
  }));
  return { ...(await askDns(patientDns(dns, visitor.again), zones, sites, over)), servers, account };
};
