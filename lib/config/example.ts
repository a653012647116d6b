import { BlockList, isIP } from 'node:net';
import { type Config, type Server, servedAddresses } from '../../lambda/core/site/site.ts';

/** Addresses that are set aside for documentation: RFC 5737, RFC 3849 and RFC 9637. Nobody answers there. */
const DOCUMENTATION = new BlockList();
for (const net of ['192.0.2.0', '198.51.100.0', '203.0.113.0']) DOCUMENTATION.addSubnet(net, 24, 'ipv4');
DOCUMENTATION.addSubnet('2001:db8::', 32, 'ipv6');
DOCUMENTATION.addSubnet('3fff::', 20, 'ipv6');

/** Names that are set aside for examples (RFC 2606), and the one that our own example and pages use. */
const EXAMPLE_NAME = /(^|\.)example(\.(com|net|org|edu|co\.uk))?\.?$/;

const isExample = (addressOrName: string): boolean => {
  const family = isIP(addressOrName);
  return family === 0
    ? EXAMPLE_NAME.test(addressOrName)
    : DOCUMENTATION.check(addressOrName, family === 6 ? 'ipv6' : 'ipv4');
};

const placesOf = (server: Server): string[] => [
  ...servedAddresses(server),
  ...(server.probeAddress === undefined ? [] : [server.probeAddress]),
];

/** Everything in a configuration to which something would be sent, or that would be made. */
const placesIn = ({ zones, alerts, references, sites }: Config): string[] => [
  ...sites.flatMap(({ names, host, servers, readdress }) => [
    ...servers.flatMap(placesOf),
    ...(readdress === undefined ? [] : [readdress.address]),
    ...names,
    host,
  ]),
  ...zones.map(({ name }) => name),
  ...alerts.emails.map((email) => email.slice(email.lastIndexOf('@') + 1)),
  ...references.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')),
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
