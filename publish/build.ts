/**
 * Builds what is published, each package in a folder of its own: `npm run build`, then `npm pack ./dist/switchover`.
 * JavaScript for Node 20 and newer, the types of what is public, and the functions as they are deployed. Needs no
 * network.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildAsides, buildFunction, withPlainKeys } from '../lib/build-function.ts';
import { FUNCTIONS } from '../lib/bundle.ts';
import { IS_PUBLISHED } from '../lib/packages.ts';
import { TOP } from '../lib/place.ts';
import root from '../package.json' with { type: 'json' };
import { licensesOf } from './licenses.ts';
import { MANIFESTS, type PackageKey } from './manifests.ts';
import { type Repository, refuseWithoutPages, withPages } from './pages.ts';
import { readmeText } from './readme.ts';
import { schemaText } from './schema-text.ts';

const OUT = join(TOP, 'dist');
const { repository: REPOSITORY } = root as { repository?: Repository };

/** Modules that take the place of others, but for themselves. The main package has the undici of its functions. */
const instead = (key: PackageKey): Plugin => {
  const undici = key === 'main' ? 'publish/undici-of-functions.ts' : 'publish/undici-client.ts';
  const places: Record<string, string> = {
    undici: join(TOP, undici),
    'node:zlib': join(TOP, 'publish/older-zlib.ts'),
  };
  return {
    name: 'instead',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^(undici|node:zlib)$/ }, ({ path, importer }) =>
        importer === places[path] ? undefined : { path: places[path] },
      ),
  };
};

/** What describes the operations of a service: see `withPlainKeys`. */
const plainKeys: Plugin = {
  name: 'plain-keys',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]schemas_0\.js$/ }, ({ path }) => ({
      contents: withPlainKeys(readFileSync(path, 'utf8')),
    })),
};

const OPTIONS: BuildOptions = {
  absWorkingDir: TOP,
  outbase: '.',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  inject: ['publish/older-node.ts'],
  // undici speaks HTTP/2 alone here, as beside the functions: see lib/build-function.ts.
  define: { BUILT_FOR_NODE: '20', esbuildDetection: 'true' },
  minify: true,
  keepNames: true,
  // Some packages are written for CommonJS, and ask for modules of Node by `require`.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** What each package is built from. What it has as a dependency stays outside. */
const ENTRIES: Record<PackageKey, { entryPoints: string[]; external: string[]; splitting: boolean }> = {
  main: {
    entryPoints: [
      'bin/switchover.ts',
      'bin/app.ts',
      'lib/index.ts',
      'lib/config/define.ts',
      'local/runtime.ts',
      'local/web.ts',
    ],
    external: ['aws-cdk-lib', 'constructs', 'dynalite', 'esbuild'],
    splitting: true,
  },
  gate: { entryPoints: ['bin/switchover-gate.ts'], external: ['esbuild'], splitting: false },
  create: { entryPoints: ['bin/create-switchover.ts'], external: ['esbuild'], splitting: false },
};

const buildCode = async (key: PackageKey, directory: string): Promise<string[]> => {
  const { metafile } = await build({
    ...OPTIONS,
    ...ENTRIES[key],
    external: [...ENTRIES[key].external, '../llhttp/*-wasm.js'],
    outdir: join(directory, 'js'),
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [instead(key), plainKeys],
  });
  const { bin } = MANIFESTS[key];
  for (const file of Object.values(bin)) chmodSync(join(directory, file), 0o755);
  return Object.keys(metafile?.inputs ?? {});
};

/** Answers the modules that are in them. */
const buildFunctions = (directory: string): string[] => {
  const modules = [
    ...FUNCTIONS.flatMap((name) => buildFunction(`lambda/${name}.ts`, join(directory, name))),
    // Not in a folder `node_modules`: npm packs none.
    ...buildAsides(join(directory, 'packages')),
  ];
  // They are made for `require`, and one of them is loaded from here too, in a package of another type.
  writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
  return modules;
};

/** The types of what can be imported. They keep the names of the sources in their imports, which TypeScript resolves. */
const buildTypes = (directory: string): void => {
  const entries = ['lib/index.ts', 'lib/config/define.ts'];
  const config = join(OUT, 'tsconfig.types.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: TOP,
    outDir: directory,
    types: ['node'],
    typeRoots: [join(TOP, 'node_modules', '@types')],
  };
  const files = entries.map((entry) => join(TOP, entry));
  writeFileSync(
    config,
    JSON.stringify({ extends: join(TOP, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  execFileSync(process.execPath, [join(TOP, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config], {
    stdio: 'inherit',
  });
  rmSync(config);
  for (const below of ['lambda', 'lib/stacks'])
    rewrite(join(directory, below), (text) => text.replace(COMMENT, ''));
};

/**
 * What an app imports is in `lib/`, and keeps what it says of itself. The types below that, which nobody can import, are named there alone: their
 * comments would be 36 kB of the package.
 */
const COMMENT = /^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm;

/** Changes the texts of a folder: of code, types and the schema. */
const rewrite = (directory: string, change: (text: string) => string): void => {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|cjs|d\.ts|schema\.json)$/.test(name)) continue;
    const file = join(directory, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }
};

const buildPackage = async (key: PackageKey): Promise<void> => {
  const manifest = MANIFESTS[key];
  const directory = join(OUT, key);
  mkdirSync(directory, { recursive: true });
  const modules = await buildCode(key, directory);
  if (key === 'main') {
    modules.push(...buildFunctions(join(directory, 'functions')));
    buildTypes(join(directory, 'types'));
    cpSync(join(TOP, 'page', 'assets'), join(directory, 'page', 'assets'), { recursive: true });
    writeFileSync(join(directory, 'switchover.schema.json'), schemaText());
  }
  rewrite(directory, (text) => withPages(text, REPOSITORY));
  writeFileSync(join(directory, 'LICENSES.md'), licensesOf(modules));
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(TOP, 'LICENSE'), join(directory, 'LICENSE'));
  const readme = readFileSync(join(TOP, 'publish', `${key}.md`), 'utf8');
  writeFileSync(join(directory, 'README.md'), readmeText(readme));
};

refuseWithoutPages(IS_PUBLISHED, REPOSITORY);
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
for (const key of Object.keys(MANIFESTS) as PackageKey[]) await buildPackage(key);
const { version } = JSON.parse(readFileSync(join(OUT, 'main', 'package.json'), 'utf8')) as {
  version: string;
};
console.log(
  `Version ${version} is built: ${Object.keys(MANIFESTS)
    .map((key) => `dist/${key}`)
    .join(', ')}.`,
);
