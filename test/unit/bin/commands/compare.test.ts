import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare } from '../../../../bin/commands/compare.ts';
import type { Now } from '../../../../bin/commands/compare-site.ts';
import { type Config, disclosed, type Site } from '../../../../lambda/core/site/site.ts';
import { config, site } from '../../lib/fixture.ts';

const NAME = 'www.dyn.example.co.uk';
const ZONE = 'dyn.example.co.uk';
const PRIMARY = { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] };
const STANDBY = { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] };
const THIRD = { name: 'third', ipv4: ['192.0.2.30'], ipv6: [] };
const on = (serving: string | null, mode = 'auto') => new Map<string, Now>([[NAME, { serving, mode }]]);
const withSite = (more: Partial<Site>): Config => config({ sites: [site(NAME, ZONE, more)] });

test('the same configuration differs in nothing', () => {
  assert.deepEqual(compare(config(), structuredClone(config()), on('primary')), {
    deployment: [],
    sites: [],
  });
});

describe('a site', () => {
  /** What is deployed, what is here, how the site stands, and what is said: one entry a difference. */
  const cases: [before: Partial<Site>, after: Partial<Site>, now: Map<string, Now>, ...said: RegExp[]][] = [
    [
      {},
      { servers: [{ ...PRIMARY, ipv4: ['203.0.113.11'] }, STANDBY] },
      on('primary'),
      /^server primary: addresses \["203\.0\.113\.10"\] become \["203\.0\.113\.11"\], and it serves\n.*stays on the old ones until it is up at the new ones, and follows then \(row 14\)\.$/,
    ],
    [
      {},
      { servers: [{ ...PRIMARY, ipv4: ['203.0.113.11'] }, STANDBY] },
      on('primary', 'held'),
      /\(row 14\)\. Not while the site is held\.$/,
    ],
    [
      {},
      { servers: [{ ...PRIMARY, ipv4: ['203.0.113.11'] }, STANDBY] },
      on('standby'),
      /\nIts health starts at unknown there; it can take over once it is up\.$/,
    ],
    [
      {},
      { servers: [{ ...PRIMARY, ipv4: ['203.0.113.11'] }, STANDBY] },
      new Map(),
      /\nIf it serves: .* If not: Its health/,
    ],
    [
      { servers: [PRIMARY, { ...STANDBY, probeAddress: '10.0.0.1' }] },
      { servers: [PRIMARY, { ...STANDBY, ipv4: ['198.51.100.21'], probeAddress: '10.0.0.1' }] },
      on('primary'),
      /^server standby: addresses .*\nIts health goes on, since it is asked at the same address/,
    ],
    [
      {},
      { servers: [{ ...PRIMARY, probeAddress: '192.0.2.1' }, STANDBY] },
      on('primary'),
      /^server primary: asked at \["192\.0\.2\.1"\] instead of .*nothing moves \(row 12\)\.$/s,
    ],
    [{}, { servers: [PRIMARY, STANDBY, THIRD] }, on('primary'), /^server third added .*starts at unknown/s],
    [
      { servers: [PRIMARY, STANDBY, THIRD] },
      {},
      on('third'),
      /^server third removed, which serves\n.*nothing moves by itself \(row 12\).*Better move the site before the deploy/,
    ],
    [
      { servers: [PRIMARY, STANDBY, THIRD] },
      {},
      on('primary'),
      /^server third removed\n.*cannot take over any more\.$/,
    ],
    [
      { servers: [PRIMARY, STANDBY, THIRD] },
      {},
      on(null),
      /^server third removed\nIf it does not serve, .* If it serves: DNS stays/,
    ],
    [
      {},
      { servers: [{ ...PRIMARY, name: 'web1' }, STANDBY] },
      on('primary'),
      /^server primary renamed web1, which serves\n.*"pin" to web1, then "release"\.$/,
      /^server web1 added/,
    ],
    [
      {},
      { servers: [STANDBY, PRIMARY] },
      on('primary'),
      /^order of preference: primary, standby becomes standby, primary\nstandby is preferred to primary, which serves: nothing moves back there until "failback"\.$/,
    ],
    [
      { failback: { afterSeconds: 60 } },
      { failback: { afterSeconds: 60 }, servers: [THIRD, PRIMARY, STANDBY] },
      on('primary'),
      /^server third added/,
      /^order of preference: .*third is preferred to primary, which serves: the site moves there by itself once it has been up for 60 s \(row 13\)\.$/s,
    ],
    [
      {},
      { servers: [STANDBY, PRIMARY] },
      on('standby'),
      /^order of preference: .*\nIt decides who takes over first/,
    ],
    [
      {},
      { ttlSeconds: 30 },
      on('primary'),
      /^ttlSeconds: 60 becomes 30\n.*\(row 14\)\. Answers given out before live on for up to 60 s\.$/,
    ],
    [
      {},
      { names: [NAME, ZONE] },
      on('primary'),
      /^names: dyn\.example\.co\.uk added\n.*\(row 14\).*\(row 5\)/,
    ],
    [
      { names: [NAME, ZONE] },
      {},
      on('primary'),
      /^names: dyn\.example\.co\.uk removed\nIts records stay as they are/,
    ],
    [{}, { zone: 'www.dyn.example.co.uk' }, on('primary'), /^zone: .*\(row 5\) until "put-back"/s],
    [
      {},
      {
        host: 'b',
        probe: {
          ...site(NAME, ZONE).probe,
          url: 'https://b/',
          bodyIncludes: 'ok',
          headers: { 'x-key': 'secret' },
        },
      },
      on('primary'),
      /^probe: host www\.dyn\.example\.co\.uk becomes b; url https:.* becomes https:\/\/b\/; headers differ; bodyIncludes nothing becomes ok\n.*"npm run switchover -- check" first\.$/,
    ],
    [
      {},
      { failuresToDown: 5, downForSeconds: 0 },
      on('primary'),
      /^failuresToDown: 3 becomes 5\n/,
      /^downForSeconds: 10 becomes 0\n/,
    ],
    [
      {},
      { failback: { afterSeconds: 600 } },
      on('primary'),
      /^failback: manual becomes \{"afterSeconds":600\}\n.*\(row 13\), at once/,
    ],
    [{ failback: { afterSeconds: 600 } }, {}, on('primary'), /\nNothing moves back by itself any more\.$/],
    [
      {},
      { lastResort: 'standby' },
      on('standby'),
      /^lastResort: nothing becomes standby\n.*It serves now, so the site moves .*\(row 10\)\.$/,
    ],
    [
      { lastResort: 'standby' },
      {},
      on('standby'),
      /^lastResort: standby becomes nothing\nstandby is a standby like any other\.$/,
    ],
    [{}, { tags: ['shop'] }, on('primary'), /^tags: \[\] becomes \["shop"\]\n.*--tag only/],
  ];
  for (const [before, after, now, ...said] of cases) {
    test(`${JSON.stringify(before)} -> ${JSON.stringify(after)}, ${JSON.stringify([...now.values()])}`, () => {
      const { deployment, sites } = compare(withSite(before), withSite(after), now);
      assert.deepEqual(deployment, []);
      assert.deepEqual(
        sites.map(({ site: name, change }) => [name, change]),
        [[NAME, 'changed']],
      );
      const told = sites[0]?.differences.map(({ what, means }) => `${what}\n${means}`) ?? [];
      assert.equal(told.length, said.length, told.join('\n\n'));
      for (const [index, pattern] of said.entries()) assert.match(told[index] ?? '', pattern);
    });
  }

  test('that comes or goes keeps the records there are', () => {
    const other = site('b.dyn.example.co.uk', ZONE);
    const { sites } = compare(withSite({}), config({ sites: [other] }), on('primary'));
    assert.deepEqual(
      sites.map(({ site: name, change }) => [name, change]),
      [
        ['b.dyn.example.co.uk', 'added'],
        [NAME, 'removed'],
      ],
    );
    assert.match(sites[0]?.differences[0]?.means ?? '', /\(row 2\).*\(row 4\).*\(row 5\)/);
    assert.match(
      sites[1]?.differences[0]?.means ?? '',
      /stay as they are, and so does _switchover\.www\.dyn/,
    );
  });
});

