import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Demand, Reply, Service } from './service.ts';
import type { KeySpec, TableSpec } from './specs.ts';
import { StorageTrouble, storageReason } from './storage.ts';

export type DynamodbOptions = {
  accountId: string;
  tables: TableSpec[];
  /** Directory of the data; without it they are kept in memory only. */
  dir?: string;
};

/** `close` writes everything out; without it nothing is lost either, since each write reaches the file as it is made. */
export type DynamodbService = Service & { close(): Promise<void> };

type Dynalite = (options: {
  path?: string;
  createTableMs: number;
  deleteTableMs: number;
  updateTableMs: number;
}) => Server;
/** It has no types of its own. */
const require = createRequire(import.meta.url);
const dynalite = require('dynalite') as Dynalite;
/** The store behind it, as it uses it. */
const { Level } = createRequire(require.resolve('dynalite'))('level') as {
  Level: new (path: string) => { open(): Promise<void>; close(): Promise<void> };
};

/** The operations of dynalite 4; the others of DynamoDB (transactions, TTL, PartiQL) are answered as unknown. */
const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;
const TARGET = /^DynamoDB_20120810\.(\w+)$/;
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/**
 * DynamoDB, by dynalite, with the tables of the assembly: missing ones are made, others of the same name are kept with
 * their items. Resolves once every table can be written.
 */
export const dynamodbService = async (options: DynamodbOptions): Promise<DynamodbService> => {
  if (options.dir !== undefined) await mustOpen(options.dir);
  const path = options.dir === undefined ? {} : { path: options.dir };
  const server = dynalite({ ...path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Requests reach dynalite as events, so that what it throws is caught; it listens only because it closes its files
  // when, and only when, a listening server is closed. Nobody may come in there: it knows no keys, and lets any web page in.
  server.on('connection', (socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
    });
  try {
    for (const table of options.tables) await ensureTable(server, table);
  } catch (error) {
    await close();
    throw error;
  }

  const pending = new Set<Promise<Reply>>();
  const operation = (call: Call) => OPERATIONS.find((name) => name === TARGET.exec(targetOf(call))?.[1]);
  const elsewhere = (call: Call) =>
    options.tables.find(({ name, region }) => region !== call.region && tableNames(call).includes(name));
  return {
    name: 'dynamodb',
    operations: OPERATIONS,
    operation,
    demands: (call) => demands(operation(call)!, call, options.accountId),
    handle: async (call) => {
      if (bodyOf(call) === undefined)
        return refusal(400, 'SerializationException', 'Expected a JSON object.');
      if (elsewhere(call)) return refusal(400, 'ResourceNotFoundException', 'Requested resource not found');
      const answer = ask(server, targetOf(call), call.body);
      pending.add(answer);
      return answer.finally(() => pending.delete(answer));
    },
    error: refusal,
    close: async () => {
      // dynalite ends the process when a request finds its files closed half way through.
      await Promise.allSettled(pending);
      await close();
    },
  };
};

/** dynalite ends the process where its files cannot be opened: they are opened here first. Throws `StorageTrouble`. */
const mustOpen = async (dir: string): Promise<void> => {
  const level = new Level(dir);
  try {
    await level.open();
    await level.close();
  } catch (error) {
    const { message, cause = error } = error as Error & { cause?: Error };
    // A full disk says nothing of the tables: nobody is to delete them for it.
    const reason = storageReason(cause);
    if (reason !== undefined)
      throw new StorageTrouble(`Cannot open the tables in ${dir}: ${reason}.`, { cause: error });
    const why = (cause as Error).message ?? message;
    throw new StorageTrouble(
      `Expected ${dir} to hold the tables of an earlier run, found: ${why} (were they cut?). Put back a copy, or delete that directory ` +
        'to go on as if the state table had been lost.',
      { cause: error },
    );
  }
};

const targetOf = (call: Call): string => call.headers['x-amz-target'] ?? '';

const bodyOf = (call: Call): Record<string, unknown> | undefined => {
  try {
    const body: unknown = JSON.parse(call.body.toString('utf8'));
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Every table that a call touches: the one it names, or those of a batch. */
const tableNames = (call: Call): string[] => {
  const { TableName, RequestItems } = bodyOf(call) ?? {};
  const names = typeof TableName === 'string' ? [TableName] : Object.keys(RequestItems ?? {});
  // A table may be named by its ARN.
  return names.map((name) => name.slice(name.lastIndexOf('/') + 1));
};

const demands = (operation: string, call: Call, accountId: string): Demand[] => {
  const demand = (resource: string): Demand => ({ action: `dynamodb:${operation}`, resource, context: {} });
  if (operation === 'ListTables') return [demand('*')];
  const index = bodyOf(call)?.IndexName;
  const suffix = typeof index === 'string' ? `/index/${index}` : '';
  return tableNames(call).map((name) =>
    demand(`arn:aws:dynamodb:${call.region}:${accountId}:table/${name}${suffix}`),
  );
};

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message }),
});

