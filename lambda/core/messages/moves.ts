import { clockTime, duration } from '../base/time.ts';
import type { Decision, Reason } from '../decision/decide.ts';
import type { Look } from '../evidence/judge.ts';
import type { Config, Site } from '../site/site.ts';
import { loweredFor } from '../state/planned-switch.ts';
import type { Point, SiteState } from '../state/site-state.ts';
import { membersListed } from '../zone/members.ts';
import type { RecordSet } from '../zone/records.ts';
import type { Role } from '../zone/role-record.ts';
import { addresses, afterwards, byHand, evidence, explained, servingText } from './wording.ts';

/** Subject and text of an announcement, before it gets its incident and its id. */
export type Letter = { subject: string; text: string };

/** What is remembered of the zone: it names what serves where no server does. */
export type Remembered = Pick<SiteState, 'written'>;

const WHY: Partial<Record<Reason, (to: string, from: string) => string>> = {
  failover: (to, from) => `${from} is down, and ${to} passed in this very round.`,
  recovered: (to, from) => `${to} is up again; ${from} was only the last resort.`,
  'nowhere-better': (to, from) =>
    `${from} is down and no standby is armed; ${to} is the last resort and passed in this very round.`,
  pointed: (to) => `A person asked for it, and ${to} passed in this very round.`,
  failback: (to) => `${to} is preferred, up, and the move back to it was due.`,
  created: (to) => `There was no record yet, and ${to} is up.`,
  pinned: (to) => `A person pinned the site to ${to}.`,
  members: (to) =>
    `${to} serves as before; the servers beside it changed: those that are down left, those that are up again joined.`,
  refresh: (to) => `${to} is configured differently now (addresses, TTL or names) and is up there.`,
  adopted: (to) =>
    `The records were there before Switchover and name ${to}; they are as they were, and watched from now on.`,
};

/** Subject and text of a move, written before it is made and told once the zone lists it. */
export const moved = (
  site: Site,
  config: Config,
  move: {
    decision: Decision;
    from: string | null;
    to: string;
    epoch: number;
    records: RecordSet[];
    lowered?: Point;
  },
  look: Look,
  atMs: number,
): Letter => {
  const { decision, from, to } = move;
  const reason = decision.reason;
  const beside = membersListed(site, to, move.records);
  const subject =
    {
      failover: `FAILOVER ${site.name}: ${from} is down, ${to} serves`,
      recovered: `RECOVERED ${site.name}: ${to} serves again`,
      'nowhere-better': `LAST RESORT ${site.name}: ${to} serves, nothing better is left`,
      failback: `FAILBACK ${site.name}: ${to} serves again`,
      pointed: `SWITCHED ${site.name}: ${to} serves now`,
      created: `${site.name}: record created, ${to} serves`,
      pinned: `${site.name}: pinned, ${to} serves`,
      members: `${site.name}: ${to} serves, ${beside.length === 0 ? 'nothing' : beside.map((s) => s.name).join(', ')} beside it`,
      refresh:
        move.lowered === undefined
          ? `${site.name}: records of ${to} rewritten as configured`
          : `${site.name}: TTL lowered for the planned switch to ${move.lowered.to}`,
      adopted: `${site.name}: adopted as it is, ${to} serves`,
    }[reason as string] ?? `${site.name}: ${to} serves (${reason})`;
  const why =
    (move.lowered && loweredFor(move.lowered)) ??
    WHY[reason]?.(addresses(site, to), from === null ? 'nothing' : addresses(site, from)) ??
    reason;
  const stays =
    reason === 'failover' && site.failback === 'manual'
      ? `\nNothing moves back by itself: failback is manual.`
      : '';
  const text = [
    `What happened\n  ${why}`,
    evidence(site, look),
    `What was done\n  At ${clockTime(atMs)} ${doneTo(site, reason, [to, ...beside.map((s) => s.name)])} (epoch ${move.epoch}, row ${decision.row} of the decision table).${stays}`,
    ...(from === null || from === to || site.readdress !== undefined ? [] : [afterwards(site, atMs)]),
    byHand(site, config, move.to),
  ].join('\n\n');
  return { subject, text };
};

const doneTo = (site: Site, reason: Reason, published: string[]): string => {
  const records = `the records of ${site.names.join(', ')}`;
  const to = published.map((name) => addresses(site, name)).join(' and ');
  if (reason === 'adopted') return `${records} were given a role record`;
  return site.readdress === undefined
    ? `${records} were set to ${to}`
    : `the role record said that ${to} is to have ${site.readdress.address}; you are told when it answers there`;
};

/**
 * A server turned down or up. `serves`: DNS named it when it was looked at, and `movedTo` is what it names by now if that is another;
 * `next`: the server that would take over, if any is up.
 */
