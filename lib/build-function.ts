import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { ASIDE_NAMES, ASIDES, type Aside } from './aside.ts';
import { TOP } from './place.ts';

/** What was built: its text, where it is not written, and the modules that are in it, by their paths. */
type Built = { text: string; modules: string[] };

/** Runs esbuild. It is loaded when something is built: a package brings its functions along, and synthesizes without it. */
const build = (options: BuildOptions): Built => {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles = [], metafile } = buildSync({ ...options, metafile: true });
  const outputs = Object.values(metafile?.outputs ?? {});
  const modules = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  );
  return { text: outputFiles[0]?.text ?? '', modules };
};

/** Without it the SDK brings along all the ways to sign in that it knows, and clients of the services that some of them ask. */
const ENVIRONMENT_KEYS = { '@aws-sdk/credential-provider-node': './lambda/edge/environment-keys.ts' };

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
  const { modules } = build({
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
  return modules;
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
const withPlainKeys = (code: string): string => {
  const texts = new Map(
    [...code.matchAll(/^var (\w+) = ("[^"\\\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return code.replace(/\[(\w+)\]:/g, (whole, name: string) =>
    texts.has(name) ? `${texts.get(name)}:` : whole,
  );
};

/** What `lambda/` imports of packages, as `index.js` in `directory`; answers the modules that are in it. */
export const buildAside = ({ exports }: Aside, directory: string, root = TOP): string[] => {
  const contents = Object.entries(exports)
    .map(([from, names]) => `export { ${names.join(', ')} } from '${from}';`)
    .join('\n');
  const common = { ...ASIDE_OPTIONS, absWorkingDir: root };
  const whole = build({
    ...common,
    minify: false,
    keepNames: false,
    format: 'esm',
    write: false,
    stdin: { contents, resolveDir: root },
  });
  build({
    ...common,
    stdin: { contents: withPlainKeys(whole.text), resolveDir: root },
    outfile: join(directory, 'index.js'),
  });
  return whole.modules;
};
