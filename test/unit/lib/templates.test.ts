import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildApp } from '../../../lib/app.ts';
import { loadConfig } from '../../../lib/config/index.ts';
import { emptyBundles, temporaryDirectory } from './fixture.ts';
import { templatesOf } from './templates.ts';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * A table that is kept and names that are fixed stand in the way of another resource of the same name. So what is deployed must find
 * every resource under the id that it had. Whoever changes a template on purpose changes `templates/shipped.json` with it; an id
 * (a key of `Resources`) or a name there never changes.
 */
test('the templates of the shipped configuration are those of every version before', async () => {
  const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'templates/shipped.json'), 'utf8'));
  const { config } = await loadConfig(join(ROOT, 'switchover.config.ts'));
  const app = buildApp(config, { outdir: temporaryDirectory(), bundle: emptyBundles });
  assert.deepEqual(templatesOf(app.synth()), kept);
});
