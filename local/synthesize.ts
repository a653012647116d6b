import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.ts';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs the CDK app the way `cdk synth` does: a process of its own that is told by its environment where the assembly goes
 * and what cdk.json's context is. Replaces what was in `outdir`. `configFile` is absolute; without it the app takes the one
 * that is shipped. Rejects with `CannotStart`, saying what the app said.
 */
export const synthesize = async (
  outdir: string,
  configFile?: string,
  signal?: AbortSignal,
): Promise<void> => {
  rmSync(outdir, { recursive: true, force: true });
  const { context } = JSON.parse(readFileSync(join(PROJECT, 'cdk.json'), 'utf8')) as { context: object };
  const app = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(PROJECT, 'bin', 'app.ts')],
    {
      cwd: PROJECT,
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify(context),
        ...(configFile !== undefined && { SWITCHOVER_CONFIG: configFile }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    },
  );
  let said = '';
  for (const stream of [app.stdout, app.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code, killedBy] = (await once(app, 'close')) as [number | null, string | null];
  if (code === 0) {
    if (said.trim() !== '') process.stderr.write(said);
    return;
  }
  const how = killedBy === null ? `status ${code}` : killedBy;
  throw new CannotStart(said.trim() || `The CDK app ended with ${how} and said nothing.`);
};
