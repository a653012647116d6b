import { clockTime } from '../base/time.ts';
import type { Reason } from '../decision/decide.ts';
import type { Site } from '../site/site.ts';
import type { MoveNews, NewsOf } from '../state/news.ts';
import type { Context, Letter } from './letter.ts';
import { paragraphs } from './letter.ts';
import { addresses, afterwards, byHand, evidence } from './wording.ts';

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

const subjectOf = ({ name }: Site, { reason, from, to, members, lowered }: MoveNews): string =>
  ({
    failover: `FAILOVER ${name}: ${from} is down, ${to} serves`,
    recovered: `RECOVERED ${name}: ${to} serves again`,
    'nowhere-better': `LAST RESORT ${name}: ${to} serves, nothing better is left`,
    failback: `FAILBACK ${name}: ${to} serves again`,
    pointed: `SWITCHED ${name}: ${to} serves now`,
    created: `${name}: record created, ${to} serves`,
    pinned: `${name}: pinned, ${to} serves`,
    members: `${name}: ${to} serves, ${members.length === 0 ? 'nothing' : members.join(', ')} beside it`,
    refresh:
      lowered === undefined
        ? `${name}: records of ${to} rewritten as configured`
        : `${name}: TTL lowered for the planned switch to ${lowered.to}`,
    adopted: `${name}: adopted as it is, ${to} serves`,
  })[reason as string] ?? `${name}: ${to} serves (${reason})`;

const whyOf = (site: Site, { reason, from, to, lowered }: MoveNews): string =>
  lowered === undefined
    ? (WHY[reason]?.(addresses(site, to), from === null ? 'nothing' : addresses(site, from)) ?? reason)
    : `The TTL is lowered for the planned switch to ${lowered.to} that ${lowered.by} asked for.`;

const doneTo = (site: Site, reason: Reason, published: string[]): string => {
  const records = `the records of ${site.names.join(', ')}`;
  const to = published.map((name) => addresses(site, name)).join(' and ');
  if (reason === 'adopted') return `${records} were given a role record`;
  return site.readdress === undefined
    ? `${records} were set to ${to}`
    : `the role record said that ${to} is to have ${site.readdress.address}; you are told when it answers there`;
};

/** A move that was made. */
export const moved = (move: MoveNews, { site, config, atMs }: Context): Letter => {
  const { reason, row, from, to, epoch, members } = move;
  const stays =
    reason === 'failover' && site.failback === 'manual'
      ? `\nNothing moves back by itself: failback is manual.`
      : '';
  const isSeen = from !== null && from !== to && site.readdress === undefined;
  return {
    subject: subjectOf(site, move),
    text: paragraphs(
      `What happened\n  ${whyOf(site, move)}`,
      evidence(site, move.evidence),
      `What was done\n  At ${clockTime(atMs)} ${doneTo(site, reason, [to, ...members])} (epoch ${epoch}, row ${row} of the decision table).${stays}`,
      isSeen ? afterwards(site, atMs) : undefined,
      byHand(site, config, to),
    ),
  };
};

/** The zone shows a move of ours that this controller has no note of. */
export const foundMoved = (
  { from, epoch, serving, mode }: NewsOf<'found'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: found ${from === serving ? 'rewritten' : 'moved'}, ${serving} serves, mode ${mode}`,
  text: paragraphs(
    `What happened\n  ${site.name} was on ${from} when it was last noted, and the role record of epoch ${epoch} now names ${addresses(site, serving)}.`,
    'What that means\n  Another controller or an order wrote this and could not note it, or the stored state is older than the zone.',
    byHand(site, config, serving),
  ),
});

/** A write may have been applied, and a person took away the role record that would say so. */
export const unread = (
  { from, to, epoch, reason, row }: NewsOf<'unread'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${reason} to ${to} was sent, whether it landed cannot be read any more`,
  text: paragraphs(
    `What happened\n  ${site.name} was to move from ${from ?? 'nothing'} to ${addresses(site, to)} (epoch ${epoch}, row ${row} of the decision table). The change was sent, and before anybody read whether it landed, a person changed the role record.`,
    "What that means\n  Visitors may have been sent there for a while. What the zone holds now is a person's, and is left alone.",
    byHand(site, config, undefined, true),
  ),
});

/** Route 53 took a change and lost it before it was published. */
export const rolledBack = (
  { epoch, lostEpoch }: NewsOf<'rolled-back'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: Route 53 lost a change, epoch ${epoch} stands again`,
  text: paragraphs(
    `What happened\n  Route 53 accepted the change of epoch ${lostEpoch}, and now neither knows it nor lists it: the zone is as it was at epoch ${epoch}.`,
    'What was done\n  Nothing yet. What is still wanted is decided anew in the next round, and sent again then.',
    byHand(site, config, undefined),
  ),
});

/** The state table was lost or emptied; the role record is what is left. */
export const stateLost = (
  { epoch, serving, mode }: NewsOf<'state-lost'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: stored state lost, the role record was taken over`,
  text: paragraphs(
    `What happened\n  Nothing is stored about ${site.name} any more (table lost, emptied or restored from before it), so its history is gone.`,
    `What was done\n  Nothing moved. The role record in the zone says: epoch ${epoch}, ${serving} serves, mode ${mode}. That holds, and the site is watched from there.`,
    byHand(site, config, serving),
  ),
});