/** One request put to dynalite. */
const ask = (server: Server, target: string, body: Buffer): Promise<Reply> =>
  new Promise((resolve) => {
    const request = Object.assign(new EventEmitter(), {
      method: 'POST',
      url: '/',
      // dynalite wants to see a signature and looks no further; who signed has been settled by now.
      headers: {
        ...JSON_TYPE,
        'x-amz-target': target,
        'x-amz-date': '20260101T000000Z',
        authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
      },
    });
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader: (name: string, value: unknown) => {
        headers[name.toLowerCase()] = String(value);
      },
      end: (text = '') => resolve({ status: response.statusCode, headers, body: text }),
    };
    try {
      server.emit('request', request as unknown as IncomingMessage, response as unknown as ServerResponse);
      request.emit('data', body);
      request.emit('end');
    } catch (error) {
      // Its checks of the input stumble over nulls where objects belong; AWS calls that a body it cannot deserialize.
      resolve(refusal(400, 'SerializationException', `${(error as Error).message}.`));
    }
  });

type Description = {
  Table?: { TableStatus: string; KeySchema: { AttributeName: string }[] };
  __type?: string;
};

const askJson = async (server: Server, operation: string, body: unknown): Promise<Description> => {
  const reply = await ask(server, `DynamoDB_20120810.${operation}`, Buffer.from(JSON.stringify(body)));
  return JSON.parse(reply.body.toString());
};

const ensureTable = async (server: Server, table: TableSpec): Promise<void> => {
  const keys = [table.partitionKey, ...(table.sortKey ? [table.sortKey] : [])];
  const find = async () => (await askJson(server, 'DescribeTable', { TableName: table.name })).Table;

  let found = await find();
  // A process that was killed just then leaves a table for ever half made (and empty) or half deleted.
  if (found?.TableStatus === 'CREATING') await askJson(server, 'UpdateTable', finishing(table.name));
  if (found?.TableStatus === 'DELETING') {
    await askJson(server, 'DeleteTable', { TableName: table.name });
    await until(async () => (await find()) === undefined || undefined, table.name);
    found = undefined;
  }
  if (found === undefined) await createTable(server, table.name, keys);
  const ready = await until(async () => {
    const now = await find();
    return now?.TableStatus === 'ACTIVE' ? now : undefined;
  }, table.name);

  const names = ready.KeySchema.map(({ AttributeName }) => AttributeName).join(' and ');
  const wanted = keys.map(({ name }) => name).join(' and ');
  if (names !== wanted)
    throw new Error(
      `Expected table ${table.name} to have the keys ${wanted}, found ${names} in the data of an earlier run; use another directory for the state.`,
    );
};

/** dynalite finishes any table whose throughput is changed, and plays no throughput. */
const finishing = (name: string) => ({
  TableName: name,
  BillingMode: 'PROVISIONED',
  ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
});

const until = async <T>(look: () => Promise<T | undefined>, tableName: string): Promise<T> => {
  const deadlineMs = performance.now() + 5_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadlineMs)
      throw new Error(
        `Table ${tableName} did not become usable within 5 s; use another directory for the state.`,
      );
    await sleep(2);
  }
};

const createTable = async (server: Server, name: string, keys: KeySpec[]): Promise<void> => {
  const answer = await askJson(server, 'CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
    KeySchema: keys.map((key, index) => ({
      AttributeName: key.name,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
  });
  if (answer.__type !== undefined) throw new Error(`Could not make table ${name}: ${JSON.stringify(answer)}`);
};
