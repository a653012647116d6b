import { clockTime, duration } from '../../lambda/core/base/time.ts';
import type { Facts } from '../../lambda/core/decision/decide.ts';
import { ROWS } from '../../lambda/core/decision/row-words.ts';
import { rowsTogether } from '../../lambda/core/decision/rows.ts';
import type { Verdict } from '../../lambda/core/evidence/judge.ts';
import { holderText, quietTexts } from '../../lambda/core/orders/status-document.ts';
import type { Explanation } from '../../lambda/status/explain.ts';
import { CALLED } from '../../lib/place.ts';
import { columns, type Line, paint, type Screen, wrap } from '../screen.ts';
import { serverLines as serverCauseLines } from './status-lines.ts';

/** An explanation for people: the row that held, in words and as the table has it, and the numbers behind it. */
export const explanationLines = (explanation: Explanation, screen: Screen): string[] => {
  const { site, at, row, reason, text, facts, thresholds } = explanation;
  const title: Line = [
    ['bold', site],
    ...(row === null ? [] : [`: row ${row}, ${reason}`]),
    ['dim', ` (at ${clockTime(Date.parse(at))})`],
  ];
  const lines: Line[] = [title, ...wrap(text, screen.width, '  ').map((line): Line => [line])];
  if (row !== null) lines.push([], ...tableLines(explanation, screen));
  if (explanation.holder) {
    const { holder } = explanation;
    const why = holder.reason === null ? '' : `: "${holder.reason}"`;
    lines.push([], [`  ${holderText(holder, Date.parse(at))}${why}`], [`  end it: ${CALLED} ${holder.end}`]);
  }
  const quiet = explanation.quiet === undefined ? [] : quietTexts(explanation.quiet, Date.parse(at));
  for (const said of quiet) lines.push([], ...wrap(said, screen.width, '  ').map((line): Line => [line]));
  const end = explanation.quiet?.silence?.end;
  if (end !== undefined) lines.push([`  end it: ${CALLED} ${end}`]);
  if (facts !== null) {
    const when = `The facts it ${explanation.servers ? 'rests' : 'rested'} on, as of ${clockTime(facts.nowMs)}:`;
    const servers = explanation.servers
      ? serverCauseLines(explanation.servers, facts.nowMs, screen)
      : serverLines(facts, Date.parse(at));
    lines.push([], [`  ${when}`], [], ...servers, [], ...factLines(facts, thresholds));
  }
  return lines.map((line) => paint(screen, line).trimEnd());
};

/** The rows of the table down to the one that holds: those above are struck, with what excluded them. */
const tableLines = ({ row, above }: Explanation, screen: Screen): Line[] => {
  const struck = rowsTogether(above).flatMap(({ rows, because }) =>
    wrap(`x ${rows.padEnd(6)} ${because}`, screen.width, '  ').map((line): Line => [['dim', line]]),
  );
  const { zone, mode, serving, others, decision } = ROWS[row ?? 0] ?? NO_ROW;
  const said = `${zone} | ${mode} | serving ${serving} | others ${others} -> ${decision}`;
  const [first = '', ...rest] = wrap(said, screen.width, ' '.repeat(11));
  return [
    ['  The decision table, down to the row that holds:'],
    ...struck,
    ['  > ', ['bold', `${String(row).padEnd(6)} ${first.trimStart()}`]],
    ...rest.map((line): Line => [['bold', line]]),
  ];
};

const NO_ROW = { zone: '-', mode: '-', serving: '-', others: '-', decision: '-' };

const VERDICTS: Record<Verdict, string> = {
  passed: 'passed by quorum',
  failed: 'failed by quorum',
  none: 'no verdict in that round',
};
const STYLE_OF = { up: 'green', down: 'red', unknown: 'yellow' } as const;

const serverLines = (facts: Facts, atMs: number): Line[] => {
  const { healths, verdicts, sinceMs, serving, lastResort } = facts;
  const names = [...new Set([...facts.servers, ...Object.keys(healths)])];
  const rows = names.map((name): Line[] => {
    const health = healths[name] ?? 'unknown';
    const since = sinceMs[name];
    const roles = [
      name === serving && 'serves',
      name === lastResort && 'the last resort',
      facts.blocked?.includes(name) && 'a record stands in its way',
    ].filter(Boolean);
    return [
      [`  ${name}`],
      [[STYLE_OF[health], health]],
      [since === undefined ? '' : `since ${clockTime(since)} (${duration(atMs - since)})`],
      [VERDICTS[verdicts[name] ?? 'none']],
      [roles.join(', ')],
    ];
  });
  return columns(rows);
};

const modeText = ({ mode }: Facts): string => {
  if (mode.mode === 'auto') return 'auto';
  const what = mode.mode === 'held' ? 'held' : `pinned to ${mode.pin}`;
  return `${what} until ${clockTime(mode.untilMs)}`;
};

const CONFIGURED: Record<Facts['configured'], string> = {
  same: 'as the zone lists it',
  differs: 'differently than the zone lists it, and not up there',
  'differs-up': 'differently than the zone lists it, and up there',
  members: 'as the zone lists it, but other standbys shall stand beside it',
};

const factLines = (facts: Facts, thresholds: Explanation['thresholds']): Line[] => {
  const { failback, failbackAskedUntilMs, mayMoveAtMs, nowMs } = facts;
  const rows: [string, string][] = [
    ['zone', facts.zone],
    ['mode', modeText(facts)],
    ['configured', CONFIGURED[facts.configured]],
    ['sight', facts.sighted ? 'enough vantages saw something' : 'fewer vantages than a quorum saw anything'],
    [
      'next move by itself',
      mayMoveAtMs <= nowMs ? 'allowed at once' : `not before ${clockTime(mayMoveAtMs)}`,
    ],
    [
      'failback',
      failback === 'manual' ? 'when a person asks for it' : `by itself, after ${failback.afterSeconds} s up`,
    ],
    ...(failbackAskedUntilMs === undefined
      ? []
      : [['failback asked', `until ${clockTime(failbackAskedUntilMs)}`] as [string, string]]),
    ...(facts.point === undefined
      ? []
      : [['point', `to ${facts.point.to}, ${facts.point.due ? 'due' : 'not yet'}`] as [string, string]]),
    [
      'down after',
      `${thresholds.failuresToDown} failed verdicts in a row over at least ${thresholds.downForSeconds} s`,
    ],
    ['up after', `${thresholds.successesToUp} passed verdicts in a row`],
  ];
  return columns(rows.map(([name, value]): Line[] => [[['dim', `  ${name}`]], [value]]));
};
