import { clockTime, duration } from '../base/time.ts';
import type { Asked } from '../state/asked.ts';
import { headlineOf, noServerWorks } from '../state/headline.ts';
import type { NewsOf } from '../state/news.ts';
import type { Silence } from '../state/silence.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import {
  acknowledge,
  byHand,
  endHold,
  endSilence,
  historyOfSilence,
  holdText,
  nothingToDo,
  nothingWorks,
  repair,
  seeWhy,
  unsilence,
} from './offers.ts';
import { addresses, evidence } from './wording.ts';

/** What is told all the same. */
const TOLD = 'Only SITE DOWN, moves, and moves that could not be made are told meanwhile.';

/** What a silence keeps back, and what it leaves as it is. */
export const SILENCE_MEANS = section(
  'What that means',
  TOLD,
  'Nothing else changes: servers are watched, and sites move as ever. The history has what was kept back.',
);

/** An order about messages, as everybody else is told of it. */
export const orderedAbout = (
  { what, ended, by, reason, about }: NewsOf<'ordered'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${what} by ${by}`,
  lead: `${by}: ${what}${ended ? `, ${ended}` : ''}. Reason: ${reason}`,
  text:
    about === 'silence'
      ? paragraphs(SILENCE_MEANS, endSilence(site, config))
      : paragraphs(
          section(
            'What that means',
            'Nobody is reminded of this incident until it changes or ends. Whatever is new is told.',
          ),
          seeWhy(site, config),
        ),
});

const listed = (names: readonly string[]): string => names.join(' and ');

/** What still holds, a clause each, the worst first. */
const whatHolds = (ended: NewsOf<'silence-ended'>): string[] => {
  const { serving, next, down, unknown, flapping, blocked, edited, hold } = ended;
  const servesDown = serving !== undefined && down.includes(serving);
  const alone = next === undefined ? ', and no other server is up' : `; ${next} would take over`;
  return [
    servesDown ? `${serving}, which serves, is down${alone}` : '',
    ...down
      .filter((one) => one !== serving)
      .map((one) => `${one} is down${next === undefined && !servesDown ? ', nothing would take over' : ''}`),
    flapping.length > 0
      ? `${listed(flapping)} ${flapping.length === 1 ? 'comes' : 'come'} and go${flapping.length === 1 ? 'es' : ''}`
      : '',
    unknown.length > 0 ? `${listed(unknown)} cannot be judged` : '',
    edited ? 'the records were edited by hand' : '',
    blocked.length > 0 ? `a record stands in the way of ${listed(blocked)}` : '',
    hold === undefined ? '' : `the site is ${holdText(hold)}`,
  ].filter((one) => one !== '');
};

const helpOf = (ended: NewsOf<'silence-ended'>, { site, config }: Context): string => {
  const { serving, down, blocked, hold } = ended;
  const isSiteDown = noServerWorks(ended);
  if (hold !== undefined)
    return endHold(
      site,
      config,
      hold,
      isSiteDown ? { plain: ['Repair a server: none of them works now.'] } : {},
    );
  if (isSiteDown) return nothingWorks(site, config, { serving, blocked });
  if (headlineOf(ended) === 'SILENCE ENDED') return nothingToDo(site, config);
  const [standby] = down.filter((one) => one !== serving);
  const up = site.servers.map(({ name }) => name).filter((name) => !isAmiss(ended, name));
  return standby === undefined || (serving !== undefined && down.includes(serving))
    ? byHand(site, config, { serving, up, blocked })
    : repair(site, config, standby);
};

const isAmiss = ({ down, unknown }: NewsOf<'silence-ended'>, server: string): boolean =>
  down.includes(server) || unknown.includes(server);

/** What holds, in the words of a subject. Of what people know already there is no more than that. */
const subjectOf = (news: NewsOf<'silence-ended'>, [worst = 'nothing is amiss']: string[]): string => {
  const { hold, known } = news;
  if (noServerWorks(news))
    return `silence over, no server works${known ? ', as told' : ''}${hold === undefined ? '' : `, ${hold.mode} by ${hold.by ?? 'a person'}`}`;
  const isHeldAlone = hold !== undefined && headlineOf(news) === 'SILENCE ENDED';
  return isHeldAlone ? holdText({ ...hold, reason: undefined }) : `silence over, ${worst}`;
};

/** A silence is over: one message with what still holds, and where the rest is to be read. */
export const silenceEnded = (news: NewsOf<'silence-ended'>, context: Context): Letter => {
  const { site } = context;
  const { by, reason, sinceMs, untilMs, ended, suppressed, down } = news;
  const holds = whatHolds(news);
  const whose = ended === undefined ? 'is over' : `was ended by ${ended.by} (${ended.reason})`;
  const count =
    suppressed === 0
      ? 'No message was kept back.'
      : `${suppressed} message${suppressed === 1 ? ' was' : 's were'} kept back.`;
  const now = holds.length === 0 ? 'Nothing is amiss.' : `Still so: ${holds.join('; ')}.`;
  return {
    subject: `${site.name}: ${subjectOf(news, holds)}`,
    lead: `The silence by ${by} ${whose} after ${duration(untilMs - sinceMs)}. ${now} ${count}`,
    text: paragraphs(
      helpOf(news, context),
      suppressed === 0 ? undefined : ['What was kept back', ...historyOfSilence(site.name)].join('\n'),
      section('Why it was silenced', `${by}: ${reason}`),
      down.length === 0 ? undefined : section('Where', ...down.map((one) => addresses(site, one))),
      down.length === 0 ? undefined : evidence(site, news.evidence),
    ),
  };
};

/** `silenced by ops until 2026-11-22 23:00:00 UTC: "works"`. */
export const silenceText = ({ by, reason, untilMs }: Pick<Silence, 'by' | 'reason' | 'untilMs'>): string =>
  `silenced by ${by} until ${clockTime(untilMs)}: "${reason}"`;

/** The same of sites that are told of in one message. */
export const quietNotes = (silences: readonly Silence[]): string | undefined => {
  const groups = [...Map.groupBy(silences, silenceText)];
  const lines = groups.map(
    ([text, { length }]) => `${length} of these sites ${length === 1 ? 'is' : 'are'} ${text}.`,
  );
  return lines.length === 0 ? undefined : section('Who knows of it', ...lines, TOLD);
};

/** What a message should say that has nothing to do with what happened. `again`: it is a reminder, of this incident. */
export type Quiet = {
  silence?: Silence | undefined;
  acknowledged?: Asked | undefined;
  again?: string | undefined;
};

/**
 * Who keeps messages about the site back: whoever reads one of the few that are told should know that it is not all. And whoever is
 * reminded, how to be left alone.
 */
export const quietNote = (site: string, { silence, acknowledged, again }: Quiet): string | undefined => {
  const lines: string[] = [];
  if (silence !== undefined)
    lines.push(`The site is ${silenceText(silence)}. ${TOLD}`, ...indented(unsilence(site)));
  if (acknowledged !== undefined) {
    const { by, reason, askedMs } = acknowledged;
    lines.push(`${by} has acknowledged it at ${clockTime(askedMs)}: "${reason}".`);
  } else if (again !== undefined)
    lines.push(
      'You are reminded each hour. If you see to it, tell the others, and it stops:',
      ...indented(acknowledge(again)),
    );
  return lines.length === 0 ? undefined : section('Who knows of it', ...lines);
};

/** A section indents its lines once more. */
const indented = (lines: string[]): string[] => lines.map((line) => line.slice(2));
