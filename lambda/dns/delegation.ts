import { Fault } from '../core/fault.ts';
import type { DnsEdge, DnsServer } from '../edge/dns.ts';
import type { DnsAnswer } from '../edge/dns-answer.ts';

/** A name server of a zone. */
export type NameServer = { name: string; server: DnsServer };

/** Of the parent's name servers so many are tried: one that answers is enough. */
const PARENTS_TRIED = 3;

const valuesOf = (records: DnsAnswer['answers'], name: string, type: string): string[] =>
  records.filter((r) => r.name === name && r.type === type).map((r) => r.value);

/** Tries the servers in turn; throws the last one's fault. */
const askOneOf = async (
  dns: DnsEdge,
  servers: DnsServer[],
  question: { name: string; type: 'A' | 'AAAA' | 'NS'; recursion: boolean },
): Promise<DnsAnswer> => {
  let fault: Fault | undefined;
  for (const server of servers) {
    try {
      const answer = await dns.ask(server, question);
      if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return answer;
      fault = lost(`${question.name} ${question.type} was answered with ${answer.rcode}`);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error;
    }
  }
  throw fault ?? lost(`nobody is there to be asked for ${question.name} ${question.type}`);
};

const lost = (message: string): Fault => new Fault('lost', 'DNS', 'delegation', message);

/** Where a name server is: by the addresses that came with its name, else by the resolver; IPv4 when it has any. */
const placeOf = async (dns: DnsEdge, name: string, glue: DnsAnswer['additionals']): Promise<DnsServer> => {
  const found = (records: DnsAnswer['answers'], type: string, owner?: string) =>
    records.find((r) => r.type === type && (owner === undefined || r.name === owner))?.value;
  let address = found(glue, 'A', name);
  // A name server's own name may be an alias although it should not, so any address in the answer will do.
  for (const type of ['A', 'AAAA'] as const) {
    address ??= found((await askOneOf(dns, dns.resolvers, { name, type, recursion: true })).answers, type);
  }
  if (address === undefined) throw lost(`the name server ${name} has no address`);
  return { address, port: dns.port };
};

/** The closest zone above `zone`, by what the resolver says, and its name servers. */
const parentOf = async (dns: DnsEdge, zone: string): Promise<string[]> => {
  for (let name = zone; name !== ''; ) {
    name = name.includes('.') ? name.slice(name.indexOf('.') + 1) : '';
    const { answers } = await askOneOf(dns, dns.resolvers, { name, type: 'NS', recursion: true });
    const servers = valuesOf(answers, name, 'NS');
    if (servers.length > 0) return servers;
  }
  throw lost(`no zone was found above ${zone}`);
};

/**
 * The name servers that the parent of `zone` refers the world to, asked of one of the parent's own name servers: what the zone
 * says of itself may differ, and resolvers begin at the parent. Throws a `Fault` when they could not be found out.
 */
export const delegated = async (dns: DnsEdge, zone: string): Promise<NameServer[]> => {
  let fault: unknown;
  for (const parent of (await parentOf(dns, zone)).slice(0, PARENTS_TRIED)) {
    try {
      const place = await placeOf(dns, parent, []);
      const question = { name: zone, type: 'NS', recursion: false } as const;
      const { answers, authorities, additionals } = await askOneOf(dns, [place], question);
      // A server that has both the parent and the zone answers for the zone instead of referring to it.
      const names = [...new Set([...valuesOf(authorities, zone, 'NS'), ...valuesOf(answers, zone, 'NS')])];
      if (names.length === 0) throw lost(`${parent}, of the parent of ${zone}, delegates it to nobody`);
      return await Promise.all(
        names.sort().map(async (name) => ({ name, server: await placeOf(dns, name, additionals) })),
      );
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error;
    }
  }
  throw fault;
};
