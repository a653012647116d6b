import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { LOAD_BALANCER_ZONES, S3_WEBSITE_ZONES } from '../../../../lib/config/alias-zones.ts';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, type Refusal, site, standby, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;
const withStandby = (fields: Fields) =>
  config({ sites: [site({ servers: [primary(), { name: 'standby', ...fields }] })] });
const aliasOf = (name: string, fields: Fields = {}) =>
  checkConfig(withStandby({ alias: name, ...fields })).config.sites[0]?.servers[1]?.alias;

test('the hosted zone of a target is known from its name', () => {
  const known: [name: string, zoneId: string, ipv6: boolean][] = [
    ['D111111abcdef8.CloudFront.net.', 'Z2FDTNDATAQYW2', true],
    ['shop-1234567890.eu-west-2.elb.amazonaws.com', 'ZHURV8PSTC4K8', true],
    ['dualstack.shop-1234567890.eu-west-2.elb.amazonaws.com', 'ZHURV8PSTC4K8', true],
    ['shop-0123456789abcdef.elb.eu-west-2.amazonaws.com', 'ZD4D7Y8KGAS4G', true],
    ['s3-website.eu-west-2.amazonaws.com', 'Z3GKZC51ZF0DB4', false],
    ['s3-website-eu-west-1.amazonaws.com', 'Z1BKCTXD74EZPE', false],
  ];
  for (const [name, zoneId, ipv6] of known) {
    assert.deepEqual(aliasOf(name), { name: name.toLowerCase().replace(/\.$/, ''), zoneId, ipv6 });
  }
  assert.equal(aliasOf('abc.execute-api.example.org', { aliasZoneId: 'Z1AB' })?.zoneId, 'Z1AB');
});

test('the table of S3 is that of the CDK', () => {
  for (const [region, zoneId] of Object.entries(S3_WEBSITE_ZONES)) {
    assert.equal(RegionInfo.get(region).s3StaticWebsiteHostedZoneId, zoneId, region);
  }
});

test('no two kinds of load balancer, and no two regions, share a zone', () => {
  const all = [...Object.values(LOAD_BALANCER_ZONES).flat(), ...Object.values(S3_WEBSITE_ZONES)];
  assert.equal(new Set(all).size, all.length);
});

test('an alias is allowed at the apex, where a CNAME is refused', () => {
  const servers = [primary(), { name: 'standby', alias: 'd111111abcdef8.cloudfront.net' }];
  assert.doesNotThrow(() => checkConfig(config({ sites: [site({ name: 'dyn.example.co.uk', servers })] })));
});

const REFUSED: Refusal[] = [
  [{ alias: 'lb.example.org' }, 'sites[0].servers[1].alias', /give the hosted zone of the target/],
  [{ alias: 'x.nowhere-1.elb.amazonaws.com' }, 'sites[0].servers[1].alias', /in a region that is known here/],
  [
    { alias: 'bucket.s3-website.eu-west-2.amazonaws.com' },
    'sites[0].servers[1].alias',
    /leave out the bucket/,
  ],
  [
    { alias: 'd1.cloudfront.net', ipv4: ['198.51.100.20'] },
    'sites[0].servers[1].alias',
    /no `alias` beside `ipv4`/,
  ],
  [
    { alias: 'd1.cloudfront.net', hostname: 'lb.example.org' },
    'sites[0].servers[1].alias',
    /no `alias` beside `hostname`/,
  ],
  [{ ipv4: ['198.51.100.20'], aliasZoneId: 'Z1AB' }, 'sites[0].servers[1].aliasZoneId', /an `alias` beside/],
  [{ alias: 'd1.cloudfront.net', aliasZoneId: 'x' }, 'sites[0].servers[1].aliasZoneId', /a hosted zone id/],
];
testRefusals('aliases', REFUSED, withStandby);

const TTLS: Refusal[] = [
  [{ ttlFloorSeconds: 61 }, 'sites[0].ttlFloorSeconds', /at most `ttlSeconds`, 60/],
  [{ ttlWhileFailedOverSeconds: 61 }, 'sites[0].ttlWhileFailedOverSeconds', /from `ttlFloorSeconds`, 10/],
  [{ ttlWhileFailedOverSeconds: 9 }, 'sites[0].ttlWhileFailedOverSeconds', /to `ttlSeconds`, 60/],
];
testRefusals('TTLs', TTLS, (fields: Fields) => config({ sites: [site(fields)] }));

test('the TTL while failed over is half a minute, and never more than the usual one', () => {
  const lowered = (fields: Fields) =>
    checkConfig(config({ sites: [site({ servers: [primary(), standby()], ...fields })] })).config.sites[0]
      ?.ttlWhileFailedOverSeconds;
  assert.equal(lowered({}), 30);
  assert.equal(lowered({ ttlSeconds: 20 }), 20);
  assert.equal(lowered({ ttlSeconds: 300, ttlFloorSeconds: 60 }), 60);
  assert.equal(lowered({ ttlWhileFailedOverSeconds: 12 }), 12);
});
