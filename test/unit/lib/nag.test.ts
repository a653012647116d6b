import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from '../../../lambda/core/site/site.ts';
import { type AppOptions, buildApp } from '../../../lib/app.ts';
import { config, elastic, emptyBundles, site, skipSchemaCheck, temporaryDirectory } from './fixture.ts';

const checked = (from: Config, options: AppOptions = {}) => {
  const app = buildApp(from, { outdir: temporaryDirectory(), bundle: emptyBundles, ...options });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};

describe('with the schemas of CloudFormation', () => {
  before(() => skipSchemaCheck(false));
  after(() => skipSchemaCheck(true));

  // Findings that are accepted carry their reason where the resource is made, in lib/stacks.
  test('the AWS Solutions rules find nothing that is not explained, and the schemas of CloudFormation nothing at all', () => {
    checked(config()).synth();
  });

  test('nor when record names are widened, or zones exist already', () => {
    const zone = { name: 'dyn.example.co.uk', id: 'Z0DYN' };
    const sites = Array.from({ length: 300 }, (_, i) => site(`shop${i}.dyn.example.co.uk`, zone.name));
    checked(config({ zones: [zone], sites })).synth();
  });

  test('nor when a site moves an Elastic IP', () => {
    checked(config({ sites: [site('www.dyn.example.co.uk', 'dyn.example.co.uk', elastic)] })).synth();
  });

  test('nor when a zone is in another account, there and here', () => {
    const account = { roleArn: 'arn:aws:iam::111122223333:role/switchover-main', externalId: 'main' };
    const from = config({ zones: [{ name: 'dyn.example.co.uk', id: 'Z0DYN', account }] });
    checked(from, { zoneRoles: { trusted: '444455556666' } }).synth();
    checked(from, { zoneRoles: {} }).synth();
  });

  test('nor when there is a channel to post to', () => {
    const secrets = { url: '/shop/slack' };
    const channels = [{ kind: 'slack', name: 'alerts.slack', wanted: {}, secrets } as const];
    checked(config({ alerts: { emails: ['ops@example.co.uk'], channels: [...channels] } })).synth();
  });

  test('the rules are really applied: one permission too many is found', () => {
    const app = checked(config());
    const role = app.node
      .findChild('main-control')
      .node.findChild('Default')
      .node.findChild('ConsoleRole') as Role;
    role.addToPolicy(new PolicyStatement({ actions: ['route53:*'], resources: ['*'] }));
    assert.throws(() => app.synth(), /Validation failed/);
  });
});
