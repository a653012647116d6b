import { type Site, servedAddresses } from '../site/site.ts';
import type { Finding } from '../state/finding.ts';
import { ttlFloor } from '../state/planned-switch.ts';
import { blockedStandbys } from '../zone/obstacle.ts';
import type { Answered, SiteDns } from './facts.ts';
import { finding, listed, ttlText } from './findings.ts';

/** More links than this are one too many, and some resolvers follow eight at most. */
const LINKS_MAX = 4;
/** A CNAME above the record that moves matters only when the zone itself must be left: a day is a long night. Seconds. */
const CHAIN_TTL_SECONDS = 86_400;
/** Facts, 10: 60 or 120 are the usual TTLs of records that fail over; beyond five minutes it hurts. Seconds. */
const RECORD_TTL_SECONDS = 300;

const ADDRESSES = ['A', 'AAAA'];
const addressesIn = (records: Answered[]): string[] =>
  records.filter(({ type }) => ADDRESSES.includes(type)).map(({ value }) => value);

const unique = (words: string[]): string[] => [...new Set(words)].sort();

/** How visitors find the site. */
export const nameFindings = (site: Site, dns: SiteDns): Finding[] => [
  ...wayFindings(site, dns),
  ...publishedFindings(site, dns),
  ...resolverFindings(site, dns),
];

/** What else stands at the site's names, as far as name servers tell: for where the zone's listing cannot be had. */
export const besideFindings = (site: Site, { others = [] }: SiteDns): Finding[] => {
  const about = { site: site.name };
  const listed = others.map((one) => ({ ...one, values: [one.value] }));
  const blocked = blockedStandbys(site, undefined, listed);
  if (blocked === undefined) return [];
  return [
    finding(
      blocked.isAnyLeft ? 'server-blocked' : 'standby-blocked',
      about,
      `${site.name}: ${blocked.text}.`,
    ),
  ];
};

/** What the configuration alone says about the site's names. */
export const plannedFindings = (site: Site): Finding[] => [
  ...(site.ttlSeconds <= RECORD_TTL_SECONDS
    ? []
    : [
        finding(
          'record-ttl-long',
          { site: site.name },
          `The record of ${site.name} is published with a TTL of ${ttlText(site.ttlSeconds)}.`,
        ),
      ]),
  ...familyFindings(site),
];

const familyFindings = (site: Site): Finding[] => {
  const families = site.servers.flatMap(({ name, ipv4, ipv6, hostname, alias }) => {
    // Which families the target of a CNAME has is not configured.
    if (hostname !== undefined) return [];
    const [has4, has6] = [alias !== undefined || ipv4.length > 0, alias?.ipv6 ?? ipv6.length > 0];
    return [{ name, has: [...(has4 ? ['IPv4'] : []), ...(has6 ? ['IPv6'] : [])].join(' and ') }];
  });
  if (new Set(families.map(({ has }) => has)).size < 2) return [];
  const told = families.map(({ name, has }) => `${name} has ${has}`);
  return [
    finding('families-differ', { site: site.name }, `The servers of ${site.name} differ: ${listed(told)}.`),
  ];
};

const wayFindings = (site: Site, dns: SiteDns): Finding[] => {
  const about = { site: site.name };
  const { host } = site;
  const way = [host, ...dns.links.map(({ to }) => to)].join(' > ');
  if (dns.end === 'unseen')
    return [finding('host-unseen', about, `${way} could not be followed: ${dns.trouble}.`)];
  if (dns.end === 'loop') return [finding('chain-loop', about, `The CNAME records lead ${way}.`)];
  const passed = [host, ...dns.links.map(({ to }) => to)];
  const through = site.names.some((name) => passed.includes(name));
  const above = through
    ? dns.links.slice(
        0,
        passed.findIndex((name) => site.names.includes(name)),
      )
    : dns.links;
  const slow = above.filter(({ ttlSeconds }) => ttlSeconds > CHAIN_TTL_SECONDS);
  return [
    ...endFindings(site, dns, way, through),
    ...(dns.links.length <= LINKS_MAX
      ? []
      : [
          finding(
            'chain-long',
            about,
            `${host} is ${dns.links.length} CNAME records away from an address: ${way}.`,
          ),
        ]),
    ...slow.map(({ name, ttlSeconds }) =>
      finding('chain-ttl-long', about, `The CNAME record of ${name} has a TTL of ${ttlText(ttlSeconds)}.`),
    ),
  ];
};

