import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { CONFIG_FILE } from '../../../../lambda/contract.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import { bundleFunctions } from '../../../../lib/bundle.ts';
import { readAssembly } from '../../../../local/assembly.ts';
import { config, site, statementsOf, synthesize } from '../fixture.ts';

/** So many sites in each of so many zones, dealt out to controllers of at most `each`. */
const filled = (zones: number, sites: number, each: number): Config => {
  const names = Array.from({ length: zones }, (_, index) => `zone${index}.example.org`);
  return config({
    zones: names.map((name) => ({ name })),
    sites: names.flatMap((zone) =>
      Array.from({ length: sites }, (_, index) => site(`shop${index}.${zone}`, zone)),
    ),
    sitesPerController: each,
  });
};

const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';

const namesOf = (from: Template, name: string): string[] =>
  statementsOf(from, name)
    .filter(({ Action }) => Action === 'route53:ChangeResourceRecordSets')
    .flatMap(({ Condition }) =>
      Object.entries(Condition as Record<string, Record<string, string[]>>).flatMap(([operator, keys]) =>
        operator === 'Null' ? [] : (keys[NAMES] ?? []),
      ),
    );

const namesAs = (from: Template, type: string, property: string): string[] =>
  Object.values(from.findResources(type)).map(({ Properties }) => Properties[property]);

