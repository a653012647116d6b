import { storageReason } from '../local/storage.ts';
import { progressOn } from './progress.ts';
import type { Io } from './run.ts';
import { screenBehind } from './screen.ts';

const { stdout, stderr } = process;

/** The terminal, or what stands in its place. When nobody reads any more, as after "| head", what is left is not written. */
export const openTerminal = (): Io => {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    const reason = storageReason(error);
    if (reason === undefined) throw error;
    stderr.write(`Cannot write standard output: ${reason}.\n`);
    process.exit(1);
  });
  return {
    screen: screenBehind(stdout),
    screenNow: () => screenBehind(stdout),
    progress: progressOn(stderr),
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
  };
};
