import { clockTime, duration } from '../base/time.ts';
import type { Reason } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import type { Site } from '../site/site.ts';
import { headlineOf } from '../state/headline.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { afterRefusal, byHand, endHold, holdText, nothingWorks } from './offers.ts';
import { addresses, evidence, sinceText } from './wording.ts';

const lasting = (forMs: number): string => (forMs > 0 ? ` This has lasted for ${duration(forMs)}.` : '');

/** Why it stays, in the words of a subject. */
const REASONS: Partial<Record<Reason, string>> = {
  flapping: 'it moved too often lately',
  blind: 'too few vantages see anything',
  unsure: 'nobody can tell how what serves fares',
  waiting: 'there is no record yet, and no server is up',
  'nowhere-better': 'no other server is armed',
};

/** In the words of a subject: what keeps it. */
const subjectOf = (stuck: NewsOf<'stuck'>): string => {
  const { decision, stays, next, hold } = stuck;
  if (headlineOf(stuck) === 'SITE DOWN')
    return `no server works${hold === undefined ? '' : `, and it is ${hold.mode} by ${hold.by ?? 'a person'}`}`;
  if (hold !== undefined && next !== undefined)
    return `${hold.mode === 'held' ? 'held' : `pinned to ${hold.server}`} by ${hold.by ?? 'a person'}, ${stays} stays`;
  return `${REASONS[decision.reason] ?? decision.reason}, ${stays} stays`;
};

const leadOf = (site: Site, stuck: NewsOf<'stuck'>, atMs: number): string => {
  const { decision, stays, serving, sinceMs, next, hold, forMs } = stuck;
  const headline = headlineOf(stuck);
  const forTime = sinceMs === undefined ? '' : ` (${duration(atMs - sinceMs)})`;
  const what = `${serving ?? stays} is down${sinceText(sinceMs, atMs)}${forTime}`;
  if (headline === 'SITE DOWN') {
    const keeps =
      hold === undefined
        ? 'The first server that works serves, by itself.'
        : `It is ${holdText(hold)}. Nothing moves by itself until that ends.`;
    return `Visitors of ${site.name} have no site${sinceText(sinceMs, atMs)}${forTime}: ${stays} is down, and no other server is up. ${keeps}`;
  }
  if (hold !== undefined && next !== undefined)
    return `${what} and ${next} would take over, but ${site.name} is ${holdText(hold)}.`;
  return `${site.name} stays on ${stays}: ${explained(decision)}${lasting(forMs)}`;
};

/** What helps: the end of a hold, repair, or the usual orders. */
const helpOf = (stuck: NewsOf<'stuck'>, { site, config }: Context): string => {
  const { serving, next, hold, blocked } = stuck;
  if (hold !== undefined)
    return next === undefined
      ? endHold(site, config, hold, { plain: ['Repair a server: none of them works now.'] })
      : endHold(site, config, hold, { after: `, and it moves to ${next} within seconds` });
  const isDown = ['SITE DOWN', 'NO RECORDS'].includes(headlineOf(stuck) ?? '');
  return isDown
    ? nothingWorks(site, config, { serving, blocked })
    : byHand(site, config, { serving, blocked });
};

/** Why a site stays where it is although its serving server is not up; told at once and then hourly. */
export const stuck = (news: NewsOf<'stuck'>, context: Context): Letter => {
  const { site, atMs } = context;
  return {
    subject: `${site.name}: ${subjectOf(news)}`,
    lead: leadOf(site, news, atMs),
    text: paragraphs(
      helpOf(news, context),
      evidence(site, news.evidence),
      section(
        'What was done',
        `Nothing: ${explained(news.decision)} ${addresses(site, news.stays)} stays (row ${news.decision.row} of the decision table).`,
      ),
    ),
  };
};

type Write = { from: string | null; to: string };

/** A write that moves nobody: an order for the role record, or what is configured now. */
const movesNobody = ({ from, to }: Write): boolean => from === to;

/** What should have been written, as a sentence without its end. */
const shouldMove = (site: Site, write: Write): string =>
  movesNobody(write)
    ? `A change of ${site.name} is due that moves nobody: an order of a person that DNS does not say yet, or what is configured now. ${write.to} serves`
    : `${site.name} should move from ${write.from ?? 'nothing'} to ${write.to}`;

