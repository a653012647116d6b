import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesFor } from '../../../../bin/init/files.ts';
import { mainDependency } from '../../../../bin/init/origin.ts';
import { planFor, troubleSoFar } from '../../../../bin/init/plan.ts';
import { CONFIG_NAME } from '../../../../bin/init/scripts.ts';
import { main } from '../../../../bin/main.ts';
import { checkConfig } from '../../../../lib/config/index.ts';
import { importTranspiled } from '../../../../lib/config/transpile.ts';
import { PACKAGES } from '../../../../lib/packages.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

/** Types `init` where nobody can be asked: the input of a test is no terminal. */
const type = async (...args: string[]) => {
  let [out, err] = ['', ''];
  const code = await main(['init', ...args, '--json'], {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, err, answer: JSON.parse(out.trim().split('\n').at(-1) ?? '') };
};

const ANSWERS = {
  url: 'https://www.shop.test/healthz',
  primary: '192.0.2.10, 2001:db8::10',
  standby: '198.51.100.20',
  zone: 'dyn.shop.test',
  email: 'ops@shop.test',
  region: 'us-west-2',
  budget: '10',
};
const flags = (from: Partial<typeof ANSWERS>): string[] =>
  Object.entries(from).flatMap(([name, value]) => [`--${name}`, value]);

const written = async (directory: string) => {
  const { default: input } = await importTranspiled(join(directory, CONFIG_NAME));
  return { input, ...checkConfig(input) };
};

test('the files of a project are written from the flags, and its configuration is a valid one', async () => {
  const directory = join(temporaryDirectory(), 'My Shop');
  const { code, answer } = await type(directory, ...flags(ANSWERS), '--offline');
  assert.equal(code, 0);
  assert.deepEqual(answer.written, [CONFIG_NAME, 'package.json', 'cdk.json', '.gitignore', 'README.md']);
  const { config } = await written(directory);
  assert.equal(config.homeRegion, 'us-west-2');
  assert.deepEqual(config.vantages, ['us-west-2', 'us-east-2', 'us-east-1']);
  assert.equal(config.intervalSeconds, 10);
  const [site] = config.sites;
  assert.equal(site?.name, 'www.dyn.shop.test');
  assert.equal(site?.host, 'www.shop.test');
  assert.deepEqual(site?.servers[0], { name: 'primary', ipv4: ['192.0.2.10'], ipv6: ['2001:db8::10'] });
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  assert.equal(manifest.name, 'my-shop');
  assert.equal(manifest.type, 'module');
  assert.equal(manifest.dependencies[PACKAGES.main], mainDependency(directory));
  assert.match(answer.next[0], /^cd '.*My Shop'$/, 'a shell takes it for one word');
});

test('each server is looked at once it is known, and what is seen is told', async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = request.headers.host?.startsWith('www.shop.test:') ? 200 : 404;
    response.end();
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.71'), 'listening');
  const url = `http://www.shop.test:${(server.address() as AddressInfo).port}/`;
  const directory = join(temporaryDirectory(), 'shop');
  const own = { ...ANSWERS, url, primary: '127.0.0.71', standby: '127.0.0.72' };
  const { answer } = await type(directory, ...flags(own));
  assert.match(answer.seen[0], /^primary at 127\.0\.0\.71: passed, /);
  assert.match(
    answer.seen[1],
    /^standby at 127\.0\.0\.72: failed, the server refused the connection.*It would count as down/,
  );
  const { config } = await written(directory);
  assert.equal(config.local, true, 'what only this machine reaches is not for deployment');
});

test('a configuration ends it, and any other file stays as it is', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, '.git'));
  writeFileSync(join(directory, 'package.json'), '{"name":"mine"}');
  const { code, answer } = await type(directory, ...flags(ANSWERS), '--offline');
  assert.equal(code, 0);
  assert.deepEqual(answer.kept, ['package.json']);
  assert.match(
    answer.next.find((line: string) => line.startsWith('npm install')),
    /^npm install \S+ aws-cdk@[\d.]+ 'aws-cdk-lib@\^[\d.]+' 'constructs@\^[\d.]+'$/,
    'what it does not have is named',
  );
  const scripts = [
    'npm pkg set scripts.switchover=switchover',
    "'scripts.start=switchover start --config switchover.config.ts' scripts.cdk=cdk",
  ].join(' ');
  assert.ok(answer.next.includes(scripts), answer.next.join('\n'));
  assert.equal(readFileSync(join(directory, 'package.json'), 'utf8'), '{"name":"mine"}');
  const before = readFileSync(join(directory, CONFIG_NAME), 'utf8');
  const again = await type(directory, ...flags({ ...ANSWERS, region: 'eu-west-1' }), '--offline');
  assert.equal(again.code, 1);
  assert.match(again.err, /Expected a folder without a configuration, found .*switchover\.config\.ts/);
  assert.equal(readFileSync(join(directory, CONFIG_NAME), 'utf8'), before);
});

