import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Server, Site } from '../../../../lambda/core/site/site.ts';
import { exampleText } from '../../../../lib/config/example.ts';
import { checkConfig } from '../../../../lib/config/index.ts';
import shipped from '../../../../switchover.config.ts';
import { config, site } from '../fixture.ts';

/** A configuration of somebody, and one thing in it that is left of the example. */
const theirs = (more: Partial<Config> = {}, servers: Partial<Server>[] = []): Config =>
  config({
    zones: [{ name: 'dyn.shop.lu' }],
    alerts: { emails: ['ops@shop.lu'] },
    sites: [
      site('www.dyn.shop.lu', 'dyn.shop.lu', {
        servers: [{}, {}].map((_, index) => ({
          name: `s${index}`,
          ipv4: [`8.8.8.${index}`],
          ipv6: [],
          ...servers[index],
        })),
      }),
    ],
    ...more,
  });

const withSite = (fields: Partial<Site>): Config => {
  const known = theirs();
  return { ...known, sites: known.sites.map((one) => ({ ...one, ...fields })) };
};

const withProbe = (fields: Partial<Site['probe']>): Config => {
  const known = theirs();
  return { ...known, sites: known.sites.map((one) => ({ ...one, probe: { ...one.probe, ...fields } })) };
};

test('the configuration that is shipped is the example, and what to edit is said', () => {
  const text = exampleText(checkConfig(shipped).config, 'my.config.ts');
  assert.match(
    text ?? '',
    /^This is still the example: edit my\.config\.ts\. .*203\.0\.113\.10.* and 4 more\.$/,
  );
});

test('a configuration of somebody is not, and neither is one for a single machine', () => {
  assert.equal(exampleText(theirs()), undefined);
  assert.equal(exampleText({ ...checkConfig(shipped).config, local: true }), undefined);
});

const LEFT: [what: string, Config, RegExp][] = [
  ['an IPv4 address', theirs({}, [{ ipv4: ['198.51.100.20'] }]), / are 198\.51\.100\.20\.$/],
  ['the third range of IPv4', theirs({}, [{ ipv4: ['192.0.2.255'] }]), / are 192\.0\.2\.255\.$/],
  ['an IPv6 address, however it is written', theirs({}, [{ ipv6: ['2001:0DB8::0001'] }]), /2001:0DB8::0001/],
  ['the newer range of IPv6', theirs({}, [{ ipv6: ['3fff:fff::1'] }]), /3fff:fff::1/],
  ['where a server is probed', theirs({}, [{}, { probeAddress: '203.0.113.9' }]), / are 203\.0\.113\.9\.$/],
  ["a server's name", theirs({}, [{ ipv4: [], hostname: 'lb-1.example.net' }]), / are lb-1\.example\.net\.$/],
  ['a zone', theirs({ zones: [{ name: 'dyn.example.co.uk' }] }), / are dyn\.example\.co\.uk\.$/],
  ['an e-mail address', theirs({ alerts: { emails: ['ops@example.org'] } }), / are example\.org\.$/],
  ['one in capitals', theirs({ alerts: { emails: ['OPS@Example.CO.UK'] } }), / are Example\.CO\.UK\.$/],
  ['a resolver', theirs({ resolvers: ['9.9.9.9', '192.0.2.53'] }), / are 192\.0\.2\.53\.$/],
  ['a resolver with a port', theirs({ resolvers: ['192.0.2.53:5353'] }), / are 192\.0\.2\.53\.$/],
  ['a resolver by IPv6', theirs({ resolvers: ['[2001:db8::35]:53'] }), / are 2001:db8::35\.$/],
  [
    'the id of a zone',
    theirs({ zones: [{ name: 'a.lu', id: 'Z0123456789ABCDEFGHIJ' }] }),
    / are Z0123456789ABCDEFGHIJ\.$/,
  ],
  [
    'the account of a zone',
    theirs({
      zones: [{ name: 'a.lu', account: { roleArn: 'arn:aws:iam::111122223333:role/dns', externalId: 'x' } }],
    }),
    / are 111122223333\.$/,
  ],
  [
    'an Elastic IP',
    withSite({ readdress: { address: '8.8.8.8', allocationId: 'eipalloc-0123456789abcdef0' } }),
    / are eipalloc-0123456789abcdef0\.$/,
  ],
  ['what holds it', theirs({}, [{ holder: 'i-0123456789abcdef0' }]), / are i-0123456789abcdef0\.$/],
  [
    'where a gate sends visitors',
    withSite({
      dual: {
        primaryName: 'p.a.lu',
        primaryHost: 'www-primary.example.co.uk',
        probeHeader: 'x',
        joinAfterSeconds: 60,
      },
    }),
    / are www-primary\.example\.co\.uk\.$/,
  ],
  [
    'where a probe is led',
    withProbe({ redirectHosts: ['login.example.com'] }),
    / are login\.example\.com\.$/,
  ],
  [
    'a service of alerts',
    theirs({
      alerts: {
        emails: ['ops@shop.lu'],
        channels: [
          { kind: 'ntfy', name: 'alerts.ntfy', wanted: {}, secrets: {}, service: 'https://ntfy.example.com' },
        ],
      },
    }),
    / are ntfy\.example\.com\.$/,
  ],
  ['a reference', theirs({ references: ['https://[2001:db8::7]/x'] }), / are 2001:db8::7\.$/],
];
for (const [what, left, expected] of LEFT)
  test(`${what} of the example is found`, () => assert.match(exampleText(left) ?? '', expected));

test('what only looks like an example is left alone', () => {
  const names = ['my-example.com', 'example.com.au', 'example-shop.de', 'example.shop.lu'];
  for (const name of names) assert.equal(exampleText(theirs({ zones: [{ name }] })), undefined, name);
  for (const address of ['203.0.112.255', '203.0.114.0', '198.51.101.1', '192.0.3.0'])
    assert.equal(exampleText(theirs({}, [{ ipv4: [address] }])), undefined, address);
  const ids = ['Z0123456789ABCDEFGHIK', '9.9.9.9', '[2620:fe::fe]:53'];
  assert.equal(
    exampleText(theirs({ resolvers: ids.slice(1), zones: [{ name: 'a.lu', id: ids[0] }] })),
    undefined,
  );
});
