import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, probe, problemsOf, type Refusal, site, standby, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;
const withSite = (fields: Fields) => config({ sites: [site(fields)] });
const second = (fields: Fields = {}) =>
  site({ name: 'shop.dyn.example.co.uk', probe: probe({ url: 'https://shop.example.co.uk/' }), ...fields });
const withSecond = (fields: Fields) => config({ sites: [site(), second(fields)] });
const nested = { zones: [{ name: 'dyn.example.co.uk' }, { name: 'eu.dyn.example.co.uk' }] };
const accept = (input: Fields) => assert.doesNotThrow(() => checkConfig(input));

const LISTS: Refusal[] = [
  [
    { vantages: ['eu-west-2', 'eu-west-1', 'eu-west-2'] },
    'vantages[2]',
    /each vantage once.*already as vantages\[0\]/,
  ],
  [
    { alerts: { emails: ['a@example.com', 'A@EXAMPLE.com'] } },
    'alerts.emails[1]',
    /each e-mail address once/,
  ],
  [
    { resolvers: ['9.9.9.9', '2620:fe::fe', '2620:00FE:0::00fe'] },
    'resolvers[2]',
    /each resolver once, .*already as resolvers\[1\]/,
  ],
  [
    { zones: [{ name: 'dyn.example.co.uk' }, { name: 'DYN.example.co.uk.' }] },
    'zones[1].name',
    /each zone once/,
  ],
  [
    {
      zones: [
        { name: 'dyn.example.co.uk', id: 'Z1AB' },
        { name: 'example.com', id: 'Z1AB' },
      ],
    },
    'zones[1].id',
    /each hosted zone id once/,
  ],
];
testRefusals('one thing twice', LISTS, config);

