import { type Course, money } from '../../lib/forecast/course.ts';
import {
  type Cause,
  type Failure,
  type Forecast,
  ASSUMPTIONS as GIVEN,
  lostTo,
  type Stage,
  secondsUntil,
} from '../../lib/forecast/model.ts';
import { LAYERS, textPlot } from '../../lib/forecast/plot.ts';
import { AUDIENCES } from '../../lib/forecast/resolvers.ts';
import { columns, type Line, type Screen, wrap } from '../screen.ts';

export const TITLES: Record<Failure, string> = {
  refused: 'connections refused',
  silent: 'no answer at all',
  status: 'answers with errors',
};

/** One site's course for people, the advice first. */
export const courseLines = (site: string, course: Course, screen: Screen): Line[] => {
  const { plan, shown, advice } = course;
  const text = (words: string): Line[] => wrap(words, screen.width).map((line): Line => [line]);
  const dim = (words: string, indent = ''): Line[] =>
    wrap(words, screen.width, indent).map((line): Line => [['dim', line]]);
  return [
    [
      ['bold', site],
      ['dim', `  lever ${plan.lever}, TTL ${plan.ttlSeconds} s`],
    ],
    ...text(advice.text),
    [],
    [['bold', `The primary dies at second 0: ${TITLES[plan.failure]}`]],
    ...columns(stageRows(shown.stages)),
    [],
    ['Visitors who are still sent to the dead server:'],
    ...textPlot(shown, Math.min(screen.width, WIDEST)).map((line): Line => [line]),
    ...columns(causeRows(shown)),
    ...text(backAgain(shown)),
    [],
    [['bold', `TTLs, ${TITLES[plan.failure]}`]],
    ...columns(ttlRows(course)),
    [],
    [['bold', 'Queries a month that reach the zone, more or fewer than now; each is a fetch by a resolver']],
    ...columns(priceRows(course)),
    ...dim(`${AUDIENCES.map(audienceText).join('; ')}.`, '  '),
    [],
    [['bold', `Levers at TTL ${plan.ttlSeconds} s: what a failure costs the average visitor`]],
    ...columns(leverRows(course)),
    [],
    ...dim(BASIS),
  ];
};

/** A plot wider than this tells no more. */
const WIDEST = 110;

const BASIS =
  `Detection follows from the rules; what resolvers keep was measured ("npm run bench -- resolvers"). Assumed: Route 53 takes anything up to ` +
  `${GIVEN.publicationSeconds[1]} s; ${(100 * GIVEN.stretchingShare).toFixed(1)} % of visitors sit behind resolvers that stretch a TTL to ` +
  `${GIVEN.stretchedSeconds[0] / 60} to ${GIVEN.stretchedSeconds[1] / 60} minutes; half of all page loads come from browsers that hold an answer for ` +
  `${GIVEN.clientSeconds} s. Every number has its source in lib/forecast/model.ts; docs/forecast.md says how far to trust them.`;

const inSeconds = (seconds: number): string =>
  seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
/** A table's heading is dim, its first column indented. */
const heading = (...titles: string[]): Line[] =>
  titles.map((title, i): Line => [['dim', i === 0 ? `  ${title}` : title]]);

const DONE: Record<string, string> = {
  detection: 'found down',
  decision: 'decided and written',
  publication: 'answered by all name servers',
  gate: 'known to the gate',
  address: 'reached at the new place',
};

const stageRows = (stages: Stage[]): Line[][] => {
  let [from, to] = [0, 0];
  const rows = stages.map((stage): Line[] => {
    from += stage.from;
    to += stage.to;
    return [
      [`  ${DONE[stage.name] ?? stage.name}`],
      [from.toFixed(1)],
      [((from + to) / 2).toFixed(1)],
      [`${to.toFixed(1)} s`],
    ];
  });
  return [heading('', 'earliest', 'on average', 'latest'), ...rows];
};

const causeRows = (shown: Forecast): Line[][] =>
  Object.entries(LAYERS).map(([cause, { glyph, label }]): Line[] => [
    [`  ${glyph}${glyph}`],
    [
      `${lostTo(shown, cause as Cause)
        .toFixed(1)
        .padStart(6)} s`,
    ],
    [label],
  ]);

const backAgain = (shown: Forecast): string => {
  const after = (share: number): string => inSeconds(secondsUntil(shown, share));
  return `In all ${inSeconds(shown.lostSeconds)} for the average visitor. Half of the visitors are back after ${after(0.5)}, nine in ten after ${after(0.1)}, 99 in a hundred after ${after(0.01)}.`;
};

const ttlRows = ({ plan, ttls }: Course): Line[][] => [
  heading('TTL', 'costs the average visitor', 'half back', 'nine in ten back'),
  ...ttls.map(({ ttlSeconds, forecast }): Line[] => [
    [`${ttlSeconds === plan.ttlSeconds ? '> ' : '  '}${ttlSeconds} s`],
    [inSeconds(forecast.lostSeconds)],
    [inSeconds(secondsUntil(forecast, 0.5))],
    [inSeconds(secondsUntil(forecast, 0.1))],
  ]),
];

const audienceText = ({ name, resolvers, asksPerSecond }: (typeof AUDIENCES)[number]): string =>
  `${name}: ${resolvers.toLocaleString('en')} resolvers, each asked every ${Math.round(1 / asksPerSecond)} s`;

const millions = (queries: number): string => {
  const inMillions = queries / 1e6;
  return `${Math.abs(inMillions) < 100 ? inMillions.toFixed(1) : Math.round(inMillions).toLocaleString('en')} M`;
};
const signed = (number: number, text: (number: number) => string): string =>
  `${number < 0 ? '-' : '+'}${text(Math.abs(number))}`;

/** At the site's own TTL what there is, at the others the difference. */
const priceRows = ({ plan, ttls }: Course): Line[][] => {
  const now = ttls.find(({ ttlSeconds }) => ttlSeconds === plan.ttlSeconds)?.prices ?? [];
  const row = ({ ttlSeconds, prices }: Course['ttls'][number]): Line[] => [
    [`${ttlSeconds === plan.ttlSeconds ? '> ' : '  '}${ttlSeconds} s`],
    ...prices.flatMap(({ queries, dollars }, i): Line[] => {
      const before = now[i];
      return before === undefined || ttlSeconds === plan.ttlSeconds
        ? [[` ${millions(queries)}`], [` ${money(dollars)}`]]
        : [[signed(queries - before.queries, millions)], [signed(dollars - before.dollars, money)]];
    }),
  ];
  return [heading('TTL', ...AUDIENCES.flatMap(({ name }) => [name, ''])), ...ttls.map(row)];
};

const leverRows = ({ levers }: Course): Line[][] => [
  heading('lever', ...Object.values(TITLES), ''),
  ...levers.map(({ lever, failures }): Line[] => [
    [`  ${lever}`],
    ...failures.map(({ forecast }): Line => [inSeconds(forecast.lostSeconds)]),
    lever === 'readdress' ? [['dim', 'with an Elastic IP']] : [],
  ]),
];
