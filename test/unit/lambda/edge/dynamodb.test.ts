import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unseen } from '../../../../lambda/core/evidence/judge.ts';
import type { Entry } from '../../../../lambda/core/state/history.ts';
import { dynamodbClient, dynamodbStore } from '../../../../lambda/edge/dynamodb.ts';
import { LIMITS } from '../../../../lambda/edge/limits.ts';
import type { Store } from '../../../../lambda/ports.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { type DynamodbService, dynamodbService } from '../../../../local/dynamodb.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';

const accountId = '000000000000';
const key = (name: string) => ({ name, type: 'S' as const });
const tableNames = ['several', 'versions', 'events', 'rounds', 'lost', 'history', 'away'];
const tables = tableNames.map((name) => ({
  name,
  region: 'eu-west-2',
  partitionKey: key('pk'),
  sortKey: key('sk'),
}));

const dir = mkdtempSync(join(tmpdir(), 'switchover-store-'));
let dynamodb: DynamodbService;
let gateway: Gateway;
let client: DynamoDBClient;
let calls = 0;

before(async () => {
  dynamodb = await dynamodbService({ accountId, tables, dir });
  gateway = await startGateway({
    port: 0,
    accountId,
    functions: [],
    policies: {},
    resourcePolicies: {},
    services: [dynamodb],
  });
  client = clientWith(1000);
});
/** The product's client, which waits shorter for an answer that is not to come. */
const clientWith = (answerMs: number): DynamoDBClient => {
  const place = { endpoint: gateway.url, region: 'eu-west-2', credentials: OPERATOR };
  return dynamodbClient(place, { ...LIMITS.store, answerMs });
};
after(async () => {
  client.destroy();
  await gateway.close();
  await dynamodb.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A table of its own for each test. */
const storeAt = (table: string): Store => dynamodbStore(client, table, () => `call-${++calls}`);
const conflict = { name: 'Fault', code: 'conflict' };

test('a state is written over the version that its writer read, and over no other', async () => {
  const store = storeAt('versions');
  assert.equal(await store.save('www', 'first', 0), 1);
  await assert.rejects(store.save('www', 'first of another', 0), conflict);
  assert.equal(await store.save('www', 'second', 1), 2);
  await assert.rejects(store.save('www', 'second of another', 1), conflict);
  await assert.rejects(store.save('www', 'from nowhere', 3), conflict);
  const stored = await store.load(['www', 'shop']);
  assert.deepEqual([...stored], [['www', { text: 'second', version: 2 }]]);
});

test('the baton is taken once for an event, and never for an older one', async () => {
  const store = storeAt('events');
  assert.deepEqual(await store.takeBaton(120_000), {
    term: 1,
    scheduledMs: 120_000,
    lastRoundMs: 0,
    wake: 0,
  });
  assert.equal(await store.takeBaton(120_000), undefined);
  assert.equal(await store.takeBaton(60_000), undefined);
  assert.equal((await store.takeBaton(180_000))?.term, 2);
});

test('the baton is kept by its holder alone, and a hand wakes whoever that is', async () => {
  const store = storeAt('rounds');
  assert.equal(await store.keepBaton(1, { lastRoundMs: 5000 }), undefined);
  await store.takeBaton(60_000);
  const healths = { 'c.example': { primary: { ...unseen('192.0.2.1', 55_000), health: 'down' } } } as const;
  const blind = { sites: { 'a.example': 2 }, vantages: { 'eu-west-1': 3 } };
  const note = { lastRoundMs: 61_000, unstored: ['a.example', 'b.example'], healths, blind };
  await store.keepBaton(1, note);
  await store.wake();
  assert.deepEqual(await store.readBaton(), { term: 1, scheduledMs: 60_000, wake: 1, ...note });
  await store.takeBaton(120_000);
  assert.equal(await store.keepBaton(1, { lastRoundMs: 62_000 }), undefined);
  assert.deepEqual(await store.readBaton(), { term: 2, scheduledMs: 120_000, wake: 1, ...note });
  const { blind: _, ...seeing } = note;
  await store.keepBaton(2, { ...seeing, lastRoundMs: 63_000 });
  assert.equal((await store.readBaton())?.blind, undefined);
});

test('a write whose answer was lost is sent again and known as one that was made', {
  timeout: 30_000,
}, async () => {
  const store = storeAt('lost');
  const lose = (operation: string) =>
    gateway.faults.add({ service: 'dynamodb', operation, fault: 'timeout-after-apply', times: 1 });
  lose('PutItem');
  assert.equal(await store.save('www', 'first', 0), 1);
  lose('UpdateItem');
  assert.equal((await store.takeBaton(60_000))?.term, 1);
  assert.deepEqual((await store.load(['www'])).get('www'), { text: 'first', version: 1 });
  assert.deepEqual(gateway.faults.list(), []);
});

test('the history is read newest first, up to a time, and an entry written twice is there once', async () => {
  const store = storeAt('history');
  const entry = (second: number): Entry => ({
    id: `2026-11-22T00:00:0${second}.000Z#seen#0`,
    atMs: Date.UTC(2026, 10, 22, 0, 0, second),
    what: 'seen',
    text: `at ${second}`,
  });
  await store.record('www', [entry(1), entry(2), entry(3)]);
  await store.record('www', [entry(2)]);
  const texts = async (limit: number, untilMs?: number) =>
    (await store.history('www', limit, untilMs)).map(({ text }) => text);
  assert.deepEqual(await texts(10), ['at 3', 'at 2', 'at 1']);
  assert.deepEqual(await texts(2), ['at 3', 'at 2']);
  assert.deepEqual(await texts(10, entry(2).atMs), ['at 2', 'at 1']);
});

test('a table that cannot be reached is a fault', async () => {
  gateway.faults.add({ service: 'dynamodb', operation: 'GetItem', fault: 'deny' });
  await assert.rejects(storeAt('away').readBaton(), { name: 'Fault', code: 'denied', system: 'DynamoDB' });
  gateway.faults.clear();
});

test('a table that hangs or throttles is a fault within its time', { timeout: 30_000 }, async (t) => {
  const impatient = clientWith(200);
  t.after(() => {
    gateway.faults.clear();
    impatient.destroy();
  });
  const store = dynamodbStore(impatient, 'away', () => `call-${++calls}`);
  for (const [fault, code] of [
    ['timeout', 'lost'],
    ['throttle', 'throttled'],
  ] as const) {
    for (const operation of ['GetItem', 'PutItem', 'UpdateItem'])
      gateway.faults.add({ service: 'dynamodb', operation, fault });
    const calling = [store.readBaton(), store.save('www', '{}', 0), store.takeBaton(1)];
    for (const { status, ...end } of await Promise.allSettled(calling)) {
      assert.equal(status, 'rejected');
      assert.equal('reason' in end && end.reason.code, code);
    }
    gateway.faults.clear();
  }
});

test('each of several controllers has a baton of its own, and any of them can be asked for', async () => {
  const [first, second] = [1, 2].map((own) =>
    dynamodbStore(client, 'several', () => `call-${++calls}`, { own }),
  );
  assert.ok(first && second);
  assert.equal((await first.takeBaton(60_000))?.term, 1);
  assert.equal((await second.takeBaton(60_000))?.term, 1);
  await second.keepBaton(1, { lastRoundMs: 61_000 });
  await first.wake(2);
  assert.deepEqual(await first.readBaton(2), { term: 1, scheduledMs: 60_000, lastRoundMs: 61_000, wake: 1 });
  assert.deepEqual(await first.readBaton(), { term: 1, scheduledMs: 60_000, lastRoundMs: 0, wake: 0 });
});
