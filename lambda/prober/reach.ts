import { BlockList, isIPv6 } from 'node:net';

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

/** Why no visitor can reach `address`, as a noun with its article; undefined when they can. */
export const unreachableKind = (address: string): string | undefined => {
  const type = isIPv6(address) ? 'ipv6' : 'ipv4';
  const hit = (type === 'ipv6' ? IPV6_RANGES : IPV4_RANGES).find(({ list }) => list.check(address, type));
  if (hit !== undefined) return hit.kind;
  return type === 'ipv6' && !GLOBAL_UNICAST.list.check(address, type)
    ? 'an address outside the global unicast range'
    : undefined;
};