test('a package.json of somebody else gets the scripts that it lacks by a command, and keeps its own', async () => {
  const directory = temporaryDirectory();
  const manifest = { name: 'mine', scripts: { start: 'next start', cdk: 'cdk' } };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  const { answer } = await type(directory, ...flags(ANSWERS), '--offline');
  const told = 'npm run switchover -- start --config switchover.config.ts --watch-real-servers';
  assert.deepEqual(answer.next.slice(-3), [
    'npm pkg set scripts.switchover=switchover',
    'npm run switchover -- check --offline',
    told,
  ]);
  assert.ok(readFileSync(join(directory, 'README.md'), 'utf8').includes(told));
  execFileSync('npm', ['pkg', 'set', 'scripts.switchover=switchover'], { cwd: directory });
  assert.deepEqual(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).scripts, {
    ...manifest.scripts,
    switchover: 'switchover',
  });
});

test('where nobody can be asked the missing flags are named, and nothing is written', async () => {
  const directory = join(temporaryDirectory(), 'shop');
  const { code, err } = await type(directory, '--url', ANSWERS.url);
  assert.equal(code, 2);
  assert.match(err, /^Expected --primary, --standby, --email, since nobody can be asked here/);
  assert.ok(!existsSync(directory));
});

test('with --yes an example takes the place of what is not said, and no server is looked at', async () => {
  const directory = join(temporaryDirectory(), 'shop');
  const { code, answer } = await type(directory, '--yes');
  assert.equal(code, 0);
  assert.deepEqual(answer.seen, []);
  assert.match(answer.warnings.at(-1), /This is still the example/);
});

for (const [flag, value, says] of [
  ['url', 'www.shop.test', /--url: Expected a URL with a host name/],
  ['url', 'https://192.0.2.10/', /--url: Expected a URL with a host name/],
  ['primary', 'www.shop.test', /--primary: Expected an IP address/],
  ['zone', 'dyn', /--zone: Expected a zone/],
  ['zone', '127.0.0.72', /--zone: Expected a zone/],
  ['standby', '192.0.2.10', /--standby: Expected another server than the primary/],
  ['email', 'ops', /--email: Expected an e-mail address/],
  ['region', 'europe', /--region: Expected a region/],
  ['budget', 'nothing', /--budget: Expected a number/],
] as const)
  test(`--${flag} ${value} is refused, and nothing is written`, async () => {
    const directory = join(temporaryDirectory(), 'shop');
    const { code, err } = await type(directory, ...flags({ ...ANSWERS, [flag]: value }), '--offline');
    assert.equal(code, 2);
    assert.match(err, says);
    assert.ok(!existsSync(directory));
  });

test('a smaller budget looks less often, and one that is too small is told', () => {
  const intervalOf = (budget: string) => planFor({ ...ANSWERS, budget });
  const [rich, poor] = [intervalOf('10'), intervalOf('0')];
  assert.equal(rich.config.intervalSeconds, 10);
  assert.equal(poor.config.intervalSeconds, 60);
  assert.match(poor.reasons.interval, /more than you said/);
  const [free, full] = [...rich.reasons.interval.matchAll(/\$(\d+\.\d\d)/g)].map(([, sum]) => Number(sum));
  assert.ok((free ?? 0) > 0 && (full ?? 0) > (free ?? 0), 'both sums are said');
  assert.equal(intervalOf(String(free)).config.intervalSeconds, 60, 'the larger one is weighed');
});

test('a bare domain gets a name of its own in the zone, and a host inside the zone keeps its own', () => {
  const nameFor = (url: string, zone: string) => planFor({ ...ANSWERS, url, zone }).config.sites?.[0]?.name;
  assert.equal(nameFor('https://shop.test/', 'dyn.shop.test'), 'www.dyn.shop.test');
  assert.equal(nameFor('https://www.shop.test/', 'www.shop.test'), 'www.shop.test');
  assert.equal(nameFor('https://api.shop.test/', 'shop.test'), 'api.shop.test');
  assert.equal(nameFor('https://shop.co.uk/', 'dyn.shop.co.uk'), 'www.dyn.shop.co.uk');
  assert.equal(nameFor('https://api.shop.test/', 'dyn.shop.test=Z0123456789ABC'), 'api.dyn.shop.test');
});

