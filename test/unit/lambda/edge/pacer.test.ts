import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { newPacer } from '../../../../lambda/edge/pacer.ts';
import type { World } from '../../../../lambda/ports.ts';
import { type Buckets, payFor } from '../../../../local/route53-limits.ts';

const PAGE = 300;

/** What Route 53 was asked for, and when. */
type Asked = { atMs: number; changes: number }[];

/** The world with an account's token buckets before Route 53, and a controller that keeps count of them. */
const limited = (inner: World, asked: Asked, throttled: string[]): World => {
  const { clock, zones } = inner;
  const pacer = newPacer(clock);
  let buckets: Buckets = {};
  const pay = (operation: string, changes: number): void => {
    const paid = payFor(buckets, clock.now(), operation, changes);
    if (paid === undefined) {
      throttled.push(`${operation} at ${(clock.now() - START_MS) / 1000} s`);
      throw new Fault('throttled', 'Route 53', operation, 'Throttling: Rate exceeded');
    }
    buckets = paid;
  };
  return {
    ...inner,
    pacerOf: () => pacer,
    zones: {
      async list(id) {
        const records = await zones.list(id);
        for (let page = 0; page * PAGE < records.length; page++) {
          await pacer.spend(0);
          pay('ListResourceRecordSets', 0);
        }
        return records;
      },
      async change(id, changes, comment) {
        pay('ChangeResourceRecordSets', changes.length);
        asked.push({ atMs: clock.now(), changes: changes.length });
        return zones.change(id, changes, comment);
      },
      async changeStatus(id, zoneId) {
        await pacer.spend(0);
        pay('GetChange', 0);
        return zones.changeStatus(id, zoneId);
      },
    },
  };
};

test('hundreds of sites that die together move as fast as an account’s limits allow, and are never throttled', async () => {
  const sites = Array.from({ length: 500 }, (_, index) => virtualSite(`s${index}`));
  const world = virtualWorld(virtualConfig(sites, { vantages: ['eu-west-2'] }));
  const asked: Asked = [];
  const throttled: string[] = [];
  const seen = limited(world.seenBy(), asked, throttled);
  const minute = async (index: number) => {
    await world.clock.runUntil(START_MS + index * 60_000 + 400);
    void runTerm(seen, new Date(START_MS + index * 60_000).toISOString());
  };
  await minute(0);
  await minute(1);
  await world.clock.runUntil(START_MS + 70_000);
  assert.equal(asked.length, 2, 'the characters of 500 role records make two calls');
  asked.length = 0;
  world.servers.set('203.0.113.10', 'refuses');
  await minute(2);
  await world.clock.runUntil(START_MS + 170_000);
  assert.deepEqual(throttled, []);
  assert.ok(world.listing().every(({ type, values }) => type !== 'A' || values[0] === '198.51.100.20'));
  const tokens = asked.reduce((sum, { changes }) => sum + changes, 0);
  assert.equal(tokens, 2000, 'nothing is sent twice');
  const [first, last] = [asked[0]?.atMs ?? 0, asked.at(-1)?.atMs ?? 0];
  const floorMs = ((tokens - 1500) / 100) * 1000;
  assert.ok(
    last - first >= floorMs - 100 && last - first <= floorMs + 3000,
    `${last - first} ms, at best ${floorMs} ms`,
  );
  assert.ok(asked.length <= 6, `${asked.length} calls`);
});