const writeSubject = (site: Site, write: Write, why: string): string =>
  movesNobody(write)
    ? `${site.name}: ${why} a change, ${write.to} serves`
    : `${site.name}: ${why} the change to ${write.to}`;

const whereTheyStay = (write: Write): string =>
  movesNobody(write) ? '' : ` Visitors stay on ${write.from ?? 'nothing'}.`;

/** A write that Route 53 did not take. */
export const refused = (news: NewsOf<'refused'>, { site, config }: Context): Letter => {
  const { to, message, passes } = news;
  return {
    subject: writeSubject(site, news, 'Route 53 refused'),
    lead: `${shouldMove(site, news)}, and Route 53 did not take the change.${whereTheyStay(news)}`,
    text: paragraphs(
      section('Why', message),
      section(
        'What was done',
        `No record changed. It is sent again ${passes ? "at each look, within Route 53's limits," : 'about once a minute'} for as long as it is due. To: ${addresses(site, to)}.`,
      ),
      afterRefusal(site, config),
    ),
  };
};

/** A move that is due and that nobody could make in time; nobody knows yet whether it will be refused. */
export const notMade = (news: NewsOf<'late'>, { site, config, atMs }: Context): Letter => {
  const { to, sinceMs, waitsFor, evidence: seen } = news;
  return {
    subject: `${site.name}: ${to} should serve, and the change could not be made`,
    lead: `${shouldMove(site, news)}${sinceText(sinceMs, atMs)}, and the change could not be made.${whereTheyStay(news)}`,
    text: paragraphs(
      waitsFor === '' ? undefined : section('Why', waitsFor),
      section(
        'What was done',
        'No record changed, as far as anybody knows. It is tried at the first look after that is over, and you are told when it has moved.',
      ),
      afterRefusal(site, config),
      evidence(site, seen),
    ),
  };
};

/** A write that a record protection forbids: somebody's decision, like a hold. */
export const forbidden = (news: NewsOf<'protected'>, { site, config }: Context): Letter => ({
  subject: writeSubject(site, news, 'a record protection forbids'),
  lead: `${shouldMove(site, news)}, and somebody has protected its records in Route 53.${whereTheyStay(news)}`,
  text: paragraphs(
    section('Why', news.message),
    byHand(site, config, {
      serving: news.from ?? undefined,
      plain: [
        `To let it move, delete the protection: Route 53 console, hosted zone ${site.zone}, or DeleteResourceRecordSetProtections.`,
      ],
    }),
    section(
      'What was done',
      'No record changed. A protection counts as a hold: it is tried again every five minutes, and at the next order.',
    ),
  ),
});

/** A move that is due at a site whose stored state cannot be read: nothing is even tried. */
export const unwritten = (news: NewsOf<'unwritten'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: its stored state cannot be read, ${news.from ?? 'nothing'} stays`,
  lead: `${shouldMove(site, news)}, and nothing was sent: its stored state is not one that this version understands.`,
  text: paragraphs(
    section('Why', "What that state holds (a person's hold, a write under way) must not be written over."),
    byHand(site, config, {
      serving: news.from ?? undefined,
      plain: ['Deploy the version that wrote the state, or remove its item from the state table.'],
    }),
  ),
});

/** A failback that a person asked for could not be made in time. */
export const notMovedBack = (
  { by, reason, serving, decision, unwritten: why }: NewsOf<'failback-not-done'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: failback not done, ${serving ?? 'nothing'} still serves`,
  lead: `${by} asked to move ${site.name} back (${reason}). It was not possible in time: ${why === undefined ? explained(decision) : `${why}.`}`,
  text: paragraphs(
    section(
      'What was done',
      `Nothing. Ask again once ${why === undefined ? 'a majority of all vantages sees the preferred server pass' : 'the zone can be written'}.`,
    ),
    byHand(site, config, { serving }),
  ),
});

/** All is well again. */
export const over = ({ sinceMs, serving }: NewsOf<'over'>, { site, atMs }: Context): Letter => ({
  subject: `${site.name}: this incident is over`,
  lead: `${serving ?? 'The preferred server'} serves ${site.name}, and every server is up. The incident that began at ${clockTime(sinceMs)} is over, after ${duration(atMs - sinceMs)}.`,
  text: '',
});
