import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, BuildOptions, Plugin } from 'esbuild';
import { OWN_PACKAGE, STAND_IN } from './own-package.ts';

/** A configuration imports one function of this package, which need not be installed where the configuration lies. */
const standIn: Plugin = {
  name: 'own-package',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: OWN_PACKAGE }, () => ({
      path: 'config',
      namespace: 'own-package',
    }));
    onLoad({ filter: /^/, namespace: 'own-package' }, () => ({
      contents: STAND_IN,
    }));
  },
};

const optionsFor = (file: string, outfile: string): BuildOptions => ({
  entryPoints: [file],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'inline',
  // Its place counts: the map names the sources as seen from there.
  outfile,
  logLevel: 'silent',
  plugins: [standIn],
  // What is run lies elsewhere. The file that was written is meant, and the packages of its folder.
  define: {
    'import.meta.url': JSON.stringify(pathToFileURL(file).href),
    'import.meta.filename': JSON.stringify(file),
    'import.meta.dirname': JSON.stringify(dirname(file)),
  },
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(file)});`,
  },
});

/**
 * The exports of a TypeScript module on a Node that runs no TypeScript by itself: before 22.18. Nothing is written where the module lies.
 * Rejects as an import would; what esbuild cannot read is a `SyntaxError` whose stack starts with the place.
 */
export const importTranspiled = async (file: string): Promise<Record<string, unknown>> => {
  const { build } = await loadEsbuild();
  const directory = await mkdtemp(join(tmpdir(), 'switchover-config-'));
  try {
    const built = join(directory, 'config.mjs');
    await build(optionsFor(file, built)).catch((error: unknown) => {
      throw syntaxErrorOf(error, file);
    });
    // Errors then name the lines that were written.
    process.setSourceMapsEnabled(true);
    return await import(pathToFileURL(built).href).catch((error: unknown) => {
      throw asImported(error, file);
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** The gate brings none along: it is for the host of a web server. */
const loadEsbuild = async (): Promise<typeof import('esbuild')> =>
  import('esbuild').catch((cause: unknown) => {
    throw new Error(
      `Node ${process.versions.node} runs no TypeScript by itself, and esbuild is not installed here. Install it beside this (npm install esbuild), use a .json file, or Node 22.18 or newer`,
      { cause },
    );
  });

/** Names the file as Node does where it runs the module by itself. */
const asImported = (error: unknown, file: string): unknown => {
  if (error instanceof Error)
    error.stack = error.stack?.replaceAll(`(${file}:`, `(${pathToFileURL(file).href}:`);
  return error;
};

const syntaxErrorOf = (error: unknown, file: string): unknown => {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (first === undefined) return error;
  const { line = 1, lineText = '' } = first.location ?? {};
  const told = new SyntaxError(first.text, { cause: error });
  told.stack = `${pathToFileURL(file).href}:${line}\n${lineText}\nSyntaxError: ${first.text}`;
  return told;
};
