import { type Announcement, announcement, bounded, clockTime, incidentId } from './announcement.ts';
import type { Claim } from './claim.ts';
import type { Finding } from './doctor/findings.ts';
import { controllerName, numbered, shardNumber, shardsOf } from './shard.ts';
import type { Config } from './site.ts';
import { isDeploymentState } from './state-shape.ts';
import { TELL_AGAIN_MS } from './tell.ts';

/** What a controller leaves to its successor about the deployment as a whole: stored like a site, under `deploymentKey`. */
export type DeploymentState = {
  schema: 1;
  /** The sites that were watched last, by name; absent before the first round. */
  sites?: string[];
  /** Noted by the first of several controllers: how many there were last. */
  controllers?: number;
  /** Vantages announced as blind and not seeing again yet. */
  blind: string[];
  /** Why each of them was, as far as it was noted. */
  blindFor?: Record<string, string>;
  /** Zones that cannot be listed: since when, and when that was told last. */
  unreadable: Record<string, { sinceMs: number; toldMs?: number }>;
  /** When it was last told that sites wait for others to move first. */
  waitingToldMs?: number;
  owed: Announcement[];
  /** Whose it is to tell that, for a while. */
  telling?: Claim;
  /** The daily check: when it was made last, what was told of it and when, and what only the controller can find. */
  checked?: { atMs: number; againMs?: number; told: Record<string, number>; kept: Finding[] };
};

/** The deployment as a process knows it. */
export type KnownDeployment = {
  state: DeploymentState;
  /** Of what is stored. None: that was written by a version that this one does not understand, and nothing is saved over it. */
  version: number | undefined;
  /** What is stored, as far as it is known. */
  saved: string;
};

export const DEPLOYMENT = '*';

/** A vantage that could not look: in how many rounds in a row that called it, with the code of what came instead, and in words why. */
export type Blind = { rounds: number; code: string; why: string };

/** The name under which a controller stores it: each of several has its own. */
export const deploymentKey = (config: Config): string => numbered(DEPLOYMENT, shardNumber(config));

/** The names under which all controllers that this configuration tells of store it. */
export const deploymentKeys = (config: Config): string[] =>
  config.shard === undefined
    ? shardsOf(config).map((_, index) => numbered(DEPLOYMENT, index + 1))
    : [deploymentKey(config)];

const nameOf = (config: Config): string => controllerName(config.deployment, shardNumber(config));

/** A vantage that could not look in so many rounds in a row is announced: once may be a hiccup. */
export const BLIND_VANTAGE_ROUNDS = 2;

export const emptyDeployment = (): DeploymentState => ({ schema: 1, blind: [], unreadable: {}, owed: [] });

/** The state with more owed: bounded, as what a site owes is. */
export const oweMore = (state: DeploymentState, told: Announcement[], config: Config): DeploymentState =>
  told.length === 0 ? state : { ...state, owed: bounded([...state.owed, ...told], config.deployment) };

/** Reads what is stored; `undefined` when it is not one that this version understands whole. */
export const parseDeployment = (text: string): DeploymentState | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isDeploymentState(value) ? (value as DeploymentState) : undefined;
  } catch {
    return undefined;
  }
};

