import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ASIDES, type Aside } from './aside.ts';
import { TOP } from './place.ts';

/** Loaded when something is built: a package brings its functions along, and synthesizes without it. */
const build = (options: object): void => {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  buildSync(options);
};

/** Without it the SDK brings along all the ways to sign in that it knows, and clients of the services that some of them ask. */
const ENVIRONMENT_KEYS = { '@aws-sdk/credential-provider-node': './lambda/edge/environment-keys.ts' };

const OPTIONS = {
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
 * Bundles one entry point into `directory`, as `index.cjs`. `entry` is relative to `root`, the directory that holds the sources and
 * their packages.
 *
 * esbuild is called here rather than by the CDK's NodejsFunction for two reasons. That construct bundles only in commands
 * that deploy: `cdk ls` leaves an assembly in cdk.out whose functions are the whole project, and a later deploy from there
 * uploads it. And it hands configuration over on esbuild's command line, which a thousand sites do not fit.
 */
export const buildFunction = (entry: string, directory: string, root = TOP): void => {
  mkdirSync(directory, { recursive: true });
  build({
    ...OPTIONS,
    entryPoints: [entry],
    // Comments in the output name each module by its path from here, so the same sources give the same bytes on any machine.
    absWorkingDir: root,
    outfile: join(directory, 'index.cjs'),
    // A module that looks for files beside itself would find no place at all in this format, and only when it runs.
    logOverride: { 'empty-import-meta': 'error' },
    external: ASIDES.map(({ name }) => name),
  });
};

/** What a file of `lambda/edge` imports of a package, as `index.js` in `directory`. */
export const buildAside = ({ contents }: Aside, directory: string, root = TOP): void =>
  build({
    ...OPTIONS,
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    outfile: join(directory, 'index.js'),
  });
