import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { FileSystem } from 'aws-cdk-lib';
import { CONFIG_FILE, ENV } from '../../../lambda/contract.ts';
import { bundleFunctions, writeBundle } from '../../../lib/bundle.ts';
import { config, elastic, site, temporaryDirectory } from './fixture.ts';

const require = createRequire(import.meta.url);

/** A small project of two modules; every call puts it into another directory. */
const project = (): string => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'lambda'));
  writeFileSync(join(root, 'lambda/greeting.ts'), "export const greeting: string = 'good evening, ';");
  writeFileSync(
    join(root, 'lambda/entry.ts'),
    "import { greeting } from './greeting.ts';\nexport const handler = async (name: string) => greeting + name;",
  );
  return root;
};

const bundled = (from = config()): string => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle('lambda/entry.ts', out, from, project());
  return out;
};

test('a bundle is one file that exports the handler, and the configuration beside it', async () => {
  const out = bundled();
  assert.deepEqual(readdirSync(out).sort(), [CONFIG_FILE, 'index.cjs']);
  assert.equal(await require(join(out, 'index.cjs')).handler('operator'), 'good evening, operator');
  assert.deepEqual(JSON.parse(readFileSync(join(out, CONFIG_FILE), 'utf8')), config());
});

test('the client of EC2 lies beside the bundle where a site moves an Elastic IP, and nowhere else', () => {
  const out = join(temporaryDirectory(), 'bundle');
  const from = config({ sites: [site('www.dyn.example.co.uk', 'dyn.example.co.uk', elastic)] });
  writeBundle('lambda/console.ts', out, from);
  assert.deepEqual(readdirSync(out).sort(), [CONFIG_FILE, 'index.cjs', 'node_modules']);
  const client = createRequire(join(out, 'index.cjs'))('@aws-sdk/client-ec2');
  const imported = readFileSync(join(import.meta.dirname, '../../../lambda/edge/ec2.ts'), 'utf8');
  for (const name of Object.keys(client)) assert.ok(imported.includes(name), name);
  for (const [name] of imported.matchAll(/\b(?:\w+Command|EC2Client)\b/g)) assert.ok(name in client, name);
});

test('the client of the parameter store lies beside the controller where a site has secret headers, and nowhere else', () => {
  const open = site('www.dyn.example.co.uk', 'dyn.example.co.uk');
  const secret = { ...open, probe: { ...open.probe, secretHeaders: { 'x-key': '/shop/key' } } };
  const besideWith = (name: string, sites: (typeof secret)[]) => {
    const out = join(temporaryDirectory(), 'bundle');
    writeBundle(`lambda/${name}.ts`, out, config({ sites }));
    return { out, files: readdirSync(out).sort() };
  };
  assert.deepEqual(besideWith('console', [secret]).files, [CONFIG_FILE, 'index.cjs']);
  assert.deepEqual(besideWith('controller', [open as typeof secret]).files, [CONFIG_FILE, 'index.cjs']);
  const { out, files } = besideWith('controller', [secret]);
  assert.deepEqual(files, [CONFIG_FILE, 'index.cjs', 'node_modules']);
  const client = createRequire(join(out, 'index.cjs'))('@aws-sdk/client-ssm');
  assert.deepEqual(Object.keys(client).sort(), ['GetParametersCommand', 'SSMClient']);
});

test('a bundle signs with the keys of its environment, and brings no other way to sign in', () => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle('lambda/controller.ts', out, config());
  const code = readFileSync(join(out, 'index.cjs'), 'utf8');
  const modules = [...code.matchAll(/^\/\/ (\S+)$/gm)].map(([, module = '']) => module);
  assert.ok(modules.includes('lambda/edge/environment-keys.ts'));
  const others = /credential-provider|nested-clients|client-(ssm|ec2)\//;
  assert.deepEqual(
    modules.filter((module) => others.test(module)),
    [],
  );
});

