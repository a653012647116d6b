import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { ASIDE_NAMES, ASIDES, type Aside, BASE, hasBase } from './aside.ts';
import { TOP } from './place.ts';

/** The modules that are in each file that was written. All are paths from where esbuild worked. */
type Built = ReadonlyMap<string, readonly string[]>;

/** Runs esbuild. It is loaded when something is built: a package brings its functions along, and synthesizes without it. */
const build = (options: BuildOptions): Built => {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { metafile } = buildSync({ ...options, metafile: true });
  return new Map(
    Object.entries(metafile?.outputs ?? {}).map(([file, { inputs }]) => [
      file,
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
    ]),
  );
};

/** Without it the SDK brings along all the ways to sign in that it knows, and clients of the services that some of them ask. */
const ENVIRONMENT_KEYS = {
  '@aws-sdk/credential-provider-node': join(TOP, 'lambda/edge/environment-keys.ts'),
};

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // The modern form of a package that has two: what nobody calls can be left out of it.
  mainFields: ['module', 'main'],
  alias: ENVIRONMENT_KEYS,
  // Small code loads no faster (only the upload shrinks), and readable code gives readable stack traces.
  minify: false,
  legalComments: 'none',
  logLevel: 'silent',
};

/**
 * Bundles one entry point into `directory`, as `index.cjs`; answers the modules that are in it. `entry` is relative to
 * `root`, the directory that holds the sources and their packages.
 *
 * esbuild is called here rather than by the CDK's NodejsFunction for two reasons. That construct bundles only in
 * commands that deploy: `cdk ls` leaves an assembly in cdk.out whose functions are the whole project, and a later
 * deploy from there uploads it. And it hands configuration over on esbuild's command line, which a thousand sites do
 * not fit.
 */
export const buildFunction = (entry: string, directory: string, root = TOP): string[] => {
  mkdirSync(directory, { recursive: true });
  const built = build({
    ...OPTIONS,
    entryPoints: [entry],
    // Comments in the output name each module by its path from here, so the same sources give the same bytes on any machine.
    absWorkingDir: root,
    outfile: join(directory, 'index.cjs'),
    // A module that looks for files beside itself would find no place at all in this format, and only when it runs.
    logOverride: { 'empty-import-meta': 'error' },
    alias: { ...ENVIRONMENT_KEYS, ...ASIDE_NAMES },
    external: ASIDES.map(({ name }) => name),
  });
  return [...built.values()].flat();
};

/**
 * How the code of packages is built. It is packed tight, with the names of its functions kept for stack traces: there
 * is no source of ours in it to read. undici leaves out its experimental second parser by `esbuildDetection`, as in
 * Node's own copy. The parser of HTTP/1 that it has in WebAssembly stays outside, since only HTTP/2 is spoken by it.
 */
const ASIDE_OPTIONS: BuildOptions = {
  ...OPTIONS,
  minify: true,
  keepNames: true,
  define: { esbuildDetection: 'true' },
  external: ['../llhttp/*-wasm.js'],
};

/**
 * Writes the keys of objects as they are, where the code has `[NAME]:` with the constant of a text. The SDK's clients
 * describe each operation by such objects, and esbuild takes a computed key for something that may have an effect. So a
 * client of three operations would bring the descriptions of all: for EC2 1.4 MB in place of 0.4.
 */
export const withPlainKeys = (code: string): string => {
  const texts = new Map(
    [...code.matchAll(/^(?:var|const) (\w+) = ("[^"\\\n]*");$/gm)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  );
  return code.replace(/\[(\w+)\]:/g, (whole, name: string) =>
    texts.has(name) ? `${texts.get(name)}:` : whole,
  );
};

/** The modules that stand for asides: each exports what is asked of it. */
const writeEntries = (asides: readonly Aside[], directory: string): void => {
  for (const { name, exports } of asides) {
    const lines = Object.entries(exports).map(
      ([from, names]) => `export { ${names.join(', ')} } from '${from}';`,
    );
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, 'index.js'), lines.join('\n'));
  }
};

const filesOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(directory, name));

/** Bundles the modules of asides, from one folder into another. */
const bundleAsides = (asides: readonly Aside[], from: string, outdir: string, more: BuildOptions): Built =>
  build({
    ...ASIDE_OPTIONS,
    absWorkingDir: TOP,
    nodePaths: [join(TOP, 'node_modules')],
    entryPoints: Object.fromEntries(
      asides.map(({ name }) => [`${name}/index`, join(from, name, 'index.js')]),
    ),
    outdir,
    ...more,
  });

/** What several need comes out once, which esbuild does for `import` alone. */
const APART: BuildOptions = {
  format: 'esm',
  splitting: true,
  chunkNames: `${BASE}/[name]-[hash]`,
  minify: false,
  keepNames: false,
};

/**
 * Three steps, each in a folder of its own below `scratch`: everything into few modules, in which keys can be written plain; those again,
 * without what then nobody needs; and what is left for `require`.
 */
const buildClients = (asides: readonly Aside[], scratch: string, directory: string): string[] => {
  const [entries, whole, needed] = [
    join(scratch, 'entries'),
    join(scratch, 'whole'),
    join(scratch, 'needed'),
  ];
  writeEntries(asides, entries);
  const before = bundleAsides(asides, entries, whole, APART);
  for (const file of filesOf(whole)) writeFileSync(file, withPlainKeys(readFileSync(file, 'utf8')));
  const after = bundleAsides(asides, whole, needed, APART);
  build({
    ...ASIDE_OPTIONS,
    absWorkingDir: needed,
    entryPoints: filesOf(needed),
    external: ['./*', '../*'],
    // Else a module that is loaded late would stay an `import` of one that is made for `require`.
    supported: { 'dynamic-import': false },
    outbase: needed,
    outdir: directory,
  });
  return [...after.values()].flat().flatMap((file) => before.get(file) ?? []);
};

/**
 * Writes what `lambda/` imports of packages: a folder with an `index.js` for each aside, and `BASE` with what the clients of the SDK share.
 * Answers the modules that are in them. What clients of one build share lies there, and what one of them loads late.
 */
export const buildAsides = (directory: string, asides = ASIDES): string[] => {
  const { clients = [], others = [] } = Object.groupBy(asides, (aside) =>
    hasBase(aside) ? 'clients' : 'others',
  );
  const scratch = mkdtempSync(join(tmpdir(), 'switchover-asides-'));
  try {
    writeEntries(others, scratch);
    const built = bundleAsides(others, scratch, directory, {});
    return [...buildClients(clients, scratch, directory), ...[...built.values()].flat()];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};
