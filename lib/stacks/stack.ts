import { CfnRule, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../../lambda/core/site/site.ts';
import { exampleText } from '../config/index.ts';

/** The stacks of a deployment besides that of the controller. */
export type StackKind = 'state' | 'zones' | 'vantage' | 'dead-man';

/** Where a stack is made, and what whoever makes it wants of it. */
export type StackPlace = { scope: Construct; id: string; props?: StackProps };

/** The place of a stack in its region. */
export type Placement = (kind: StackKind, region: string) => StackPlace;

/** No account has this number, so nothing that is pinned to it can be deployed. */
export const NO_ACCOUNT = '000000000000';

/** A local configuration is pinned to no account at all, whatever the CDK found credentials for. */
const accountFor = (config: Config, account: string | undefined): string | undefined =>
  config.local ? NO_ACCOUNT : account;

type Wanted = { config: Config; region: string; description: string };

/** A stack of this deployment. The region is always explicit, so that synthesis asks nobody. */
export const newStack = (
  { scope, id, props }: StackPlace,
  { config, region, description }: Wanted,
): Stack => {
  const env = { account: accountFor(config, props?.env?.account), region };
  const stack = new Stack(scope, id, { description, ...props, env });
  refuseWhatIsNotForAws(stack, config);
  return stack;
};

/**
 * A local configuration may hold loopback addresses and one-second intervals. The account alone would stop the CDK command
 * line; the rule stops whoever takes the template to CloudFormation by another way.
 */
const LOCAL =
  'This configuration says `local: true`: it is for `npm start` on one machine and must not be deployed. ' +
  'Remove `local` from the configuration, correct what is then refused, and synthesize again.';

/** Makes CloudFormation refuse the template of a configuration that is for one machine, or still the example. */
export const refuseWhatIsNotForAws = (scope: Construct, config: Config): void => {
  if (config.local) refuseDeployment(scope, 'LocalOnly', LOCAL);
  const example = exampleText(config);
  if (example !== undefined) refuseDeployment(scope, 'ExampleOnly', `${example} Then synthesize again.`);
};

/** CloudFormation holds a rule against a template before it makes anything, and says why it does not. */
const refuseDeployment = (scope: Construct, id: string, why: string): void => {
  new CfnRule(scope, id, {
    assertions: [{ assert: Fn.conditionEquals(id, 'deployable'), assertDescription: why }],
  });
};
