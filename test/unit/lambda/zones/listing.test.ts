import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { readdressed } from '../../../../fixtures/virtual/moving.ts';
import { virtualConfig, virtualSite, virtualWorld, ZONE } from '../../../../fixtures/virtual/world.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { listAgain } from '../../../../lambda/zones/listing.ts';

test('a zone that cannot be listed leaves nothing behind that could end the process', async () => {
  const site = readdressed(virtualSite('www'), true);
  const seen = virtualWorld(virtualConfig([site])).seenBy();
  let fail = (_: Error): void => {};
  const found = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const world = {
    ...seen,
    zones: {
      ...seen.zones,
      list: async () => {
        throw new Fault('lost', 'Route 53', 'ListResourceRecordSets', 'no answer');
      },
    },
    addresses: { find: () => found, associate: () => found, disassociate: () => found },
  };
  const { listings } = openRooms(world, new AbortController().signal).rounds.apply;
  assert.equal((await listAgain(listings, ZONE))?.code, 'lost');
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    fail(new TypeError('a defect of ours'));
    await once(AbortSignal.timeout(20), 'abort');
  } finally {
    process.off('unhandledRejection', note);
  }
  assert.deepEqual(unhandled, []);
});
