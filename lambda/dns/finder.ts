import { DnsFault, type DnsFaultReason, serverText } from '../edge/dns.ts';
import type { DnsAnswer, DnsEdge, DnsQuestion, DnsRecord, DnsServer } from '../ports.ts';

/** An answer, or why there is none. */
export type Heard =
  | { answer: DnsAnswer; trouble?: undefined }
  | { answer?: undefined; trouble: { reason: DnsFaultReason; text: string } };

/** Finds name servers as a resolver would, and remembers what the resolvers said: for one visit or search. */
export type Finder = {
  dns: DnsEdge;
  /** Asks one server; everything that is no answer is told and not thrown. */
  ask(server: DnsServer, question: DnsQuestion): Promise<Heard>;
  /** Asks the resolvers, each in turn until one answers. */
  resolve(name: string, type: DnsQuestion['type']): Promise<Heard>;
  /** The addresses of a host name, IPv4 first. */
  addresses(name: string): Promise<string[]>;
  /** The zone that holds `name`, or a sentence saying why it was not found. */
  zoneOf(name: string): Promise<{ zone: string } | { why: string }>;
  /** The name servers of a zone with their addresses, as resolvers tell them. */
  serversOf(zone: string): Promise<{ name: string; address: string }[]>;
};

export const finder = (dns: DnsEdge, signal?: AbortSignal): Finder => {
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const known = kept.get(key) ?? work();
    kept.set(key, known);
    return known as Promise<T>;
  };
  const ask: Finder['ask'] = async (server, question) => {
    if (signal?.aborted) return { trouble: { reason: 'timeout', text: 'the time for it was over' } };
    try {
      return { answer: await dns.ask(server, question) };
    } catch (error) {
      if (!(error instanceof DnsFault)) throw error;
      return { trouble: { reason: error.reason, text: error.message.replace(/^DNS ask: /, '') } };
    }
  };
  const resolve: Finder['resolve'] = (name, type) =>
    once(`${type} ${name}`, async () => {
      let last: Heard = { trouble: { reason: 'unreachable', text: 'there is no resolver to ask' } };
      for (const resolver of dns.resolvers) {
        last = await ask(resolver, { name, type, recursion: true });
        if (last.answer !== undefined && ['NOERROR', 'NXDOMAIN'].includes(last.answer.rcode)) return last;
      }
      return last;
    });
  const addresses: Finder['addresses'] = async (name) => {
    const found = await Promise.all((['A', 'AAAA'] as const).map((type) => resolve(name, type)));
    return found.flatMap(({ answer }) => addressesIn(answer?.answers ?? []));
  };
  return {
    dns,
    ask,
    resolve,
    addresses,
    zoneOf: async (name) => {
      const { answer, trouble } = await resolve(name, 'SOA');
      const all = [...(answer?.answers ?? []), ...(answer?.authorities ?? [])];
      // A CNAME at the name may lead to another zone's SOA record; the zone that holds the name ends like it.
      const soa = all.find((one) => one.type === 'SOA' && isWithin(name, one.name));
      if (soa !== undefined) return { zone: soa.name };
      // A name with a CNAME is no apex, and where it leads to may be broken: the zone holds the name above, too.
      const above = name === '' ? { why: '' } : await enclosing(resolve, name.split('.').slice(1).join('.'));
      if ('zone' in above) return above;
      return { why: trouble?.text ?? `the resolver says ${answer?.rcode} to ${name || 'the root'} SOA` };
    },
    serversOf: async (zone) => {
      const { answer } = await resolve(zone, 'NS');
      const names = (answer?.answers ?? []).filter((one) => one.type === 'NS').map(({ value }) => value);
      const all = await Promise.all(
        names.map(async (name) => (await addresses(name)).map((address) => ({ name, address }))),
      );
      return all.flat();
    },
  };
};

const enclosing = async (
  resolve: Finder['resolve'],
  name: string,
): Promise<{ zone: string } | { why: string }> => {
  const { answer } = await resolve(name, 'SOA');
  const all = [...(answer?.answers ?? []), ...(answer?.authorities ?? [])];
  const soa = all.find((one) => one.type === 'SOA' && isWithin(name, one.name));
  return soa === undefined ? { why: `nobody tells which zone holds ${name}` } : { zone: soa.name };
};

export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);

export const addressesIn = (records: DnsRecord[]): string[] =>
  records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ value }) => value);

/**
 * NS records at the zone's name: in a referral they stand in the authority section, and who has the zone answers for
 * it.
 */
export const nameServersIn = (
  { answers, authorities }: DnsAnswer,
  zone: string,
): { names: string[]; ttlSeconds: number } | undefined => {
  const records = [...answers, ...authorities].filter((one) => one.type === 'NS' && one.name === zone);
  if (records.length === 0) return undefined;
  return {
    names: records.map(({ value }) => value),
    ttlSeconds: Math.min(...records.map((one) => one.ttlSeconds)),
  };
};

/** A resolver as people know it. */
export const placeText = (server: DnsServer): string =>
  server.port === 53 ? server.address : serverText(server);
