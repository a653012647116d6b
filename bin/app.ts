/** The CDK app: `cdk synth` and `cdk deploy` run this file, on the configuration that SWITCHOVER_CONFIG names, if any. */
import { buildApp } from '../lib/app.ts';
import { ConfigError, loadConfig } from '../lib/config/index.ts';
import { storageReason } from '../local/storage.ts';

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

try {
  const { config, warnings } = await loadConfig();
  for (const warning of warnings) console.error(`Warning: ${warning}`);
  buildApp(config).synth();
} catch (error) {
  if (!isToldInFull(error)) throw error;
  process.exitCode = 1;
}
