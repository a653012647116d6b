import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ENV, functionNames, heartbeatFunction, scheduleName, TABLE } from '../../../lambda/contract.ts';
import { buildApp } from '../../../lib/app.ts';
import { readAssembly } from '../../../local/assembly.ts';
import { evaluate } from '../../../local/iam.ts';
import { config, emptyBundles, site, temporaryDirectory } from '../lib/fixture.ts';
import { lambdaFunction, OPTIONS, read, role, stack, writeAssembly } from './assembly-fixture.ts';

describe('the assembly', () => {
  test('keeps the account that it was made for', () => {
    const { accountId, functions } = read(
      { Role: role(), F: lambdaFunction() },
      { environment: 'aws://123456789012/eu-west-2' },
    );
    assert.equal(accountId, '123456789012');
    assert.match(functions[0]!.arn, /:123456789012:function:/);
  });

  test('is refused without a directory, a stack or a region, and in two accounts', () => {
    assert.throws(
      () => readAssembly('/nowhere', OPTIONS),
      /Expected \/nowhere\/manifest.json to be a JSON file .* "npm run cdk -- synth -o DIR"/,
    );
    assert.throws(() => readAssembly(writeAssembly(), OPTIONS), /at least one stack, found none/);
    assert.throws(
      () => read({}, { environment: 'aws://unknown-account/unknown-region' }),
      /Stack main-control: .*name its region/,
    );
    const other = { name: 'other', environment: 'aws://123456789012/eu-west-1', resources: {} };
    assert.throws(
      () => readAssembly(writeAssembly(stack({}), other), OPTIONS),
      /in one account, received 000000000000 and 123456789012/,
    );
  });

  test('of the CDK app is read whole', () => {
    const dir = temporaryDirectory();
    const zones = [{ name: 'dyn.example.co.uk' }, { name: 'example.org', id: 'Z0THERE' }];
    const sites = [site('www.dyn.example.co.uk', 'dyn.example.co.uk'), site('example.org', 'example.org')];
    buildApp(config({ zones, sites }), { outdir: dir, bundle: emptyBundles }).synth();
    const assembly = readAssembly(dir, OPTIONS);

    const { controller, console, status, prober } = functionNames('main');
    const home = 'eu-west-2';
    assert.deepEqual(assembly.functions.map(({ name, region }) => `${name}@${region}`).sort(), [
      `${console}@${home}`,
      `${controller}@${home}`,
      `${heartbeatFunction('main')}@eu-west-1`,
      `${prober}@eu-central-1`,
      `${prober}@eu-west-1`,
      `${prober}@${home}`,
      `${status}@${home}`,
    ]);
    for (const fn of assembly.functions) assert.ok(existsSync(join(fn.codeDir, 'index.cjs')), fn.codeDir);
    const [made, existing] = assembly.zones;
    assert.deepEqual([made?.name, made?.id], ['dyn.example.co.uk', 'ZLOCAL17']);
    assert.deepEqual(existing, { name: 'example.org', id: 'Z0THERE' });
    const running = assembly.functions.find(({ name }) => name === controller)!;
    assert.deepEqual(JSON.parse(running.environment[ENV.zoneIds]!), {
      'dyn.example.co.uk': 'ZLOCAL17',
      'example.org': 'Z0THERE',
    });
    const topic = assembly.topics.find(({ arn }) => arn === running.environment[ENV.topicArn])!;
    assert.deepEqual(topic.subscriptions, [{ protocol: 'email', endpoint: 'ops@example.co.uk' }]);
    assert.deepEqual(
      assembly.tables.map(({ name, region, partitionKey, sortKey, ttl }) => [
        name,
        region,
        partitionKey.name,
        sortKey?.name,
        ttl,
      ]),
      [[running.environment[ENV.tableName], home, TABLE.partitionKey, TABLE.sortKey, TABLE.ttl]],
    );
    assert.deepEqual(
      assembly.schedules.map(({ name, target, rateSeconds }) => [name, target.function, rateSeconds]),
      [[scheduleName('main'), controller, 60]],
    );
    const may = (functionName: string, action: string, resource: string) => {
      const { role } = assembly.functions.find(({ name }) => name === functionName)!;
      return evaluate(assembly.policies[role]!, [], { action, resource, context: {} }).allowed;
    };
    assert.equal(may(controller, 'sns:Publish', topic.arn), true);
    assert.equal(
      may(controller, 'route53:ListResourceRecordSets', 'arn:aws:route53:::hostedzone/ZLOCAL17'),
      true,
    );
    assert.equal(
      may(controller, 'route53:ListResourceRecordSets', 'arn:aws:route53:::hostedzone/Z0OTHER'),
      false,
    );
    assert.equal(may(prober, 'sns:Publish', topic.arn), false);
  });
});
