/**
 * What somebody gets who installs the packages: built, packed, and installed as tarballs, since a link would hide what Node refuses below
 * node_modules; in a folder of their own, with the oldest Node and with ours, without development packages and without install scripts.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { FLOORS, PACKAGES } from '../../lib/packages.ts';
import { DEMO_SITE, demoDualConfig } from '../../local/demo-config.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { newFolder, nodeOf, ownServers, packagesIn, type Shell, shellIn, shownOn } from './package-inside.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Nothing of a stranger's may run, and nobody needs what only develops. */
const INSTALL = ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'];
const PACE = {
  intervalSeconds: 2,
  ttlSeconds: 10,
  failuresToDown: 2,
  successesToUp: 2,
  downForSeconds: 1,
  confirmEverySeconds: 1,
};

/** The construct in an app of somebody's own: it has no types in it, so it is JavaScript, too. */
const OWN_APP = readFileSync(join(ROOT, 'examples/construct.ts'), 'utf8').replace(
  '../lib/index.ts',
  PACKAGES.main,
);

const tarballs = newFolder('tarballs');
const tarball = (name: string): string => {
  const start = name.replace('@', '').replace('/', '-');
  const found = readdirSync(tarballs).find((file) => new RegExp(`^${start}-\\d.*\\.tgz$`).test(file));
  return join(tarballs, found ?? assert.fail(`No tarball of ${name}.`));
};

before(() => {
  execFileSync(process.execPath, ['publish/build.ts'], { cwd: ROOT });
  for (const folder of readdirSync(join(ROOT, 'dist')))
    execFileSync('npm', ['pack', '--pack-destination', tarballs], {
      cwd: join(ROOT, 'dist', folder),
      stdio: 'pipe',
    });
});

/** A page, asked for at an address. */
const fetched = async (port: number, address: string, headers: Record<string, string>) => {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; by: unknown }>();
  request({ host: address, port, headers, agent: false }, (response) => {
    response.resume();
    resolve({ status: response.statusCode, by: response.headers['x-served-by'] });
  })
    .on('error', reject)
    .end();
  return promise;
};

/** The most that each may weigh as it is fetched, bytes. The functions are half of the first: measured 1.07 MB, 0.17 and 0.17. */
const PACKED_BYTES = { main: 1_120_000, gate: 200_000, create: 200_000 };

test('the packages are small', () => {
  for (const [key, most] of Object.entries(PACKED_BYTES) as [keyof typeof PACKED_BYTES, number][]) {
    const { size } = statSync(tarball(PACKAGES[key]));
    assert.ok(size <= most, `${PACKAGES[key]}: ${size} bytes`);
  }
});

test('no package names a page as if it had brought it along', () => {
  const texts = globSync('dist/*/**/*.{js,cjs,ts,json}', { cwd: ROOT }).map((name) => ({
    name,
    text: readFileSync(join(ROOT, name), 'utf8'),
  }));
  const named = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/(blob\/HEAD\/)?docs\/[\w-]+\.md( in the repository)?/g)].map(
      ([page, address, where]) => ({
        name,
        page,
        isFound: address !== undefined || where !== undefined,
      }),
    ),
  );
  // What the command line, the stacks, the functions and their mails, and the gate say.
  assert.ok(new Set(named.map(({ name }) => name.split('/').slice(0, 3).join('/'))).size > 4);
  assert.deepEqual(
    named.filter(({ isFound }) => !isFound),
    [],
  );
});

const VERSIONS: [version: string, find: () => Promise<string>][] = [
  [`${FLOORS.node}.0`, () => nodeOf(`${FLOORS.node}.0`)],
  [process.versions.node, async () => dirname(process.execPath)],
];

