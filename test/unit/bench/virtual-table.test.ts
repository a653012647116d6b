import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { virtualTable } from '../../../bench/virtual-table.ts';
import { newMeter, virtualWire } from '../../../bench/virtual-wire.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import { systemClock } from '../../../lambda/edge/clock.ts';
import { dynamodbStore } from '../../../lambda/edge/dynamodb.ts';

/** The shipped store over the table that is measured with. */
const opened = () => {
  const meter = newMeter();
  const table = virtualTable(0);
  const client = new DynamoDBClient({
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: virtualWire(systemClock, meter, table),
  });
  let nonces = 0;
  return { meter, table, store: dynamodbStore(client, 'table', () => `n${nonces++}`) };
};

test('a document is written at its version alone, and read back', async () => {
  const { store } = opened();
  assert.equal(await store.save('a.example', 'one', 0), 1);
  assert.equal(await store.save('a.example', 'two', 1), 2);
  for (const version of [0, 1, 3])
    await assert.rejects(
      store.save('a.example', 'late', version),
      (error) => error instanceof Fault && error.code === 'conflict',
    );
  assert.deepEqual(
    await store.load(['a.example', 'b.example']),
    new Map([['a.example', { text: 'two', version: 2 }]]),
  );
});

test('a baton is taken by newer events alone, and kept by its holder', async () => {
  const { store } = opened();
  const first = await store.takeBaton(1000);
  assert.equal(first?.term, 1);
  assert.equal(await store.takeBaton(1000), undefined);
  assert.equal((await store.keepBaton(1, { lastRoundMs: 900, healths: { a: {} } }))?.lastRoundMs, 900);
  await store.wake();
  const second = await store.takeBaton(2000);
  assert.deepEqual(
    [second?.term, second?.lastRoundMs, second?.wake, second?.healths],
    [2, 900, 1, { a: {} }],
  );
  assert.equal(await store.keepBaton(1, { lastRoundMs: 1900 }), undefined);
  assert.equal((await store.readBaton())?.term, 2);
});

test('bytes, units of writes and the largest items are counted', async () => {
  const { meter, store, table } = opened();
  const text = 'x'.repeat(3000);
  await store.save('a.example', text, 0);
  await store.record('a.example', [{ id: '1', atMs: 0, what: 'told', text: 'told' }]);
  const written = meter.counts.get('DynamoDB PutItem');
  assert.equal(written?.calls, 2);
  assert.ok(written.sent > text.length && written.sent < text.length + 4000, String(written.sent));
  assert.equal(table.writeUnits, 4);
  assert.ok((table.largest.get('site') ?? 0) > text.length);
  assert.ok((table.largest.get('history') ?? 0) < 200);
});
