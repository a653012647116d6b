import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StorageTrouble, storageReason } from './storage.ts';

/** The files of a state directory, ours and those that people put there for us: docs/local-cloud.md. */
export const STATE_FILES = [
  'addresses.json',
  'authorization.txt',
  'clock.json',
  'lock',
  'mail.jsonl',
  'parameters.json',
  'running.json',
  'sharing-roles.json',
  'subscriptions.json',
  'zones.json',
] as const;
export type StateFile = (typeof STATE_FILES)[number];

/** Where one of them lies. Whoever keeps something of his own there has to name it above. */
export const stateFile = (dir: string, name: StateFile): string => join(dir, name);

/** The demo's, and that of earlier versions. */
const OLD_FILES = ['demo.json'];
const FILES: readonly string[] = [...STATE_FILES, ...OLD_FILES];
/** Lines are added to it, in place; the others are replaced. */
const APPENDED: StateFile = 'mail.jsonl';
const TABLES = 'dynamodb';
/** Made anew by each start, and so closed from the beginning. */
const ASSEMBLY = 'assembly';

/** For the owner alone: keys, secrets and mails lie there. */
const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;

/**
 * Makes what is missing of a path of directories, one after the other: Node's own way goes round for ever where the file system
 * says of a parent that it is there and lets nothing be made in it, as /proc does. Throws as the file system does.
 */
export const makePrivate = (dir: string): void => {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw Object.assign(new Error(`${dir} is a file`), { code: 'ENOTDIR' });
  if (dirname(dir) !== dir) makePrivate(dirname(dir));
  mkdirSync(dir, { mode: PRIVATE_DIRECTORY });
};

/** Throws `StorageTrouble` where something else than a file that this user can use stands in the place of one. */
export const mustHoldFiles = (dir: string): void => {
  for (const name of STATE_FILES.flatMap((one) => [one, `${one}.new`])) {
    const file = join(dir, name);
    const found = insteadOf(file, name === APPENDED);
    if (found !== undefined)
      throw new StorageTrouble(
        `Expected ${file} to be a file that can be read${name === APPENDED ? ' and written' : ''}, found ${found}. ` +
          'Move it away, or name another directory with --state.',
      );
  }
};

/** What stands there instead; undefined of a file that can be opened, and where nothing stands. */
const insteadOf = (file: string, isWritten: boolean): string | undefined => {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return lstatSync(file, { throwIfNoEntry: false }) && 'a link that leads nowhere';
    if (!found.isFile()) return found.isDirectory() ? 'a directory' : 'something that is no file';
    closeSync(openSync(file, isWritten ? 'r+' : 'r'));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The cloud that runs there has renamed it a moment ago.
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES') return `one that this user may not read${isWritten ? ' or write' : ''} (EACCES)`;
    const reason = storageReason(error);
    if (reason === undefined) throw error;
    return `that ${reason}`;
  }
};

/**
 * Closes to other users what lies in a state directory, and the directory itself unless it holds other things, too: what those are
 * for is not known here. What is a link, or of another owner, is left as it is.
 */
export const closeToOthers = (path: string): void => {
  const dir = realpathSync(path);
  const names = readdirSync(dir);
  for (const name of names) {
    if (FILES.includes(name)) restrict(join(dir, name), PRIVATE_FILE);
  }
  if (names.includes(TABLES) && lstatSync(join(dir, TABLES)).isDirectory()) {
    restrict(join(dir, TABLES), PRIVATE_DIRECTORY);
    for (const name of readdirSync(join(dir, TABLES))) restrict(join(dir, TABLES, name), PRIVATE_FILE);
  }
  if (names.every((name) => isOurs(name))) restrict(dir, PRIVATE_DIRECTORY);
};

/** Whether it is one that we make there, or know. Drafts bear the name of what they are to become. */
export const isOurs = (name: string): boolean =>
  [TABLES, ASSEMBLY].includes(name) || FILES.some((file) => name === file || name.startsWith(`${file}.`));

const restrict = (path: string, mode: number): void => {
  const found = lstatSync(path);
  if (found.uid !== process.getuid?.() || found.isDirectory() !== (mode === PRIVATE_DIRECTORY)) return;
  if (found.isSymbolicLink()) return;
  chmodSync(path, found.mode & mode);
};