for (const [version, find] of VERSIONS)
  describe(`on Node ${version}`, () => {
    const addresses: [string, string] = ['127.0.0.61', '127.0.0.62'];
    let shell: Shell;
    let servers: Awaited<ReturnType<typeof ownServers>>;

    before(async () => {
      const nodeFolder = await find();
      servers = await ownServers(addresses);
      const maker = shellIn(newFolder('create'), nodeFolder);
      await maker.run('npm', ...INSTALL, tarball(PACKAGES.create));
      shell = shellIn(join(newFolder('project'), 'shop'), nodeFolder);
      const answers = ['--url', `http://www.shop.test:${servers.port}/`, '--email', 'ops@shop.test', '--yes'];
      const places = ['--primary', addresses[0], '--standby', addresses[1]];
      const said = await maker.run(
        'node_modules/.bin/create-switchover',
        shell.folder,
        ...answers,
        ...places,
      );
      assert.match(said, /primary at 127\.0\.0\.61: passed/);
      // Of the file beside that of the maker, as package.json says.
      await shell.run('npm', ...INSTALL);
    });

    const switchover = (...args: string[]) =>
      shell.run('npm', 'run', '--silent', 'switchover', '--', ...args);

    test('no Node came along, and at most thirty packages besides the CDK', async () => {
      assert.equal((await shell.run('node', '--version')).trim(), `v${version}`);
      assert.ok(!existsSync(join(shell.folder, 'node_modules/.bin/node')));
      assert.equal(
        (await shell.run('npm', 'run', '--silent', 'switchover', '--', '--version')).split(', ')[1]?.trim(),
        `Node ${version}`,
      );
      const cdk = new Set(['aws-cdk', 'constructs']);
      const others = packagesIn(shell.folder).filter((name) => !cdk.has(name));
      const ofCdk = packagesIn(join(shell.folder, 'node_modules/aws-cdk-lib'));
      const own = others.filter(
        (name) => !ofCdk.includes(name) && !/^(@aws-cdk\/|@aws\/|aws-cdk-lib$)/.test(name),
      );
      assert.ok(own.length <= 30, `${own.length}: ${own.join(' ')}`);
    });

    test('the version and the help are told at once', async () => {
      assert.match(
        await switchover('--version'),
        new RegExp(`^switchover ${packageJson.version.replaceAll('.', '\\.')}, `),
      );
      assert.match(await switchover('help'), /npm run switchover -- status/);
      assert.match(await shell.run('node_modules/.bin/switchover', 'help'), /^ {2}switchover status/m);
    });

    test('the configuration that was written is valid, and one that is wrong is refused with its line', async () => {
      assert.match(await switchover('check', '--offline'), /is in order/);
      const wrong = join(shell.folder, 'wrong.config.ts');
      writeFileSync(
        wrong,
        "import { defineConfig } from 'switchover/config';\n\nconst a: string[] = [];\nexport default defineConfig({ deployment: (a[0] as string).trim() } as never);\n",
      );
      const { code, text } = await shell.outcome(
        'node_modules/.bin/switchover',
        'check',
        '--offline',
        '--config',
        wrong,
      );
      assert.equal(code, 1);
      assert.match(text, /TypeError: .* \(line 4\); correct it there/);
    });

    test('init ends where a configuration is, and writes one into an empty folder', async () => {
      const { code, text } = await shell.outcome('node_modules/.bin/switchover', 'init', '--yes');
      assert.equal(code, 1);
      assert.match(text, /Expected a folder without a configuration/);
      await shell.run('node_modules/.bin/switchover', 'init', 'second', '--yes');
      assert.ok(existsSync(join(shell.folder, 'second/switchover.config.ts')));
    });

    test('without credentials it says where they come from, and nothing of Node', async () => {
      const { code, text } = await shell.outcome('node_modules/.bin/switchover', 'diff');
      assert.equal(code, 1);
      assert.match(text, /^No AWS credentials were found\./);
      assert.doesNotMatch(text, /Warning/);
    });

    test('its stacks are synthesized by the CDK, with the functions as they were built', async () => {
      await shell.run('npm', 'run', '--silent', 'cdk', '--', 'synth', '--quiet');
      const out = join(shell.folder, 'cdk.out');
      assert.ok(existsSync(join(out, 'local-control.template.json')));
      const built = readFileSync(
        join(shell.folder, 'node_modules', PACKAGES.main, 'functions/prober/index.cjs'),
      );
      const assets = readdirSync(out).filter((name) => statSync(join(out, name)).isDirectory());
      assert.ok(assets.some((name) => readFileSync(join(out, name, 'index.cjs')).equals(built)));
    });

    test('two servers of their own are watched, and a failover is seen on the page', async () => {
      const cloud = shell.start(
        'node_modules/.bin/switchover',
        'start',
        '--config',
        'switchover.config.ts',
        '--json',
        '--port',
        '0',
        '--dns-port',
        '0',
      );
      await cloud.line('"event":"ready"');
      await cloud.line('"reason":"created"');
      servers.servers[0].close();
      servers.servers[0].closeAllConnections();
      const moved = JSON.parse(await cloud.line('"reason":"failover"'));
      assert.equal(moved.from, 'primary');
      assert.equal(moved.to, 'standby');
      const page = shell.start('node_modules/.bin/switchover', 'page', '--local', '.switchover', '--json');
      const { url } = JSON.parse(await page.line('"url"'));
      assert.match(await shownOn(url, /FAILED OVER/), /FAILED OVER/);
      await page.end();
      assert.equal(await cloud.end(), 0);
    });

    test('a server that speaks HTTP/2 is asked by it', async () => {
      const certificates = join(ROOT, 'fixtures/certificates');
      const [cert, key] = ['site.pem', 'test-only.key'].map((name) => readFileSync(join(certificates, name)));
      const server = createSecureServer({ cert, key, allowHTTP1: false }, (asked, answer) =>
        answer.end(asked.httpVersion),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const said = await shell.run(
          'env',
          `NODE_EXTRA_CA_CERTS=${join(certificates, 'authority.pem')}`,
          'node_modules/.bin/switchover',
          ...['probe', `https://www.site.test:${port}/`, '--server', '127.0.0.1'],
        );
        assert.match(said, /passed {2}ok/);
      } finally {
        server.close();
      }
    });

    test('the demo with a gate is played to its end', async () => {
      assert.match(await switchover('demo', '--lever', 'dual'), /Every step was seen from outside/);
    });

    test('the gate has a package of its own, which brings nothing along', async () => {
      const folder = newFolder('gate');
      const host = shellIn(folder, dirname(join(await find(), 'node')));
      await host.run('npm', ...INSTALL, tarball(PACKAGES.gate));
      assert.deepEqual(packagesIn(folder), [PACKAGES.gate]);
      const config = demoDualConfig(servers.port, PACE);
      writeFileSync(join(folder, 'switchover.config.json'), JSON.stringify(config));
      const upstream = `http://${addresses[1]}:${servers.port}`;
      const flags = [
        '--site',
        DEMO_SITE,
        '--listen',
        '127.0.0.63:0',
        '--upstream',
        upstream,
        '--name-server',
        '127.0.0.1:9',
      ];
      const gate = host.start('node_modules/.bin/switchover-gate', ...flags, '--server', 'standby');
      const { address, port } = JSON.parse(await gate.line('"event":"listening"'));
      const probe = { host: DEMO_SITE, 'x-probe-key': 'known to the demo alone' };
      assert.deepEqual(await fetched(port, address, probe), { status: 200, by: 'standby' });
      assert.equal(await gate.end(), 0);
      const { code, text } = await host.outcome('node_modules/.bin/switchover-gate', '--site', DEMO_SITE);
      assert.equal(code, 2);
      assert.match(text, /Usage: switchover-gate --site SITE/);
    });
  });

