import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { config, emptyBundles, site, synthesize } from './fixture.ts';

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

const resources = (template: Template) => Object.values(template.toJSON().Resources as Resources);

/** The properties that give a resource its name in the account. */
const NAME_PROPERTIES = [
  'FunctionName',
  'LogGroupName',
  'TableName',
  'TopicName',
  'AlarmName',
  'RoleName',
  'ManagedPolicyName',
];

/** Every name that the templates choose themselves, with its region: what would collide in one account. */
const physicalNames = (from = config()): string[] =>
  synthesize(from).assembly.stacks.flatMap((stack) =>
    Object.values(stack.template.Resources as Resources).flatMap(({ Type, Properties = {} }) => {
      const properties = Type === 'AWS::Scheduler::Schedule' ? ['Name'] : NAME_PROPERTIES;
      return properties
        .map((property) => Properties[property])
        .filter((name) => typeof name === 'string')
        .map((name) => `${stack.environment.region} ${Type} ${name}`);
    }),
  );

test('state, zones and control at home, one stack for each other vantage, and the dead man away from home', () => {
  const { assembly } = synthesize(config());
  assert.deepEqual(
    Object.fromEntries(assembly.stacks.map((stack) => [stack.stackName, stack.environment.region])),
    {
      'main-state': 'eu-west-2',
      'main-zones': 'eu-west-2',
      'main-control': 'eu-west-2',
      'main-vantage-eu-west-1': 'eu-west-1',
      'main-vantage-eu-central-1': 'eu-central-1',
      'main-dead-man-eu-west-1': 'eu-west-1',
    },
  );
});

test('state, zones and probers are deployed before the controller, and silence is listened for after it', () => {
  const { assembly } = synthesize(config());
  const order = assembly.stacks.map((stack) => stack.stackName);
  const dependencies = (name: string) =>
    assembly
      .getStackByName(name)
      .dependencies.map(({ id }) => id)
      .filter((id) => order.includes(id));
  assert.deepEqual(dependencies('main-zones'), ['main-state']);
  assert.deepEqual(dependencies('main-control').sort(), [
    'main-state',
    'main-vantage-eu-central-1',
    'main-vantage-eu-west-1',
    'main-zones',
  ]);
  assert.deepEqual(dependencies('main-dead-man-eu-west-1'), ['main-control']);
});

test('no stack owns a record, makes anything by a custom resource, or refers to another stack but for the ids of zones', () => {
  const { templates } = synthesize(config());
  for (const [name, template] of Object.entries(templates)) {
    const types = new Set(resources(template).map(({ Type }) => Type));
    assert.ok(!types.has('AWS::Route53::RecordSet'), name);
    assert.ok(!types.has('AWS::Route53::RecordSetGroup'), name);
    assert.ok(![...types].some((type) => /^Custom::|CustomResource|AWS::SSM/.test(type)), name);
    const { Outputs, Resources } = template.toJSON();
    assert.doesNotMatch(JSON.stringify(Resources), /Fn::GetStackOutput/, name);
    const imports = [...JSON.stringify(Resources).matchAll(/"Fn::ImportValue":"([^"]*)"/g)].map((m) => m[1]);
    const exported = JSON.stringify(Outputs ?? {}).match(/"Export"/g)?.length ?? 0;
    assert.equal(exported, name === 'main-zones' ? 1 : 0, name);
    if (name !== 'main-control') assert.deepEqual(imports, [], name);
    else for (const one of imports) assert.match(String(one), /^main-zones:ExportsOutputRefZone/);
  }
});

test('the account is the one found by the command line, if any', () => {
  const before = process.env.CDK_DEFAULT_ACCOUNT;
  try {
    delete process.env.CDK_DEFAULT_ACCOUNT;
    assert.equal(synthesize(config()).assembly.stacks[0]?.environment.account, 'unknown-account');
    process.env.CDK_DEFAULT_ACCOUNT = '123456789012';
    for (const stack of synthesize(config()).assembly.stacks)
      assert.equal(stack.environment.account, '123456789012');
  } finally {
    if (before === undefined) delete process.env.CDK_DEFAULT_ACCOUNT;
    else process.env.CDK_DEFAULT_ACCOUNT = before;
  }
});

