import { userInfo } from 'node:os';
import type { Answer } from '../../lambda/console/command.ts';
import { type Console, findConsole } from '../console.ts';
import { type OrderName, UsageError } from '../grammar.ts';
import type { Command, Result } from '../result.ts';
import { counted, type Line, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';

/** `hold`, `pin`, `silence` and all others by which a person takes something in hand. */
export const order: Command = async (given, { screen, progress }) => {
  const console = await findConsole(given);
  const { command: action, which, server, incident, forSeconds, reason, force, planned } = given;
  const event = {
    action,
    ...which,
    ...(server !== undefined && { server }),
    ...(incident !== undefined && { incident }),
    ...(forSeconds !== undefined && { forSeconds }),
    reason,
    by: given.by ?? userName(),
    ...(force && { force }),
    ...(planned && { planned }),
  };
  const answer = await progress(`Asking ${console.name}`, ask(console, event));
  if (answer.outcomes === undefined) throw new Trouble(answer.message);
  const result = orderResult(answer, answer.outcomes, { screen, action });
  if (answer.alarms === undefined) return result;
  // With the rights of who asks: no function of ours may keep an alarm quiet. Loaded here, since other orders need nothing of it.
  const { mutedWith } = await import('../alarm-mutes.ts');
  const muted = await progress('Asking CloudWatch', mutedWith(console.aws, event, answer));
  if (muted.length === 0) return result;
  const text = [result.text, ...muted.flatMap(({ message }) => wrap(message, screen.width))].join('\n');
  return { ...result, text, answer: { ...answer, alarms: muted } };
};

/** Who is told to have asked. */
export const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no user has.
    const profile = process.env.AWS_PROFILE;
    if (profile) return profile;
    throw new UsageError('Expected --by, since this machine does not know your name, received none.');
  }
};

/** Whoever cannot reach the function from here may still reach it in a browser. */
const ask = async (console: Console, event: { action: string }): Promise<Answer> => {
  try {
    return await console.ask(event);
  } catch (error) {
    if (!(error instanceof Trouble) || console.local !== undefined) throw error;
    const otherwise = `The same by hand: AWS console, Lambda, region ${console.region}, function ${console.name}, tab Test, event ${JSON.stringify(event)}`;
    throw new Trouble(`${error.message}\n${otherwise}`, { cause: error });
  }
};

type Outcomes = NonNullable<Answer['outcomes']>;

/** These are only taken down when they are answered: the controller moves the site, or tells that it could not. */
const ASKED: readonly string[] = ['failback', 'point'] satisfies OrderName[];

/** One site is answered in one line, many in a line each and a summary. */
export const orderResult = (
  answer: Answer,
  outcomes: Outcomes,
  { screen, action }: { screen: Screen; action: string },
): Result => {
  const word = ASKED.includes(action) ? 'asked for' : 'done';
  const mark = (ok: boolean): string => (ok ? word : 'not done');
  const width = Math.max(...outcomes.map(({ ok }) => mark(ok).length));
  const lines = outcomes.map(({ site, ok, message }): Line => {
    const said = withoutStart(withoutStart(message, `${site}: `), `${word}; `);
    return [[ok ? 'green' : 'red', mark(ok).padEnd(width)], `  ${site}: ${said}`];
  });
  const refused = outcomes.filter(({ ok }) => !ok).length;
  const summed = word === 'done' ? 'Done for' : 'Asked for on';
  const summary = `${summed} ${outcomes.length - refused} of ${counted(outcomes.length, 'site')}${refused === 0 ? '.' : `, not for ${refused}.`}`;
  if (outcomes.length !== 1) lines.push([summary]);
  return { ok: answer.ok, text: lines.map((line) => paint(screen, line)).join('\n'), answer };
};

const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : text;
