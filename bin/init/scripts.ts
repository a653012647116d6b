import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The configuration that is written. */
export const CONFIG_NAME = 'switchover.config.ts';

/** The scripts of a project, by name. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  switchover: 'switchover',
  start: `switchover start --config ${CONFIG_NAME}`,
  cdk: 'cdk',
};

/** The scripts of the package.json that is in a folder; none where there is no such file, or nothing that can be read. */
const scriptsIn = (directory: string): Record<string, unknown> => {
  try {
    return Object(Object(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).scripts);
  } catch {
    return {};
  }
};

/** The command that adds what a package.json of somebody else lacks; undefined where it lacks nothing. What it has stays as it is. */
export const addScripts = (directory: string): string | undefined => {
  const has = scriptsIn(directory);
  const missing = Object.entries(SCRIPTS).filter(([name]) => has[name] === undefined);
  if (missing.length === 0) return undefined;
  const words = missing.map(([name, command]) => `scripts.${name}=${command}`);
  return `npm pkg set ${words.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ')}`;
};

/** The command that runs it all on this machine: `npm start`, unless that starts something else here already. */
export const startCommand = (directory: string, local: boolean | undefined): string => {
  const { start = SCRIPTS.start } = scriptsIn(directory);
  const isOurs = start === SCRIPTS.start;
  const flags = [
    ...(isOurs ? [] : ['--config', CONFIG_NAME]),
    ...(local ? [] : ['--watch-real-servers']),
  ].join(' ');
  if (isOurs) return flags === '' ? 'npm start' : `npm start -- ${flags}`;
  return `npm run switchover -- start ${flags}`;
};