export const turned = (
  site: Site,
  config: Config,
  turn: {
    serving: string | undefined;
    server: string;
    health: 'up' | 'down';
    serves: boolean;
    movedTo?: string;
    next: string | undefined;
    decision: Decision;
  },
  look: Look,
): Letter => {
  const { server, health, serves, movedTo, next } = turn;
  const role = movedTo !== undefined ? 'served until now' : serves ? 'serving' : 'not serving';
  const subject = `${site.name}: ${server} (${role}) is ${health}${health === 'down' && !serves && next === undefined ? ', nothing would take over' : ''}`;
  const consequence =
    movedTo !== undefined
      ? `It served until now; DNS names ${movedTo} by now.`
      : health === 'up'
        ? serves
          ? 'It serves the site.'
          : 'It is armed as soon as it passes by quorum in the round that needs it.'
        : serves
          ? `It serves the site. Decision: ${explained(turn.decision)}`
          : next === undefined
            ? 'If the serving server died now, nothing would take over.'
            : `It does not serve; ${next} would take over if the serving server died now.`;
  return {
    subject,
    text: [
      `What happened\n  ${addresses(site, server)} is ${health}. ${consequence}`,
      evidence(site, look),
      byHand(site, config, turn.serving),
    ].join('\n\n'),
  };
};

/** Why a site stays where it is although its serving server is not up; told at once and then hourly. */
export const stuck = (
  site: Site,
  config: Config,
  now: { decision: Decision; serving: string | undefined; state: Remembered; forMs: number },
  look: Look,
): Letter => {
  const stays =
    now.serving === undefined ? 'nothing' : servingText(site, now.serving, now.state.written?.records);
  return {
    subject: `NOT MOVED ${site.name}: ${now.decision.reason}, ${stays} stays`,
    text: [
      `What happened\n  ${site.name} stays on ${addresses(site, stays)}: ${explained(now.decision)}` +
        (now.forMs > 0 ? `\n  This has lasted for ${duration(now.forMs)}.` : ''),
      evidence(site, look),
      byHand(site, config, now.serving),
    ].join('\n\n'),
  };
};

/** The zone is not as we left it. */
export const edited = (site: Site, config: Config, detail: string): Letter => ({
  subject: `${site.name}: edited by hand, left alone`,
  text: [
    `What happened\n  ${site.readdress === undefined ? `The zone ${site.zone}` : site.name} is not as Switchover left it: ${detail}.`,
    'What was done\n  Nothing, and nothing will be until a person says so: the last hand wins.',
    byHand(site, config, undefined, true),
  ].join('\n\n'),
});

/** A write that Route 53 did not take. `passes`: it may be taken at the next try, and nobody has to mend anything. */
export const refused = (
  site: Site,
  config: Config,
  write: { from: string | null; to: string; message: string; passes: boolean },
): Letter => ({
  subject: `NOT MOVED ${site.name}: Route 53 refused the change to ${write.to}`,
  text: [
    `What happened\n  ${site.name} should move from ${write.from ?? 'nothing'} to ${addresses(site, write.to)}, and Route 53 did not take the change:\n  ${write.message}`,
    `What was done\n  No record changed. It is sent again ${write.passes ? "at each look, within Route 53's limits," : 'about once a minute'} for as long as it is due.`,
    byHand(site, config, write.from ?? undefined),
  ].join('\n\n'),
});

/** A move that is due and that nobody could make in time; nobody knows yet whether it will be refused. */
export const notMade = (
  site: Site,
  config: Config,
  move: { from: string | null; to: string; sinceMs: number; waitsFor: string },
  look: Look,
): Letter => ({
  subject: `NOT MOVED ${site.name}: ${move.to} should serve, and the change could not be made`,
  text: [
    `What happened\n  ${site.name} should move from ${move.from ?? 'nothing'} to ${addresses(site, move.to)} since ${clockTime(move.sinceMs)}, and could not be moved:\n  ${move.waitsFor}`,
    'What was done\n  No record changed, as far as anybody knows. It is tried at the first look after that is over, and you are told when it has moved.',
    evidence(site, look),
    byHand(site, config, move.from ?? undefined),
  ].join('\n\n'),
});

/** A write that a record protection forbids: somebody's decision, like a hold. */
export const isProtected = (
  site: Site,
  config: Config,
  write: { from: string | null; to: string; message: string },
): Letter => ({
  subject: `NOT MOVED ${site.name}: a record protection forbids the change to ${write.to}`,
  text: [
    `What happened\n  ${site.name} should be set to ${addresses(site, write.to)}, and somebody has protected its records in Route 53:\n  ${write.message}`,
    'What was done\n  No record changed. A protection counts as a hold: it is tried again every five minutes, and at the next order.',
    `To let it move\n  Delete the protection: Route 53 console, hosted zone ${site.zone}, or DeleteResourceRecordSetProtections.`,
    byHand(site, config, write.from ?? undefined),
  ].join('\n\n'),
});

