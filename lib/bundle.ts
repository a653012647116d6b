import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { CONFIG_FILE } from '../lambda/contract.ts';
import { shardConfigs } from '../lambda/core/site/shard.ts';
import { type Config, hasSecrets, movesElasticIps } from '../lambda/core/site/site.ts';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Directories with the code of the functions, one for each controller; they live until `remove` is called. */
export type Bundles = {
  controllers: string[];
  console: string;
  status: string;
  prober: string;
  deadMan: string;
  remove(): void;
};

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
    external: ASIDE.map(({ name }) => name),
    alias: ENVIRONMENT_KEYS,
  });
  bake(directory, config, root);
};

/** A package that is large and wanted by few. It lies beside a bundle that wants it, and is loaded when it is used. */
type Aside = { name: string; contents: string; wanted(config: Config | undefined): boolean };

const asideOf = (client: string, names: string, wanted: (config: Config) => boolean): Aside => ({
  name: client,
  contents: `export { ${names} } from '${client}';`,
  wanted: (config) => config !== undefined && wanted(config),
});

const ASIDE: Aside[] = [
  asideOf(
    '@aws-sdk/client-ec2',
    'EC2Client, AssociateAddressCommand, DescribeAddressesCommand, DisassociateAddressCommand',
    movesElasticIps,
  ),
  asideOf('@aws-sdk/client-ssm', 'SSMClient, GetParametersCommand', hasSecrets),
  {
    name: 'undici',
    // The client alone: the rest of undici is as large again, and takes as long to load.
    contents: "export { default as Client } from 'undici/lib/dispatcher/client.js';",
    wanted: () => true,
  },
];

/** Without it the SDK brings along all the ways to sign in that it knows, and clients of the services that some of them ask. */
const ENVIRONMENT_KEYS = { '@aws-sdk/credential-provider-node': './lambda/edge/environment-keys.ts' };

/** Puts beside a bundle what it needs of a configuration: itself, and the packages that it loads for such a one. */
const bake = (directory: string, config?: Config, root = PROJECT): void => {
  const code = readFileSync(join(directory, 'index.cjs'), 'utf8');
  for (const { name, contents, wanted } of ASIDE)
    if (code.includes(`("${name}")`) && wanted(config)) writePackage(name, contents, directory, root);
  if (config !== undefined) writeFileSync(join(directory, CONFIG_FILE), JSON.stringify(config));
};

/** What a file of `lambda/edge` imports of a package, as a package of its own beside the bundle, loaded when it is first wanted. */
const writePackage = (name: string, contents: string, directory: string, root: string): void => {
  buildSync({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    outfile: join(directory, 'node_modules', name, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The form from which what is not used can be left out: half of the other.
    mainFields: ['module', 'main'],
    alias: ENVIRONMENT_KEYS,
    minify: false,
    legalComments: 'none',
    logLevel: 'silent',
  });
};

/**
 * Bundles all functions of a deployment. Each controller has the configuration of its own sites, the console that of all.
 * Probers meet hostile bytes and need no configuration, so they get none.
 */
export const bundleFunctions = (config: Config): Bundles => {
  const home = mkdtempSync(join(tmpdir(), 'switchover-bundles-'));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const bundle = (name: string, baked?: Config): string => {
    const directory = join(home, name);
    writeBundle(`lambda/${name}.ts`, directory, baked);
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
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
};
