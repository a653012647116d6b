import { ConfigError } from '../lib/config/problems.ts';
import { version } from '../lib/place.ts';
import { type About, type Given, readArguments } from './arguments.ts';
import { UsageError } from './grammar.ts';
import { helpText, usageLine } from './help.ts';
import { type Command, jsonLine, type Terminal } from './result.ts';
import { Trouble } from './trouble.ts';

/** Where a command line was typed, and where its answer goes. */
export type Io = Terminal & { out(text: string): void; err(text: string): void };

/** Finds what carries a command out. */
type Find = (given: Given) => Promise<Command>;

/** What the command line says of itself. */
const told = (about: About): { text: string; answer: object } => {
  if ('help' in about) {
    const message = helpText(about.help);
    return { text: message, answer: { message } };
  }
  const message = `switchover ${version()}, Node ${process.versions.node}`;
  return { text: message, answer: { message, version: version(), node: process.versions.node } };
};

/** Carries out one command line; answers the exit code. Whatever a person can mend is told; anything else rejects. */
export const run = async (args: string[], io: Io, find: Find): Promise<0 | 1 | 2 | 3> => {
  const fail = (code: 1 | 2, message: string, more: object = {}): 1 | 2 => {
    io.err(`${message}\n`);
    if (args.includes('--json')) io.out(jsonLine({ ok: false, message, ...more }));
    return code;
  };
  try {
    const given = readArguments(args, Date.now(), process.env);
    if ('version' in given || 'help' in given) {
      const { text, answer } = told(given);
      io.out(args.includes('--json') ? jsonLine({ ...answer, ok: true }) : `${text}\n`);
      return 0;
    }
    const carryOut = await find(given);
    const { ok, code = 1, text, answer } = await carryOut(given, io);
    io.out(given.json ? jsonLine({ ...answer, ok }) : `${text}\n`);
    return ok ? 0 : code;
  } catch (error) {
    if (error instanceof UsageError) return fail(2, `${error.message}\n${usageLine(error.command)}`);
    if (error instanceof ConfigError) return fail(1, error.message, { problems: error.problems });
    if (error instanceof Trouble) return fail(1, error.message);
    throw error;
  }
};
