import type { LogLine } from '../contract.ts';
import type { Site } from '../core/site/site.ts';
import type { DeploymentState } from '../core/state/deployment-state.ts';
import type { SiteState } from '../core/state/site-state.ts';
import type { Step } from '../core/steps/step.ts';
import { type Book, entryOf } from './book.ts';

/**
 * What is known of a site after something has happened there. States are replaced and never changed, and nowhere but in
 * this room: `state` is read-only to all others.
 */
export const change = (book: Book, site: Site, step: Step): void => {
  const entry: { state: SiteState } = entryOf(book, site);
  entry.state = step(entry.state);
};

/** The same of the deployment as a whole. */
export const changeDeployment = (
  { deployment }: Book,
  step: (state: DeploymentState) => DeploymentState,
): void => {
  (deployment as { state: DeploymentState }).state = step(deployment.state);
};

/** Notes a write that the zone was seen to show; `line` is logged once it is saved. */
export const noteApplied = (book: Book, site: Site, epoch: number, line: LogLine | undefined): void => {
  const entry = entryOf(book, site);
  entry.appliedEpoch = epoch;
  if (line !== undefined) entry.applied.push(line);
};

/** Logs what was applied. Who cannot keep that it was logged leaves it to the successor. */
export const logApplied = (book: Book, site: Site, isKept: boolean): void => {
  for (const line of entryOf(book, site).applied.splice(0)) if (isKept) book.log(line);
};

/** That a state was lost is told, or the zone shows that none was. */
export const forgetLoss = (book: Book, site: Site): void => {
  entryOf(book, site).stateLost = false;
};
