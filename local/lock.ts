import { linkSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './alive.ts';
import { CannotStart } from './cannot-start.ts';
import { closeToOthers, makePrivate, mustHoldFiles, stateFile } from './directory.ts';
import { storageReason } from './storage.ts';

/** One that was just asked to end needs a moment: under npm it learns that from npm's death, twice a second. */
const PATIENCE_MS = 3_000;

/**
 * Takes a state directory, made if it is missing, for this process alone; answers what gives it back. Rejects with
 * `CannotStart` while another process has it; a lock whose process is gone is taken over.
 */
export const lockDirectory = async (dir: string, patienceMs = PATIENCE_MS): Promise<() => void> => {
  try {
    makePrivate(dir);
    const real = realpathSync(dir);
    // A directory of its own, or what it makes would lie among what others made there.
    if (dirname(real) === real)
      throw new CannotStart(
        `Expected --state to name a directory of its own, received ${dir}, the root of the disk.`,
      );
    mustHoldFiles(dir);
    const unlock = await lock(dir, patienceMs);
    closeToOthers(dir);
    return unlock;
  } catch (cause) {
    const reason = storageReason(cause);
    if (reason === undefined) throw cause;
    throw new CannotStart(
      `Expected --state to name a directory that can be written, received ${dir}: ${reason}. Name another one with --state.`,
      { cause },
    );
  }
};

const lock = async (dir: string, patienceMs: number): Promise<() => void> => {
  const file = stateFile(dir, 'lock');
  for (const end = performance.now() + patienceMs; ; ) {
    if (take(file)) return () => rmSync(file, { force: true });
    const holder = Number(readOr(file, ''));
    if (holder === process.pid || !isAlive(holder)) rmSync(file, { force: true });
    else if (performance.now() < end) await sleep(100);
    else
      throw new CannotStart(
        `Another local cloud, process ${holder}, is running on ${dir}. Stop it, or give this one another directory with --state. ` +
          `Should process ${holder} be something else, delete ${file}.`,
      );
  }
};

/** The process that has a state directory, from the beginning of its start to its end; undefined when none does. */
export const holderOf = (dir: string): number | undefined => {
  const holder = Number(readOr(stateFile(dir, 'lock'), ''));
  return isAlive(holder) ? holder : undefined;
};

/** The lock appears with its content or not at all, so that nobody takes an empty one for a dead one's. */
const take = (file: string): boolean => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${process.pid}\n`);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
};

const readOr = (file: string, otherwise: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
};
