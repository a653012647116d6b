import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import type { Config } from '../lambda/core/site.ts';
import { type Bundles, bundleFunctions } from './bundle.ts';
import { newControlStack } from './stacks/control.ts';
import { newDeadManStack } from './stacks/dead-man.ts';
import { newVantageStack } from './stacks/vantage.ts';

export type AppOptions = {
  /** Where the assembly is written; by default where the CDK command line says, else a temporary directory. */
  outdir?: string;
  /** CDK context beside that of cdk.json. */
  context?: Record<string, unknown>;
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
  });
  const bundles = (options.bundle ?? bundleFunctions)(config);
  try {
    const vantages = config.vantages
      .filter((region) => region !== config.homeRegion)
      .map((region) => newVantageStack(app, config, region, bundles.prober));
    const control = newControlStack(app, config, bundles);
    const deadMan = newDeadManStack(app, config);
    // Order only, no references: probers are there before the controller asks them, and it decides before silence is listened for.
    for (const vantage of vantages) control.addStackDependency(vantage);
    deadMan.addStackDependency(control);
    return app;
  } finally {
    // The assembly has its own copy by now.
    bundles.remove();
  }
};
