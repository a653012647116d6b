import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import {
  byController,
  controllerName,
  heartbeatName,
  shardConfigs,
  shardNumber,
  shardsOf,
} from '../../../../../lambda/core/site/shard.ts';
import type { Config } from '../../../../../lambda/core/site/site.ts';
import { random } from '../../../../simulation/random.ts';

/** Zones `a`, `b`, … with so many sites each, and at most `each` sites a controller. */
const dealt = (counts: number[], each?: number): Config => {
  const zones = counts.map((_, index) => ({ name: `${String.fromCharCode(97 + index)}.example.net` }));
  const sites = counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, number) => {
      const zone = zones[index]?.name ?? '';
      return { ...virtualSite('www'), name: `s${number}.${zone}`, zone };
    }),
  );
  return { ...virtualConfig(sites), zones, ...(each !== undefined && { sitesPerController: each }) };
};

/** `a3 b2` for three sites of zone a and two of zone b. */
const shape = (config: Config): string[] =>
  shardsOf(config).map((sites) =>
    [...Map.groupBy(sites, ({ zone }) => zone)].map(([zone, own]) => `${zone[0]}${own.length}`).join(' '),
  );

describe('sites are dealt out', () => {
  const cases: [string, number[], number | undefined, string[]][] = [
    ['to one controller without a limit', [3, 2], undefined, ['a3 b2']],
    ['to one controller while they fit', [3, 2], 5, ['a3 b2']],
    ['by whole zones', [3, 2, 2], 4, ['a3', 'b2 c2']],
    ['in the order of the zones, without going back for room', [3, 2, 1], 4, ['a3', 'b2 c1']],
    ['with a zone cut only if it is too large by itself', [1, 9, 1], 4, ['a1', 'b4', 'b4', 'b1 c1']],
    ['with empty zones nowhere', [0, 3, 0, 3], 3, ['b3', 'd3']],
    ['to one controller when there are none', [0], 3, ['']],
  ];
  for (const [what, counts, each, expected] of cases)
    test(what, () => assert.deepEqual(shape(dealt(counts, each)), expected));

  test('each site to one controller, none to more than it takes, and one more site never means fewer controllers', () => {
    const dice = random(5);
    for (let run = 0; run < 300; run += 1) {
      const counts = Array.from({ length: 1 + dice.between(0, 5) }, () => dice.between(0, 11));
      const each = dice.between(1, 9);
      const config = dealt(counts, each);
      const shards = shardsOf(config);
      const names = shards.flat().map(({ name }) => name);
      assert.deepEqual(names.toSorted(), config.sites.map(({ name }) => name).toSorted());
      for (const shard of shards) assert.ok(shard.length <= each, `${shard.length} of ${each}`);
      const zone = dice.between(0, counts.length - 1);
      const more = counts.map((count, index) => (index === zone ? count + 1 : count));
      assert.ok(shardsOf(dealt(more, each)).length >= shards.length, `${counts} and one in ${zone}, ${each}`);
    }
  });
});

test('one controller has the configuration as it is; of several each has its own sites and zones', () => {
  const whole = dealt([2, 1], 5);
  assert.deepEqual(shardConfigs(whole), [whole]);
  const parts = shardConfigs(dealt([2, 1, 1], 2));
  assert.deepEqual(
    parts.map(({ zones, sites, shard }) => [zones.map(({ name }) => name), sites.length, shard]),
    [
      [['a.example.net'], 2, { number: 1, of: 2, elsewhere: ['s0.b.example.net', 's0.c.example.net'] }],
      [
        ['b.example.net', 'c.example.net'],
        2,
        { number: 2, of: 2, elsewhere: ['s0.a.example.net', 's1.a.example.net'] },
      ],
    ],
  );
  assert.deepEqual(parts.map(shardNumber), [1, 2]);
  assert.equal(shardNumber(whole), 1);
});

test('the console finds the controller of a site', () => {
  const config = dealt([2, 1, 1], 2);
  const [, second, third] = config.sites;
  assert.ok(second && third);
  assert.deepEqual(
    [...byController(config, [third, second])].map(([number, sites]) => [number, sites.map((s) => s.name)]),
    [
      [2, ['s0.b.example.net']],
      [1, ['s1.a.example.net']],
    ],
  );
});

test('one of several knows its own sites to be its own', () => {
  const [, second] = shardConfigs(dealt([2, 1, 1], 2));
  assert.ok(second);
  assert.deepEqual([...byController(second, second.sites).keys()], [2]);
});

test('the first controller has the plain names', () => {
  assert.deepEqual(
    [1, 2].map((number) => [controllerName('main', number), heartbeatName('main', number)]),
    [
      ['main-controller', 'main'],
      ['main-controller-2', 'main/2'],
    ],
  );
});