test('a local configuration synthesizes, but no stack of it can be deployed', () => {
  const { assembly, templates } = synthesize(config({ local: true }));
  for (const stack of assembly.stacks) {
    assert.equal(stack.environment.account, '000000000000');
    const rule = stack.template.Rules?.LocalOnly;
    assert.deepEqual(rule.Assertions[0].Assert, { 'Fn::Equals': ['LocalOnly', 'deployable'] });
    assert.match(rule.Assertions[0].AssertDescription, /`local: true`.*must not be deployed/);
  }
  assert.equal(Object.keys(templates).length, 6);
  for (const stack of synthesize(config()).assembly.stacks)
    assert.equal(stack.template.Rules?.LocalOnly, undefined);
});

test('the example synthesizes, but no stack of it can be deployed, and its template says why', () => {
  for (const stack of synthesize(config()).assembly.stacks) {
    const [assertion] = stack.template.Rules?.ExampleOnly?.Assertions ?? [];
    assert.deepEqual(assertion?.Assert, { 'Fn::Equals': ['ExampleOnly', 'deployable'] }, stack.stackName);
    assert.match(assertion?.AssertDescription, /^This is still the example: edit switchover\.config\.ts\./);
  }
  const zone = 'dyn.shop.lu';
  const servers = ['8.8.8.8', '9.9.9.9'].map((address) => ({
    name: `at-${address[0]}`,
    ipv4: [address],
    ipv6: [],
  }));
  const theirs = {
    zones: [{ name: zone }],
    alerts: { emails: [] },
    sites: [site(`www.${zone}`, zone, { servers })],
  };
  for (const stack of synthesize(config(theirs)).assembly.stacks)
    assert.equal(stack.template.Rules?.ExampleOnly, undefined);
});

test('two deployments in one account share no name', () => {
  const main = physicalNames(config());
  const trial = physicalNames(config({ deployment: 'trial' }));
  assert.deepEqual(
    main.filter((name) => trial.includes(name)),
    [],
  );
  // 7 functions with their log groups, table, 3 topics, schedule, alarm: the comparison has seen them all.
  assert.equal(new Set(main).size, 20);
  assert.equal(main.length, 20);
});

test('the same configuration gives the same templates and assets', () => {
  const once = synthesize(config());
  const again = synthesize(config());
  for (const [name, template] of Object.entries(once.templates))
    assert.deepEqual(again.template(name).toJSON(), template.toJSON());
  const code = (from: typeof once) =>
    Object.values(from.template('main-control').findResources('AWS::Lambda::Function')).map(
      (fn) => fn.Properties.Code.S3Key,
    );
  assert.equal(new Set(code(once)).size, 4);
});

test('the bundles are gone when the app is built, and the assembly has the code', () => {
  const made: string[] = [];
  const { assembly } = synthesize(config(), {
    bundle: () => {
      const bundles = emptyBundles(config());
      const { controllers, console, status, prober, deadMan } = bundles;
      made.push(...controllers, console, status, prober, deadMan);
      return bundles;
    },
  });
  assert.equal(made.length, 5);
  for (const directory of made) assert.ok(!existsSync(directory));
  const copies = readdirSync(assembly.directory).filter((name) => name.startsWith('asset.'));
  assert.equal(copies.length, 5);
  for (const name of copies) assert.ok(existsSync(join(assembly.directory, name, 'index.cjs')), name);
});

test('a thousand sites in ten zones fit', () => {
  const zones = Array.from({ length: 10 }, (_, i) => ({ name: `zone${i}.example.org` }));
  const sites = Array.from({ length: 1000 }, (_, i) =>
    site(`shop${i}.zone${i % 10}.example.org`, `zone${i % 10}.example.org`),
  );
  const { templates, template } = synthesize(config({ zones, sites }));
  for (const each of Object.values(templates)) {
    assert.ok(resources(each).length < 500);
    assert.ok(JSON.stringify(each.toJSON()).length < 1_000_000);
  }
  template('main-zones').resourceCountIs('AWS::Route53::HostedZone', 10);
});
