import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Config } from '../../lambda/core/site/site.ts';
import { newProber } from './function.ts';
import { newStack, type Placement } from './stack.ts';

/** A region from which servers are seen: one prober. The controller finds it by its plain name. */
export const newVantageStack = (
  placement: Placement,
  config: Config,
  region: string,
  proberCode: string,
): Stack => {
  const stack = newStack(placement('vantage', region), {
    config,
    region,
    description: `Switchover ${config.deployment}: looks at the sites from ${region}.`,
  });
  const prober = newProber(stack, config, proberCode);
  new CfnOutput(stack, 'ProberFunction', { value: prober.functionName });
  return stack;
};