test('a .ts configuration is read by the gate on the oldest Node, with esbuild beside it, and refused with the ways out without', async () => {
  const shell = shellIn(newFolder('gate-ts'), await nodeOf(`${FLOORS.node}.0`));
  await shell.run('npm', ...INSTALL, tarball(PACKAGES.gate));
  const [, standby] = demoDualConfig(8080, PACE).sites?.[0]?.servers ?? [];
  const config: unknown = demoDualConfig(8080, PACE);
  writeFileSync(
    join(shell.folder, 'switchover.config.ts'),
    `import { defineConfig } from '${PACKAGES.main}/config';\nconst config: unknown = ${JSON.stringify(config)};\nexport default defineConfig(config as never);\n`,
  );
  const flags = [
    '--site',
    DEMO_SITE,
    '--listen',
    '127.0.0.64:0',
    '--upstream',
    'http://127.0.0.1:9',
    '--name-server',
    '127.0.0.1:9',
  ];
  const start = [
    'node_modules/.bin/switchover-gate',
    ...flags,
    '--server',
    standby?.name ?? assert.fail(),
  ] as const;
  const { code, text } = await shell.outcome(...start);
  assert.equal(code, 1);
  assert.match(text, /npm install esbuild.*a \.json file/);
  await shell.run('npm', ...INSTALL, 'esbuild');
  const gate = shell.start(...start);
  await gate.line('"event":"listening"');
  assert.equal(await gate.end(), 0);
});

