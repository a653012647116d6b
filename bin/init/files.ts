import { basename } from 'node:path';
import type { SwitchoverConfig } from '../../lib/config/index.ts';
import { FLOORS, PACKAGES } from '../../lib/packages.ts';
import root from '../../package.json' with { type: 'json' };
import { dnsSteps } from './dns.ts';
import { mainDependency, TARBALL } from './origin.ts';
import type { Plan } from './plan.ts';
import { CONFIG_NAME, SCRIPTS, startCommand } from './scripts.ts';

/** A file that `init` writes, by its name in the folder. */
export type Files = Record<string, string>;

/** The files of a new project; `main` is what its dependency on this package says, undefined where that is not known. */
export const filesFor = (plan: Plan, directory: string, main = mainDependency(directory)): Files => ({
  [CONFIG_NAME]: configText(plan),
  'package.json': `${JSON.stringify(manifestFor(basename(directory), main), null, 2)}\n`,
  'cdk.json': `${JSON.stringify(CDK, null, 2)}\n`,
  '.gitignore': 'node_modules/\ncdk.out/\n.switchover/\n',
  'README.md': readme(plan.config, main, startCommand(directory, plan.config.local)),
});

/** JSON as TypeScript is written by people: keys without quotes, texts in single ones. */
const literal = (value: unknown, indent: string): string => {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((element) => literal(element, inner))
    : Object.entries(value).map(([key, field]) => `${key}: ${literal(field, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{ ', ' }'];
  const line = `${open}${parts.join(', ')}${close}`;
  if (indent.length + line.length < 100 && !line.includes('\n')) return line;
  return `${open.trim()}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close.trim()}`;
};

const configText = ({ config, reasons }: Plan): string => {
  const said: Partial<Record<keyof SwitchoverConfig, string | undefined>> = {
    deployment: 'Begins the name of everything that is made in AWS.',
    local: reasons.local,
    homeRegion: 'Where decisions are made: a region that your servers do not depend on.',
    vantages: reasons.vantages,
    zones: 'Made at Route 53 unless it has an id; your domain gets NS records for it.',
    intervalSeconds: reasons.interval,
    sites:
      'The record that moves, the servers it may name (the preferred one first), and what a good one answers.',
  };
  const { sites, ...others } = config;
  const fields = Object.entries({ ...others, sites }).map(([key, value]) => {
    const why = said[key as keyof SwitchoverConfig];
    return `${why === undefined ? '' : `  /** ${why} */\n`}  ${key}: ${literal(value, '  ')},\n`;
  });
  return `import { defineConfig } from '${PACKAGES.main}/config';\n\nexport default defineConfig({\n${fields.join('\n')}});\n`;
};

/** Exact where another version would not do: the CDK's command line reads the assemblies of libraries up to its own time. */
const manifestFor = (name: string, main: string | undefined) => ({
  name:
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'failover',
  private: true,
  type: 'module',
  scripts: SCRIPTS,
  // What they would do is not needed: without this npm asks about them at each installation.
  allowScripts: root.allowScripts,
  dependencies: dependenciesFor(main),
});

/** What a project needs, by name. */
export const dependenciesFor = (main: string | undefined): Record<string, string> => ({
  ...(main !== undefined && { [PACKAGES.main]: main }),
  'aws-cdk': root.devDependencies['aws-cdk'],
  'aws-cdk-lib': `^${FLOORS['aws-cdk-lib']}`,
  constructs: `^${FLOORS.constructs}`,
});

/** The command that installs a project. FILE is for whoever has the packed file: the name alone could be a stranger's. */
export const installFor = (main: string | undefined): string =>
  main === undefined ? 'npm install FILE' : 'npm install';

/** Said where FILE stands. */
export const FILE_IS = `FILE is the path of ${TARBALL}, which \`npm pack ./dist/main\` makes after \`npm run build\` in the repository.`;

const CDK = {
  app: `node -e "import('${PACKAGES.main}/app')"`,
  notices: false,
  versionReporting: false,
  context: { 'cli-telemetry': false },
};

const readme = (config: SwitchoverConfig, main: string | undefined, start: string): string => {
  const { sites = [], local } = config;
  const name = sites[0]?.name;
  const deploy = local
    ? 'The servers are on this machine, so this is not deployed. Give `switchover.config.ts` servers that the internet reaches, and take\n`local` out, first.'
    : [DEPLOY, ...dnsSteps(config)].join('\n\n');
  return `# Failover of ${name}

Watched and moved by Switchover; \`${CONFIG_NAME}\` says what and how.

\`\`\`sh
${installFor(main)}
npm run switchover -- check --offline
${start}
\`\`\`
${main === undefined ? `\n${FILE_IS}\n` : ''}
The last one runs everything on this machine and shows what would happen; nothing is changed anywhere.

${deploy}
`;
};

/** `bootstrap` without arguments prepares each region that the app has stacks in. */
const DEPLOY = `\`\`\`sh
npm run cdk -- bootstrap     # once for an account and its regions
npm run cdk -- deploy --all
\`\`\`

Then, in DNS:`;
