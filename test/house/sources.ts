import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const FOLDERS = ['gate', 'lambda', 'lib', 'local', 'page', 'bin', 'fixtures', 'test', 'bench', '.ci'];

/** The repository's files, relative to its root. */
export const PATHS: readonly string[] = FOLDERS.flatMap((folder) =>
  globSync(`${folder}/**/*`, { cwd: ROOT, withFileTypes: true }),
)
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));

/** Those that are code, with what is written in them. */
export const SOURCES: readonly { path: string; source: string }[] = PATHS.filter((path) =>
  /\.[cm]?ts$/.test(path),
).map((path) => ({ path, source: readFileSync(join(ROOT, path), 'utf8') }));
