import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CALLED, IS_BUILT, TOP } from '../place.ts';
import { type Checked, checkConfig } from './check.ts';
import { importBeside } from './own-package.ts';
import { ConfigError } from './problems.ts';

const NAMES = ['switchover.config.ts', 'switchover.config.json'];

/** The file that an adopter edits: at the top of the repository; for a package in this folder, or in the nearest one above it. */
const usualFile = (): string => {
  const usual = (folder: string): string => join(folder, 'switchover.config.ts');
  if (!IS_BUILT) return usual(TOP);
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return usual(process.cwd());
  }
};

/**
 * Finds, reads and checks the configuration: the file `path` (as given by `--config`), else the one that
 * SWITCHOVER_CONFIG names, else `switchover.config.ts` at the top of the repository (of a package: `switchover.config.ts` or `.json` here,
 * or in the nearest folder above). Relative paths start at the
 * working directory. Throws a `ConfigError`, also when the file is missing or cannot be read.
 */
export const loadConfig = async (path?: string): Promise<Checked> => {
  const { input, file } = await readConfig(path);
  return checkConfig(input, file);
};

/** Finds and reads the configuration like `loadConfig`, and does not look at what is in it. */
export const readConfig = async (path?: string): Promise<{ input: unknown; file: string }> => {
  const file = resolvePath(path || process.env.SWITCHOVER_CONFIG || usualFile());
  const read = READERS[extname(file)];
  if (read === undefined) throw unusable(file, 'Expected a file whose name ends in .ts or .json; rename it.');
  await mustBeFile(file);
  return { input: await withAuthorities(await read(file), dirname(file)), file };
};

type Probing = { probe?: { ca?: unknown } };

/**
 * `input` with the content of each file of certificates in place of its name; relative paths start at `folder`. One that
 * cannot be read keeps its name, and is refused with everything else.
 */
const withAuthorities = async (input: unknown, folder: string): Promise<unknown> => {
  const { defaults, sites } = Object(input) as { defaults?: unknown; sites?: unknown };
  const read = async (holder: unknown): Promise<unknown> => {
    const probe = (Object(holder) as Probing).probe;
    const name = (Object(Object(probe).ca) as { file?: unknown }).file;
    if (typeof name !== 'string') return holder;
    const ca = await readFile(resolvePath(folder, name), 'utf8').catch(() => undefined);
    return ca === undefined ? holder : { ...(holder as Probing), probe: { ...probe, ca } };
  };
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return {
    ...input,
    ...(defaults !== undefined && { defaults: await read(defaults) }),
    ...(Array.isArray(sites) && { sites: await Promise.all(sites.map(read)) }),
  };
};

const WAY_OUT = `name the file with --config or SWITCHOVER_CONFIG, or ${IS_BUILT ? `make one by "${CALLED} init"` : 'copy switchover.config.ts and edit it'}`;

const unusable = (file: string, message: string, cause?: unknown): ConfigError =>
  new ConfigError([{ path: '', message }], file, cause);

const mustBeFile = async (file: string): Promise<void> => {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'nothing' : error.message;
    throw unusable(file, `Expected a configuration file here, found ${what}; ${WAY_OUT}.`, error);
  });
  if (found.isDirectory()) {
    throw unusable(file, `Expected a configuration file here, found a directory; ${WAY_OUT}.`);
  }
};

const readJson = async (file: string): Promise<unknown> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw unusable(file, `Expected a file that can be read, got: ${error.message}.`, error);
  });
  try {
    return withoutSchema(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    const where = error instanceof Error ? error.message : String(error);
    throw unusable(
      file,
      `Expected JSON, but it cannot be parsed: ${where}; correct it there (JSON has no comments and no trailing commas, a .ts file has both).`,
      error,
    );
  }
};

/** The name of the schema is for editors. */
const withoutSchema = (parsed: unknown): unknown => {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return parsed;
  const { $schema: _schema, ...rest } = parsed as { $schema?: unknown };
  return rest;
};

const readModule = async (file: string): Promise<unknown> => {
  const module = await importTypeScript(file).catch((error: unknown) => {
    throw unusable(file, `Expected a module that runs, but it does not: ${whatFailed(error, file)}`, error);
  });
  if (module.default === undefined || isCommonJsOfNothing(module)) {
    const names = Object.keys(module).filter((name) => !['default', 'module.exports'].includes(name));
    throw unusable(
      file,
      `Expected a default export, found ${names.length === 0 ? 'no export' : `only ${names.join(', ')}`}; write export default defineConfig({ … }).`,
    );
  }
  return module.default;
};

/** Node runs TypeScript by itself from 22.18 on. */
const importTypeScript = async (file: string): Promise<Record<string, unknown>> =>
  process.features.typescript
    ? await importBeside(pathToFileURL(file).href)
    : (await import('./transpile.ts')).importTranspiled(file);

/** Node takes a file without any import or export for CommonJS, whose default is an object even where nothing was exported. */
const isCommonJsOfNothing = (module: object): boolean => {
  const exported: unknown = 'module.exports' in module ? module['module.exports'] : undefined;
  return exported !== undefined && Object.keys(Object(exported)).length === 0;
};

const READERS: Record<string, (file: string) => Promise<unknown>> = { '.json': readJson, '.ts': readModule };

/** What was thrown and where: for a syntax error Node puts the place and the line above the stack. */
const whatFailed = (error: unknown, file: string): string => {
  if (!(error instanceof Error)) return `it threw ${String(error)}.`;
  const stack = error.stack ?? '';
  const frame = stack.slice(0, Math.max(0, stack.search(/^\w*Error\b/m))).trimEnd();
  const line = /^\d+/.exec(stack.split(`${pathToFileURL(file).href}:`)[1] ?? '')?.[0];
  const place = line === undefined ? '' : ` (line ${line})`;
  const code = frame === '' ? '' : `\n${frame.replace(/^/gm, '    ')}`;
  return `${error.name}: ${error.message}${place}; correct it there.${code}`;
};
