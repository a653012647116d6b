import { App, type StackProps } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { stackNames } from '../lambda/contract.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { type Bundles, bundleFunctions } from './bundle.ts';
import { ZONE_ROLES_FOR } from './context.ts';
import { AppParts } from './deployment.ts';
import { NO_ACCOUNT, newStack, type Placement } from './stacks/stack.ts';
import { foreignAccounts, newZoneRolesStack } from './stacks/zone-roles.ts';
import { Switchover } from './switchover.ts';

export type AppOptions = {
  /** Where the assembly is written; by default where the CDK command line says, else a temporary directory. */
  outdir?: string;
  /** CDK context beside that of cdk.json. */
  context?: Record<string, unknown>;
  /**
   * Also makes the stacks of roles in other accounts that have zones; `trusted` is the account that is deployed to, a parameter of those
   * stacks where it is not known.
   */
  zoneRoles?: { trusted?: string | undefined };
  /** Makes the functions' code; by default from the sources in lambda/. */
  bundle?: (config: Config) => Bundles;
};

/**
 * Everything that is deployed, as a CDK app; `.synth()` writes the assembly. Needs no network and no credentials. The feature
 * flags of cdk.json apply whoever calls, so that the assembly run on this machine is the one that the CDK deploys.
 */
export const buildApp = (config: Config, options: AppOptions = {}): App => {
  const app = new App({
    outdir: options.outdir,
    context: { ...cdkJson.context, ...options.context },
    analyticsReporting: false,
    // Who builds it synthesizes it. The CDK would do it once more as the process ends, and print a trace if that fails.
    autoSynth: false,
  });
  const { deployment, homeRegion } = config;
  const names = stackNames(deployment);
  // The account is the one that the CDK command line found credentials for, if any.
  const props: StackProps = { env: { account: process.env.CDK_DEFAULT_ACCOUNT } };
  const place: Placement = (kind, region) => ({ scope: app, id: idOf(names, kind, region), props });
  const told: unknown = app.node.tryGetContext(ZONE_ROLES_FOR);
  const zoneRoles = options.zoneRoles ?? (told === undefined ? undefined : { trusted: String(told) });
  for (const account of zoneRoles === undefined ? [] : foreignAccounts(config))
    newZoneRolesStack(app, config, account, config.local ? NO_ACCOUNT : zoneRoles?.trusted);
  const home = newStack(
    { scope: app, id: names.control, props },
    {
      config,
      region: homeRegion,
      description: `Switchover ${deployment}: decides where names point, and moves them.`,
    },
  );
  // By this id the names of resources are what they are without it: those of every stack that was ever deployed.
  new Switchover(home, 'Default', new AppParts(config, place, options.bundle ?? bundleFunctions));
  return app;
};

const idOf = (
  names: ReturnType<typeof stackNames>,
  kind: Parameters<Placement>[0],
  region: string,
): string => {
  if (kind === 'vantage') return names.vantage(region);
  return kind === 'dead-man' ? names.deadMan(region) : names[kind];
};