describe('two controllers', () => {
  const made = synthesize(filled(3, 2, 4));
  const control = made.template('main-control');

  test('each have a function, a schedule, a role and a log; the first keeps the plain names', () => {
    const functions = namesAs(control, 'AWS::Lambda::Function', 'FunctionName');
    assert.deepEqual(functions.sort(), [
      'main-console',
      'main-controller',
      'main-controller-2',
      'main-prober',
      'main-status',
    ]);
    assert.deepEqual(namesAs(control, 'AWS::Scheduler::Schedule', 'Name'), ['main-minute', 'main-minute-2']);
    const logs = namesAs(control, 'AWS::Logs::LogGroup', 'LogGroupName');
    assert.ok(logs.includes('/aws/lambda/main-controller-2'));
    assert.deepEqual(
      Object.keys(control.findOutputs('*')).filter((name) => name.startsWith('Controller')),
      ['ControllerFunction', 'Controller2Function'],
    );
  });

  test('each may write the records of its own sites and no others; the console those of all', () => {
    assert.deepEqual(
      namesOf(control, 'main-controller').map((name) => name.split('.')[1]),
      ['zone0', 'shop0', 'zone0', 'shop1', 'zone1', 'shop0', 'zone1', 'shop1'],
    );
    assert.deepEqual(namesOf(control, 'main-controller-2'), [
      'shop0.zone2.example.org',
      '_switchover.shop0.zone2.example.org',
      'shop1.zone2.example.org',
      '_switchover.shop1.zone2.example.org',
    ]);
    assert.equal(namesOf(control, 'main-console').length, 12);
  });

  test('each is listened for by an alarm of its own, and all may publish', () => {
    const deadMan = made.template('main-dead-man-eu-west-1');
    assert.deepEqual(namesAs(deadMan, 'AWS::CloudWatch::Alarm', 'AlarmName'), [
      'main-silence',
      'main-silence-2',
    ]);
    const alarms = Object.values(deadMan.findResources('AWS::CloudWatch::Alarm'));
    const counted = alarms.map(
      ({ Properties }) => deadMan.toJSON().Resources[Properties.Dimensions[0].Value.Ref],
    );
    assert.deepEqual(
      counted.map(({ Properties }) => Properties.FunctionName),
      ['main-heartbeat', 'main-heartbeat-2'],
    );
    assert.match(JSON.stringify(statementsOf(control, 'main-controller-2')), /function:main-heartbeat-2"/);
    assert.doesNotMatch(
      JSON.stringify(statementsOf(control, 'main-controller-2')),
      /function:main-heartbeat"/,
    );
    assert.match(alarms[1]?.Properties.AlarmDescription, /Controller 2 of 2 .*\(zones zone2\.example\.org\)/);
    assert.match(alarms[1]?.Properties.AlarmDescription, /function main-controller-2 in eu-west-2/);
    const outputs = deadMan.findOutputs('*');
    assert.deepEqual(
      ['SilenceAlarm', 'SilenceAlarm2'].map((id) => outputs[id]?.Value),
      ['main-silence', 'main-silence-2'],
    );
    const [policy] = Object.values(deadMan.findResources('AWS::SNS::TopicPolicy'));
    const [, publish] = policy?.Properties.PolicyDocument.Statement ?? [];
    assert.equal(publish.Condition.ArnEquals['aws:SourceArn'].length, 2);
  });

  test('one site more changes no name and takes nothing away', () => {
    const before = filled(3, 2, 4);
    const more = { ...before, sites: [...before.sites, site('new.zone0.example.org', 'zone0.example.org')] };
    const after = synthesize(more).template('main-control');
    const missing = Object.keys(control.toJSON().Resources).filter(
      (id) => after.toJSON().Resources[id]?.Type !== control.toJSON().Resources[id].Type,
    );
    assert.deepEqual(missing, []);
  });
});

test('a description of an alarm stays within what CloudWatch takes, however long the names of zones are', () => {
  const long = (index: number) =>
    `${['a', 'b', 'c'].map((l) => l.repeat(62)).join('.')}.${'d'.repeat(60)}${index}`;
  const names = Array.from({ length: 8 }, (_, index) => long(index));
  const zones = names.map((name) => ({ name }));
  const made = synthesize(
    config({
      deployment: 'd'.repeat(32),
      zones,
      sites: names.map((name) => site(name, name)),
      sitesPerController: 4,
    }),
  );
  const deadMan = made.template(`${'d'.repeat(32)}-dead-man-eu-west-1`);
  const texts = Object.values(deadMan.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties.AlarmDescription as string,
  );
  assert.equal(texts.length, 2);
  for (const text of texts) {
    assert.ok(text.length <= 1024, `${text.length} characters`);
    assert.match(text, /\(zones a{62}\.[a-z.]*\d and 3 more\) has decided nothing/);
  }
});

test('memory grows with the sites of a controller', () => {
  const memory = (sites: number) => {
    const control = synthesize(filled(1, sites, 1000)).template('main-control');
    const [controller] = Object.values(
      control.findResources('AWS::Lambda::Function', { Properties: { FunctionName: 'main-controller' } }),
    );
    return controller?.Properties.MemorySize;
  };
  assert.deepEqual([1, 100, 1000].map(memory), [128, 192, 576]);
});

describe('a thousand sites in ten zones', () => {
  /** What AWS takes: CloudFormation's resources, bytes and outputs, a role's inline policies, a function's environment. */
  const LIMITS = { resources: 500, bytes: 1_000_000, outputs: 200, policy: 10_240, environment: 4096 };

  for (const each of [60, 100, 500, 1000])
    test(`synthesize with ${each} sites a controller, under every limit`, () => {
      const made = synthesize(filled(10, 100, each), { bundle: bundleFunctions });
      for (const [name, template] of Object.entries(made.templates)) {
        const text = template.toJSON();
        assert.ok(Object.keys(text.Resources).length <= LIMITS.resources, name);
        assert.ok(Object.keys(text.Outputs ?? {}).length <= LIMITS.outputs, name);
        assert.ok(JSON.stringify(text, null, 1).length <= LIMITS.bytes, name);
      }
      const read = readAssembly(made.assembly.directory, {
        accountId: '123456789012',
        zoneId: (zone) => `Z${zone.replace(/\W/g, '').toUpperCase().padEnd(31, '0')}`,
      });
      const controllers = read.functions.filter(({ name }) => name.includes('-controller'));
      assert.equal(controllers.length, { 60: 20, 100: 10, 500: 2, 1000: 1 }[each]);
      for (const { name, environment, role } of read.functions) {
        assert.ok(JSON.stringify(environment).length <= LIMITS.environment, name);
        assert.ok(JSON.stringify(read.policies[role]).length <= LIMITS.policy, name);
      }
      const baked = controllers.map(
        ({ codeDir }) => JSON.parse(readFileSync(join(codeDir, CONFIG_FILE), 'utf8')) as Config,
      );
      assert.equal(new Set(baked.flatMap(({ sites }) => sites.map(({ name }) => name))).size, 1000);
    });

  test('with sixty sites each, every controller may write exactly its own names, and only the console is told to be wider', () => {
    const made = synthesize(filled(10, 100, 60));
    const control = made.template('main-control');
    for (let number = 2; number <= 20; number += 1)
      assert.ok(namesOf(control, `main-controller-${number}`).every((name) => !name.includes('*')));
    const [message] = made.assembly.getStackByName('main-control').messages;
    assert.match(String(message?.entry.data), /configured sites: main-console in /);
  });
});

test('more zones than an environment has room for are refused with the way out', () => {
  assert.throws(() => synthesize(filled(90, 1, 500)), /Validation failed/);
});
