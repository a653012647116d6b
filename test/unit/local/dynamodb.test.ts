import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEvent, latestBatonMs } from '../../../local/baton-clock.ts';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { type DynamodbService, dynamodbService } from '../../../local/dynamodb.ts';
import { type CallRecord, type Gateway, startGateway } from '../../../local/gateway.ts';
import type { TableSpec } from '../../../local/specs.ts';
import { signedByOperator } from './signed.ts';

const accountId = '000000000000';
const key = (name: string) => ({ name, type: 'S' as const });
const STATE: TableSpec = {
  name: 'main-state',
  region: 'eu-west-2',
  partitionKey: key('pk'),
  sortKey: key('sk'),
};
const ARN = `arn:aws:dynamodb:eu-west-2:${accountId}:table/main-state`;
const TableName = STATE.name;
const keyOf = (sk: string) => ({ pk: { S: 'site' }, sk: { S: sk } });

const dir = mkdtempSync(join(tmpdir(), 'switchover-dynamodb-'));
after(() => rmSync(dir, { recursive: true, force: true }));

let dynamodb: DynamodbService;
let gateway: Gateway;
let calls: CallRecord[] = [];
const clients: DynamoDBClient[] = [];
const connect = (credentials = OPERATOR, region = 'eu-west-2') => {
  const client = new DynamoDBClient({ endpoint: gateway.url, region, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
};

before(async () => {
  dynamodb = await dynamodbService({ accountId, tables: [STATE], dir: join(dir, 'tables') });
  gateway = await startGateway({
    port: 0,
    accountId,
    functions: [{ name: 'main-controller', region: 'eu-west-2', role: 'r' }],
    policies: {
      r: [{ Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'], Resource: ARN }],
    },
    resourcePolicies: {},
    services: [dynamodb],
    onCall: (record) => calls.push(record),
  });
});
after(async () => {
  for (const client of clients) client.destroy();
  await gateway.close();
  await dynamodb.close();
});

test('the latest moment of a state table is that of its batons, and none without them', async () => {
  const tables = [{ name: TableName, region: 'eu-west-2' }];
  assert.equal(await latestBatonMs(dynamodb, tables, 3), 0);
  for (const [sk, ms] of [
    ['baton', 1_700_000_000_000],
    ['baton-2', 1_700_000_600_000],
  ] as const) {
    const Item = { pk: { S: 'deployment' }, sk: { S: sk }, scheduledMs: { N: String(ms) } };
    await connect().send(new PutItemCommand({ TableName, Item }));
  }
  assert.equal(await latestBatonMs(dynamodb, tables, 1), 1_700_000_000_000);
  assert.equal(await latestBatonMs(dynamodb, tables, 3), 1_700_000_600_000);
  // The next event has a later second.
  assert.deepEqual([0, 1_700_000_600_000].map(afterEvent), [0, 1_700_000_601_000]);
});

describe('items', () => {
  test('are put once only under a condition', async () => {
    const put = new PutItemCommand({
      TableName,
      Item: { ...keyOf('once'), n: { N: '1' } },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await connect().send(put);
    await assert.rejects(connect().send(put), { name: 'ConditionalCheckFailedException' });
  });

  test('are updated under a condition and shown as they are then', async () => {
    const update = (from: string, to: string) =>
      connect().send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf('versioned'),
          UpdateExpression: 'SET #version = :to',
          ConditionExpression: 'attribute_not_exists(#version) OR #version = :from',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':from': { N: from }, ':to': { N: to } },
          ReturnValues: 'ALL_NEW',
        }),
      );
    assert.deepEqual((await update('0', '1')).Attributes, { ...keyOf('versioned'), version: { N: '1' } });
    await assert.rejects(update('0', '2'), { name: 'ConditionalCheckFailedException' });
    assert.deepEqual((await update('1', '2')).Attributes?.version, { N: '2' });
  });

  test('are found by the beginning of their sort key, in order, either way', async () => {
    for (const sk of ['h#2', 'h#10', 'i#1', 'h#1'])
      await connect().send(new PutItemCommand({ TableName, Item: keyOf(sk) }));
    const query = async (ScanIndexForward: boolean) => {
      const { Items } = await connect().send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: 'site' }, ':prefix': { S: 'h#' } },
          ScanIndexForward,
        }),
      );
      return Items?.map(({ sk }) => sk?.S);
    };
    assert.deepEqual(await query(true), ['h#1', 'h#10', 'h#2']);
    assert.deepEqual(await query(false), ['h#2', 'h#10', 'h#1']);
  });

  test('are got in batches', async () => {
    await connect().send(new PutItemCommand({ TableName, Item: { ...keyOf('batch'), v: { S: 'x' } } }));
    const { Responses, UnprocessedKeys } = await connect().send(
      new BatchGetItemCommand({
        RequestItems: { [TableName]: { Keys: [keyOf('batch'), keyOf('nowhere')], ConsistentRead: true } },
      }),
    );
    assert.deepEqual(Responses?.[TableName], [{ ...keyOf('batch'), v: { S: 'x' } }]);
    assert.deepEqual(UnprocessedKeys, {});
  });
});

