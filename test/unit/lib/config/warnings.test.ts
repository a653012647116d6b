import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { checkConfig } from '../../../../lib/config/index.ts';
import { KNOWN_REGIONS } from '../../../../lib/config/regions.ts';
import { config, primary, site, standby } from './fixture.ts';

type Fields = Record<string, unknown>;

const WARNINGS: [fields: Fields, warning: RegExp][] = [
  [{ vantages: ['eu-west-2'] }, /`vantages` has 1 of the three.*one region alone decides/],
  [{ vantages: ['eu-west-2', 'eu-west-1'] }, /`vantages` has 2 of the three.*both must agree/],
  [{ homeRegion: 'us-east-1' }, /control plane of Route 53/],
  [{ alerts: undefined }, /nobody will be told/],
  [{ alerts: { emails: [] } }, /nobody will be told/],
  [{ sites: [] }, /nothing is watched/],
  [{ sites: undefined }, /nothing is watched/],
  [{ homeRegion: 'eu-west-9' }, /`homeRegion` is eu-west-9, .* It knows eu-west-1, eu-west-2, eu-west-3\./],
  [{ vantages: ['eu-west-2', 'eu-west-1', 'xx-nowhere-1'] }, /`vantages\[2\]` is xx-nowhere-1, which is no/],
  [
    { sites: [site({ servers: [primary({ ipv4: [], ipv6: ['2001:db8::10'] }), standby()] })] },
    /`sites\[0\]\.servers\[0\]` \(primary\) can be probed by IPv6 alone/,
  ],
  [
    { sites: [site({ servers: [primary(), standby({ probeAddress: '2001:db8::20' })] })] },
    /`sites\[0\]\.servers\[1\]` \(standby\) can be probed by IPv6 alone/,
  ],
  [
    { sites: [site({ failuresToDown: 1, downForSeconds: 0 }), site({ name: 'b.dyn.example.co.uk' })] },
    /`sites\[0\]\.failuresToDown` is 1 with `downForSeconds` 0: one bad moment .* moves visitors/,
  ],
  [
    {
      defaults: { failuresToDown: 1, downForSeconds: 0 },
      sites: [site(), site({ name: 'b.dyn.example.co.uk' })],
    },
    /`defaults\.failuresToDown` is 1 with `downForSeconds` 0 and 1 more: one bad moment/,
  ],
  [
    { sites: [site({ probe: { url: 'https://www.dyn.example.co.uk:6697/' } })] },
    /`sites\[0\]\.probe\.url` has the port 6697, at which browsers ask for no page/,
  ],
];

test('what is likely to be regretted is warned of', () => {
  assert.deepEqual(checkConfig(config()).warnings, []);
  for (const [fields, warning] of WARNINGS) {
    const { warnings } = checkConfig(config(fields));
    assert.equal(warnings.length, 1, JSON.stringify(fields));
    assert.match(warnings[0] ?? '', warning);
  }
});

test('a server with IPv6 alone is fine where it is probed otherwise, and on one machine', () => {
  const six = { ipv4: [], ipv6: ['2001:db8::10'] };
  const of = (fields: Fields, more: Fields = {}) =>
    checkConfig(config({ sites: [site({ servers: [primary(fields), standby()] })], ...more })).warnings;
  assert.deepEqual(of({ ...six, probeAddress: 'origin.example.net' }), []);
  assert.deepEqual(of(six, { local: true }), []);
});

test('the known regions are those of aws-cdk-lib', () => {
  assert.deepEqual([...KNOWN_REGIONS].sort(), RegionInfo.regions.map(({ name }) => name).sort());
});
