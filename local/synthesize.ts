import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import cdkJson from '../cdk.json' with { type: 'json' };
import { ZONE_ROLES_FOR } from '../lib/context.ts';
import { programFile, TOP } from '../lib/place.ts';
import { ACCOUNT_ID } from './assembly.ts';
import { CannotStart } from './cannot-start.ts';
import { storing } from './storage.ts';

/** Stands in every directory that is made here, from its first moment on: only such a one may be deleted. */
const MARK = 'made-by-switchover.txt';
const MARK_TEXT = 'Made by npm start, and deleted by the next one.\n';

/**
 * Runs the CDK app the way `cdk synth` does: a process of its own that is told by its environment where the assembly goes
 * and what cdk.json's context is. Replaces what it made in `outdir` before, and nothing else. `from` is the absolute path of a
 * configuration, or one, which is kept in `outdir`; without it the app takes the one that is shipped. Rejects with `CannotStart`, saying what the app said.
 */
export const synthesize = async (
  outdir: string,
  from?: string | object,
  signal?: AbortSignal,
): Promise<void> => {
  clear(outdir);
  const configFile = typeof from === 'object' ? keptIn(outdir, from) : from;
  const app = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', programFile('bin/app')], {
    cwd: TOP,
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      // Where a zone is in another account, that account is on this machine, too.
      CDK_CONTEXT_JSON: JSON.stringify({
        ...cdkJson.context,
        [ZONE_ROLES_FOR]: process.env.CDK_DEFAULT_ACCOUNT ?? ACCOUNT_ID,
      }),
      ...(configFile !== undefined && { SWITCHOVER_CONFIG: configFile }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
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

/** Makes the directory anew, unless something in it may be somebody's work. */
const clear = (outdir: string): void =>
  storing(outdir, () => {
    if (existsSync(outdir) && !existsSync(join(outdir, MARK)) && readdirSync(outdir).length > 0)
      throw new CannotStart(
        `Expected ${outdir} to be missing, empty or made by npm start, found a directory without ${MARK}, which is not deleted. ` +
          'Move or delete it yourself, or name another state directory with --state.',
      );
    rmSync(outdir, { recursive: true, force: true });
    mkdirSync(outdir);
    writeFileSync(join(outdir, MARK), MARK_TEXT);
  });

const keptIn = (outdir: string, config: object): string => {
  const file = join(outdir, 'switchover.config.json');
  storing(file, () => writeFileSync(file, JSON.stringify(config, null, 2)));
  return file;
};
