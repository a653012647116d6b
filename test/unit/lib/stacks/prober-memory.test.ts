import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Server, Site } from '../../../../lambda/core/site/site.ts';
import { proberMemoryMb } from '../../../../lib/stacks/prober-memory.ts';

const server = (name: string, changes: Partial<Server> = {}): Server => ({
  name,
  ipv4: ['192.0.2.1'],
  ipv6: [],
  ...changes,
});

const withSites = (count: number, servers: Server[]): Config =>
  ({ sites: Array.from({ length: count }, () => ({ servers }) as Site) }) as Config;

const TWO = [server('primary'), server('standby')];
const BOTH_FAMILIES = [
  server('primary', { ipv6: ['2001:db8::1'] }),
  server('standby', { ipv6: ['2001:db8::2'] }),
];
const PROBED_APART = [
  server('primary', { ipv4: ['192.0.2.1', '192.0.2.2'], probeAddress: '198.51.100.1' }),
  server('standby'),
];

for (const [what, config, memoryMb] of [
  ['one site', withSites(1, TWO), 128],
  ['as many probes as the smallest takes', withSites(10, TWO), 128],
  ['one site more', withSites(11, TWO), 256],
  ['IPv6 counted as well', withSites(6, BOTH_FAMILIES), 256],
  ['a probe address instead of those served', withSites(10, PROBED_APART), 128],
  ['a thousand sites', withSites(1000, TWO), 256],
] as const) {
  test(`a prober for ${what} has ${memoryMb} MB`, () => assert.equal(proberMemoryMb(config), memoryMb));
}
