import { clockTime, duration } from '../base/time.ts';
import { explained } from '../decision/explained.ts';
import type { Site } from '../site/site.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs } from './letter.ts';
import { addresses, byHand, evidence } from './wording.ts';

/** Why a site stays where it is although its serving server is not up; told at once and then hourly. */
export const stuck = (
  { decision, serving, stays, forMs, evidence: seen }: NewsOf<'stuck'>,
  { site, config }: Context,
): Letter => ({
  subject: `NOT MOVED ${site.name}: ${decision.reason}, ${stays} stays`,
  text: paragraphs(
    `What happened\n  ${site.name} stays on ${addresses(site, stays)}: ${explained(decision)}` +
      (forMs > 0 ? `\n  This has lasted for ${duration(forMs)}.` : ''),
    evidence(site, seen),
    byHand(site, config, serving),
  ),
});

type Write = { from: string | null; to: string };

/** A write that moves nobody: an order for the role record, or what is configured now. */
const movesNobody = ({ from, to }: Write): boolean => from === to;

const subjectOf = ({ name }: Site, write: Write, why: string): string =>
  movesNobody(write)
    ? `NOT IN DNS ${name}: ${why} a change, ${write.to} serves`
    : `NOT MOVED ${name}: ${why} the change to ${write.to}`;

const due = (site: Site, write: Write): string =>
  movesNobody(write)
    ? `A change of ${site.name} is due that moves nobody: an order of a person that DNS does not say yet, or what is configured now. ${write.to} serves`
    : `${site.name} should move from ${write.from ?? 'nothing'} to ${addresses(site, write.to)}`;

/** A write that Route 53 did not take. */
export const refused = (
  { from, to, message, passes }: NewsOf<'refused'>,
  { site, config }: Context,
): Letter => ({
  subject: subjectOf(site, { from, to }, 'Route 53 refused'),
  text: paragraphs(
    `What happened\n  ${due(site, { from, to })}, and Route 53 did not take the change:\n  ${message}`,
    `What was done\n  No record changed. It is sent again ${passes ? "at each look, within Route 53's limits," : 'about once a minute'} for as long as it is due.`,
    byHand(site, config, from ?? undefined),
  ),
});

/** A move that is due and that nobody could make in time; nobody knows yet whether it will be refused. */
export const notMade = (
  { from, to, sinceMs, waitsFor, evidence: seen }: NewsOf<'late'>,
  { site, config }: Context,
): Letter => ({
  subject: `NOT MOVED ${site.name}: ${to} should serve, and the change could not be made`,
  text: paragraphs(
    `What happened\n  ${site.name} should move from ${from ?? 'nothing'} to ${addresses(site, to)} since ${clockTime(sinceMs)}, and could not be moved:\n  ${waitsFor}`,
    'What was done\n  No record changed, as far as anybody knows. It is tried at the first look after that is over, and you are told when it has moved.',
    evidence(site, seen),
    byHand(site, config, from ?? undefined),
  ),
});

/** A write that a record protection forbids: somebody's decision, like a hold. */
export const forbidden = ({ from, to, message }: NewsOf<'protected'>, { site, config }: Context): Letter => ({
  subject: subjectOf(site, { from, to }, 'a record protection forbids'),
  text: paragraphs(
    `What happened\n  ${due(site, { from, to })}, and somebody has protected its records in Route 53:\n  ${message}`,
    'What was done\n  No record changed. A protection counts as a hold: it is tried again every five minutes, and at the next order.',
    `To let it move\n  Delete the protection: Route 53 console, hosted zone ${site.zone}, or DeleteResourceRecordSetProtections.`,
    byHand(site, config, from ?? undefined),
  ),
});

/** A move that is due at a site whose stored state cannot be read: nothing is even tried. */
export const unwritten = ({ from, to }: NewsOf<'unwritten'>, { site, config }: Context): Letter => ({
  subject: `NOT MOVED ${site.name}: its stored state cannot be read, ${from ?? 'nothing'} stays`,
  text: paragraphs(
    `What happened\n  ${site.name} should move from ${from ?? 'nothing'} to ${addresses(site, to)}. Its stored state is not one that this version understands, and what it holds (a person's hold, a write under way) must not be written over.`,
    'What was done\n  Nothing was sent. Deploy the version that wrote the state, or remove its item from the state table.',
    byHand(site, config, from ?? undefined),
  ),
});

/** A failback that a person asked for could not be made in time. */
export const notMovedBack = (
  { by, reason, serving, decision, unwritten: why }: NewsOf<'failback-not-done'>,
  { site, config }: Context,
): Letter => ({
  subject: `FAILBACK NOT DONE ${site.name}: ${serving ?? 'nothing'} still serves`,
  text: paragraphs(
    `What happened\n  ${by} asked to move ${site.name} back (${reason}). It was not possible in time: ${why === undefined ? explained(decision) : `${why}.`}`,
    `What was done\n  Nothing. Ask again once ${why === undefined ? 'a majority of all vantages sees the preferred server pass' : 'the zone can be written'}.`,
    byHand(site, config, serving),
  ),
});
