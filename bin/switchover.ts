#!/usr/bin/env node
/** The door of the command line: `npx switchover COMMAND`. */
import './node-version.cjs';
import { storageReason } from '../local/storage.ts';
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

process.exitCode = await main(process.argv.slice(2), {
  screen: screenBehind(stdout),
  progress: progressOn(stderr),
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
});
