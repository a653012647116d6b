import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { main } from '../../../../bin/main.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

const directory = temporaryDirectory();
const site = (name: string, more: object = {}) => ({
  name: `${name}.dyn.example.co.uk`,
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'] },
    { name: 'standby', ipv4: ['198.51.100.20'] },
  ],
  probe: { url: `https://${name}.example.co.uk/healthz` },
  ...more,
});
const written = (...sites: object[]): string => {
  const file = join(directory, `${sites.length}.json`);
  const rest = {
    deployment: 'main',
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    zones: [{ name: 'dyn.example.co.uk' }],
    alerts: { emails: ['ops@example.co.uk'] },
  };
  writeFileSync(file, JSON.stringify({ ...rest, sites }));
  return file;
};
const ONE = written(site('www'));
const TWO = written(site('www'), site('shop', { ttlSeconds: 600 }));

const type = async (...args: string[]) => {
  let [out, err] = ['', ''];
  const code = await main(['forecast', ...args], {
    screen: { colour: false, width: 100 },
    progress: (_what, work) => work,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
};

describe('forecast', () => {
  test('a single site needs no name: advice first, then its course, TTLs, prices and levers', async () => {
    const { code, out } = await type('--config', ONE);
    assert.equal(code, 0);
    const lines = out.split('\n');
    assert.match(lines[0]!, /^www\.dyn\.example\.co\.uk {2}lever record, TTL 60 s$/);
    assert.match(lines[1]!, /^Keep the TTL of 60 s\./);
    assert.match(out, /found down +10\.6 +15\.6 +20\.6 s\n/);
    assert.match(out, /^> 60 s +146 s +94 s +157 s$/m);
    assert.match(out, /^> 60 s +0\.8 M +\$0\.32 +44\.0 M +\$17\.59 +434 M +\$174$/m);
    assert.match(out, /^ {2}readdress +23 s +29 s +23 s +with an Elastic IP$/m);
    const tooWide = lines.filter((line) => line.length > 110);
    assert.deepEqual(tooWide, []);
  });

  test('answers programs with every number', async () => {
    const { out } = await type('www.dyn.example.co.uk', '--config', TWO, '--json');
    const answer = JSON.parse(out);
    assert.equal(answer.ok, true);
    assert.equal(answer.site, 'www.dyn.example.co.uk');
    assert.equal(answer.lostSeconds, 146.5);
    assert.equal(answer.share[0], 1);
    assert.equal(answer.share.length > 1000, true);
    assert.deepEqual(Object.keys(answer.causes), [
      'undetected',
      'undecided',
      'unpublished',
      'resolvers',
      'clients',
      'stretched',
    ]);
    assert.equal(answer.levers[1].failures.refused.lostSeconds < 60, true);
  });

  test('several sites are a line each, with a better TTL where there is one', async () => {
    const { out } = await type('--config', TWO);
    assert.match(out, /^www\.dyn\.example\.co\.uk +record, TTL 60 s +146 s +keep it$/m);
    assert.match(out, /^shop\.dyn\.example\.co\.uk +record, TTL 600 s +395 s +TTL 60 s instead$/m);
  });

  test('draws into a file', async () => {
    const file = join(directory, 'plot.svg');
    const { code, out } = await type('shop.dyn.example.co.uk', '--config', TWO, '--svg', file);
    assert.equal(code, 0);
    assert.match(out, /The plot is in .*plot\.svg\.\n$/);
    assert.match(readFileSync(file, 'utf8'), /^<svg .*<title>shop\.dyn\.example\.co\.uk<\/title>/s);
  });

  test('refuses what it cannot do, and says the way out', async () => {
    assert.deepEqual(await type('ww.dyn.example.co.uk', '--config', TWO), {
      code: 1,
      out: '',
      err: 'Expected a configured site, received "ww.dyn.example.co.uk". Did you mean www.dyn.example.co.uk?\n',
    });
    assert.match((await type('--svg', 'x.svg', '--config', TWO)).err, /^Expected one SITE with --svg/);
    const nowhere = join(directory, 'nowhere', 'plot.svg');
    assert.match(
      (await type('--svg', nowhere, '--config', ONE)).err,
      /^Expected --svg to name a file that can be written, received .*ENOENT/,
    );
    assert.equal((await type('--tag', 'shop')).code, 2);
  });
});
