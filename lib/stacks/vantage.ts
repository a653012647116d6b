import { type App, CfnOutput, type Stack } from 'aws-cdk-lib';
import { stackNames } from '../../lambda/contract.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { newProber } from './function.ts';
import { newStack } from './stack.ts';

/** A region from which servers are seen: one prober. The controller finds it by its plain name. */
export const newVantageStack = (app: App, config: Config, region: string, proberCode: string): Stack => {
  const stack = newStack(
    app,
    config,
    stackNames(config.deployment).vantage(region),
    region,
    `Switchover ${config.deployment}: looks at the sites from ${region}.`,
  );
  const prober = newProber(stack, config, proberCode);
  new CfnOutput(stack, 'ProberFunction', { value: prober.functionName });
  return stack;
};
