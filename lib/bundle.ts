import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_FILE } from '../lambda/contract.ts';
import { shardConfigs } from '../lambda/core/site/shard.ts';
import type { Config, NotifierConfig } from '../lambda/core/site/site.ts';
import { ASIDES, type Aside, BASE, type Baked, hasBase } from './aside.ts';
import { buildAsides, buildFunction } from './build-function.ts';
import { BUILT_FUNCTIONS, IS_BUILT, TOP } from './place.ts';

/** Directories with the code of the functions, one for each controller; they live until `remove` is called. */
export type Bundles = {
  controllers: string[];
  console: string;
  status: string;
  prober: string;
  deadMan: string;
  /** Where there is a channel to post to. */
  notifier?: string;
  remove(): void;
};

/** The functions, by their entry points in `lambda/`. */
export const FUNCTIONS = ['controller', 'console', 'status', 'prober', 'dead-man', 'notifier'] as const;

/**
 * Where the code of the functions comes from. A package brings it along, so that what is deployed is what was tested; in the
 * repository it is bundled from what is written there now.
 */
type Code = {
  layFunction(name: (typeof FUNCTIONS)[number], directory: string): void;
  /** Lays asides into a folder of modules, with what they share. */
  layAsides(wanted: readonly Aside[], modules: string): void;
};

/** Where this process has built something already: an app may have several deployments. */
const built = new Map<string, string>();
/** All of its directories, which are removed when it ends. */
const made: string[] = [];

const buildOnce = (name: string, build: (directory: string) => void): string => {
  const before = built.get(name);
  if (before !== undefined) return before;
  const directory = mkdtempSync(join(tmpdir(), 'switchover-built-'));
  // One listener for all of them: Node warns of more than ten.
  if (made.push(directory) === 1)
    process.once('exit', () => {
      for (const one of made) rmSync(one, { recursive: true, force: true });
    });
  build(directory);
  built.set(name, directory);
  return directory;
};

const lay = (from: string, directory: string): void => cpSync(from, directory, { recursive: true });

/** From where `buildAsides` has put them. */
const layFrom = (from: string, wanted: readonly Aside[], modules: string): void => {
  const names = wanted.map(({ name }) => name);
  if (wanted.some(hasBase)) names.push(BASE);
  for (const name of names) lay(join(from, name), join(modules, name));
};

/** Those that a function may want whatever is configured. The others take as long again to build. */
const USUAL = ASIDES.filter(({ wanted }) => wanted(undefined));

const SOURCES: Code = {
  layFunction: (name, directory) =>
    lay(
      buildOnce(name, (to) => buildFunction(`lambda/${name}.ts`, to)),
      directory,
    ),
  layAsides: (wanted, modules) => {
    const asides = wanted.every((aside) => USUAL.includes(aside)) ? USUAL : ASIDES;
    const from = buildOnce(`asides-${asides.length}`, (to) => buildAsides(to, asides));
    layFrom(from, wanted, modules);
  },
};

const PACKAGED: Code = {
  layFunction: (name, directory) => lay(join(BUILT_FUNCTIONS, name), directory),
  layAsides: (wanted, modules) => layFrom(join(BUILT_FUNCTIONS, 'packages'), wanted, modules),
};

const CODE = IS_BUILT ? PACKAGED : SOURCES;

/**
 * Bundles one entry point into `directory`: `index.cjs` and, when a configuration is given, `config.json` beside it.
 * `entry` is relative to `root`, the directory that holds the sources and their packages.
 */
export const writeBundle = (entry: string, directory: string, config?: Baked, root = TOP): void => {
  buildFunction(entry, directory, root);
  bake(directory, config);
};

/** Puts beside a bundle what it needs of a configuration: itself, and the packages that it loads for such a one. */
const bake = (directory: string, config?: Baked): void => {
  const code = readFileSync(join(directory, 'index.cjs'), 'utf8');
  const wanted = ASIDES.filter((aside) => code.includes(`("${aside.name}")`) && aside.wanted(config));
  if (wanted.length > 0) CODE.layAsides(wanted, join(directory, 'node_modules'));
  if (config !== undefined) writeFileSync(join(directory, CONFIG_FILE), JSON.stringify(config));
};

const notifierConfig = ({ deployment, local, homeRegion, alerts }: Config): NotifierConfig => ({
  deployment,
  local,
  homeRegion,
  alerts,
});

/**
 * The code of all functions of a deployment. Each controller has the configuration of its own sites, the console that of all.
 * Probers meet hostile bytes and need no configuration, so they get none.
 */
export const bundleFunctions = (config: Config): Bundles => {
  const home = mkdtempSync(join(tmpdir(), 'switchover-bundles-'));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const bundle = (name: (typeof FUNCTIONS)[number], baked?: Baked): string => {
    const directory = join(home, name);
    CODE.layFunction(name, directory);
    bake(directory, baked);
    return directory;
  };
  const controllers = (): string[] => {
    const code = bundle('controller');
    return shardConfigs(config).map((own, index) => {
      const directory = join(home, `controller-${index + 1}`);
      cpSync(code, directory, { recursive: true });
      bake(directory, own);
      return directory;
    });
  };
  try {
    return {
      controllers: controllers(),
      console: bundle('console', config),
      status: bundle('status', config),
      prober: bundle('prober'),
      deadMan: bundle('dead-man'),
      ...(config.alerts.channels !== undefined && { notifier: bundle('notifier', notifierConfig(config)) }),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
};