const ZONES: Refusal[] = [
  [
    { name: 'www.example.co.uk' },
    'sites[0].name',
    /configured zone \(dyn\.example\.co\.uk, eu.*add its zone to `zones`/,
  ],
  [{ name: 'dyn.example.co.uk.evil.example' }, 'sites[0].name', /configured zone/],
  [{ extraNames: ['dyn.example.co.uk', 'x.example'] }, 'sites[0].extraNames[1]', /configured zone/],
  [
    { extraNames: ['www.eu.dyn.example.co.uk'] },
    'sites[0].extraNames[0]',
    /lies in the zone eu\.dyn\.example\.co\.uk/,
  ],
  [{ extraNames: ['eu.dyn.example.co.uk'] }, 'sites[0].extraNames[0]', /one change of one zone/],
];
testRefusals('names and zones', ZONES, (fields: Fields) => config({ ...nested, sites: [site(fields)] }));

test('the longest zone holds a name, the apex of a zone included', () => {
  const zoneOfSite = (name: string) =>
    checkConfig(config({ ...nested, sites: [site({ name })] })).config.sites[0]?.zone;
  assert.equal(zoneOfSite('www.dyn.example.co.uk'), 'dyn.example.co.uk');
  assert.equal(zoneOfSite('dyn.example.co.uk'), 'dyn.example.co.uk');
  assert.equal(zoneOfSite('www.eu.dyn.example.co.uk'), 'eu.dyn.example.co.uk');
  assert.equal(zoneOfSite('eu.dyn.example.co.uk'), 'eu.dyn.example.co.uk');
});

const NAMES: Refusal[] = [
  [
    { name: 'WWW.dyn.example.co.uk.' },
    'sites[1].name',
    /sites\[0\]\.name already, and so is _switchover\.www\.dyn/,
  ],
  [{ extraNames: ['www.dyn.example.co.uk'] }, 'sites[1].extraNames[0]', /moved from one place only/],
  [
    { extraNames: ['a.dyn.example.co.uk', 'a.dyn.example.co.uk'] },
    'sites[1].extraNames[1]',
    /sites\[1\]\.extraNames\[0\]/,
  ],
  [{ extraNames: ['shop.dyn.example.co.uk'] }, 'sites[1].extraNames[0]', /held by sites\[1\]\.name/],
];
testRefusals('one record name in two places', NAMES, withSecond);

/** A name of `length` characters in the zone dyn.example.co.uk. */
const longName = (length: number) =>
  `${'a'.repeat(60)}.`
    .repeat(4)
    .slice(0, length - '.dyn.example.co.uk'.length)
    .concat('.dyn.example.co.uk');

test('a role record has to fit into the 255 bytes of a name', () => {
  accept(withSite({ name: longName(241) }));
  const [problem] = problemsOf(withSite({ name: longName(242) }));
  assert.equal(problem?.path, 'sites[0].name');
  assert.match(
    problem?.message ?? '',
    /_switchover\.NAME fits into the 255 bytes.*makes 256; shorten it by 1\./,
  );
  accept(withSite({ extraNames: [longName(253)] }));
});

const MOVING: Refusal[] = [
  [
    { servers: [primary({ probeAddress: 'shop.dyn.example.co.uk' }), standby()] },
    'sites[1].servers[0].probeAddress',
    /a record that moves \(sites\[1\]\.name\), so a probe would follow the failover/,
  ],
  [
    { servers: [primary({ probeAddress: 'shop.example.co.uk' }), standby()] },
    'sites[1].servers[0].probeAddress',
    /the host that visitors type \(sites\[1\]\.probe\.url\)/,
  ],
  [
    { servers: [primary(), { name: 'b', hostname: 'WWW.dyn.example.co.uk.' }] },
    'sites[1].servers[1].hostname',
    /a record that moves \(sites\[0\]\.name\)/,
  ],
  [
    { servers: [primary(), { name: 'b', hostname: 'www.example.co.uk' }] },
    'sites[1].servers[1].hostname',
    /the host that visitors type \(sites\[0\]\.probe\.url\)/,
  ],
  [
    {
      extraNames: ['x.dyn.example.co.uk'],
      servers: [primary(), { name: 'b', hostname: 'x.dyn.example.co.uk' }],
    },
    'sites[1].servers[1].hostname',
    /sites\[1\]\.extraNames\[0\]/,
  ],
];
testRefusals('a probe through a name that moves', MOVING, withSecond);

const cname = (hostname: string) => [primary(), { name: 'b', hostname }];
const SERVERS: Refusal[] = [
  [{ servers: [] }, 'sites[0].servers', /at least two servers.*received an empty list/],
  [{ servers: [primary()] }, 'sites[0].servers', /received a list of 1; .*add a standby/],
  [{ servers: undefined }, 'sites[0].servers', /received nothing; name at least two, here or in `defaults`/],
  [{ servers: [primary(), { name: 'b' }] }, 'sites[0].servers[1]', /received none of them/],
  [
    { servers: [primary(), { name: 'b', ipv4: [], ipv6: [] }] },
    'sites[0].servers[1]',
    /received none of them/,
  ],
  [
    { servers: [primary({ hostname: 'a.example.net' }), standby()] },
    'sites[0].servers[0].hostname',
    /no `hostname` beside `ipv4`/,
  ],
  [
    { name: 'dyn.example.co.uk', servers: cname('b.example.net') },
    'sites[0].servers[1].hostname',
    /the apex of its zone/,
  ],
  [
    { extraNames: ['dyn.example.co.uk'], servers: cname('b.example.net') },
    'sites[0].servers[1].hostname',
    /no CNAME beside/,
  ],
  [
    { servers: [primary(), standby({ name: 'primary' })] },
    'sites[0].servers[1].name',
    /each server name once/,
  ],
  [
    { servers: [primary(), standby({ ipv4: ['203.0.113.10'] })] },
    'sites[0].servers[1].ipv4[0]',
    /servers\[0\]\.ipv4\[0\] already; a switch.*do nothing/,
  ],
  [
    { servers: [primary({ ipv6: ['2001:db8::1'] }), standby({ ipv6: ['2001:DB8:0::1'] })] },
    'sites[0].servers[1].ipv6[0]',
    /each address once/,
  ],
  [
    { servers: [primary({ ipv4: ['192.0.2.1', '192.0.2.1'] }), standby()] },
    'sites[0].servers[0].ipv4[1]',
    /each address once/,
  ],
  [
    { servers: [primary(), standby({ probeAddress: '203.0.113.10' })] },
    'sites[0].servers[1].probeAddress',
    /each address once/,
  ],
  [
    {
      servers: [
        { name: 'a', hostname: 'x.example.net' },
        { name: 'b', hostname: 'X.example.net' },
      ],
    },
    'sites[0].servers[1].hostname',
    /each address once/,
  ],
  [
    { lastResort: 'sorry' },
    'sites[0].lastResort',
    /a server of www\.dyn\.example\.co\.uk \(primary, standby\), received "sorry"/,
  ],
];
testRefusals('the servers of a site', SERVERS, withSite);

test('servers may differ in kind, and be probed at the address they serve', () => {
  accept(withSite({ servers: cname('b.example.net'), lastResort: 'b' }));
  accept(
    withSite({
      servers: [primary({ probeAddress: '203.0.113.10' }), standby({ probeAddress: '192.0.2.7' })],
    }),
  );
});

const PROBES: Refusal[] = [
  [
    { host: 'shop.example.co.uk' },
    'sites[0].host',
    /the host of `probe\.url`, www\.example\.co\.uk, received "shop/,
  ],
  [{ probe: undefined }, 'sites[0].probe.url', /received nothing; say what a probe asks for/],
  [{ probe: {} }, 'sites[0].probe.url', /received nothing/],
  [
    { probe: probe({ timeoutSeconds: 10 }) },
    'sites[0].probe.timeoutSeconds',
    /fewer seconds than `intervalSeconds`, 10, received 10/,
  ],
  [{ confirmEverySeconds: 11 }, 'sites[0].confirmEverySeconds', /at most `intervalSeconds`, 10, received 11/],
  [
    { probe: probe({ method: 'head', bodyIncludes: 'ok' }) },
    'sites[0].probe.bodyIncludes',
    /an answer to HEAD has no body/,
  ],
  [
    { probe: probe({ method: 'HEAD', bodyMatches: 'ok' }) },
    'sites[0].probe.bodyMatches',
    /use GET or drop `bodyMatches`/,
  ],
];
testRefusals('the probe of a site', PROBES, withSite);

test('a host may be written as it is in the URL, and looks may be an interval apart', () => {
  accept(
    withSite({ host: 'WWW.example.co.uk.', confirmEverySeconds: 10, probe: probe({ timeoutSeconds: 9 }) }),
  );
});

test('a site has to fit into one change', () => {
  const extraNames = (count: number) =>
    Array.from({ length: count }, (_, index) => `n${index}.dyn.example.co.uk`);
  accept(withSite({ extraNames: extraNames(498) }));
  const [values] = problemsOf(withSite({ extraNames: extraNames(499) }));
  assert.equal(values?.path, 'sites[0].servers');
  assert.match(values?.message ?? '', /received 1002 values and .* \(500 names,/);

  const long = `${'b'.repeat(60)}.${'c'.repeat(60)}.example.net`;
  const [characters] = problemsOf(withSite({ extraNames: extraNames(150), servers: cname(long) }));
  assert.match(characters?.message ?? '', /received 304 values and 40\d\d\d characters/);
});

test('what comes from defaults is refused once, where it is written', () => {
  const sites = [site({ servers: undefined }), second({ servers: undefined })];
  const defaults = { servers: [primary()], probe: { timeoutSeconds: 30 }, confirmEverySeconds: 20 };
  assert.deepEqual(
    problemsOf(config({ sites, defaults })).map(({ path }) => path),
    ['defaults.confirmEverySeconds', 'defaults.probe.timeoutSeconds', 'defaults.servers'],
  );
});

test('what the site writes is refused there, whatever the defaults say', () => {
  const sites = [site({ probe: probe({ timeoutSeconds: 30 }) })];
  const defaults = { probe: { timeoutSeconds: 5 } };
  assert.deepEqual(
    problemsOf(config({ sites, defaults })).map(({ path }) => path),
    ['sites[0].probe.timeoutSeconds'],
  );
});

const REFERENCES: [reference: string, what: RegExp][] = [
  ['https://WWW.dyn.example.co.uk./', /a record name of sites\[0\]/],
  ['https://m.dyn.example.co.uk/', /a record name of sites\[0\]/],
  ['http://www.example.co.uk:8080/x', /the host that visitors type \(sites\[0\]\.probe\.url\)/],
  ['https://origin.example.net/', /an address of a server \(sites\[0\]\.servers\[1\]\)/],
  ['https://203.0.113.10/', /looked up by its name/],
];
testRefusals(
  'a reference that dies with a site',
  REFERENCES.map(
    ([reference, what]): Refusal => [[`https://example.org/`, reference], 'references[1]', what],
  ),
  (references: string[]) =>
    config({
      references,
      sites: [
        site({
          extraNames: ['m.dyn.example.co.uk'],
          servers: [primary(), standby({ probeAddress: 'origin.example.net' })],
        }),
      ],
    }),
);
