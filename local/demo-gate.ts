import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programFile } from '../lib/place.ts';
import { CannotStart } from './cannot-start.ts';
import type { Cloud } from './cloud.ts';
import { DEMO_SITE } from './demo-config.ts';
import { type DemoServers, STANDBY } from './demo-servers.ts';

const COMMAND = programFile('bin/switchover');

/** Starts the gate of the standby, a process of its own as an operator would run it. Rejects with `CannotStart`. */
export const startGate = async (
  { primary, standby }: DemoServers,
  { dns }: Pick<Cloud, 'dns'>,
  configFile: string,
): Promise<() => unknown> => {
  const flags = {
    site: DEMO_SITE,
    config: configFile,
    listen: `${STANDBY.address}:${primary.port}`,
    upstream: `http://${standby.address}:${standby.port}`,
    'name-server': dns,
    every: '1s',
  };
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      COMMAND,
      'gate',
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const gone = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes('"event":"listening"')) return true;
    return false;
  })();
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  if (await listening) {
    child.stdout.resume();
    return stop;
  }
  await stop();
  throw new CannotStart(`The gate of the standby did not start: ${said.trim()}`);
};
