#!/usr/bin/env node
/** The door of the command line: `npx switchover COMMAND`. */
import './node-version.cjs';
import { main } from './main.ts';
import { progressOn } from './progress.ts';
import { screenBehind } from './screen.ts';

const { stdout, stderr } = process;

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads any more, as after "| head".
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2), {
  screen: screenBehind(stdout),
  progress: progressOn(stderr),
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
});
