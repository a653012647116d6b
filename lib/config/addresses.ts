import { BlockList, isIP } from 'node:net';
import { expected } from './problems.ts';

type Range = { list: BlockList; kind: string };

const range = (kind: string, ...subnets: [string, number][]): Range => {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4');
  return { list, kind };
};

/**
 * What no visitor can reach, from the IANA special-purpose address registries (RFC 6890 and its updates). The
 * documentation addresses of RFC 5737, RFC 3849 and RFC 9637 are left out on purpose: examples must pass.
 */
const IPV4_RANGES: Range[] = [
  range('a loopback address', ['127.0.0.0', 8]),
  range('a private address', ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]),
  range("a shared address behind a carrier's NAT (CGNAT)", ['100.64.0.0', 10]),
  range('a link-local address', ['169.254.0.0', 16]),
  range('a multicast address', ['224.0.0.0', 4]),
  range('an address for benchmarks', ['198.18.0.0', 15]),
  range('a reserved address', ['0.0.0.0', 8], ['192.0.0.0', 24], ['192.88.99.0', 24], ['240.0.0.0', 4]),
];

const IPV6_RANGES: Range[] = [
  range('the loopback address', ['::1', 128]),
  range('an IPv4 address in IPv6 clothing', ['::ffff:0:0', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48]),
  range('a private (unique local) address', ['fc00::', 7], ['fec0::', 10]),
  range('a link-local address', ['fe80::', 10]),
  range('a multicast address', ['ff00::', 8]),
  range('a Teredo or 6to4 tunnel address', ['2001::', 32], ['2002::', 16]),
  range('an address for benchmarks or identifiers', ['2001:2::', 48], ['2001:10::', 28], ['2001:20::', 28]),
];

const GLOBAL_UNICAST = range('', ['2000::', 3]);

/** What is wrong with `value` as an address of this family, as a sentence; with `local` any address passes. */
export const addressRefusal = (value: unknown, family: 4 | 6, local: boolean): string | undefined => {
  const allowed =
    family === 4 ? 'an IPv4 address such as 203.0.113.10' : 'an IPv6 address such as 2001:db8::10';
  const found = typeof value === 'string' ? isIP(value) : 0;
  if (typeof value !== 'string' || found === 0) {
    const named = typeof value === 'string' && /[a-z]/i.test(value) && !value.includes(':');
    const wayOut = 'write one address, without port, brackets or prefix length';
    return expected(allowed, value, named ? `${wayOut}; a host name goes in \`hostname\`` : wayOut);
  }
  if (found !== family) return expected(allowed, value, `this one belongs in \`ipv${found}\``);
  if (value.includes('%'))
    return expected(allowed, value, 'drop the zone index after %: DNS cannot carry it');
  const kind = local ? undefined : unreachableKind(value, family);
  if (kind === undefined) return undefined;
  return expected(
    'an address that visitors can reach',
    value,
    `this is ${kind}, so give the public address, or set \`local: true\` to try things on this machine`,
  );
};

const unreachableKind = (address: string, family: 4 | 6): string | undefined => {
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const hit = (family === 4 ? IPV4_RANGES : IPV6_RANGES).find(({ list }) => list.check(address, type));
  if (hit !== undefined) return hit.kind;
  return family === 6 && !GLOBAL_UNICAST.list.check(address, type)
    ? 'outside the global unicast range'
    : undefined;
};

/** IPv6 in the one spelling of RFC 5952; IPv4 has only one. `address` must have passed `addressRefusal`. */
export const canonicalAddress = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
