import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { diskReason, storageReason } from './storage.ts';

/** A signal that is aborted when this process is asked to end, by whichever way; nobody else may handle those. */
export type Stopping = { signal: AbortSignal; stop(): void };

const PARENT_CHECK_MS = 500;
const GRACE_MS = 3_000;

export const stopping = (): Stopping => {
  const asked = new AbortController();
  const stop = (): void => asked.abort();
  // Ctrl-C arrives twice where npm passes it on; a handler that stays makes the second one harmless.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody reads any more, as after "| head", or nothing more can be written there.
    const reason = storageReason(error);
    if (reason !== undefined) {
      process.stderr.write(`Cannot write standard output: ${reason}.\n`);
      process.exitCode = 1;
    } else if (error.code !== 'EPIPE') throw error;
    stop();
  });
  process.on('uncaughtException', (error) => endWith(error, stop));
  if (process.env.npm_lifecycle_event !== undefined) stopWithNpm(stop);
  return { signal: asked.signal, stop };
};

/** The store of the tables throws from nowhere when the disk is full, and then answers nobody any more. */
const endWith = (error: Error, stop: () => void): void => {
  const reason = diskReason(error);
  if (reason === undefined) {
    // As Node would without us.
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  }
  process.stderr.write(`Cannot go on: ${reason}. In the system's words: ${error.message}\n`);
  process.exitCode = 1;
  stop();
  // What still waits for the store would wait for ever.
  setTimeout(() => process.exit(), GRACE_MS).unref();
};

/** npm that is killed cannot pass that on, and without it nobody would ever stop us. */
const stopWithNpm = (stop: () => void): void => {
  const before = npmPid();
  setInterval(() => npmPid() !== before && stop(), PARENT_CHECK_MS).unref();
};

/** The process id of npm, which is our parent or, where the shell between us stays, its parent. */
const npmPid = (): number => {
  try {
    // pid (name) state parent …; only Linux has this file, and elsewhere the shell does not stay.
    const [, name = '', parent] =
      /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8')) ?? [];
    return /^(npm|node)/.test(name) ? process.ppid : Number(parent);
  } catch {
    return process.ppid;
  }
};

/** Resolves once the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
