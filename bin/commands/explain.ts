import { clockTime, duration } from '../../lambda/core/base/time.ts';
import type { Facts } from '../../lambda/core/decision/decide.ts';
import type { Verdict } from '../../lambda/core/evidence/judge.ts';
import type { Explanation } from '../../lambda/status/explain.ts';
import { columns, type Line, paint, type Screen, wrap } from '../screen.ts';
import { ROWS } from '../../lambda/core/decision/row-words.ts';

/** An explanation for people: the row that held, in words and as the table has it, and the numbers behind it. */
export const explanationLines = (explanation: Explanation, screen: Screen): string[] => {
  const { site, at, row, reason, text, facts, thresholds } = explanation;
  const title: Line = [
    ['bold', site],
    ...(row === null ? [] : [`: row ${row}, ${reason}`]),
    ['dim', ` (at ${clockTime(Date.parse(at))})`],
  ];
  const lines: Line[] = [title, ...wrap(text, screen.width, '  ').map((line): Line => [line])];
  const known = row === null ? undefined : ROWS[row];
  if (known !== undefined) {
    const { zone, mode, serving, others, decision } = known;
    const said = `Row ${row} of the decision table: zone ${zone} | mode ${mode} | serving ${serving} | others ${others} -> ${decision}`;
    lines.push([], ...wrap(said, screen.width, '  ').map((line): Line => [line]));
  }
  if (facts !== null) {
    const when = `The facts it rested on, as of ${clockTime(facts.nowMs)}:`;
    lines.push([], [`  ${when}`], [], ...serverLines(facts), [], ...factLines(facts, thresholds));
  }
  return lines.map((line) => paint(screen, line).trimEnd());
};

const VERDICTS: Record<Verdict, string> = {
  passed: 'passed by quorum',
  failed: 'failed by quorum',
  none: 'no verdict in that round',
};
const STYLE_OF = { up: 'green', down: 'red', unknown: 'yellow' } as const;

const serverLines = (facts: Facts): Line[] => {
  const { nowMs, healths, verdicts, sinceMs, serving, lastResort } = facts;
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
      [since === undefined ? '' : `since ${clockTime(since)} (${duration(nowMs - since)})`],
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