describe('calls', () => {
  test('demand the permission for each table they touch', async () => {
    const controller = connect(accessKeyFor('main-controller', 'eu-west-2'));
    const get = (name: string) =>
      new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [keyOf('x')] } } });
    await controller.send(get(TableName));
    calls = [];
    await assert.rejects(controller.send(get('other')), {
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${accountId}:assumed-role/r/main-controller is not authorized to perform: dynamodb:BatchGetItem on resource: arn:aws:dynamodb:eu-west-2:${accountId}:table/other because no identity-based policy allows the dynamodb:BatchGetItem action`,
    });
    await assert.rejects(controller.send(new PutItemCommand({ TableName, Item: keyOf('x') })), {
      name: 'AccessDeniedException',
    });
    await assert.rejects(controller.send(new ListTablesCommand()), { name: 'AccessDeniedException' });
    assert.deepEqual(
      calls.map(({ demands }) => demands.map(({ action, resource }) => `${action} ${resource}`)),
      [
        [`dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-2:${accountId}:table/other`],
        [`dynamodb:PutItem ${ARN}`],
        ['dynamodb:ListTables *'],
      ],
    );
  });

  test('to a table of another region find none', async () => {
    const elsewhere = connect(OPERATOR, 'eu-west-1');
    await assert.rejects(elsewhere.send(new GetItemCommand({ TableName, Key: keyOf('x') })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('that are not known here are refused as unknown', async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName, Item: keyOf('x') } }],
    });
    await assert.rejects(connect().send(transaction), { name: 'UnknownOperationException' });
  });

  const garbage = [
    '',
    'null',
    '[]',
    '{',
    '{"TableName":5}',
    '{"TableName":"main-state","Key":null}',
    '{"TableName":"main-state","Key":{"pk":null}}',
  ];
  for (const body of garbage)
    test(`with the body ${body || 'nothing'} are refused and do no harm`, async () => {
      const answer = await fetch(gateway.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'DynamoDB_20120810.GetItem',
          ...signedByOperator('dynamodb', gateway.url, { body }),
        },
      });
      assert.equal(answer.status, 400);
      const { __type } = (await answer.json()) as { __type: string };
      assert.match(__type, /#(Serialization|Validation)Exception$/);
    });
});

test('tables are there at once, and the operator may make others', async () => {
  const { Table } = await connect().send(new DescribeTableCommand({ TableName }));
  assert.equal(Table?.TableStatus, 'ACTIVE');
  await connect().send(
    new CreateTableCommand({
      TableName: 'mine',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  assert.deepEqual((await connect().send(new ListTablesCommand())).TableNames, ['main-state', 'mine']);
});

test('the port on which dynalite listens lets nobody in: it knows no keys, and would answer any web page', async () => {
  const ports = (process as unknown as { _getActiveHandles(): unknown[] })
    ._getActiveHandles()
    .flatMap((handle) => (handle instanceof Server ? [handle.address()] : []))
    .flatMap((address) => (address !== null && typeof address === 'object' ? [address.port] : []))
    .filter((port) => String(port) !== new URL(gateway.url).port);
  assert.ok(ports.length > 0);
  for (const port of ports)
    await assert.rejects(
      fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables', authorization: 'AWS4-HMAC-SHA256 x' },
        body: '{}',
      }),
      TypeError,
    );
});
