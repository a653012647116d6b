import type { Answer } from '../../lambda/console/command.ts';
import { clockTime } from '../../lambda/core/base/time.ts';
import type { HistoryEntry } from '../../lambda/core/state/history.ts';
import { findConsole } from '../console.ts';
import type { Command, Result } from '../result.ts';
import { type Line, lengthOf, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { explanationLines } from './explain.ts';

/** The function answers no more of a history at a time. */
const PAGE = 500;
/** Without --limit and --since. */
const USUAL = 50;

/** `history`: as many pages as it takes. */
export const history: Command = async (given, { screen, progress }) => {
  const console = await findConsole(given, 'status');
  const { which, since, until, kind, limit = since === undefined ? USUAL : Number.POSITIVE_INFINITY } = given;
  const asked = { ...which, ...(since && { since }), ...(kind && { kind }) };
  const found: HistoryEntry[] = [];
  let answer: Answer;
  let end = until;
  do {
    const event = { action: 'history', ...asked, ...(end && { until: end }), limit: Math.min(limit, PAGE) };
    answer = await progress(
      () => `Asking ${console.name}, ${found.length} entries so far`,
      console.ask(event),
    );
    if (answer.history === undefined) throw new Trouble(answer.message);
    found.push(...answer.history);
    end = answer.more;
  } while (end !== undefined && found.length < limit);
  const shown = found.slice(0, limit);
  const { more: _, ...rest } = answer;
  return historyResult({ ...rest, history: shown }, shown, { screen, isOfOne: which.site !== undefined });
};

/** `explain`. */
export const explain: Command = async (given, { screen, progress }) => {
  const console = await findConsole(given, 'status');
  const { which, at } = given;
  const event = { action: 'explain', ...which, ...(at !== undefined && { at }) };
  const answer = await progress(`Asking ${console.name}`, console.ask(event));
  if (answer.explanations === undefined) throw new Trouble(answer.message);
  const texts = answer.explanations.map((one) => explanationLines(one, screen).join('\n'));
  return { ok: answer.ok, text: texts.join('\n\n'), answer };
};

/** As a log is read: the newest entry is the last, beside the prompt. Each names its site, unless it was asked for one: `isOfOne`. */
export const historyResult = (
  answer: Answer,
  newestFirst: HistoryEntry[],
  { screen, isOfOne }: { screen: Screen; isOfOne: boolean },
): Result => {
  const lines = newestFirst.toReversed().flatMap(({ site, at, what, text }) => {
    const head: Line = [
      ['dim', clockTime(Date.parse(at)).replace(' UTC', '')],
      ' ',
      ['bold', what.padEnd(9)],
      ' ',
    ];
    const indent = ' '.repeat(lengthOf(head));
    const whole = !isOfOne && !text.startsWith(site) ? `${site}: ${text}` : text;
    const [first = '', ...rest] = wrap(whole, screen.width, indent);
    return [paint(screen, [...head, first.trimStart()]), ...rest];
  });
  const count =
    newestFirst.length === 1 ? 'One entry.' : `${newestFirst.length} entries, newest last, times in UTC.`;
  const text = newestFirst.length === 0 ? answer.message : [...lines, count].join('\n');
  return { ok: answer.ok, text, answer };
};
