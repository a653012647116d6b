import type { Answer } from '../../lambda/console/command.ts';
import { clockTime } from '../../lambda/core/base/time.ts';
import type { SiteStatus } from '../../lambda/core/orders/status.ts';
import type { Health } from '../../lambda/core/site/health.ts';
import type { HistoryEntry } from '../../lambda/status/report.ts';
import { findConsole } from '../console.ts';
import type { Command, Result } from '../result.ts';
import { columns, type Line, lengthOf, type Piece, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { explanationLines } from './explain.ts';

/** `status`, `history` and `explain`. */
export const look: Command = async (given, { screen, progress }) => {
  const console = await findConsole(given, 'status');
  const { command: action, which, at, limit } = given;
  const event = { action, ...which, ...(at !== undefined && { at }), ...(limit !== undefined && { limit }) };
  const answer = await progress(`Asking ${console.name}`, console.ask(event));
  if (answer.sites !== undefined) return statusResult(answer, answer.sites, screen);
  if (answer.history !== undefined) return historyResult(answer, answer.history, screen);
  if (answer.explanations !== undefined) {
    const texts = answer.explanations.map((one) => explanationLines(one, screen).join('\n'));
    return { ok: answer.ok, text: texts.join('\n\n'), answer };
  }
  throw new Trouble(answer.message);
};

/** What is not as it should be with a site: nothing when it is served by a server that is up, from records as we left them. */
export const troubleWith = (status: SiteStatus): string | undefined => {
  const { zone, serving } = status;
  if (zone === 'unreadable') return 'its zone could not be read';
  if (zone === 'nothing') return 'it has no records yet';
  if (zone === 'adoptable') return 'its records were found and are not adopted yet';
  if (zone === 'edited') return 'its records were edited by hand';
  if (serving === null) return 'nothing that is configured serves it';
  if (serving === 'other')
    return 'it is served from addresses of no configured server, as a person adopted them';
  const health = status.healths[serving] ?? 'no longer configured';
  return health === 'up' ? undefined : `${serving} serves it and is ${health}`;
};

/** Programs and people get the same verdict: `ok`, the exit code and the last line agree. */
export const statusResult = (answer: Answer, sites: SiteStatus[], screen: Screen): Result => {
  const troubles = sites.flatMap((status) => {
    const trouble = troubleWith(status);
    return trouble === undefined ? [] : [`${status.site}: ${trouble}.`];
  });
  const ok = answer.ok && troubles.length === 0;
  const counted = `${sites.length === 1 ? 'The site is' : `All ${sites.length} sites are`} served, by a server that is up.`;
  const last: Line[] = ok
    ? [[['green', counted]]]
    : [...(answer.ok ? [] : [answer.message]), ...troubles].map((text): Line => [['red', text]]);
  const lines: Line[] = [
    ...statusLines(sites, screen),
    [],
    ...(answer.ok ? [[answer.message]] : []),
    ...last,
  ];
  const message = [answer.message, ...troubles].join(' ');
  return {
    ok,
    text: lines.map((line) => paint(screen, line)).join('\n'),
    answer: { ...answer, ok, message },
  };
};

const STYLE_OF = { up: 'green', down: 'red' } as const;

const healthPieces = (healths: Record<string, string>): Piece[] =>
  Object.entries(healths).flatMap(([server, health], index): Piece[] => {
    const style = STYLE_OF[health as 'up' | 'down'] ?? 'yellow';
    return [index === 0 ? '' : ', ', `${server} `, [style, health]];
  });

const modeText = ({ mode, until }: SiteStatus): string =>
  until === null ? mode : `${mode} until ${clockTime(Date.parse(until)).replace(/:\d\d UTC$/, ' UTC')}`;

const HEADING = ['SITE', 'SERVING', 'MODE', 'HEALTH', 'ZONE'] as const;

const cellsOf = (status: SiteStatus): Line[] => [
  [['bold', status.site]],
  [status.serving ?? '-'],
  [status.mode === 'auto' ? 'auto' : ['yellow', modeText(status)]],
  healthPieces(status.healths),
  [status.zone === 'ours' ? 'ours' : ['red', status.zone]],
];

/** What it comes to that no other server is up, by the health of the one that serves. */
const ALONE: Record<Health, string> = {
  up: 'if this one died now, nothing would take over',
  down: 'nothing takes over',
  unknown: 'if this one is dead, nothing takes over',
};

const notesOf = (status: SiteStatus): string[] => {
  const others = Object.entries(status.healths).filter(([server]) => server !== status.serving);
  const health = status.healths[status.serving ?? ''] ?? 'unknown';
  const alone = status.serving !== null && others.every(([, health]) => health !== 'up');
  return [
    ...status.notes.map(({ text }) => text),
    ...(alone ? [`no other server is up: ${ALONE[health]}`] : []),
    ...(status.incident === null ? [] : [`incident ${status.incident} is open`]),
  ];
};

/** A table when the terminal is wide enough for it, else a few lines a site. */
const statusLines = (sites: SiteStatus[], screen: Screen): Line[] => {
  const rows = sites.map(cellsOf);
  const [heading = [], ...table] = columns([HEADING.map((text): Line => [['dim', text]]), ...rows]);
  const fits = [heading, ...table].every((line) => lengthOf(line) <= screen.width);
  const noteLines = (status: SiteStatus): Line[] =>
    notesOf(status).flatMap((note) => wrap(note, screen.width, '  ').map((text): Line => [['yellow', text]]));
  if (fits) return [heading, ...sites.flatMap((status, at) => [table[at] ?? [], ...noteLines(status)])];
  return sites.flatMap((status, at) => {
    const [name = [], ...cells] = rows[at] ?? [];
    const lines = cells.map(
      (cell, index): Line => [`  ${(HEADING[index + 1] ?? '').toLowerCase().padEnd(8)} `, ...cell],
    );
    return [name, ...lines, ...noteLines(status)];
  });
};

/** As a log is read: the newest entry is the last, beside the prompt. */
export const historyResult = (answer: Answer, newestFirst: HistoryEntry[], screen: Screen): Result => {
  const sites = new Set(newestFirst.map(({ site }) => site));
  const lines = newestFirst.toReversed().flatMap(({ site, at, what, text }) => {
    const head: Line = [
      ['dim', clockTime(Date.parse(at)).replace(' UTC', '')],
      ' ',
      ['bold', what.padEnd(9)],
      ' ',
    ];
    const indent = ' '.repeat(lengthOf(head));
    const whole = sites.size > 1 && !text.startsWith(site) ? `${site}: ${text}` : text;
    const [first = '', ...rest] = wrap(whole, screen.width, indent);
    return [paint(screen, [...head, first.trimStart()]), ...rest];
  });
  const count =
    newestFirst.length === 1 ? 'One entry.' : `${newestFirst.length} entries, newest last, times in UTC.`;
  const text = newestFirst.length === 0 ? answer.message : [...lines, count].join('\n');
  return { ok: answer.ok, text, answer };
};