/** The state with an announcement owed for each vantage that turned blind. `sees` were called lately and saw something. */
export const tellVantages = (
  state: DeploymentState,
  now: { blind: Map<string, Blind>; sees: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  let next = state;
  for (const vantage of now.sees.filter((v) => next.blind.includes(v))) {
    const { [vantage]: _, ...blindFor } = next.blindFor ?? {};
    next = { ...next, blind: next.blind.filter((v) => v !== vantage), blindFor };
  }
  for (const [vantage, trouble] of now.blind) {
    if (trouble.rounds < BLIND_VANTAGE_ROUNDS || next.blind.includes(vantage)) continue;
    const blind = [...next.blind, vantage];
    const words = vantageBlind(config, vantage, trouble, config.vantages.length - blind.length);
    const incident = incidentId(config.deployment, now.nowMs);
    const told = announcement({ site: DEPLOYMENT, incident, kind: 'vantage-blind', words, atMs: now.nowMs });
    const blindFor = { ...next.blindFor, [vantage]: trouble.why };
    next = oweMore({ ...next, blind, blindFor }, [{ ...told, id: `${told.id}/${vantage}` }], config);
  }
  return next;
};

const vantageBlind = (
  config: Config,
  vantage: string,
  { code, why }: Blind,
  left: number,
): { subject: string; text: string } => ({
  subject: `vantage ${vantage} of ${config.deployment} is blind`,
  text: [
    `What happened\n  The vantage ${vantage} could not look: ${why}`,
    `What that means\n  It counts as having seen nothing, for no server and against none. ${left} of ${config.vantages.length} vantages still see;\n  a switch needs more than half of all ${config.vantages.length} to agree.`,
    // A vantage that doubts itself has a prober that runs: what to mend is elsewhere.
    code === 'unreferenced'
      ? `What to do\n  Look at \`references\` in the configuration (${config.references.join(', ')}): none of them answers ${vantage}. Replace one that is gone; if they\n  answer elsewhere, see whether AWS reports trouble there.`
      : `What to do\n  See whether the function ${config.deployment}-prober exists and runs in ${vantage}, and whether AWS reports trouble there.`,
  ].join('\n\n'),
});

/** A zone that cannot be listed for this long is announced: an API that answers slowly once is not. */
const UNREADABLE_TOLD_MS = 60_000;

/** The state with an announcement owed, at once and then hourly, for each zone that stays unreadable. */
export const tellZones = (
  state: DeploymentState,
  now: { unreadable: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  const told: Announcement[] = [];
  const unreadable: DeploymentState['unreadable'] = {};
  for (const zone of now.unreadable) {
    const before = state.unreadable[zone] ?? { sinceMs: now.nowMs };
    const due = now.nowMs - (before.toldMs ?? now.nowMs - TELL_AGAIN_MS) >= TELL_AGAIN_MS;
    const tells = due && now.nowMs - before.sinceMs >= UNREADABLE_TOLD_MS;
    unreadable[zone] = tells ? { ...before, toldMs: now.nowMs } : before;
    if (!tells) continue;
    const words = zoneUnreadable(config, zone, before.sinceMs);
    const incident = incidentId(config.deployment, before.sinceMs);
    told.push(announcement({ site: DEPLOYMENT, incident, kind: 'zone-unreadable', words, atMs: now.nowMs }));
  }
  return oweMore({ ...state, unreadable }, told, config);
};

/** Sites named in one message. */
const WAITING_NAMED = 20;

/** The state with an announcement owed, once and then at most hourly, when sites wait because only so many may move at a time. */
export const tellWaiting = (
  state: DeploymentState,
  now: { waiting: string[]; allowed: number; nowMs: number },
  config: Config,
): DeploymentState => {
  const { waiting, allowed, nowMs } = now;
  if (waiting.length === 0 || nowMs - (state.waitingToldMs ?? 0) < TELL_AGAIN_MS) return state;
  const named = waiting.slice(0, WAITING_NAMED).join(', ');
  const more = waiting.length > WAITING_NAMED ? ` and ${waiting.length - WAITING_NAMED} more` : '';
  const words = {
    subject: `${waiting.length} more of the sites of ${config.deployment} wait to move, ${allowed} may at a time`,
    text: [
      `What happened\n  More sites are due to move by themselves than ${allowed}, the number that may within ${config.intervalSeconds} s (maxMoveShare). These wait:\n  ${named}${more}`,
      'What was done\n  The others moved first, those without a working server before all. Each interval as many follow.',
      `What to do\n  Nothing if the servers are really down. If not, stop it: Lambda function ${config.deployment}-console in ${config.homeRegion}, tab Test, event ${JSON.stringify({ action: 'hold', all: true, reason: 'why', by: 'you' })}`,
    ].join('\n\n'),
  };
  const incident = incidentId(config.deployment, nowMs);
  const told = announcement({ site: DEPLOYMENT, incident, kind: 'moves-wait', words, atMs: nowMs });
  return oweMore({ ...state, waitingToldMs: nowMs }, [told], config);
};

const zoneUnreadable = (
  config: Config,
  zone: string,
  sinceMs: number,
): { subject: string; text: string } => ({
  subject: `zone ${zone} cannot be read, no site in it can move`,
  text: [
    `What happened\n  Route 53 has not let us list the zone ${zone} since ${clockTime(sinceMs)}.`,
    'What that means\n  DNS goes on answering with the last records. Servers are still watched, but no site of this zone can be moved,\n  neither by Switchover nor, most likely, by hand in the Route 53 console.',
    `What to do\n  Look for a Route 53 event on the AWS health page, and at the log of ${nameOf(config)} in ${config.homeRegion} for the error.`,
  ].join('\n\n'),
});

/** The state table is away: told directly, since nothing can be owed. */
export const storeAway = (config: Config, nowMs: number): Announcement =>
  announcement({
    site: DEPLOYMENT,
    incident: incidentId(config.deployment, nowMs),
    kind: 'store-away',
    words: {
      subject: `state table of ${config.deployment} is away`,
      text: [
        `What happened\n  The table ${config.deployment}-state cannot be read or written.`,
        'What that means\n  Servers are still watched, and a failover is still made when the role record says auto. Nothing moves back, and some\n  announcements may come twice.',
        `What to do\n  See whether the table exists in ${config.homeRegion}, and look at the log of ${nameOf(config)} for the error.`,
      ].join('\n\n'),
    },
    atMs: nowMs,
  });

/** Longest list of sites in one message: SNS takes 256 KiB, a tired person less. */
const SITES_LISTED = 200;

/** The same kind of news of many sites in one message: every subject, and the whole text of the first. */
export const digest = (owed: Announcement[], config: Config): Announcement => {
  const first = owed[0] as Announcement;
  const sites = new Set(owed.map((a) => a.site)).size;
  const listed = owed.slice(0, SITES_LISTED).map((a) => `  ${a.subject}`);
  const more = owed.length > SITES_LISTED ? [`  and ${owed.length - SITES_LISTED} more`] : [];
  const words = {
    subject: `${first.kind} at ${sites} sites of ${config.deployment} at once`,
    text: [
      [`What happened, at ${sites} sites`, ...listed, ...more].join('\n'),
      `One of them in full\n\n${first.text}`,
    ].join('\n\n'),
  };
  const incident = incidentId(config.deployment, first.atMs);
  return announcement({ site: DEPLOYMENT, incident, kind: first.kind, words, atMs: first.atMs });
};

/** Stored states of another version: told directly, since nothing is saved over them. */
export const stateUnreadable = (config: Config, sites: string[], nowMs: number): Announcement =>
  announcement({
    site: DEPLOYMENT,
    incident: incidentId(config.deployment, nowMs),
    kind: 'state-unreadable',
    words: {
      subject: `stored state of ${sites.length} sites of ${config.deployment} cannot be read`,
      text: [
        `What happened\n  The stored state of ${sites.slice(0, 20).join(', ')} is not one that this version of Switchover understands.`,
        'What that means\n  It is left as it is. These sites are watched and do not move until it can be read again.',
        'What to do\n  Deploy the version that wrote it, or a later one. To begin anew, delete the items of these sites from the state table: holds and pins in the role records stay.',
      ].join('\n\n'),
    },
    atMs: nowMs,
  });

/** What is stored of the deployment itself is of another version: told directly, since nothing is saved over it. */
export const deploymentUnreadable = (config: Config, nowMs: number): Announcement =>
  announcement({
    site: DEPLOYMENT,
    incident: incidentId(config.deployment, nowMs),
    kind: 'state-unreadable',
    words: {
      subject: `what is stored about ${config.deployment} as a whole cannot be read`,
      text: [
        `What happened\n  The item site#${deploymentKey(config)} of the table ${config.deployment}-state is not one that this version of Switchover understands.`,
        'What that means\n  It is left as it is: nothing is saved over it. Sites are watched and move as ever. What concerns all of them (a blind\n  vantage, a zone that cannot be read, the daily check) is remembered by each process alone, so it may come twice; what was\n  still to be told when the item was written, and sites taken out of the configuration, are not told.',
        `What to do\n  Deploy the version that wrote it, or a later one. To begin anew, delete the item site#${deploymentKey(config)}: no site moves by that.`,
      ].join('\n\n'),
    },
    atMs: nowMs,
  });

/** A defect of ours stopped part of a round: told directly, because what it touched cannot be trusted to be stored. */
export const defect = (config: Config, message: string, nowMs: number): Announcement =>
  announcement({
    site: DEPLOYMENT,
    incident: incidentId(config.deployment, nowMs),
    kind: 'internal',
    words: {
      subject: `${config.deployment} met a defect of its own`,
      text: [
        `What happened\n  ${message.slice(0, 1000)}`,
        'What that means\n  The site or step named here was left out of a round; the others go on. It is tried again each round.',
        `What to do\n  Look at the log of ${nameOf(config)} in ${config.homeRegion} for lines with the code internal, and report them.`,
      ].join('\n\n'),
    },
    atMs: nowMs,
  });
