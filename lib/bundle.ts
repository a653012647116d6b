import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { CONFIG_FILE } from '../lambda/contract.ts';
import type { Config } from '../lambda/core/site.ts';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Directories with the code of the three functions; they live until `remove` is called. */
export type Bundles = { controller: string; console: string; prober: string; remove(): void };

/**
 * Bundles one entry point into `directory`: `index.cjs` and, when a configuration is given, `config.json` beside it.
 * `entry` is relative to `root`, the directory that holds the sources and their packages.
 *
 * esbuild is called here rather than by the CDK's NodejsFunction for two reasons. That construct bundles only in commands
 * that deploy: `cdk ls` leaves an assembly in cdk.out whose functions are the whole project, and a later deploy from there
 * uploads it. And it hands configuration over on esbuild's command line, which a thousand sites do not fit.
 */
export const writeBundle = (entry: string, directory: string, config?: Config, root = PROJECT): void => {
  mkdirSync(directory, { recursive: true });
  buildSync({
    entryPoints: [entry],
    // Comments in the output name each module by its path from here, so the same sources give the same bytes on any machine.
    absWorkingDir: root,
    outfile: join(directory, 'index.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The modern form of a package that has two: what nobody calls can be left out of it.
    mainFields: ['module', 'main'],
    // A module that looks for files beside itself would find no place at all in this format, and only when it runs.
    logOverride: { 'empty-import-meta': 'error' },
    // Small code loads no faster (only the upload shrinks), and readable code gives readable stack traces.
    minify: false,
    legalComments: 'none',
    logLevel: 'silent',
  });
  if (config !== undefined) writeFileSync(join(directory, CONFIG_FILE), JSON.stringify(config));
};

/** Bundles all functions of a deployment. Probers meet hostile bytes and need no configuration, so they get none. */
export const bundleFunctions = (config: Config): Bundles => {
  const home = mkdtempSync(join(tmpdir(), 'switchover-bundles-'));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const bundle = (name: string, baked?: Config): string => {
    const directory = join(home, name);
    writeBundle(`lambda/${name}.ts`, directory, baked);
    return directory;
  };
  try {
    return {
      controller: bundle('controller', config),
      console: bundle('console', config),
      prober: bundle('prober'),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
};
