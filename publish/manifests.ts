import { FLOORS, PACKAGES } from '../lib/packages.ts';
import root from '../package.json' with { type: 'json' };
import { publishConfigOf } from './readme.ts';

/** What every package says of itself. */
const common = {
  version: root.version,
  license: root.license,
  type: 'module',
  ...publishConfigOf(PACKAGES.main),
  engines: { node: `>=${FLOORS.node}` },
  ...('repository' in root && { repository: root.repository }),
  ...('bugs' in root && { bugs: root.bugs }),
};

const versionOf = (name: keyof typeof root.dependencies): string => root.dependencies[name];

/** A module, with the types that it was written in. */
const entry = (path: string) => ({ types: `./types/${path}.d.ts`, default: `./js/${path}.js` });

/**
 * The three manifests. No Node comes along: as an optional dependency it would put its own `node` into the bin folder
 * of the project that installs this. The CDK is the project's own, since two copies of it do not fit together.
 */
export const MANIFESTS = {
  main: {
    name: PACKAGES.main,
    description: root.description,
    keywords: ['aws-cdk', 'route53', 'failover', 'dns', 'health-check', 'lambda'],
    ...common,
    bin: { switchover: 'js/bin/switchover.js' },
    exports: {
      '.': entry('lib/index'),
      './config': entry('lib/config/define'),
      './app': './js/bin/app.js',
      './switchover.schema.json': './switchover.schema.json',
      './package.json': './package.json',
    },
    files: ['js', 'types', 'functions', 'page', 'switchover.schema.json', 'LICENSES.md'],
    dependencies: {
      // The tables of the local cloud; it has a part that is not JavaScript.
      dynalite: versionOf('dynalite'),
      // Reads a TypeScript configuration where Node does not, before 22.18.
      esbuild: versionOf('esbuild'),
    },
    peerDependencies: {
      'aws-cdk-lib': `^${FLOORS['aws-cdk-lib']}`,
      constructs: `^${FLOORS.constructs}`,
    },
  },
  gate: {
    name: PACKAGES.gate,
    description:
      'Stands before the web server of a standby and sends visitors on until it must serve: the gate of Switchover.',
    ...common,
    bin: { 'switchover-gate': 'js/bin/switchover-gate.js' },
    // For a .ts configuration on a Node before 22.18, whoever wants that.
    peerDependencies: { esbuild: versionOf('esbuild') },
    peerDependenciesMeta: { esbuild: { optional: true } },
    files: ['js', 'LICENSES.md'],
  },
  create: {
    name: PACKAGES.create,
    description:
      'Makes a project that keeps a website on a server that works, with Switchover: asks, looks, writes.',
    ...common,
    bin: { 'create-switchover': 'js/bin/create-switchover.js' },
    files: ['js', 'LICENSES.md'],
  },
} as const;

export type PackageKey = keyof typeof MANIFESTS;
