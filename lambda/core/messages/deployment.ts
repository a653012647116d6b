import { clockTime } from '../base/time.ts';
import { controllerName, shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import { type Announcement, announcement, incidentId } from '../state/announcement.ts';
import { type Blind, DEPLOYMENT, deploymentKey } from '../state/deployment-state.ts';

const nameOf = (config: Config): string => controllerName(config.deployment, shardNumber(config));

export const vantageBlind = (
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

export const zoneUnreadable = (
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
