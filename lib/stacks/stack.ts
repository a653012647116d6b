import { type App, CfnRule, Fn, Stack } from 'aws-cdk-lib';
import type { Config } from '../../lambda/core/site/site.ts';
import { exampleText } from '../config/index.ts';

/** No account has this number, so nothing that is pinned to it can be deployed. */
const NO_ACCOUNT = '000000000000';

/**
 * A stack of this deployment. The region is always explicit, so that synthesis asks nobody; the account is the one that the
 * CDK command line found credentials for, if any.
 */
export const newStack = (
  app: App,
  config: Config,
  name: string,
  region: string,
  description: string,
): Stack => {
  const account = config.local ? NO_ACCOUNT : process.env.CDK_DEFAULT_ACCOUNT;
  const stack = new Stack(app, name, { description, env: { account, region } });
  if (config.local) refuseDeployment(stack, 'LocalOnly', LOCAL);
  const example = exampleText(config);
  if (example !== undefined) refuseDeployment(stack, 'ExampleOnly', `${example} Then synthesize again.`);
  return stack;
};

/**
 * A local configuration may hold loopback addresses and one-second intervals. The account alone would stop the CDK command
 * line; the rule stops whoever takes the template to CloudFormation by another way.
 */
const LOCAL =
  'This configuration says `local: true`: it is for `npm start` on one machine and must not be deployed. ' +
  'Remove `local` from the configuration, correct what is then refused, and synthesize again.';

/** CloudFormation holds a rule against a template before it makes anything, and says why it does not. */
const refuseDeployment = (stack: Stack, id: string, why: string): void => {
  new CfnRule(stack, id, {
    assertions: [{ assert: Fn.conditionEquals(id, 'deployable'), assertDescription: why }],
  });
};
