import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, type Refusal, site, standby, testRefusals } from './fixture.ts';

const ELASTIC = { address: '203.0.113.99', allocationId: 'eipalloc-0123456789abcdef0' };
const server = (name: string, probeAddress: string, more: object = {}) => ({ name, probeAddress, ...more });
const onPremises = [server('primary', '203.0.113.10'), server('standby', '198.51.100.20')];
const onAws = [
  server('primary', '203.0.113.10', { holder: 'i-0123456789abcdef0' }),
  server('standby', '198.51.100.20', { holder: 'eni-0123456789abcdef1' }),
];
const moving = (fields: object) =>
  config({ sites: [site({ lever: 'readdress', readdress: ELASTIC, servers: onAws, ...fields })] });

test('all servers serve at the address that moves, and the region is the home region', () => {
  const [found] = checkConfig(moving({})).config.sites;
  assert.deepEqual(found?.readdress, { ...ELASTIC, region: 'eu-west-2' });
  assert.deepEqual(found?.servers, [
    { ...onAws[0], ipv4: ['203.0.113.99'], ipv6: [] },
    { ...onAws[1], ipv4: ['203.0.113.99'], ipv6: [] },
  ]);
});

test('a holder that is an instance is warned of, since no account has told yet; an interface is not', () => {
  const told = checkConfig(moving({})).warnings.filter((warning) => warning.includes('holder'));
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? '',
    /^`sites\[0\]\.servers\[0\]\.holder` is i-0123456789abcdef0, an instance: .*network interface instead \(eni-/,
  );
  const onInterfaces = onAws.map((one, index) => ({ ...one, holder: `eni-0123456789abcdef${index}` }));
  const { warnings } = checkConfig(moving({ servers: onInterfaces }));
  assert.deepEqual(
    warnings.filter((warning) => warning.includes('holder')),
    [],
  );
});

test('on premises there is neither an Elastic IP nor a holder', () => {
  const readdress = { address: '203.0.113.99' };
  const [found] = checkConfig(moving({ readdress, servers: onPremises })).config.sites;
  assert.deepEqual(found?.readdress, readdress);
  assert.equal(found?.servers[0]?.holder, undefined);
});

const changed = (more: object) => [{ ...onAws[0], ...more }, onAws[1]];
const REFUSALS: Refusal[] = [
  [{ readdress: undefined }, 'sites[0].readdress', /Expected the address that moves, received nothing/],
  [
    { readdress: { address: '10.0.0.1' } },
    'sites[0].readdress.address',
    /an address that visitors can reach/,
  ],
  [{ readdress: {} }, 'sites[0].readdress.address', /received nothing/],
  [
    { readdress: { ...ELASTIC, allocationId: 'eipassoc-1' } },
    'sites[0].readdress.allocationId',
    /received "eipassoc-1"/,
  ],
  [{ readdress: { ...ELASTIC, region: 'London' } }, 'sites[0].readdress.region', /received "London"/],
  [
    { readdress: { address: '203.0.113.99', region: 'eu-west-1' }, servers: onPremises },
    'sites[0].readdress.region',
    /no region without an Elastic IP/,
  ],
  [{ servers: changed({ ipv4: ['203.0.113.1'] }) }, 'sites[0].servers[0].ipv4', /which moves/],
  [{ servers: changed({ ipv6: ['2001:db8::1'] }) }, 'sites[0].servers[0].ipv6', /only an IPv4 address/],
  [{ servers: changed({ hostname: 'a.example.net' }) }, 'sites[0].servers[0].hostname', /no `?host/],
  [{ servers: changed({ probeAddress: undefined }) }, 'sites[0].servers[0].probeAddress', /to probe apart/],
  [
    { servers: changed({ probeAddress: '203.0.113.99' }) },
    'sites[0].servers[0].probeAddress',
    /always means this server/,
  ],
  [{ servers: changed({ holder: undefined }) }, 'sites[0].servers[0].holder', /received nothing/],
  [{ servers: changed({ holder: 'vol-0123456789abcdef0' }) }, 'sites[0].servers[0].holder', /eni-/],
  [
    { servers: changed({ holder: 'eni-0123456789abcdef1' }) },
    'sites[0].servers[1].holder',
    /each holder once/,
  ],
  [
    { readdress: { address: '203.0.113.99' }, servers: [onAws[0], onPremises[1]] },
    'sites[0].servers[0].holder',
    /no holder without an Elastic IP/,
  ],
  [{ lever: 'record', servers: [primary(), standby()] }, 'sites[0].readdress', /no address to move unless/],
  [
    {
      lever: 'record',
      readdress: undefined,
      servers: [primary({ holder: 'i-0123456789abcdef0' }), standby()],
    },
    'sites[0].servers[0].holder',
    /no holder without an Elastic IP/,
  ],
];
testRefusals('a site whose address moves', REFUSALS, moving as never);
