import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Config, Site } from '../../../../lambda/core/site/site.ts';
import { controllerMemoryMb } from '../../../../lib/stacks/controller-memory.ts';

const PLAIN = { probe: {} } as Site;
const ELASTIC = { ...PLAIN, readdress: { address: '203.0.113.99', allocationId: 'eipalloc-0' } } as Site;
const SECRET = { probe: { secretHeaders: { 'x-key': '/shop/key' } } } as unknown as Site;

const withSites = (count: number, ...first: Site[]): Config =>
  ({
    zones: [],
    sites: [...first, ...Array.from({ length: count - first.length }, () => PLAIN)],
  }) as unknown as Config;

const PAGE = readFileSync(new URL('../../../../docs/performance.md', import.meta.url), 'utf8');
/** `| 17, EC2 and SSM | 71 MB | 141 MB | 142 MB | 143 MB | 192 MB |`: sites, four peaks, and what the stack gives. */
const ROWS = [
  ...PAGE.matchAll(
    /^\| ([\d,]+)(, EC2)?( and SSM|, SSM)? +\| \d+ MB +\| \d+ MB +\| \d+ MB +\| (\d+) MB +\| (\d+) MB +\|$/gm,
  ),
].map(([, count = '', ec2, ssm, peak, given]) => ({
  sites: Number(count.replace(',', '')),
  special: [...(ec2 ? [ELASTIC] : []), ...(ssm ? [SECRET] : [])],
  peakMb: Number(peak),
  givenMb: Number(given),
}));

test('what is given leaves a quarter of what was measured, and the page says both', () => {
  assert.deepEqual(
    ROWS.map(({ sites, special }) => [sites, special.length]),
    [
      ...[1, 14].map((sites) => [sites, 0]),
      ...[0, 1, 2].map((clients) => [17, clients]),
      ...[50, 100, 250, 500, 1000].map((sites) => [sites, 0]),
    ],
  );
  for (const { sites, special, peakMb, givenMb } of ROWS) {
    assert.equal(controllerMemoryMb(withSites(sites, ...special)), givenMb, `${sites} sites`);
    assert.ok(givenMb >= 1.25 * peakMb, `${sites} sites: ${givenMb} MB for ${peakMb} MB`);
  }
});

test('up to fourteen sites take the least that Lambda sells; a client of EC2 or of the parameter store takes its own', () => {
  assert.deepEqual(
    [1, 14].map((sites) => controllerMemoryMb(withSites(sites))),
    [128, 128],
  );
  assert.ok(controllerMemoryMb(withSites(15)) > 128);
  const [plain, secret, elastic, both] = [[], [SECRET], [ELASTIC], [ELASTIC, SECRET]].map((special) =>
    controllerMemoryMb(withSites(10, ...special)),
  ) as [number, number, number, number];
  assert.ok(plain < secret && secret < elastic && elastic <= both);
});

test('a zone in another account takes the client of STS', () => {
  const account = { roleArn: 'arn:aws:iam::111122223333:role/switchover-main', externalId: 'main' };
  const abroad = { ...withSites(10), zones: [{ name: 'dyn.example.net', id: 'Z1', account }] };
  assert.ok(controllerMemoryMb(abroad) > controllerMemoryMb(withSites(10)));
});
