import type { DeploymentState } from '../core/state/deployment-state.ts';
import type { SiteState } from '../core/state/site-state.ts';
import type { Step } from '../core/steps/step.ts';
import type { Watch, Watched } from './watch.ts';

/**
 * What is known of a site after something has happened there. States are replaced and never changed, and nowhere but in this room:
 * `state` is read-only to all others.
 */
export const change = (watched: Watched, step: Step): void => {
  (watched as { state: SiteState }).state = step(watched.state);
};

/** The same of the deployment as a whole. */
export const changeDeployment = (
  { deployment }: Watch,
  step: (state: DeploymentState) => DeploymentState,
): void => {
  (deployment as { state: DeploymentState }).state = step(deployment.state);
};