test('the types are those of the sources, for a project that checks libraries too', async () => {
  const folder = newFolder('types');
  const shell = shellIn(folder, dirname(process.execPath));
  await shell.run('npm', ...INSTALL, tarball(PACKAGES.main));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(
    join(folder, 'good.ts'),
    "import { defineConfig } from 'switchover/config';\nexport default defineConfig({ deployment: 'a', homeRegion: 'eu-west-1', vantages: [], zones: [], alerts: { emails: [] }, sites: [] });\n",
  );
  writeFileSync(
    join(folder, 'bad.ts'),
    "import { defineConfig } from 'switchover';\nexport default defineConfig({ deployment: 5 });\n",
  );
  const compile = (file: string) =>
    shell.outcome(
      process.execPath,
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...[
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--types',
        'node',
        '--typeRoots',
        join(ROOT, 'node_modules/@types'),
        file,
      ],
    );
  assert.deepEqual(await compile('good.ts'), { code: 0, text: '' });
  writeFileSync(join(folder, 'own.ts'), OWN_APP);
  assert.deepEqual(await compile('own.ts'), { code: 0, text: '' });
  assert.match((await compile('bad.ts')).text, /bad\.ts\(2,\d+\): error TS2322/);
});

test('the oldest CDK that the package takes synthesizes', async () => {
  const shell = shellIn(newFolder('floor'), dirname(process.execPath));
  const { folder } = shell;
  const pins = [`aws-cdk-lib@${FLOORS['aws-cdk-lib']}`, `constructs@${FLOORS.constructs}`];
  await shell.run('npm', ...INSTALL, tarball(PACKAGES.main), ...pins);
  await shell.run('node_modules/.bin/switchover', 'init', 'own', '--yes');
  mkdirSync(join(folder, 'out'));
  await shell.run(
    'node',
    '-e',
    `process.chdir('own'); process.env.CDK_OUTDIR='${join(folder, 'out')}'; import('${PACKAGES.main}/app')`,
  );
  assert.ok(existsSync(join(folder, 'out/main-control.template.json')));
  writeFileSync(join(folder, 'own.mjs'), `${OWN_APP}\napp.synth();\n`);
  await shell.run('node', '-e', `process.env.CDK_OUTDIR='${join(folder, 'own-out')}'; import('./own.mjs')`);
  assert.ok(existsSync(join(folder, 'own-out/Shop.template.json')));
});

test('a clone without development packages runs its commands, and installs without a word, though npm runs on Node 20', async () => {
  const shell = shellIn(newFolder('clone'), await nodeOf(`${FLOORS.node}.0`));
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: ROOT, maxBuffer: 512_000_000 });
  execFileSync('tar', ['-x', '-C', shell.folder], { input: archive });
  const said = await shell.outcome('npm', 'ci', '--omit=dev');
  assert.match(said.text.trim(), /^added \d+ packages in \S+$/);
  const config = ['--config', 'examples/local.config.json'];
  assert.match(await shell.run('npm', 'run', '--silent', 'switchover', '--', 'help'), /status/);
  assert.match(
    await shell.run('npm', 'run', '--silent', 'switchover', '--', 'check', '--offline', ...config),
    /is in order/,
  );
  assert.match(await shell.run('npm', 'run', '--silent', 'switchover', '--', 'cost', ...config), /a month/);
  assert.match(await shell.run('npm', 'run', '--silent', 'demo'), /Every step was seen from outside/);
});
