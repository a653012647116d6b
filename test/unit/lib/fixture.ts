import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { shardConfigs } from '../../../lambda/core/site/shard.ts';
import type { Config, Site } from '../../../lambda/core/site/site.ts';
import { type AppOptions, buildApp } from '../../../lib/app.ts';
import type { Bundles } from '../../../lib/bundle.ts';

/**
 * The CDK checks every template against CloudFormation's schemas, which costs seconds of processor in each process. nag.test.ts
 * synthesizes with that check; the other tests look at the templates themselves.
 */
export const skipSchemaCheck = (skip: boolean): void => {
  process.env.CDK_VALIDATION = String(!skip);
};
skipSchemaCheck(true);

/** A site at documentation addresses. */
export const site = (name: string, zone: string, more: Partial<Site> = {}): Site => ({
  name,
  names: [name],
  zone,
  host: name,
  tags: [],
  ttlSeconds: 60,
  lever: 'record',
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] },
    { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] },
  ],
  probe: {
    url: `https://${name}/healthz`,
    method: 'GET',
    headers: {},
    expectStatus: [200],
    timeoutSeconds: 3,
  },
  failuresToDown: 3,
  successesToUp: 3,
  downForSeconds: 10,
  confirmEverySeconds: 2,
  failback: 'manual',
  ...more,
});

/** The fields of a site that moves an Elastic IP. */
export const elastic: Partial<Site> = {
  lever: 'readdress',
  readdress: { address: '203.0.113.99', allocationId: 'eipalloc-0123456789abcdef0', region: 'eu-west-2' },
  servers: [
    {
      name: 'primary',
      ipv4: ['203.0.113.99'],
      ipv6: [],
      probeAddress: '203.0.113.10',
      holder: 'i-0123456789abcdef0',
    },
    {
      name: 'standby',
      ipv4: ['203.0.113.99'],
      ipv6: [],
      probeAddress: '198.51.100.20',
      holder: 'eni-0123456789abcdef1',
    },
  ],
};

/** One site in a zone to be made, three vantages, one of them at home. */
export const config = (more: Partial<Config> = {}): Config => ({
  deployment: 'main',
  local: false,
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: 'dyn.example.co.uk' }],
  alerts: { emails: ['ops@example.co.uk'] },
  references: [],
  intervalSeconds: 10,
  sites: [site('www.dyn.example.co.uk', 'dyn.example.co.uk')],
  ...more,
});

/** A directory that is removed when the test file has run. */
export const temporaryDirectory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'switchover-test-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Stands for the bundles where their content does not matter: these tests are about the stacks around them. */
export const emptyBundles = (from: Config): Bundles => {
  const home = mkdtempSync(join(tmpdir(), 'switchover-test-bundles-'));
  const directory = (name: string) => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, 'index.cjs'), `exports.handler = async () => '${name}';`);
    return join(home, name);
  };
  return {
    controllers: shardConfigs(from).map((_, index) => directory(`controller-${index + 1}`)),
    console: directory('console'),
    status: directory('status'),
    prober: directory('prober'),
    deadMan: directory('dead-man'),
    ...(from.alerts.channels !== undefined && { notifier: directory('notifier') }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
};

/** The synthesized stacks, by name, as they are on disk. */
export const synthesize = (from: Config, options: AppOptions = {}) => {
  const app = buildApp(from, { outdir: temporaryDirectory(), bundle: emptyBundles, ...options });
  const assembly = app.synth();
  const templates = Object.fromEntries(
    assembly.stacks.map((stack) => [stack.stackName, Template.fromJSON(stack.template)]),
  );
  const template = (name: string): Template => {
    const found = templates[name];
    if (found === undefined) throw new Error(`No stack ${name} among ${Object.keys(templates).join(', ')}.`);
    return found;
  };
  return { app, assembly, templates, template };
};

type Statement = { Action: string | string[]; Resource: unknown; Condition?: unknown; Effect: string };

/** The statements that a function's role holds, references as in the template. */
export const statementsOf = (template: Template, functionName: string): Statement[] => {
  const [fn] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { FunctionName: functionName } }),
  );
  const roleId = fn?.Properties.Role['Fn::GetAtt'][0];
  const role = template.findResources('AWS::IAM::Role')[roleId];
  const inline = (role?.Properties.Policies ?? []).flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
  const attached = Object.values(template.findResources('AWS::IAM::Policy'))
    .filter((policy) => policy.Properties.Roles.some((ref: { Ref: string }) => ref.Ref === roleId))
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  if (role?.Properties.ManagedPolicyArns !== undefined)
    throw new Error(`${functionName} has managed policies, which nothing here looks into.`);
  return [...inline, ...attached];
};
