import { numbered, shardNumber, shardsOf } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import type { Finding } from './finding.ts';
import type { DeploymentNews } from './news.ts';
import { bounded, incidentId, type Notice, noticeOf } from './notice.ts';
import type { Reminders } from './reminders.ts';
import { fromSchema1 } from './schema-1.ts';
import { isDeploymentState } from './state-shape.ts';

/**
 * What a controller leaves to its successor about the deployment as a whole: stored like a site, under `deploymentKey`.
 */
export type DeploymentState = {
  schema: 2;
  /** The sites that were watched last, by name; absent before the first round. */
  sites?: string[];
  /** Noted by the first of several controllers: how many there were last. */
  controllers?: number;
  /** Vantages announced as blind and not seeing again yet. */
  blind: string[];
  /** Why each of them was, as far as it was noted. */
  blindFor?: Record<string, string>;
  /** Zones that cannot be listed: since when, milliseconds. */
  unreadable: Record<string, number>;
  reminders: Reminders;
  /** Mass failures that are not over, by the incident under which their sites were told of: since when, and at how many sites. */
  masses?: Record<string, { sinceMs: number; count: number }>;
  outbox: Notice<DeploymentNews>[];
  /** The Monday whose test message was sent, or that came before the first deployment, milliseconds. */
  testedMs?: number;
  /** The daily check: when it was made last, and what only the controller can find. */
  checked?: { atMs: number; againMs?: number; kept: Finding[] };
};

/** The deployment as a process knows it. */
export type KnownDeployment = {
  readonly state: DeploymentState;
  /**
   * Of what is stored. None: that was written by a version that this one does not understand, and nothing is saved over
   * it.
   */
  version: number | undefined;
  /** What is stored, as it was last read or saved. */
  stored?: DeploymentState;
};

export const DEPLOYMENT = '*';

/**
 * A vantage that could not look: in how many rounds in a row that called it, with the code of what came instead, and in
 * words why.
 */
export type Blind = { rounds: number; code: string; why: string };

/** The name under which a controller stores it: each of several has its own. */
export const deploymentKey = (config: Config): string => numbered(DEPLOYMENT, shardNumber(config));

/** The names under which all controllers that this configuration tells of store it. */
export const deploymentKeys = (config: Config): string[] =>
  config.shard === undefined
    ? shardsOf(config).map((_, index) => numbered(DEPLOYMENT, index + 1))
    : [deploymentKey(config)];

export const emptyDeployment = (): DeploymentState => ({
  schema: 2,
  blind: [],
  unreadable: {},
  reminders: {},
  outbox: [],
});

/** News of the deployment as a whole. `incident`, or `sinceMs`, when its incident began, if that was before. */
export type Told = { kind: string; news: DeploymentNews; atMs: number; sinceMs?: number; incident?: string };

export const noticeOfAll = (
  { kind, news, atMs, sinceMs = atMs, incident }: Told,
  { deployment }: Config,
): Notice<DeploymentNews> =>
  noticeOf({
    site: DEPLOYMENT,
    incident: incident ?? incidentId(deployment, sinceMs),
    kind,
    atMs,
    news,
  });

/** The state with more to tell, within bounds. */
export const enqueueNews = (state: DeploymentState, told: Told[], config: Config): DeploymentState =>
  told.length === 0
    ? state
    : { ...state, outbox: bounded([...state.outbox, ...told.map((one) => noticeOfAll(one, config))]) };

/** Reads what is stored; `undefined` when it is not one that this version understands whole. */
export const parseDeployment = (text: string): DeploymentState | undefined => {
  try {
    const value = fromSchema1(JSON.parse(text));
    return isDeploymentState(value) ? (value as DeploymentState) : undefined;
  } catch {
    return undefined;
  }
};
