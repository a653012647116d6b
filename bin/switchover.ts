#!/usr/bin/env node
/** The door of the command line. */
import './node-version.cjs';
import { isProgram, type ProgramName } from './grammar.ts';
import { main } from './main.ts';
import { openTerminal } from './terminal.ts';

const [first, ...rest] = process.argv.slice(2);

/** They read what follows their name as if they had been started themselves. */
const become = async (program: ProgramName): Promise<void> => {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...rest);
  await (program === 'start' ? import('../local/start.ts') : import('../local/demo.ts'));
};

if (isProgram(first)) await become(first);
else process.exitCode = await main(process.argv.slice(2), openTerminal());