/** Route 53 took a change and lost it before it was published. */
export const stranded = (site: Site, config: Config, epoch: number, lostEpoch: number): Letter => ({
  subject: `${site.name}: Route 53 lost a change, epoch ${epoch} stands again`,
  text: [
    `What happened\n  Route 53 accepted the change of epoch ${lostEpoch}, and now neither knows it nor lists it: the zone is as it was at epoch ${epoch}.`,
    'What was done\n  Nothing yet. What is still wanted is decided anew in the next round, and sent again then.',
    byHand(site, config, undefined),
  ].join('\n\n'),
});

/** The state table was lost or emptied; the role record is what is left. */
export const lost = (site: Site, config: Config, role: Role): Letter => ({
  subject: `${site.name}: stored state lost, the role record was taken over`,
  text: [
    `What happened\n  Nothing is stored about ${site.name} any more (table lost, emptied or restored from before it), so its history is gone.`,
    `What was done\n  Nothing moved. The role record in the zone says: epoch ${role.epoch}, ${role.serving} serves, mode ${role.mode}. That holds, and the site is watched from there.`,
    byHand(site, config, role.serving),
  ].join('\n\n'),
});

/** A failback that a person asked for could not be made in time. */
export const notDone = (
  site: Site,
  config: Config,
  asked: { by: string; reason: string },
  serving: string | undefined,
  why: { decision: Decision; unwritten: string | undefined },
): Letter => ({
  subject: `FAILBACK NOT DONE ${site.name}: ${serving ?? 'nothing'} still serves`,
  text: [
    `What happened\n  ${asked.by} asked to move ${site.name} back (${asked.reason}). It was not possible in time: ${why.unwritten === undefined ? explained(why.decision) : `${why.unwritten}.`}`,
    `What was done\n  Nothing. Ask again once ${why.unwritten === undefined ? 'a majority of all vantages sees the preferred server pass' : 'the zone can be written'}.`,
    byHand(site, config, serving),
  ].join('\n\n'),
});

/** A person's command, as everybody else is told of it. */
export const ordered = (
  site: Site,
  config: Config,
  order: { what: string; ended?: string; by: string; reason: string },
): Letter => ({
  subject: `${site.name}: ${order.what} by ${order.by}`,
  text: [
    `What happened\n  ${order.by}: ${order.what}${order.ended ? `, ${order.ended}` : ''}. Reason: ${order.reason}`,
    byHand(site, config, undefined),
  ].join('\n\n'),
});

/** The zone shows a move of ours that this controller has no note of. */
export const foundMoved = (site: Site, config: Config, from: string, role: Role): Letter => ({
  subject: `${site.name}: found ${from === role.serving ? 'rewritten' : 'moved'}, ${role.serving} serves, mode ${role.mode}`,
  text: [
    `What happened\n  ${site.name} was on ${from} when it was last noted, and the role record of epoch ${role.epoch} now names ${addresses(site, role.serving)}.`,
    'What that means\n  Another controller or an order wrote this and could not note it, or the stored state is older than the zone.',
    byHand(site, config, role.serving),
  ].join('\n\n'),
});

/** A write may have landed, and a person took away the role record that would say so. */
export const unread = (
  site: Site,
  config: Config,
  write: { from: string | null; to: string; epoch: number; reason: string; row: number },
): Letter => ({
  subject: `${site.name}: ${write.reason} to ${write.to} was sent, whether it landed cannot be read any more`,
  text: [
    `What happened\n  ${site.name} was to move from ${write.from ?? 'nothing'} to ${addresses(site, write.to)} (epoch ${write.epoch}, row ${write.row} of the decision table). The change was sent, and before anybody read whether it landed, a person changed the role record.`,
    "What that means\n  Visitors may have been sent there for a while. What the zone holds now is a person's, and is left alone.",
    byHand(site, config, undefined, true),
  ].join('\n\n'),
});

/** A move that is due at a site whose stored state cannot be read: nothing is even tried. */
export const unwritten = (
  site: Site,
  config: Config,
  write: { from: string | null; to: string },
): Letter => ({
  subject: `NOT MOVED ${site.name}: its stored state cannot be read, ${write.from ?? 'nothing'} stays`,
  text: [
    `What happened\n  ${site.name} should move from ${write.from ?? 'nothing'} to ${addresses(site, write.to)}. Its stored state is not one that this version understands, and what it holds (a person's hold, a write under way) must not be written over.`,
    'What was done\n  Nothing was sent. Deploy the version that wrote the state, or remove its item from the state table.',
    byHand(site, config, write.from ?? undefined),
  ].join('\n\n'),
});
