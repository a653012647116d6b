import type { Answered, SiteDns, ZoneDns } from '../core/doctor/facts.ts';
import type { Site } from '../core/site/site.ts';
import { othersOf } from '../core/zone/obstacle.ts';
import { addressesIn, type Finder, isWithin, placeText } from '../dns/finder.ts';
import type { DnsServer } from '../ports.ts';
import { goodServers } from './delegation.ts';

/** A chain of CNAME records is followed this far; resolvers stop sooner. */
const LINKS_MAX = 12;
/**
 * With more sites than this, each is asked of one name server: a thousand sites at eight addresses are too many
 * questions.
 */
const SITES_ASKED_EVERYWHERE = 50;

/** How visitors find one site: number `index` of the `count` that are looked at. */
export const askSite = async (
  find: Finder,
  site: Site,
  zones: ZoneDns[],
  { index, count }: { index: number; count: number },
): Promise<SiteDns> => {
  const zone = zones.find((one) => one.zone === site.zone);
  const good = zone === undefined ? [] : goodServers(zone);
  const asked =
    count <= SITES_ASKED_EVERYWHERE ? good : good.slice(index % Math.max(1, good.length)).slice(0, 1);
  const [way, published, resolved, others] = await Promise.all([
    follow(find, site.host, zones),
    Promise.all(asked.map((server) => askPublished(find, server, site.name))),
    Promise.all(find.dns.resolvers.map((resolver) => askResolver(find, resolver, site.host))),
    askOthers(find, site, asked[0]),
  ]);
  return {
    site: site.name,
    ...way,
    published: published.flat(),
    resolved,
    ...(others.length > 0 && { others }),
  };
};

/** Types that people put at a site's name; the listing of the zone, once it can be read, has all there are. */
const OTHER_TYPES = ['TXT', 'MX', 'CAA', 'NS', 'SRV'] as const;

/** Beside a CNAME DNS allows nothing: only there it matters what else the names have. */
const askOthers = async (
  find: Finder,
  site: Site,
  asked: { address: string } | undefined,
): Promise<Answered[]> => {
  if (asked === undefined || site.servers.every(({ hostname }) => hostname === undefined)) return [];
  const server = find.dns.only ?? { address: asked.address, port: find.dns.port };
  const questions = site.names.flatMap((name) => OTHER_TYPES.map((type) => ({ name, type })));
  const found = await Promise.all(questions.map((question) => find.ask(server, question)));
  return othersOf(
    site,
    found.flatMap(({ answer }) => (answer?.answers ?? []).map((one) => ({ ...one, values: [one.value] }))),
  ).map(({ values: _, ...one }) => one);
};

const askPublished = async (
  find: Finder,
  { name, address }: { name: string; address: string },
  record: string,
): Promise<SiteDns['published']> => {
  const server = find.dns.only ?? { address, port: find.dns.port };
  const answers = await Promise.all(
    (['A', 'AAAA'] as const).map((type) => find.ask(server, { name: record, type })),
  );
  // Without both answers nobody can say what it publishes; that it is silent is told of the server itself.
  if (answers.some(({ answer }) => answer === undefined)) return [];
  const own = answers.flatMap(({ answer }) => answer?.answers ?? []).filter((one) => one.name === record);
  const unique = [...new Map(own.map((one) => [`${one.type} ${one.value}`, one])).values()];
  return [{ server: `${name} (${address})`, records: unique }];
};

const askResolver = async (
  find: Finder,
  resolver: DnsServer,
  host: string,
): Promise<SiteDns['resolved'][number]> => {
  const { answer, trouble } = await find.ask(resolver, { name: host, type: 'A', recursion: true });
  const place = placeText(resolver);
  if (answer === undefined) return { resolver: place, trouble, addresses: [] };
  return { resolver: place, rcode: answer.rcode, addresses: addressesIn(answer.answers) };
};

type Way = Pick<SiteDns, 'links' | 'end' | 'trouble' | 'addresses'>;

/**
 * From the host to its addresses, each link asked of the name servers of its own zone: a resolver's TTLs are what is
 * left of them.
 */
const follow = async (find: Finder, host: string, zones: ZoneDns[]): Promise<Way> => {
  const links: Way['links'] = [];
  let name = host;
  for (;;) {
    const step = await askLink(find, name, zones);
    if ('why' in step) return { links, end: 'unseen', trouble: step.why, addresses: [] };
    const alias = step.records.find((one) => one.type === 'CNAME');
    if (alias === undefined) {
      const addresses = step.records.filter(({ type }) => type === 'A' || type === 'AAAA');
      return { links, end: addresses.length > 0 ? 'addresses' : 'missing', addresses };
    }
    const seen = alias.value === host || links.some(({ to }) => to === alias.value);
    links.push({ name, ttlSeconds: alias.ttlSeconds, to: alias.value });
    if (seen || links.length === LINKS_MAX) return { links, end: 'loop', addresses: [] };
    name = alias.value;
  }
};

/** What the zone of `name` has there: its CNAME record, or its addresses. */
const askLink = async (
  find: Finder,
  name: string,
  zones: ZoneDns[],
): Promise<{ records: Answered[] } | { why: string }> => {
  const servers = await serversFor(find, name, zones);
  if ('why' in servers) return servers;
  let why = `no name server for ${name} was found`;
  for (const { address } of servers.found) {
    const server = find.dns.only ?? { address, port: find.dns.port };
    // Asked for itself: a server that follows the chain may answer a circle with SERVFAIL.
    const alias = await find.ask(server, { name, type: 'CNAME' });
    if (alias.answer === undefined) {
      why = alias.trouble.text;
      continue;
    }
    const { rcode, authoritative } = alias.answer;
    if (!['NOERROR', 'NXDOMAIN'].includes(rcode) || !authoritative) {
      why = `${address} says ${rcode} to ${name}`;
      continue;
    }
    if (alias.answer.answers.length > 0) return { records: alias.answer.answers };
    const types = ['A', 'AAAA'] as const;
    const found = await Promise.all(types.map((type) => find.ask(server, { name, type })));
    const lost = found.find(({ answer }) => answer === undefined);
    if (lost === undefined) return { records: found.flatMap(({ answer }) => answer?.answers ?? []) };
    why = lost.trouble?.text ?? why;
  }
  return { why };
};

const serversFor = async (
  find: Finder,
  name: string,
  zones: ZoneDns[],
): Promise<{ found: { address: string }[] } | { why: string }> => {
  const [own] = zones
    .filter(({ zone }) => isWithin(name, zone))
    .sort((a, b) => b.zone.length - a.zone.length)
    .map(goodServers);
  // Our own zone is asked at its own servers also while nothing delegates to it: each fault is told once, where it is.
  if (own !== undefined && own.length > 0) return { found: own };
  if (find.dns.only !== undefined) return { why: `${name} is in no zone of this machine` };
  const holder = await find.zoneOf(name);
  if ('why' in holder) return holder;
  return { found: await find.serversOf(holder.zone) };
};
