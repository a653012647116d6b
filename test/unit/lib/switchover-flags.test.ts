import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import cdkJson from '../../../cdk.json' with { type: 'json' };
import { Switchover } from '../../../lib/index.ts';
import { temporaryDirectory } from './fixture.ts';
import { templatesOf } from './templates.ts';

/** The templates of an app of somebody's own that has these feature flags. */
const templatesWith = (context: Record<string, unknown>): Record<string, object> => {
  const app = new App({ outdir: temporaryDirectory(), context, analyticsReporting: false });
  const home = new Stack(app, 'Shop', { env: { region: 'eu-west-2', account: '123456789012' } });
  new Switchover(home, 'Failover', {
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    zones: [{ name: 'dyn.shop.test', id: 'Z0DYN' }],
    alerts: { emails: ['ops@shop.test'] },
    sites: [
      {
        name: 'www.dyn.shop.test',
        servers: [
          { name: 'primary', ipv4: ['5.9.10.10'] },
          { name: 'standby', ipv4: ['5.9.20.20'] },
        ],
        probe: { url: 'https://www.shop.test/healthz' },
      },
    ],
  });
  return templatesOf(app.synth());
};

const resourcesIn = (templates: Record<string, object>): Map<string, string> =>
  new Map(
    Object.entries(templates).flatMap(([stack, template]) =>
      Object.entries((template as { Resources: object }).Resources).map(([id, resource]) => [
        `${stack} ${id}`,
        JSON.stringify(resource),
      ]),
    ),
  );

const KEPT = join(import.meta.dirname, 'templates/construct.json');

/**
 * What a construct made once is found again by its ids. `SWITCHOVER_UPDATE_TEMPLATES=1 node --test` on this file writes what a change on
 * purpose makes of it; ids and names there never change.
 */
test('the templates of the construct, in an app without any feature flag, are those of every version before', () => {
  const templates = templatesWith({});
  if (process.env.SWITCHOVER_UPDATE_TEMPLATES) writeFileSync(KEPT, `${JSON.stringify(templates, null, 2)}\n`);
  assert.deepEqual(templates, JSON.parse(readFileSync(KEPT, 'utf8')));
});

test('our own flags make nothing else of it, but for the form of policies and of the dashboard', () => {
  const [without, withOurs] = [resourcesIn(templatesWith({})), resourcesIn(templatesWith(cdkJson.context))];
  assert.deepEqual([...withOurs.keys()].sort(), [...without.keys()].sort());
  const different = [...without].filter(([id, resource]) => withOurs.get(id) !== resource);
  assert.deepEqual(
    different.map(([, resource]) => JSON.parse(resource).Type),
    [
      'AWS::IAM::Role',
      'AWS::IAM::Role',
      'AWS::IAM::Role',
      'AWS::CloudWatch::Dashboard',
      'AWS::IAM::ManagedPolicy',
    ],
    different.map(([id]) => id).join(),
  );
});