test('undici lies beside the prober alone, and holds the client that it asks for', () => {
  const out = join(temporaryDirectory(), 'prober');
  writeBundle('lambda/prober.ts', out);
  assert.deepEqual(readdirSync(out).sort(), ['index.cjs', 'node_modules']);
  const { Client, ...others } = createRequire(join(out, 'index.cjs'))('undici');
  assert.equal(typeof Client, 'function');
  assert.deepEqual(Object.keys(others), []);
  assert.doesNotMatch(
    readFileSync(join(out, 'index.cjs'), 'utf8'),
    /llhttp|client-h2/,
    'it is loaded when it is wanted',
  );
});

test('neither undici nor HTTP/2 of Node is loaded before a server agrees to HTTP/2', () => {
  const out = join(temporaryDirectory(), 'prober');
  writeBundle('lambda/prober.ts', out);
  const loaded =
    "process.moduleLoadList.includes('NativeModule http2') || !!require.cache[require.resolve('undici')]";
  const probes = [
    {
      id: 'one',
      url: 'http://127.0.0.1:1/',
      address: '127.0.0.1',
      method: 'GET',
      headers: {},
      expectStatus: [200],
      timeoutMs: 1_000,
    },
  ];
  const program = `
    const { handler } = require('./index.cjs');
    handler(${JSON.stringify({ probes, deadlineMs: 5_000 })}).then(({ observations }) => {
      const before = ${loaded};
      require('undici');
      console.log(JSON.stringify([observations[0].code, before, ${loaded}]));
    });`;
  writeFileSync(join(out, 'program.cjs'), program);
  const said = execFileSync(process.execPath, [join(out, 'program.cjs')], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), ['refused', false, true]);
});

test('without a configuration there is none in the bundle', () => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle('lambda/entry.ts', out, undefined, project());
  assert.deepEqual(readdirSync(out), ['index.cjs']);
});

test('the same sources give the same hash wherever they lie, another configuration gives another', () => {
  const [one, two] = [bundled(), bundled()];
  assert.notEqual(dirname(one), dirname(two));
  assert.equal(FileSystem.fingerprint(one), FileSystem.fingerprint(two));
  assert.notEqual(
    FileSystem.fingerprint(one),
    FileSystem.fingerprint(bundled(config({ intervalSeconds: 20 }))),
  );
});

test('a module that asks where it is gets an error here, not an empty answer on Lambda', () => {
  const root = project();
  writeFileSync(join(root, 'lambda/greeting.ts'), 'export const greeting: string = import.meta.dirname;');
  assert.throws(
    () => writeBundle('lambda/entry.ts', temporaryDirectory(), undefined, root),
    /greeting\.ts:1:32.*import\.meta/,
  );
});

test('a source that does not build is named', () => {
  const root = project();
  writeFileSync(join(root, 'lambda/greeting.ts'), 'export const greeting = ;');
  assert.throws(
    () => writeBundle('lambda/entry.ts', temporaryDirectory(), undefined, root),
    /greeting\.ts:1:24/,
  );
});

/** Loads a bundle in a process of its own, far from any node_modules, and says what it exports. */
const exportsOf = (directory: string): string =>
  execFileSync(process.execPath, ['-p', "Object.keys(require('./index.cjs')).join()"], {
    cwd: directory,
    encoding: 'utf8',
    env: {
      LAMBDA_TASK_ROOT: directory,
      AWS_REGION: 'eu-west-2',
      [ENV.zoneIds]: '{"dyn.example.co.uk":"Z0DYN"}',
      [ENV.tableName]: 'main-state',
      [ENV.topicArn]: 'arn:aws:sns:eu-west-2:123456789012:main-alerts',
    },
  }).trim();

test('the functions load from their bundles alone; only the prober has no configuration', () => {
  const bundles = bundleFunctions(config());
  try {
    const [controller = ''] = bundles.controllers;
    for (const directory of [controller, bundles.console, bundles.status, bundles.prober])
      assert.equal(exportsOf(directory), 'handler');
    assert.ok(existsSync(join(controller, CONFIG_FILE)));
    assert.ok(existsSync(join(bundles.console, CONFIG_FILE)));
    assert.ok(existsSync(join(bundles.status, CONFIG_FILE)));
    assert.ok(!existsSync(join(bundles.prober, CONFIG_FILE)));
  } finally {
    bundles.remove();
  }
  assert.ok(!existsSync(dirname(bundles.console)));
});
