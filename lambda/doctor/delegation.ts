import type { NameServer, ParentServer, ZoneDns } from '../core/doctor/facts.ts';
import { type Finder, nameServersIn } from '../dns/finder.ts';

/** A zone, with the name servers that Route 53 gave it where they are known. */
export type AskedZone = { name: string; nameServers?: string[] };

/** Asks the parent's name servers and the zone's own how the zone is found, as resolvers would. */
export const askZone = async (
  find: Finder,
  { name: zone, nameServers = [] }: AskedZone,
): Promise<ZoneDns> => {
  const { only } = find.dns;
  if (only !== undefined) {
    const asked = nameServers.map((name) =>
      askServer(find, zone, { name, address: only.address, delegated: true }),
    );
    return { zone, servers: await Promise.all(asked), strayGlue: [] };
  }
  const parent = await askParent(find, zone);
  const delegated = [...new Set(parent.servers.flatMap(({ delegation }) => delegation?.names ?? []))];
  const names = [...new Set([...delegated, ...nameServers])];
  const found = await Promise.all(
    names.map(async (name) => {
      const glue = parent.glue.get(name) ?? [];
      const resolved = await find.addresses(name);
      const { trouble } = await find.resolve(name, 'A');
      return { name, glue, resolved, ...(trouble?.reason === 'timeout' && { trouble }) };
    }),
  );
  const servers = found.flatMap(({ name, glue, resolved, trouble }) => {
    // What the parent hands out is what resolvers use first.
    const all = [...new Set([...glue, ...resolved])];
    const known = delegated.includes(name);
    return all.length === 0
      ? [{ name, delegated: known, ...(trouble && { trouble }) }]
      : all.map((address) => ({ name, address, delegated: known }));
  });
  const strayGlue = found
    .filter(({ glue, resolved }) => resolved.length > 0 && glue.some((one) => !resolved.includes(one)))
    .map(({ name, glue, resolved }) => ({ name, glue, resolved }));
  const { glue: _, ...rest } = parent;
  return {
    zone,
    parent: rest,
    servers: await Promise.all(servers.map((one) => askServer(find, zone, one))),
    strayGlue,
  };
};

type Parent = NonNullable<ZoneDns['parent']> & { glue: Map<string, string[]> };

const askParent = async (find: Finder, zone: string): Promise<Parent> => {
  const found = await find.zoneOf(zone.split('.').slice(1).join('.'));
  if ('why' in found) return { zone: '', servers: [], trouble: found.why, glue: new Map() };
  const addressed = await find.serversOf(found.zone);
  const glue = new Map<string, string[]>();
  const servers = await Promise.all(
    addressed.map(async ({ name, address }): Promise<ParentServer> => {
      const server = { address, port: find.dns.port };
      const [ns, ds] = await Promise.all([
        find.ask(server, { name: zone, type: 'NS' }),
        find.ask(server, { name: zone, type: 'DS' }),
      ]);
      if (ns.answer === undefined) return { name, address, trouble: ns.trouble };
      for (const one of ns.answer.additionals) {
        if (one.type !== 'A' && one.type !== 'AAAA') continue;
        glue.set(one.name, [...new Set([...(glue.get(one.name) ?? []), one.value])]);
      }
      const delegation = nameServersIn(ns.answer, zone);
      const records = ds.answer?.answers.filter((one) => one.type === 'DS').map(({ value }) => value);
      return {
        name,
        address,
        ...(records && { ds: records }),
        ...(delegation !== undefined && { delegation }),
      };
    }),
  );
  const trouble =
    servers.length === 0 ? `no name server of ${found.zone || 'the root'} was found` : undefined;
  return { zone: found.zone, servers, glue, ...(trouble !== undefined && { trouble }) };
};

type Known = Pick<NameServer, 'name' | 'address' | 'delegated' | 'trouble'>;

const askServer = async (find: Finder, zone: string, known: Known): Promise<NameServer> => {
  const { address } = known;
  if (address === undefined) return known;
  const server = find.dns.only ?? { address, port: find.dns.port };
  const ask = (type: 'SOA' | 'NS' | 'DNSKEY') => find.ask(server, { name: zone, type });
  const soa = await ask('SOA');
  // Who is silent once is not asked three times: each silence costs seconds.
  if (soa.answer === undefined) return { ...known, trouble: soa.trouble };
  const [ns, dnskey] = await Promise.all([ask('NS'), ask('DNSKEY')]);
  const keys = dnskey.answer?.answers.filter((one) => one.type === 'DNSKEY').map(({ value }) => value);
  const { rcode, authoritative, answers } = soa.answer;
  const record = answers.find((one) => one.type === 'SOA' && one.name === zone);
  const own = ns.answer?.authoritative ? nameServersIn(ns.answer, zone) : undefined;
  return {
    ...known,
    rcode,
    authoritative,
    ...(record !== undefined && {
      soa: { ttlSeconds: record.ttlSeconds, minimumSeconds: Number(record.value.split(' ').at(-1)) },
    }),
    ...(own !== undefined && { ns: own }),
    ...(keys && { keys }),
  };
};

/** Where the zone's records can be asked: its name servers that answered for it. */
export const goodServers = (dns: ZoneDns): { name: string; address: string }[] =>
  dns.servers.flatMap(({ name, address, authoritative, rcode }) =>
    address !== undefined && authoritative && rcode === 'NOERROR' ? [{ name, address }] : [],
  );
