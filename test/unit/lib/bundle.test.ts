import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { FileSystem } from 'aws-cdk-lib';
import { CONFIG_FILE, ENV } from '../../../lambda/contract.ts';
import { ASIDES, BASE } from '../../../lib/aside.ts';
import { buildAsides } from '../../../lib/build-function.ts';
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

const elasticConfig = () => config({ sites: [site('www.dyn.example.co.uk', 'dyn.example.co.uk', elastic)] });
const secretConfig = () => {
  const open = site('www.dyn.example.co.uk', 'dyn.example.co.uk');
  return config({ sites: [{ ...open, probe: { ...open.probe, secretHeaders: { 'x-key': '/shop/key' } } }] });
};

/** What every function at home has. */
const HOME = [BASE, 'aws-sdk-clients'];

/** The packages that lie beside a function. */
const besides = (name: string, from: ReturnType<typeof config>): string[] => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle(`lambda/${name}.ts`, out, from);
  assert.deepEqual(readdirSync(out).sort(), [CONFIG_FILE, 'index.cjs', 'node_modules']);
  const laid = join(out, 'node_modules');
  return readdirSync(laid).flatMap((folder) =>
    folder.startsWith('@') ? readdirSync(join(laid, folder)).map((own) => `${folder}/${own}`) : [folder],
  );
};

test('the client of EC2 lies beside the bundle where a site moves an Elastic IP, and nowhere else', () => {
  assert.deepEqual(besides('console', elasticConfig()).sort(), ['@aws-sdk/client-ec2', ...HOME]);
  assert.deepEqual(besides('console', config()), HOME);
});

test('the client of the parameter store lies beside the controller where a site has secret headers, and nowhere else', () => {
  assert.deepEqual(besides('console', secretConfig()), HOME);
  assert.deepEqual(besides('controller', config()), HOME);
  assert.deepEqual(besides('controller', secretConfig()).sort(), ['@aws-sdk/client-ssm', ...HOME]);
});

test('the client of STS lies beside the functions that write or read a zone in another account, and nowhere else', () => {
  const account = { roleArn: 'arn:aws:iam::111122223333:role/switchover-main', externalId: 'main' };
  const abroad = config({ zones: [{ name: 'dyn.example.co.uk', id: 'Z0ABROAD', account }] });
  for (const name of ['controller', 'console', 'status'])
    assert.deepEqual(besides(name, abroad).sort(), ['@aws-sdk/client-sts', ...HOME], name);
  assert.deepEqual(besides('status', config()), HOME);
});

test('clients that share their base are loaded from where they lie', () => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle('lambda/controller.ts', out, secretConfig());
  const load = createRequire(join(out, 'index.cjs'));
  assert.equal(typeof load('@aws-sdk/client-ssm').SSMClient, 'function');
  assert.equal(typeof load('aws-sdk-clients').Route53Client, 'function');
});

/** What the sources of the functions import of a package, types left out, by package. */
const importedOf = (): Map<string, Set<string>> => {
  const all = new Map<string, Set<string>>();
  const root = join(import.meta.dirname, '../../../lambda');
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, names = '', from = ''] of source.matchAll(
      /^import \{([^}]*)\} from '(@aws-sdk\/[^']+)';$/gm,
    )) {
      const values = names.split(',').flatMap((name) => name.trim().match(/^[A-Z]\w*$/)?.[0] ?? []);
      all.set(from, new Set([...(all.get(from) ?? []), ...values]));
    }
  }
  return all;
};

/** The folder of what lies beside bundles. */
const asides = mkdtempSync(join(tmpdir(), 'switchover-test-asides-'));
buildAsides(asides);
after(() => rmSync(asides, { recursive: true, force: true }));

test('what lies beside the bundles holds what the functions import of the SDK, and no more', () => {
  const imported = importedOf();
  assert.equal(imported.size, 7, 'the imports are found');
  for (const aside of ASIDES.filter(({ name }) => name !== 'undici')) {
    const wanted = Object.keys(aside.exports).flatMap((from) => [...(imported.get(from) ?? [])]);
    assert.deepEqual(Object.keys(require(join(asides, aside.name))).sort(), wanted.sort(), aside.name);
  }
});

test('the code of a client has the operations that are called, and those that nobody calls stay out', () => {
  const code = readFileSync(join(asides, '@aws-sdk/client-ec2/index.js'), 'utf8');
  assert.match(code, /DescribeAddresses/);
  assert.doesNotMatch(code, /RunInstances|CreateVpc/);
});

test('what the clients of the SDK share lies there once, and they sign by it', () => {
  const client = /AWS4-HMAC-SHA256/;
  const holding = readdirSync(asides, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .filter((name) => client.test(readFileSync(join(asides, name), 'utf8')));
  assert.deepEqual(holding.map(dirname), [BASE]);
});

test('a bundle signs with the keys of its environment, and brings no other way to sign in', () => {
  const out = join(temporaryDirectory(), 'bundle');
  writeBundle('lambda/controller.ts', out, config());
  assert.doesNotMatch(readFileSync(join(out, 'index.cjs'), 'utf8'), /^\/\/ node_modules\/@(aws-sdk|smithy)/m);
  const clients = HOME.flatMap((name) =>
    readdirSync(join(out, 'node_modules', name)).map((file) => join(out, 'node_modules', name, file)),
  )
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  assert.match(clients, /in the environment, as Lambda sets them/);
  assert.doesNotMatch(clients, /AssumeRole|sso_session|credential_process|GetParameters|DescribeAddresses/);
});

test('undici lies beside the prober alone, and holds the client that it asks for', () => {
  const out = join(temporaryDirectory(), 'prober');
  writeBundle('lambda/prober.ts', out);
  assert.deepEqual(readdirSync(out).sort(), ['index.cjs', 'node_modules']);
  const { Client, ...others } = createRequire(join(out, 'index.cjs'))('undici');
  assert.equal(typeof Client, 'function');
  assert.deepEqual(Object.keys(others), []);
  const code = readFileSync(join(out, 'node_modules/undici/index.js'), 'utf8');
  assert.doesNotMatch(code, /AGFzb/, 'no WebAssembly: HTTP/1 is not spoken by it');
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
      [ENV.eventsArn]: 'arn:aws:sns:eu-west-2:123456789012:main-events',
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

test('the notifier is there where a channel is, with the client of the parameter store and nothing of sites', () => {
  const without = bundleFunctions(config());
  assert.equal(without.notifier, undefined);
  without.remove();
  const secrets = { url: '/shop/slack' };
  const channels = [{ kind: 'slack', name: 'alerts.slack', wanted: {}, secrets } as const];
  const alerts = { emails: [], channels: [...channels] };
  const bundles = bundleFunctions(config({ alerts }));
  try {
    const { notifier = '' } = bundles;
    assert.equal(exportsOf(notifier), 'handler');
    const baked = { deployment: 'main', local: false, homeRegion: 'eu-west-2', alerts };
    assert.deepEqual(JSON.parse(readFileSync(join(notifier, CONFIG_FILE), 'utf8')), baked);
    const laid = readdirSync(join(notifier, 'node_modules'), { recursive: true, encoding: 'utf8' });
    assert.ok(laid.includes('@aws-sdk/client-ssm'));
    assert.ok(!laid.some((path) => path.startsWith('undici')), 'it posts by the undici of Node');
    const [controller = ''] = bundles.controllers;
    assert.ok(!existsSync(join(controller, 'node_modules/@aws-sdk/client-ssm')));
  } finally {
    bundles.remove();
  }
});