const endFindings = (site: Site, dns: SiteDns, way: string, through: boolean): Finding[] => {
  const about = { site: site.name };
  if (through) {
    return dns.end === 'missing' ? [finding('host-missing', about, `${way} ends without an address.`)] : [];
  }
  if (dns.end === 'missing')
    return [finding('host-missing', about, `${way} has no address, and does not lead to ${site.name}.`)];
  const addresses = addressesIn(dns.addresses);
  // The addresses behind a CNAME or an alias are known by the answers alone.
  const ours = [
    ...site.servers.flatMap(servedAddresses),
    ...addressesIn(dns.published.flatMap(({ records }) => records)),
  ];
  const told = `${way} leads to ${listed(addresses)}`;
  const isNamed = site.servers.some(({ hostname, alias }) => (alias ?? hostname) !== undefined);
  if (isNamed && dns.published.length === 0)
    return [finding('host-unseen', about, `${told}, and nobody answered where ${site.name} leads.`)];
  return addresses.every((address) => ours.includes(address))
    ? [finding('host-copied', about, `${told}, the right place today, and not by way of ${site.name}.`)]
    : [finding('host-elsewhere', about, `${told}, and not to ${site.name}.`)];
};

/**
 * Whether these are the addresses behind an alias: they are AWS's, change with place and time, and have a TTL of AWS's, so neither
 * can be judged.
 */
const isAliased = (site: Site, records: Answered[]): boolean => {
  const ours = site.servers.flatMap(servedAddresses);
  const addresses = addressesIn(records);
  return (
    site.servers.some(({ alias }) => alias !== undefined) &&
    addresses.length > 0 &&
    !addresses.some((address) => ours.includes(address))
  );
};

const shape = (site: Site, records: Answered[]): string => {
  if (isAliased(site, records)) return 'addresses that are no configured ones, as an alias does';
  return unique(records.map(({ type, value }) => `${type} ${value}`)).join(', ') || 'nothing';
};

/** The TTLs that Switchover itself publishes: the usual one, while failed over, and during a planned switch. */
const ownTtls = (site: Site): number[] => [
  site.ttlSeconds,
  site.ttlWhileFailedOverSeconds ?? site.ttlSeconds,
  ttlFloor(site),
];

const publishedFindings = (site: Site, { published }: SiteDns): Finding[] => {
  const about = { site: site.name };
  const sets = Map.groupBy(published, ({ records }) => shape(site, records));
  const found: Finding[] = [];
  if (sets.size > 1) {
    const told = [...sets].map(([set, by]) => `${listed(by.map(({ server }) => server))} answer ${set}`);
    found.push(
      finding(
        'servers-disagree',
        about,
        `The name servers of ${site.zone} differ on ${site.name}: ${told.join('; ')}.`,
      ),
    );
  }
  const other = published
    .flatMap(({ records }) => (isAliased(site, records) ? [] : records))
    .find(({ ttlSeconds }) => !ownTtls(site).includes(ttlSeconds));
  if (other !== undefined) {
    const what = `${site.name} is published with a TTL of ${ttlText(other.ttlSeconds)} and configured with ${ttlText(site.ttlSeconds)}.`;
    found.push(finding('record-ttl-differs', about, what));
  }
  return found;
};

const resolverFindings = (site: Site, { resolved, end }: SiteDns): Finding[] => {
  const about = { site: site.name };
  const failing = resolved.filter(
    ({ rcode, trouble }) => trouble !== undefined || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN'),
  );
  const told = failing.map(({ resolver, rcode, trouble }) => `${resolver}: ${trouble?.text ?? rcode}`);
  // A resolver that says what the zone says is not at fault for it.
  if (failing.length > 0 && failing.length === resolved.length) {
    const isOpen = failing.some(({ trouble }) => trouble?.reason === 'timeout');
    const code = isOpen ? 'resolvers-unanswered' : 'nobody-resolves';
    return [finding(code, about, `No resolver finds ${site.host}: ${told.join('; ')}.`)];
  }
  const ours = site.servers.flatMap(servedAddresses);
  const named = site.servers.some(({ hostname, alias }) => (alias ?? hostname) !== undefined);
  const elsewhere = resolved.filter(
    ({ addresses }) =>
      !named &&
      end === 'addresses' &&
      addresses.length > 0 &&
      !addresses.some((address) => ours.includes(address)),
  );
  return [
    ...told.map((one) => finding('resolver-fails', about, `A resolver does not find ${site.host}: ${one}.`)),
    ...elsewhere.map(({ resolver, addresses }) =>
      finding(
        'resolver-elsewhere',
        about,
        `${resolver} sends visitors of ${site.host} to ${listed(addresses)}.`,
      ),
    ),
  ];
};
