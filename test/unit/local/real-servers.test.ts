import assert from 'node:assert/strict';
import { test } from 'node:test';
import localConfig from '../../../examples/local.config.json' with { type: 'json' };
import type { Config } from '../../../lambda/core/site/site.ts';
import { checkConfig } from '../../../lib/config/index.ts';
import { demoConfig, demoReaddressConfig } from '../../../local/demo-config.ts';
import { refuseStrangers } from '../../../local/real-servers.ts';
import shipped from '../../../switchover.config.ts';

const pace = {
  intervalSeconds: 5,
  ttlSeconds: 10,
  failuresToDown: 3,
  successesToUp: 3,
  downForSeconds: 4,
  confirmEverySeconds: 1,
};
const demo = checkConfig(demoConfig(8080, pace)).config;
const [site] = demo.sites;
assert.ok(site);
const withServer = (address: string): Config => ({
  ...demo,
  sites: [{ ...site, servers: [{ name: 'primary', ipv4: [address], ipv6: [] }] }],
});

test('what is on this machine or in a private network is probed without being asked twice', () => {
  const near = [demo, checkConfig(demoReaddressConfig(8080, pace)).config, checkConfig(localConfig).config];
  for (const config of [...near, withServer('10.1.2.3'), withServer('192.168.0.9')])
    assert.doesNotThrow(() => refuseStrangers(config, false));
});

test('servers elsewhere are probed only when that was asked for, `local` or not', () => {
  for (const local of [true, false]) {
    const config = { ...withServer('8.8.8.8'), local };
    assert.throws(
      () => refuseStrangers(config, false),
      /not on this machine: 8\.8\.8\.8\..*--watch-real-servers/,
    );
    assert.doesNotThrow(() => refuseStrangers(config, true));
  }
});

const ELSEWHERE: [what: string, Config, RegExp][] = [
  ['a reference', { ...demo, references: ['https://www.gstatic.com/generate_204'] }, /: www\.gstatic\.com\./],
  ['a resolver', { ...demo, resolvers: ['9.9.9.9'] }, /: 9\.9\.9\.9\./],
  [
    "a server's name",
    { ...demo, sites: [{ ...site, servers: [{ name: 'a', ipv4: [], ipv6: [], hostname: 'lb.shop.lu' }] }] },
    /: lb\.shop\.lu\./,
  ],
];
for (const [what, config, expected] of ELSEWHERE)
  test(`${what} is elsewhere, too`, () => assert.throws(() => refuseStrangers(config, false), expected));

test('the example is refused, asked for or not', () => {
  for (const asked of [true, false])
    assert.throws(
      () => refuseStrangers(checkConfig(shipped).config, asked),
      /This is still the example: edit switchover\.config\.ts/,
    );
});
