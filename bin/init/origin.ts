import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { IS_PUBLISHED, PACKAGES } from '../../lib/packages.ts';
import { IS_BUILT, TOP, version } from '../../lib/place.ts';

/** Where a package that runs lies, and where npm says that it came from. */
export type Origin = {
  /** The folder of the package, or of the repository. */
  top: string;
  isBuilt: boolean;
  /** Whether the names are the publisher's at the registry. */
  isPublished: boolean;
};

const OWN: Origin = { top: TOP, isBuilt: IS_BUILT, isPublished: IS_PUBLISHED };

/** As `npm pack` calls the file: the scope without its sign and stroke. */
export const TARBALL = `${PACKAGES.main.replace('@', '').replace('/', '-')}-${version()}.tgz`;

type Lock = { packages?: Record<string, { resolved?: string }> };

/** What npm noted of where an installed package came from: a URL, or `file:` and an absolute path. */
const resolvedOf = (modules: string, path: string): string | undefined => {
  const lock = join(modules, '.package-lock.json');
  if (!existsSync(lock)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(lock, 'utf8')) as Lock;
  const resolved = packages[`node_modules/${path.split(sep).join('/')}`]?.resolved;
  if (!resolved?.startsWith('file:')) return resolved;
  return `file:${resolve(dirname(modules), resolved.slice('file:'.length))}`;
};

/** What `npm install` takes for a file from the folder of a project. */
const fileFrom = (directory: string, file: string): string => {
  const path = relative(directory, file);
  return `file:${isAbsolute(path) ? path : path.split(sep).join('/')}`;
};

/**
 * What a project in `directory` has to have as its dependency to get this package: a version only where the name at the registry is the
 * publisher's, else what this one was installed from, or the file that was packed beside it. Undefined where neither is known: then no
 * command may name the package, since whoever published something under the name would be fetched.
 */
export const mainDependency = (
  directory: string,
  { top, isBuilt, isPublished } = OWN,
): string | undefined => {
  if (isPublished) return `^${version()}`;
  const at = top.lastIndexOf(`${sep}node_modules${sep}`);
  if (isBuilt && at < 0) return basename(top) === 'main' ? fileFrom(directory, top) : undefined;
  const modules = top.slice(0, at + `${sep}node_modules`.length);
  const own = isBuilt ? top.slice(modules.length + 1) : '';
  const resolved = isBuilt ? resolvedOf(modules, own) : `file:${join(top, TARBALL)}`;
  const isMain = own.split(sep).join('/') === PACKAGES.main;
  if (!resolved?.startsWith('file:')) return isMain ? resolved : undefined;
  const file = resolved.slice('file:'.length);
  const packed = isMain ? file : join(dirname(file), TARBALL);
  return existsSync(packed) ? fileFrom(directory, packed) : undefined;
};
