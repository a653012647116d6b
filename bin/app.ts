/** The CDK app: `cdk synth` and `cdk deploy` run this file, on the configuration that SWITCHOVER_CONFIG names, if any. */
import { basename } from 'node:path';
import { buildApp } from '../lib/app.ts';
import { ConfigError, checkConfig, exampleText, readConfig } from '../lib/config/index.ts';
import { storageReason } from '../local/storage.ts';
import { wrap } from './screen.ts';

/** Whether the error has told people all there is to tell: anything else is a fault of ours, and keeps its trace. */
const isToldInFull = (error: unknown): boolean => {
  const reason = storageReason(error);
  if (error instanceof ConfigError) console.error(error.message);
  else if (reason !== undefined) console.error(`Cannot write the stacks and their bundles: ${reason}.`);
  // The CDK has printed what its validation found before it throws this.
  return (
    error instanceof ConfigError ||
    reason !== undefined ||
    (error instanceof Error && error.name === 'ValidationFailed')
  );
};

const RULE = '*'.repeat(78);

/** Not to be missed among what else is printed. */
const boxed = (text: string): string =>
  [RULE, ...wrap(text, RULE.length, '* '), RULE].map((line) => `${line}\n`).join('');

try {
  const { input, file } = await readConfig();
  const { config, warnings } = checkConfig(input, file);
  for (const warning of warnings) console.error(`Warning: ${warning}`);
  const example = exampleText(config, basename(file));
  if (example !== undefined) console.error(boxed(`${example}\nIt can be looked at, and not be deployed.`));
  buildApp(config).synth();
} catch (error) {
  if (!isToldInFull(error)) throw error;
  process.exitCode = 1;
}
