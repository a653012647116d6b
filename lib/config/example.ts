import { BlockList, isIP } from 'node:net';
import { type Config, partsOfRole, type Server, servedAddresses } from '../../lambda/core/site/site.ts';

/** Addresses that are set aside for documentation: RFC 5737, RFC 3849 and RFC 9637. Nobody answers there. */
const DOCUMENTATION = new BlockList();
for (const net of ['192.0.2.0', '198.51.100.0', '203.0.113.0']) DOCUMENTATION.addSubnet(net, 24, 'ipv4');
DOCUMENTATION.addSubnet('2001:db8::', 32, 'ipv6');
DOCUMENTATION.addSubnet('3fff::', 20, 'ipv6');

/** Names that are set aside for examples (RFC 2606), and the one that our own example and pages use. */
const EXAMPLE_NAME = /(^|\.)example(\.(com|net|org|edu|co\.uk))?\.?$/i;

/** Ids that our pages and AWS's give as examples: accounts, a hosted zone, an Elastic IP and what holds it. */
const EXAMPLE_ID =
  /^(111122223333|444455556666|123456789012|Z0123456789ABCDEFGHIJ|(eipalloc|eni|i)-0123456789abcdef\d?)$/;

const isExample = (place: string): boolean => {
  const family = isIP(place);
  return family === 0
    ? EXAMPLE_NAME.test(place) || EXAMPLE_ID.test(place)
    : DOCUMENTATION.check(place, family === 6 ? 'ipv6' : 'ipv4');
};

/** An address as a resolver is given: with a port or without. */
const withoutPort = (resolver: string): string =>
  /^\[(.*)\](?::\d+)?$/.exec(resolver)?.[1] ?? /^([\d.]+):\d+$/.exec(resolver)?.[1] ?? resolver;

const hostIn = (url: string): string => withoutPort(new URL(url).hostname);

const placesOf = (server: Server): string[] => [
  ...servedAddresses(server),
  ...given(server.probeAddress, server.holder),
];

const given = (...places: (string | undefined)[]): string[] => places.filter((one) => one !== undefined);

/** Everything in a configuration to which something would be sent, or that would be made. */
const placesIn = ({ zones, alerts, references, resolvers = [], sites }: Config): string[] => [
  ...sites.flatMap(({ names, host, servers, readdress, dual, probe }) => [
    ...servers.flatMap(placesOf),
    ...given(readdress?.address, readdress?.allocationId),
    ...names,
    host,
    ...given(dual?.primaryHost),
    ...(probe.redirectHosts ?? []),
  ]),
  ...zones.flatMap(({ name, id, account }) => [
    name,
    ...given(id, account && partsOfRole(account.roleArn).account),
  ]),
  ...alerts.emails.map((email) => email.slice(email.lastIndexOf('@') + 1)),
  ...(alerts.channels ?? []).flatMap(({ service }) => (service === undefined ? [] : [hostIn(service)])),
  ...references.map(hostIn),
  ...resolvers.map(withoutPort),
];

const SHOWN = 4;

/**
 * What to tell whoever uses a configuration that still is the example, in whole sentences; undefined of any other, and of one for a
 * single machine. `file` is what to edit. Nothing may be sent to such places: they are nobody's, or somebody else's.
 */
export const exampleText = (config: Config, file = 'switchover.config.ts'): string | undefined => {
  if (config.local) return undefined;
  const found = [...new Set(placesIn(config).filter(isExample))];
  if (found.length === 0) return undefined;
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : '';
  return (
    `This is still the example: edit ${file}. ` +
    `Of documentation, and not yours, are ${found.slice(0, SHOWN).join(', ')}${more}.`
  );
};
