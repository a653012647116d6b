import { CALLED } from '../lib/place.ts';
import type { CommandName } from './grammar.ts';
import type { Command } from './result.ts';
import { run } from './run.ts';
import { openTerminal } from './terminal.ts';

/** Runs one command as a program of its own called `name`, and says so in its help. Answers the exit code. */
export const runAs = async (name: string, command: CommandName, carryOut: Command): Promise<number> => {
  const { out, err, ...terminal } = openTerminal();
  const own = (text: string): string => text.replaceAll(`${CALLED} ${command}`, name);
  const args = process.argv.slice(2);
  const isVersion = ['--version', '-v'].includes(args[0] ?? '');
  return run(
    isVersion ? ['version'] : [command, ...args],
    { ...terminal, out: (text) => out(own(text)), err: (text) => err(own(text)) },
    async () => carryOut,
  );
};
