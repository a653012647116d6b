import { Fault } from '../core/base/fault.ts';
import type { DnsAnswer, DnsEdge, DnsQuestion, DnsServer } from '../ports.ts';
import { addressesIn, type Finder, finder, type Heard, nameServersIn } from './finder.ts';

/** A name server of a zone. */
export type NameServer = { name: string; server: DnsServer };

/** Of the parent's name servers so many are tried: one that answers is enough. */
const PARENTS_TRIED = 3;

const lost = (message: string): Fault => new Fault('lost', 'DNS', 'delegation', message);

/** The answer, where it says what there is or that there is nothing. */
const sure = ({ answer, trouble }: Heard, { name, type }: DnsQuestion): DnsAnswer => {
  if (answer === undefined) throw lost(trouble.text);
  if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return answer;
  throw lost(`${name} ${type} was answered with ${answer.rcode}`);
};

/** Where a name server is: by the addresses that came with its name, else by the resolvers; IPv4 when it has any. */
const placeOf = async (find: Finder, name: string, glue: DnsAnswer['additionals']): Promise<DnsServer> => {
  let address = glue.find((one) => one.type === 'A' && one.name === name)?.value;
  for (const type of ['A', 'AAAA'] as const) {
    // A name server's own name may be an alias although it should not, so any address in the answer will do.
    address ??= addressesIn(sure(await find.resolve(name, type), { name, type }).answers)[0];
  }
  if (address === undefined) throw lost(`the name server ${name} has no address`);
  return { address, port: find.dns.port };
};

/** The name servers of the closest zone above `zone`, by what the resolvers say. */
const parentOf = async (find: Finder, zone: string): Promise<string[]> => {
  for (let name = zone; name !== ''; ) {
    name = name.includes('.') ? name.slice(name.indexOf('.') + 1) : '';
    const answer = sure(await find.resolve(name, 'NS'), { name, type: 'NS' });
    const found = nameServersIn(answer, name);
    if (found !== undefined) return found.names;
  }
  throw lost(`no zone was found above ${zone}`);
};

/**
 * The name servers that the parent of `zone` refers the world to, asked of one of the parent's own name servers: what
 * the zone says of itself may differ, and resolvers begin at the parent. Throws a `Fault` when they could not be found
 * out.
 */
export const delegated = async (dns: DnsEdge, zone: string): Promise<NameServer[]> => {
  const find = finder(dns);
  const question = { name: zone, type: 'NS' } as const;
  let fault: unknown;
  for (const parent of (await parentOf(find, zone)).slice(0, PARENTS_TRIED)) {
    try {
      const answer = sure(await find.ask(await placeOf(find, parent, []), question), question);
      const names = [...new Set(nameServersIn(answer, zone)?.names)].sort();
      if (names.length === 0) throw lost(`${parent}, of the parent of ${zone}, delegates it to nobody`);
      return await Promise.all(
        names.map(async (name) => ({ name, server: await placeOf(find, name, answer.additionals) })),
      );
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error;
    }
  }
  throw fault;
};
