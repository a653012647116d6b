import { isIP } from 'node:net';
import { serverOf } from '../../lambda/edge/dns.ts';
import { unreachableKind } from '../../lambda/prober/reach.ts';
import { nameRefusal } from './names.ts';
import { expected } from './problems.ts';

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
  const kind = local ? undefined : unreachableKind(value);
  if (kind === undefined) return undefined;
  return expected(
    'an address that visitors can reach',
    value,
    `this is ${kind}, so give the public address, or set \`local: true\` to try things on this machine`,
  );
};

/** What is wrong with `value` as the address at which a server is probed apart: an address or a name. */
export const probeAddressRefusal = (value: unknown, local: boolean): string | undefined => {
  if (typeof value === 'string' && isIP(value) === 0 && /\/\/|:\d*$|^\[/.test(value)) {
    return expected(
      'an address or a host name, without port or scheme',
      value,
      'leave them out; both come from `probe.url`',
    );
  }
  if (typeof value === 'string' && /^[\d.]+$/.test(value)) return addressRefusal(value, 4, local);
  if (typeof value === 'string' && value.includes(':')) return addressRefusal(value, 6, local);
  return nameRefusal(value, 'an address, or a host name such as origin-1.example.net', local);
};

/** What is wrong with `value` as the address of a resolver, which asks of anybody: an IP address; with `local` it may have a port. */
export const resolverRefusal = (value: unknown, local: boolean): string | undefined => {
  const { address } = serverOf(typeof value === 'string' ? value : '');
  const bare = local ? address : value;
  if (typeof value === 'string' && isIP(address) !== 0 && isIP(String(bare)) !== 0) {
    return addressRefusal(bare, isIP(address) as 4 | 6, local);
  }
  const allowed = "the IP address of a resolver such as '9.9.9.9'";
  return expected(
    allowed,
    value,
    'write one address, without a port: a resolver has no other name to be asked by',
  );
};
