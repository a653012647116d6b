import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, probe, problemsOf, site, standby } from './fixture.ts';

test('what is not written gets its default, and relations are resolved', () => {
  const minimal = config({ alerts: undefined });
  assert.deepEqual(checkConfig(minimal).config, {
    deployment: 'main',
    local: false,
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    zones: [{ name: 'dyn.example.co.uk' }],
    alerts: { emails: [] },
    weeklyTest: true,
    references: [],
    resolvers: [],
    intervalSeconds: 10,
    sitesPerController: 1000,
    maxMoveShare: 0.25,
    dashboard: true,
    sites: [
      {
        name: 'www.dyn.example.co.uk',
        names: ['www.dyn.example.co.uk'],
        zone: 'dyn.example.co.uk',
        host: 'www.example.co.uk',
        tags: [],
        ttlSeconds: 60,
        ttlWhileFailedOverSeconds: 30,
        ttlFloorSeconds: 10,
        lever: 'record',
        servers: [
          { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] },
          { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] },
        ],
        probe: {
          url: 'https://www.example.co.uk/healthz',
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
      },
    ],
  });
});

test('everything that is written is kept, in its one spelling', () => {
  const written = config({
    zones: [{ name: 'DYN.example.co.uk.', id: 'Z0123456789' }],
    intervalSeconds: 20,
    sites: [
      {
        name: 'WWW.dyn.example.co.uk.',
        extraNames: ['DYN2.dyn.example.co.uk.'],
        host: 'WWW.EXAMPLE.co.uk.',
        tags: ['shop'],
        ttlSeconds: 30,
        lever: 'record',
        servers: [
          primary({ ipv6: ['2001:DB8:0::10'], probeAddress: 'Origin.example.net.', hostname: undefined }),
          { name: 'cdn', hostname: 'LB.example.net.' },
          standby({ probeAddress: '2001:DB8:0::20' }),
        ],
        probe: {
          url: 'HTTPS://WWW.Example.co.uk.:443/healthz?a=B',
          method: 'post',
          headers: { 'X-Check': '1' },
          expectStatus: [204],
          bodyIncludes: 'ok',
          bodyMatches: '^ok$',
          timeoutSeconds: 4,
        },
        failuresToDown: 2,
        successesToUp: 2,
        downForSeconds: 0,
        confirmEverySeconds: 5,
        failback: { afterSeconds: 600 },
        lastResort: 'cdn',
      },
    ],
  });
  const before = structuredClone(written);
  const { config: checked, warnings } = checkConfig(written);
  assert.deepEqual(written, before);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /\(standby\) can be probed by IPv6 alone/);
  assert.deepEqual(checked.zones, [{ name: 'dyn.example.co.uk', id: 'Z0123456789' }]);
  assert.deepEqual(checked.sites[0], {
    name: 'www.dyn.example.co.uk',
    names: ['www.dyn.example.co.uk', 'dyn2.dyn.example.co.uk'],
    zone: 'dyn.example.co.uk',
    host: 'www.example.co.uk',
    tags: ['shop'],
    ttlSeconds: 30,
    ttlWhileFailedOverSeconds: 30,
    ttlFloorSeconds: 10,
    lever: 'record',
    servers: [
      { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::10'], probeAddress: 'origin.example.net' },
      { name: 'cdn', ipv4: [], ipv6: [], hostname: 'lb.example.net' },
      { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [], probeAddress: '2001:db8::20' },
    ],
    probe: {
      url: 'https://www.example.co.uk/healthz?a=B',
      method: 'POST',
      headers: { 'X-Check': '1' },
      expectStatus: [204],
      bodyIncludes: 'ok',
      bodyMatches: '^ok$',
      timeoutSeconds: 4,
    },
    failuresToDown: 2,
    successesToUp: 2,
    downForSeconds: 0,
    confirmEverySeconds: 5,
    failback: { afterSeconds: 600 },
    lastResort: 'cdn',
  });
});

test('a site beats defaults, which beat what is built in; probe is merged field by field', () => {
  const defaults = {
    ttlSeconds: 20,
    tags: ['all'],
    failuresToDown: 5,
    failback: { afterSeconds: 60 },
    servers: [primary(), standby()],
    lastResort: 'standby',
    probe: {
      url: 'https://shared.example.co.uk/',
      timeoutSeconds: 5,
      expectStatus: [204],
      headers: { a: '1' },
    },
  };
  const sites = [
    { name: 'a.dyn.example.co.uk' },
    site({
      ttlSeconds: 40,
      tags: [],
      failback: 'manual',
      failuresToDown: undefined,
      servers: [standby({ name: 'standby', ipv4: ['192.0.2.1'] }), primary({ name: 'other' })],
      probe: probe({ expectStatus: [200], timeoutSeconds: undefined, headers: { b: '2' } }),
    }),
  ];
  const [first, second] = checkConfig(config({ defaults, sites })).config.sites;
  assert.equal(first?.host, 'shared.example.co.uk');
  assert.equal(first?.ttlSeconds, 20);
  assert.deepEqual(first?.failback, { afterSeconds: 60 });
  assert.deepEqual(
    first?.servers.map(({ name }) => name),
    ['primary', 'standby'],
  );
  assert.equal(second?.host, 'www.example.co.uk');
  assert.equal(second?.ttlSeconds, 40);
  assert.deepEqual(second?.tags, []);
  assert.equal(second?.failback, 'manual');
  assert.equal(second?.failuresToDown, 5);
  assert.equal(second?.successesToUp, 3);
  assert.equal(second?.lastResort, 'standby');
  assert.deepEqual(
    second?.servers.map(({ name }) => name),
    ['standby', 'other'],
  );
  assert.deepEqual(second?.probe, {
    url: 'https://www.example.co.uk/healthz',
    method: 'GET',
    headers: { b: '2' },
    expectStatus: [200],
    timeoutSeconds: 5,
  });
});

