#!/usr/bin/env node
/** The door of the command line. */
import './node-version.cjs';
import { storageReason } from '../local/storage.ts';
import { isProgram, type ProgramName } from './grammar.ts';
import { main } from './main.ts';
import { progressOn } from './progress.ts';
import { screenBehind } from './screen.ts';

const { stdout, stderr } = process;

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads any more, as after "| head".
  if (error.code === 'EPIPE') return;
  const reason = storageReason(error);
  if (reason === undefined) throw error;
  stderr.write(`Cannot write standard output: ${reason}.\n`);
  process.exit(1);
});

const [first, ...rest] = process.argv.slice(2);

/** They read what follows their name as if they had been started themselves. */
const run = async (program: ProgramName): Promise<void> => {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...rest);
  await (program === 'start' ? import('../local/start.ts') : import('../local/demo.ts'));
};

if (isProgram(first)) await run(first);
else
  process.exitCode = await main(process.argv.slice(2), {
    screen: screenBehind(stdout),
    progress: progressOn(stderr),
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
  });
