import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import type { Config } from '../lambda/core/site/site.ts';
import { type Bundles, bundleFunctions } from './bundle.ts';
import { newControlStack } from './stacks/control.ts';
import { newDeadManStack } from './stacks/dead-man.ts';
import { newStateStack } from './stacks/state.ts';
import { newVantageStack } from './stacks/vantage.ts';
import { newZonesStack } from './stacks/zones.ts';

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
    // Who builds it synthesizes it. The CDK would do it once more as the process ends, and print a trace if that fails.
    autoSynth: false,
  });
  const bundles = (options.bundle ?? bundleFunctions)(config);
  try {
    const vantages = config.vantages
      .filter((region) => region !== config.homeRegion)
      .map((region) => newVantageStack(app, config, region, bundles.prober));
    const state = newStateStack(app, config);
    const made = newZonesStack(app, config);
    const control = newControlStack(app, config, bundles, made.ids);
    const deadMan = newDeadManStack(app, config, bundles.deadMan);
    // Order only: state and probers are there before the controller asks them, and it decides before silence is listened
    // for. The one reference is that of the control stack to the ids of zones, which nobody knows before they are made.
    const before = [state, ...(made.stack === undefined ? [] : [made.stack]), ...vantages];
    for (const stack of before) control.addStackDependency(stack);
    // A table's name that is taken stops everything before a zone is made.
    made.stack?.addStackDependency(state);
    deadMan.addStackDependency(control);
    return app;
  } finally {
    // The assembly has its own copy by now.
    bundles.remove();
  }
};