test('problems of values and of relations are listed together, each once, in order and with the site', () => {
  const input = config({
    homeRegion: 'London',
    vantages: ['eu-west-2', 'eu-west-2'],
    sites: [
      site({
        ttlSeconds: 5,
        servers: [primary({ ipv4: ['bogus'] }), standby({ name: 'primary' })],
        lastResort: 'x',
      }),
      site({ probe: probe({ timeoutSeconds: 30, colour: 'red' }) }),
    ],
  });
  assert.deepEqual(
    problemsOf(input).map(({ path, site }) => [path, site]),
    [
      ['homeRegion', undefined],
      ['sites[0].lastResort', 'www.dyn.example.co.uk'],
      ['sites[0].servers[0].ipv4[0]', 'www.dyn.example.co.uk'],
      ['sites[0].servers[1].name', 'www.dyn.example.co.uk'],
      ['sites[0].ttlSeconds', 'www.dyn.example.co.uk'],
      ['sites[1].name', 'www.dyn.example.co.uk'],
      ['sites[1].probe.colour', 'www.dyn.example.co.uk'],
      ['sites[1].probe.timeoutSeconds', 'www.dyn.example.co.uk'],
      ['vantages[1]', undefined],
    ],
  );
});

test('rules are silent about what they cannot know', () => {
  const silent: [Record<string, unknown>, string][] = [
    [{ zones: [{ name: 'dyn.example.co.uk.*' }] }, 'zones[0].name'],
    [
      { intervalSeconds: 'often', sites: [site({ probe: probe({ timeoutSeconds: 40 }) })] },
      'intervalSeconds',
    ],
    [{ local: 1, sites: [site({ servers: [primary({ ipv4: ['127.0.0.2'] }), standby()] })] }, 'local'],
    [
      { sites: [site({ servers: [primary({ ipv4: ['x'] }), 5] })] },
      'sites[0].servers[0].ipv4[0] sites[0].servers[1]',
    ],
    [
      { sites: [site({ servers: [primary({ name: 'A' }), standby()], lastResort: 'a' })] },
      'sites[0].servers[0].name',
    ],
    [{ sites: [site({ probe: 'https://www.example.co.uk' })] }, 'sites[0].probe'],
    [{ sites: [site({ host: 'other.example', probe: probe({ url: 'x' }) })] }, 'sites[0].probe.url'],
    [{ sites: [site({ name: '*', extraNames: ['a.dyn.example.co.uk'] })] }, 'sites[0].name'],
    [{ defaults: 5, sites: [{ name: 'www.dyn.example.co.uk' }] }, 'defaults'],
    [{ defaults: { probe: 5 }, sites: [site({ probe: undefined })] }, 'defaults.probe'],
  ];
  for (const [fields, paths] of silent) {
    assert.equal(
      problemsOf(config(fields))
        .map(({ path }) => path)
        .join(' '),
      paths,
    );
  }
});

test('sites are listed in their order, and what was given is left as it was', () => {
  const sites = Array.from({ length: 12 }, (_, index) =>
    site({ name: `s${index}.dyn.example.co.uk`, servers: [primary({ ipv4: ['x'] }), standby()] }),
  );
  const input = config({ sites });
  const before = structuredClone(input);
  const paths = problemsOf(input).map(({ path }) => path);
  assert.deepEqual(
    paths,
    sites.map((_, index) => `sites[${index}].servers[0].ipv4[0]`),
  );
  assert.deepEqual(input, before);
});

test('a configuration that refers to itself is refused like any other', () => {
  const loop: Record<string, unknown> = config();
  loop.self = loop;
  assert.deepEqual(
    problemsOf(loop).map(({ path }) => path),
    ['self'],
  );
});

test('the message of a ConfigError says everything, with the site beside each path', () => {
  const input = config({ deployment: 'Main', sites: [site({ ttlSeconds: 5 })] });
  assert.throws(
    () => checkConfig(input, 'ours.json'),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const [title, ...lines] = error.message.split('\n');
      assert.equal(title, 'ours.json has 2 problems:');
      assert.deepEqual(
        lines.map((line) => line.split(': Expected ')[0]),
        ['  deployment', '  sites[0].ttlSeconds (www.dyn.example.co.uk)'],
      );
      return true;
    },
  );
});

describe('confirmEverySeconds, where nothing sets it', () => {
  const rows: [fields: Record<string, number>, expected: number][] = [
    [{}, 2],
    [{ downForSeconds: 4 }, 2],
    [{ downForSeconds: 3 }, 1],
    [{ downForSeconds: 0 }, 1],
    [{ downForSeconds: 0, failuresToDown: 1 }, 2],
    [{ downForSeconds: 10, failuresToDown: 7 }, 1],
    [{ downForSeconds: 0, confirmEverySeconds: 2 }, 2],
  ];
  for (const [fields, expected] of rows)
    test(`is ${expected} with ${JSON.stringify(fields)}`, () => {
      const [checked] = checkConfig(config({ sites: [site(fields)] })).config.sites;
      assert.equal(checked?.confirmEverySeconds, expected);
    });
});
