import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../../lambda/core/site/site.ts';
import type { HeldZone } from './grants.ts';

/** Lambda takes 4 KB of environment; the rest of it are two names, each known to AWS alone until it is deployed. */
const ENVIRONMENT_CHARACTERS = 4096 - 500;

/** A zone's id with its quotes, colon and comma. */
const ZONE_ID_CHARACTERS = 32 + 6;

/** Refuses what Lambda would refuse in the middle of a deployment. */
export const refuseLargeEnvironment = (scope: Construct, functionName: string, held: HeldZone[]): void => {
  const characters = held.reduce((sum, { name }) => sum + name.length + ZONE_ID_CHARACTERS, 0);
  if (characters <= ENVIRONMENT_CHARACTERS) return;
  Validations.of(scope).addError(
    'switchover:too-many-zones',
    `Expected the ids of the zones of ${functionName} to fit into the 4 KB that Lambda allows an environment, received ${held.length} zones. ` +
      'Give some of the zones and their sites to a second configuration with another `deployment` name.',
  );
};

/** A function, the zones in which it may write more than the names of its sites, and whether its policy is small enough. */
export type Writer = { name: string; widened: string[]; fits: boolean };

/** Says which functions may write more names than those of their sites, and what to do about it. */
export const tellOfWidening = (
  scope: Construct,
  { sitesPerController }: Config,
  writers: readonly Writer[],
): void => {
  const tooLarge = writers.filter(({ fits }) => !fits);
  const wide = writers.filter(({ widened }) => widened.length > 0);
  if (tooLarge.length > 0)
    Validations.of(scope).addError(
      'switchover:too-many-zones',
      `Expected the zones of ${tooLarge.map(({ name }) => name).join(', ')} to fit into one IAM role's policy, but there are too many of them. ` +
        'Give some of the zones and their sites to a second configuration with another `deployment` name.',
    );
  else if (wide.length > 0)
    Validations.of(scope).addWarning(
      'switchover:wide-policy',
      'More record names than fit into an IAM policy, so these functions may write A, AAAA, CNAME and TXT records of any name in ' +
        `these zones, not only the names of the configured sites: ${wide.map(({ name, widened }) => `${name} in ${widened.join(', ')}`).join('; ')}. ` +
        'Keep records of other kinds of use out of these zones, or divide the sites over several deployments. ' +
        `For the controllers alone, fewer sites each would do, too: \`sitesPerController\` is ${sitesPerController ?? 'not set'}, and about 60 fit.`,
    );
};
