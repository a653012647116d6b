import { clockTime } from '../base/time.ts';
import type { Reason } from '../decision/decide.ts';
import type { Site } from '../site/site.ts';
import type { MoveNews, NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { afterEdit, byHand, nothingToDo } from './offers.ts';
import { addresses, afterwards, evidence, followedMs, sinceText, timeNear } from './wording.ts';

const SUBJECTS: Partial<Record<Reason, (to: string) => string>> = {
  'nowhere-better': (to) => `${to} serves, nothing better is left`,
  recovered: (to) => `${to} serves again`,
  failback: (to) => `${to} serves again`,
  created: (to) => `${to} serves`,
  pinned: (to) => `by hand, ${to} serves`,
  refresh: (to) => `records of ${to} as configured`,
  adopted: (to) => `as it is, ${to} serves`,
};

const subjectOf = ({ reason, to, members, lowered }: MoveNews): string => {
  if (lowered !== undefined) return `for the planned switch to ${lowered.to}`;
  if (reason === 'members')
    return `${to} serves, ${members.length === 0 ? 'nothing' : members.join(', ')} beside it`;
  return SUBJECTS[reason]?.(to) ?? `${to} serves`;
};

const WHY: Partial<Record<Reason, (move: MoveNews, atMs: number) => string>> = {
  failover: ({ from, to, sinceMs }, atMs) =>
    `${from} is down${sinceText(sinceMs, atMs)}; ${to} took over at ${timeNear(atMs, atMs)}.`,
  recovered: ({ from, to }) => `${to} is up again and serves; ${from} was only the last resort.`,
  'nowhere-better': ({ from, to, sinceMs }, atMs) =>
    `${from} is down${sinceText(sinceMs, atMs)} and no standby is armed; ${to} is the last resort and serves now.`,
  pointed: ({ to }) => `${to} serves, as a person asked.`,
  failback: ({ to }) => `${to} is up and serves again.`,
  created: ({ to }) => `There was no record yet; ${to} is up and serves now.`,
  pinned: ({ to }) => `A person pinned the site to ${to}, which serves now.`,
  members: ({ to }) =>
    `${to} serves as before. Of the servers beside it, those that are down left and those that are up again joined.`,
  refresh: ({ to }) =>
    `The records of ${to} were not as configured (addresses, TTL or names). It is up with what is configured, and they are so now.`,
  adopted: ({ to }) =>
    `The records were there before Switchover and name ${to}. They are as they were, and watched from now on.`,
};

const whyOf = (move: MoveNews, atMs: number): string => {
  const { reason, lowered, to } = move;
  return lowered === undefined
    ? (WHY[reason]?.(move, atMs) ?? `${to} serves now (${reason}).`)
    : `The TTL is lowered for the planned switch to ${lowered.to} that ${lowered.by} asked for. ${to} serves on.`;
};

const doneTo = (site: Site, reason: Reason, published: string[]): string => {
  const records = `the records of ${site.names.join(', ')}`;
  const to = published.map((name) => addresses(site, name)).join(' and ');
  if (reason === 'adopted') return `${records} were given a role record`;
  return site.readdress === undefined
    ? `${records} were set to ${to}`
    : `the role record said that ${to} is to have ${site.readdress.address}; you are told when it answers there`;
};

/** What follows for visitors, and whether it moves back: what is asked first at night. */
const consequence = (site: Site, { reason, over }: MoveNews, isSeen: boolean, atMs: number): string => {
  const visitors = isSeen ? ` Most visitors reach it by ${timeNear(followedMs(site, atMs), atMs)}.` : '';
  const stays =
    reason === 'failover' && site.failback === 'manual'
      ? ' Nothing moves back by itself: failback is manual.'
      : '';
  return `${visitors}${stays}${over ? ' This incident is over.' : ''}`;
};

/** A move that was made. */
export const moved = (move: MoveNews, { site, config, atMs }: Context): Letter => {
  const { reason, row, from, to, epoch, members } = move;
  const isSeen = from !== null && from !== to && site.readdress === undefined;
  return {
    subject: `${site.name}: ${subjectOf(move)}`,
    lead: `${whyOf(move, atMs)}${consequence(site, move, isSeen, atMs)}`,
    text: paragraphs(
      move.over ? nothingToDo(site, config) : byHand(site, config, { serving: to }),
      evidence(site, move.evidence),
      isSeen ? afterwards(site, atMs) : undefined,
      section(
        'What was done',
        `At ${clockTime(atMs)} ${doneTo(site, reason, [to, ...members])} (epoch ${epoch}, row ${row} of the decision table).`,
      ),
    ),
  };
};

/** The zone shows a move of ours that this controller has no note of. */
export const foundMoved = (
  { from, epoch, serving, mode }: NewsOf<'found'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${from === serving ? 'rewritten' : 'moved'}, ${serving} serves, mode ${mode}`,
  lead: `${site.name} was on ${from} when it was last noted; the role record of epoch ${epoch} now names ${addresses(site, serving)}.`,
  text: paragraphs(
    section(
      'What that means',
      'Another controller or an order wrote this and could not note it, or the stored state is older than the zone.',
    ),
    byHand(site, config, { serving }),
  ),
});

/** A write may have been applied, and a person took away the role record that would say so. */
export const unread = (
  { from, to, epoch, reason, row }: NewsOf<'unread'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${reason} to ${to} was sent, whether it landed cannot be read`,
  lead: `${site.name} was to move from ${from ?? 'nothing'} to ${to}. The change was sent, and before anybody read whether it landed, a person changed the role record.`,
  text: paragraphs(
    section(
      'What that means',
      "Visitors may have been sent there for a while. What the zone holds now is a person's, and is left alone.",
    ),
    afterEdit(site, config),
    section('What was done', `Epoch ${epoch}, row ${row} of the decision table, to ${addresses(site, to)}.`),
  ),
});

/** Route 53 took a change and lost it before it was published. */
export const rolledBack = (
  { epoch, lostEpoch }: NewsOf<'rolled-back'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: Route 53 lost a change, epoch ${epoch} stands again`,
  lead: `Route 53 accepted the change of epoch ${lostEpoch}, and now neither knows it nor lists it: the zone is as it was at epoch ${epoch}.`,
  text: paragraphs(
    section(
      'What was done',
      'Nothing yet. What is still wanted is decided in the next round and sent again.',
    ),
    byHand(site, config),
  ),
});

/** The state table was lost or emptied; the role record is what is left. */
export const stateLost = (
  { epoch, serving, mode }: NewsOf<'state-lost'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: the role record was taken over`,
  lead: `Nothing is stored about ${site.name} any more (table lost, emptied, or restored from before it), so its history is gone. Nothing moved.`,
  text: paragraphs(
    section(
      'What was done',
      `The role record in the zone says: epoch ${epoch}, ${serving} serves, mode ${mode}. That holds, and the site is watched from there.`,
    ),
    byHand(site, config, { serving }),
  ),
});
