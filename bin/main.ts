import { readFileSync } from 'node:fs';
import { ConfigError } from '../lib/config/problems.ts';
import { type Given, readArguments } from './arguments.ts';
import { isOrder, UsageError } from './grammar.ts';
import { helpText, usageLine } from './help.ts';
import type { Command, Terminal } from './result.ts';
import { Trouble } from './trouble.ts';

/** Where a command line was typed, and where its answer goes. */
export type Io = Terminal & { out(text: string): void; err(text: string): void };

const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** Carries out one command line; answers the exit code. Whatever a person can mend is told; anything else rejects. */
export const main = async (args: string[], io: Io): Promise<0 | 1 | 2 | 3> => {
  const fail = (code: 1 | 2, message: string, more: object = {}): 1 | 2 => {
    io.err(`${message}\n`);
    if (args.includes('--json')) io.out(`${JSON.stringify({ ok: false, message, ...more })}\n`);
    return code;
  };
  try {
    const given = readArguments(args, Date.now(), process.env);
    if ('version' in given) {
      io.out(`switchover ${VERSION}, Node ${process.versions.node}\n`);
      return 0;
    }
    if ('help' in given) {
      io.out(`${helpText(given.help)}\n`);
      return 0;
    }
    const carryOut = await commandFor(given);
    const { ok, code = 1, text, answer } = await carryOut(given, io);
    io.out(`${given.json ? JSON.stringify({ ...answer, ok }) : text}\n`);
    return ok ? 0 : code;
  } catch (error) {
    if (error instanceof UsageError) return fail(2, `${error.message}\n${usageLine(error.command)}`);
    if (error instanceof ConfigError) return fail(1, error.message, { problems: error.problems });
    if (error instanceof Trouble) return fail(1, error.message);
    throw error;
  }
};

/** Each is loaded when it is wanted: an order waits for no prober code, and works without it. */
const commandFor = async ({ command }: Given): Promise<Command> => {
  if (command === 'status') return (await import('./commands/status.ts')).status;
  if (isOrder(command)) return (await import('./commands/order.ts')).order;
  if (command === 'check') return (await import('./commands/check.ts')).check;
  if (command === 'page') return (await import('./commands/page.ts')).page;
  if (command === 'gate') return (await import('./commands/gate.ts')).gate;
  if (command === 'probe') return (await import('./commands/probe.ts')).probe;
  if (command === 'demo-server') return (await import('./commands/demo-server.ts')).demoServer;
  if (command === 'diff') return (await import('./commands/diff.ts')).diff;
  if (command === 'forecast') return (await import('./commands/forecast.ts')).forecast;
  if (command === 'cost') return (await import('./commands/cost.ts')).cost;
  const { history, explain } = await import('./commands/look.ts');
  return command === 'history' ? history : explain;
};