const ABROAD = { roleArn: 'arn:aws:iam::111122223333:role/dns', externalId: 'main' };

describe('the deployment', () => {
  const cases: [Partial<Config>, ...RegExp[]][] = [
    [
      { vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1', 'us-east-2', 'us-west-2'] },
      /^vantages: \+us-east-2 \+us-west-2\nA verdict takes 3 of 5 vantages, now 2 of 3\.$/,
    ],
    [
      { vantages: ['eu-west-2', 'eu-central-1', 'eu-north-1'] },
      /^vantages: -eu-west-1 \+eu-north-1\n.*main-vantage-eu-west-1 behind.*moves from eu-west-1 to eu-central-1.*main-dead-man-eu-west-1/,
    ],
    [{ intervalSeconds: 20 }, /^intervalSeconds: 10 becomes 20\n/],
    [
      { zones: [{ name: ZONE, id: 'Z1' }] },
      /^zones: dyn\.example\.co\.uk, id of the zone that the stack made becomes Z1\n.*\(row 5\)/,
    ],
    [
      { zones: [{ name: 'b.example.co.uk' }] },
      /^zones: b\.example\.co\.uk added\nThe zone is made/,
      /^zones: dyn\.example\.co\.uk removed\nThe hosted zone is kept/,
    ],
    [
      { zones: [{ name: ZONE, account: ABROAD }] },
      /^zones: dyn\.example\.co\.uk, reached by the rights of our own account, now by arn:aws:iam::111122223333:role\/dns with main\nMake that role first/,
    ],
    [
      { zones: [{ name: ZONE, id: 'Z1', account: ABROAD }] },
      /^zones: dyn\.example\.co\.uk, id of the zone that the stack made becomes Z1\n/,
      /^zones: dyn\.example\.co\.uk, reached by .*, now by arn/,
    ],
    [
      { zones: [{ name: ZONE }, { name: 'c.example', id: 'Z2' }] },
      /^zones: c\.example added\nThe zone Z2 is used as it is/,
    ],
    [
      { alerts: { emails: ['new@example.co.uk'] } },
      /^alerts\.emails: -ops@example\.co\.uk \+new@example\.co\.uk\n.*confirm/,
    ],
    [{ local: true }, /^local: false becomes true\nWhat is local cannot be deployed\.$/],
    [{ deployment: 'test' }, /^deployment: main becomes test\n.*destroy that one first/],
    [{ homeRegion: 'eu-west-1' }, /^homeRegion: eu-west-2 becomes eu-west-1\n/],
  ];
  for (const [more, ...said] of cases) {
    test(JSON.stringify(more), () => {
      const { deployment, sites } = compare(config(), config(more), on('primary'));
      assert.deepEqual(sites, []);
      const told = deployment.map(({ what, means }) => `${what}\n${means}`);
      assert.equal(told.length, said.length, told.join('\n\n'));
      for (const [index, pattern] of said.entries()) assert.match(told[index] ?? '', pattern);
    });
  }
});

test('headers are compared and never shown', () => {
  const withHeader = (value: string) =>
    disclosed(withSite({ probe: { ...site(NAME, ZONE).probe, headers: { authorization: value } } }));
  const { sites } = compare(withHeader('Bearer one'), withHeader('Bearer two'), on('primary'));
  assert.match(sites[0]?.differences[0]?.what ?? '', /^probe: headers differ$/);
  assert.doesNotMatch(JSON.stringify([sites, withHeader('Bearer one')]), /Bearer/);
  assert.deepEqual(compare(withHeader('Bearer one'), withHeader('Bearer one'), on('primary')).sites, []);
});

test('names that are new in a zone of another account are said to need its role first', () => {
  const abroad = (...names: string[]) =>
    config({
      zones: [{ name: ZONE, id: 'Z1', account: ABROAD }],
      sites: names.map((name) => site(name, ZONE)),
    });
  const [first, ...others] = compare(abroad(NAME), abroad(NAME, `b.${ZONE}`), new Map()).deployment;
  assert.equal(first?.what, `zones: ${ZONE}, 1 more to write: b.${ZONE}`);
  assert.match(first?.means ?? '', /^Deploy main-zone-roles-111122223333 in that account first/);
  assert.deepEqual(others, []);
  assert.deepEqual(compare(abroad(NAME, `b.${ZONE}`), abroad(NAME), new Map()).deployment, []);
});

test('channels, and who is mailed only some messages, are told with what their change means', () => {
  const slack = { kind: 'slack', name: 'alerts[1].slack', secrets: { url: '/shop/slack' } } as const;
  const emails = ['ops@example.co.uk'];
  const before = config({ alerts: { emails, channels: [{ ...slack, wanted: {} }] } });
  const after = config({
    alerts: {
      emails,
      wanted: { 'ops@example.co.uk': { from: 'critical' } },
      channels: [{ ...slack, wanted: { tags: ['shop'] } }],
    },
  });
  const { deployment } = compare(before, after, new Map());
  assert.deepEqual(
    deployment.map(({ what }) => what),
    [
      'alerts: +ops@example.co.uk for everything from critical',
      'alerts: -slack by /shop/slack for everything +slack by /shop/slack for the tags shop',
    ],
  );
  assert.match(deployment[0]?.means ?? '', /15 minutes/);
});
