import { isIP } from 'node:net';
import { basename } from 'node:path';
import { probedAddresses } from '../lambda/core/evidence/targets.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { unreachableKind } from '../lambda/prober/reach.ts';
import { exampleText } from '../lib/config/index.ts';
import { CannotStart } from './cannot-start.ts';

const bare = (host: string): string => host.replace(/^\[|\]$/g, '');

/** What is on this machine or in a private network; of a name nobody knows without asking. */
const isNear = (addressOrName: string): boolean =>
  isIP(addressOrName) === 0 ? addressOrName === 'localhost' : unreachableKind(addressOrName) !== undefined;

/** Everything to which the functions would send something once they run. */
const askedIn = ({ sites, references, resolvers = [] }: Config): string[] => [
  ...sites.flatMap(({ servers, readdress }) => [
    ...servers.flatMap(probedAddresses),
    ...(readdress === undefined ? [] : [readdress.address]),
  ]),
  ...references.map((url) => bare(new URL(url).hostname)),
  ...resolvers.map((resolver) => (isIP(resolver) === 0 ? bare(resolver.replace(/:\d+$/, '')) : resolver)),
];

const SHOWN = 4;

/**
 * Refuses, with `CannotStart`, a configuration that would send something to the internet without a person having asked for that
 * (`watchRealServers`), and one that still is the example. `configFile` is where it was written.
 */
export const refuseStrangers = (config: Config, watchRealServers: boolean, configFile?: string): void => {
  const example = exampleText(config, configFile && basename(configFile));
  if (example !== undefined)
    throw new CannotStart(
      `${example} To try things on this machine, "npm start" alone has servers of its own; see also examples/local.config.json.`,
    );
  const far = [...new Set(askedIn(config).filter((one) => !isNear(one)))];
  if (far.length === 0 || watchRealServers) return;
  const more = far.length > SHOWN ? ` and ${far.length - SHOWN} more` : '';
  throw new CannotStart(
    `This configuration has servers that are not on this machine: ${far.slice(0, SHOWN).join(', ')}${more}. ` +
      'To have them probed from here, add --watch-real-servers. Their real DNS is not touched.',
  );
};
