import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { dynamodbService } from '../../../local/dynamodb.ts';
import type { TableSpec } from '../../../local/specs.ts';
import { StorageTrouble } from '../../../local/storage.ts';

const accountId = '000000000000';
const key = (name: string) => ({ name, type: 'S' as const });
const STATE: TableSpec = {
  name: 'main-state',
  region: 'eu-west-2',
  partitionKey: key('pk'),
  sortKey: key('sk'),
};
const TableName = STATE.name;
const keyOf = (sk: string) => ({ pk: { S: 'site' }, sk: { S: sk } });

const dir = mkdtempSync(join(tmpdir(), 'switchover-tables-'));
after(() => rmSync(dir, { recursive: true, force: true }));

describe('tables', () => {
  const reopen = async (path: string, table: TableSpec) => {
    const service = await dynamodbService({ accountId, tables: [table], dir: path });
    const ask = async (operation: string, body: unknown) => {
      const { body: answer } = await service.handle({
        caller: 'operator',
        service: 'dynamodb',
        region: 'eu-west-2',
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify(body)),
      });
      return JSON.parse(answer.toString());
    };
    return { ask, close: service.close };
  };

  test('keep their items when they are closed and opened again', async () => {
    const path = join(dir, 'kept');
    const first = await reopen(path, STATE);
    await first.ask('PutItem', { TableName, Item: { ...keyOf('kept'), n: { N: '7' } } });
    await first.close();
    const second = await reopen(path, STATE);
    const { Item } = await second.ask('GetItem', { TableName, Key: keyOf('kept') });
    await second.close();
    assert.deepEqual(Item, { ...keyOf('kept'), n: { N: '7' } });
  });

  /** Runs dynalite over the directory in a process of its own, sends these requests, and kills it. */
  const killedAfter = async (
    path: string,
    options: object,
    requests: [operation: string, body: object][],
  ) => {
    const script = `
      const server = require('dynalite')(${JSON.stringify({ path, ...options })});
      server.listen(0, '127.0.0.1', async () => {
        const send = ([operation, body]) =>
          fetch('http://127.0.0.1:' + server.address().port, {
            method: 'POST',
            body: JSON.stringify(body),
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'x-amz-target': 'DynamoDB_20120810.' + operation,
              'x-amz-date': 'now',
              authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c',
            },
          });
        for (const request of ${JSON.stringify(requests)})
          // A table just made cannot be deleted for a moment.
          for (let tries = 0; !(await send(request)).ok; tries += 1) if (tries === 200) process.exit(1);
        console.log('done');
      });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit');
    const [said] = await Promise.race([once(child.stdout, 'data'), gone]);
    child.kill('SIGKILL');
    await gone;
    assert.equal(String(said), 'done\n');
  };
  const create = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
  };

  test('that a killed process left half made or half deleted are made whole', async () => {
    const never = { createTableMs: 3_600_000, deleteTableMs: 3_600_000 };
    const [made, deleted] = [join(dir, 'half-made'), join(dir, 'half-deleted')];
    await Promise.all([
      killedAfter(made, never, [['CreateTable', create]]),
      killedAfter(deleted, { ...never, createTableMs: 0 }, [
        ['CreateTable', create],
        ['DeleteTable', { TableName }],
      ]),
    ]);
    for (const path of [made, deleted]) {
      const { ask, close } = await reopen(path, STATE);
      assert.deepEqual(await ask('PutItem', { TableName, Item: keyOf('x') }), {});
      assert.deepEqual(await ask('GetItem', { TableName, Key: keyOf('x') }), { Item: keyOf('x') });
      await close();
    }
  });

  test('keep the items of a killed process', async () => {
    const path = join(dir, 'killed');
    await (await reopen(path, STATE)).close();
    await killedAfter(path, {}, [['PutItem', { TableName, Item: keyOf('kept') }]]);
    const { ask, close } = await reopen(path, STATE);
    assert.deepEqual(await ask('GetItem', { TableName, Key: keyOf('kept') }), { Item: keyOf('kept') });
    await close();
  });

  test('with other keys than those of the data are refused, and the data are let go of', async () => {
    const path = join(dir, 'changed');
    await (await reopen(path, STATE)).close();
    await assert.rejects(
      reopen(path, { ...STATE, sortKey: key('other') }),
      /Expected table main-state to have the keys pk and other, found pk and sk in the data of an earlier run/,
    );
    await (await reopen(path, STATE)).close();
  });
});

test('tables that cannot be opened for the place alone are not told as cut, and nobody is asked to delete them', async () => {
  const path = join(dir, 'a-file');
  writeFileSync(path, '');
  await assert.rejects(dynamodbService({ accountId, tables: [STATE], dir: path }), (error) => {
    assert.ok(error instanceof StorageTrouble, String(error));
    assert.match(
      error.message,
      /^Cannot open the tables in \S+a-file: something else is there, .*\(EEXIST\)\.$/,
    );
    return true;
  });
});

test('tables that were cut are refused in a sentence, and left as they are', async () => {
  for (const [name, cut] of [
    ['CURRENT', 'garbage\n'],
    ['MANIFEST-000002', '1234567'],
  ] as const) {
    const path = join(dir, `cut-${name}`);
    const service = await dynamodbService({ accountId, tables: [STATE], dir: path });
    await service.close();
    const manifest = readdirSync(path).find((file) => file.startsWith(name.slice(0, 8))) ?? name;
    writeFileSync(join(path, manifest), cut);
    await assert.rejects(dynamodbService({ accountId, tables: [STATE], dir: path }), (error) => {
      assert.ok(error instanceof StorageTrouble, String(error));
      assert.match(error.message, /cut-\S+ to hold the tables of an earlier run, found: .*were they cut\?/);
      return true;
    });
    assert.equal(readFileSync(join(path, manifest), 'utf8'), cut);
  }
});
