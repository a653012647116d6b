import { type Announcement, announcement, incidentId } from './announcement.ts';
import type { Config } from './site.ts';

/** What a controller leaves to its successor about the deployment as a whole: stored like a site, under the name `*`. */
export type DeploymentState = {
  schema: 1;
  /** Vantages announced as blind and not seeing again yet. */
  blind: string[];
  owed: Announcement[];
};

export const DEPLOYMENT = '*';

/** A vantage that could not look in so many rounds in a row is announced: once may be a hiccup. */
export const BLIND_VANTAGE_ROUNDS = 2;

export const emptyDeployment = (): DeploymentState => ({ schema: 1, blind: [], owed: [] });

export const parseDeployment = (text: string): DeploymentState | undefined => {
  try {
    const value = JSON.parse(text) as DeploymentState;
    return value.schema === 1 && Array.isArray(value.blind) && Array.isArray(value.owed) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The state with an announcement owed for each vantage that turned blind. `sees` were called lately and saw something. */
export const tellVantages = (
  state: DeploymentState,
  now: { blind: Map<string, { rounds: number; why: string }>; sees: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  let next = state;
  for (const vantage of now.sees.filter((v) => next.blind.includes(v))) {
    next = { ...next, blind: next.blind.filter((v) => v !== vantage) };
  }
  for (const [vantage, { rounds, why }] of now.blind) {
    if (rounds < BLIND_VANTAGE_ROUNDS || next.blind.includes(vantage)) continue;
    const blind = [...next.blind, vantage];
    const words = vantageBlind(config, vantage, why, config.vantages.length - blind.length);
    const incident = incidentId(config.deployment, now.nowMs);
    const told = announcement({ site: DEPLOYMENT, incident, kind: 'vantage-blind', words, atMs: now.nowMs });
    next = { ...next, blind, owed: [...next.owed, { ...told, id: `${told.id}/${vantage}` }] };
  }
  return next;
};

const vantageBlind = (
  config: Config,
  vantage: string,
  why: string,
  left: number,
): { subject: string; text: string } => ({
  subject: `vantage ${vantage} of ${config.deployment} is blind`,
  text: [
    `What happened\n  The vantage ${vantage} could not look: ${why}`,
    `What that means\n  It counts as having seen nothing, for no server and against none. ${left} of ${config.vantages.length} vantages still see;\n  a switch needs more than half of all ${config.vantages.length} to agree.`,
    `What to do\n  See whether the function ${config.deployment}-prober exists and runs in ${vantage}, and whether AWS reports trouble there.`,
  ].join('\n\n'),
});