test("a zone is proposed below the own name of the host, never beside it: public suffixes are nobody's", async () => {
  for (const [url, zone] of [
    ['https://shop.co.uk/', 'dyn.shop.co.uk'],
    ['https://www.shop.co.uk/', 'dyn.shop.co.uk'],
    ['https://api.shop.test/', 'dyn.api.shop.test'],
  ] as const) {
    const directory = join(temporaryDirectory(), 'shop');
    await type(directory, '--yes', '--url', url, '--offline');
    const { config } = await written(directory);
    assert.deepEqual(config.zones, [{ name: zone }]);
  }
});

test("a new zone that may be somebody else's is refused, and taken with its id", async () => {
  const own = { ...ANSWERS, url: 'https://shop.co.uk/', zone: 'dyn.co.uk' };
  const refused = await type(join(temporaryDirectory(), 'shop'), ...flags(own), '--offline');
  assert.equal(refused.code, 2);
  assert.match(refused.err, /--zone: Expected a new zone below shop\.co\.uk, such as dyn\.shop\.co\.uk/);
  const known = { ...own, zone: 'dyn.co.uk=Z0123456789ABC' };
  assert.equal((await type(join(temporaryDirectory(), 'shop'), ...flags(known), '--offline')).code, 0);
});

describe('the DNS orders of the README', () => {
  const readmeFor = (url: string, zone: string): string =>
    filesFor(planFor({ ...ANSWERS, url, zone }), '/shop')['README.md'] ?? '';

  test('a subdomain is delegated and is the target of a CNAME, once the account is bootstrapped', () => {
    const text = readmeFor('https://www.shop.test/', 'dyn.shop.test');
    assert.ok(text.indexOf('cdk -- bootstrap') < text.indexOf('cdk -- deploy --all'));
    assert.match(text, /make NS records for `dyn\.shop\.test`/);
    assert.match(text, /`www\.shop\.test` be a CNAME record with the value `www\.dyn\.shop\.test`/);
    assert.doesNotMatch(text, /bare domain/);
  });

  test('a bare domain is told to be no CNAME', () => {
    const text = readmeFor('https://shop.test/', 'dyn.shop.test');
    assert.match(text, /A bare domain cannot have a CNAME record.*`shop\.test`/);
    assert.match(text, /ALIAS or ANAME record to `www\.dyn\.shop\.test`/);
    assert.doesNotMatch(text, /let `shop\.test` be a CNAME/);
    assert.match(readmeFor('https://shop.co.uk/', 'dyn.shop.co.uk'), /Not if it is a domain of its own/);
  });

  test('a zone that exists is not delegated anew, and a name in it is no CNAME to itself', () => {
    const text = readmeFor('https://shop.test/', 'shop.test=Z0123456789ABCDEFGHIJ');
    assert.match(text, /The zone `shop\.test` exists/);
    assert.match(text, /no CNAME is needed/);
    assert.doesNotMatch(text, /NS records|be a CNAME|four name servers/);
  });

  test('a whole domain that is new changes its name servers, with its other records copied before', () =>
    assert.match(
      readmeFor('https://www.shop.test/', 'shop.test'),
      /copy all its other records.*let its registrar name the four name servers/,
    ));
});

test('answers that make no configuration are known at once, whatever follows', () => {
  const { url, primary, standby } = ANSWERS;
  const fits = [{}, { url }, { url, primary: '127.0.0.2' }, { url, primary, standby }, ANSWERS];
  for (const known of fits) assert.equal(troubleSoFar(known), undefined);
  const mixed = { url, primary: '127.0.0.2', standby };
  assert.match(troubleSoFar(mixed) ?? '', /^Expected .*127\.0\.0\.2/);
  assert.match(troubleSoFar({ url: 'http://ann:secret@www.shop.test/' }) ?? '', /^Expected /);
});

test('what is typed is quoted in the file, whatever it holds', async () => {
  const directory = temporaryDirectory();
  const text = filesFor(planFor({ ...ANSWERS, email: "o'neil@shop.test" }), directory)[CONFIG_NAME] ?? '';
  writeFileSync(join(directory, CONFIG_NAME), text);
  const { input } = await written(directory);
  assert.deepEqual((input as { alerts: object }).alerts, { emails: ["o'neil@shop.test"] });
});
