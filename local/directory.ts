import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a state directory holds, ours and what people put there for us: docs/local-cloud.md. */
const FILES = [
  'addresses.json',
  'authorization.txt',
  // Of earlier versions.
  'demo.json',
  'lock',
  'mail.jsonl',
  'parameters.json',
  'running.json',
  'subscriptions.json',
  'zones.json',
];
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

/** Drafts bear the name of what they are to become. */
const isOurs = (name: string): boolean =>
  [TABLES, ASSEMBLY].includes(name) || FILES.some((file) => name === file || name.startsWith(`${file}.`));

const restrict = (path: string, mode: number): void => {
  const found = lstatSync(path);
  if (found.uid !== process.getuid?.() || found.isSymbolicLink()) return;
  chmodSync(path, found.mode & mode);
};
