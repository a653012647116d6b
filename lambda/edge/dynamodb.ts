import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { batonKey, TABLE } from '../contract.ts';
import { Fault } from '../core/base/fault.ts';
import type { Baton } from '../core/state/baton.ts';
import { type Entry, HISTORY_DAYS } from '../core/state/history.ts';
import type { Store, Stored } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS, type Limits } from './limits.ts';

/** DynamoDB answers at most 100 items a BatchGetItem. */
const LARGEST_BATCH = 100;
const HISTORY = 'history#';
const keyOfBaton = (controller: number) => ({
  [TABLE.partitionKey]: { S: 'deployment' },
  [TABLE.sortKey]: { S: batonKey(controller) },
});
const stateKey = (name: string) => ({
  [TABLE.partitionKey]: { S: `site#${name}` },
  [TABLE.sortKey]: { S: 'state' },
});

/** How a command is sent: it ends with its step. */
type Sent = { abortSignal: AbortSignal };

type Item = Record<string, { S?: string | undefined; N?: string | undefined } | undefined>;
const numberIn = (item: Item, key: string): number => Number(item[key]?.N ?? 0);
const batonIn = (item: Item): Baton => ({
  term: numberIn(item, 'term'),
  scheduledMs: numberIn(item, 'scheduledMs'),
  lastRoundMs: numberIn(item, 'lastRoundMs'),
  wake: numberIn(item, 'wake'),
  ...(item.unstored?.S && { unstored: item.unstored.S.split(' ') }),
  ...(item.healths?.S && { healths: JSON.parse(item.healths.S) }),
  ...(item.blind?.S && { blind: JSON.parse(item.blind.S) }),
});

/** The client of the state table. */
export const dynamodbClient = (place: Place = {}, limits: Limits = LIMITS.store): DynamoDBClient =>
  new DynamoDBClient({ ...place, ...clientOptions(limits) });

/**
 * The state table over the wire. `nonce` answers a text unique to each call: a conditional write whose answer was lost is
 * sent again by the SDK, finds its own first attempt, and is refused although it succeeded; the nonce in the item tells.
 * `own` is the number of the controller whose baton is meant where none is named.
 */
export const dynamodbStore = (
  client: DynamoDBClient,
  tableName: string,
  nonce: () => string,
  { own = 1, ...bound }: Bound & { own?: number } = {},
): Store => {
  const ownBaton = keyOfBaton(own);
  const step = <T>(operation: string, work: (sent: Sent) => Promise<T>): Promise<T> =>
    call(
      (error) => faultOf('DynamoDB', operation, error),
      { callMs: LIMITS.store.callMs, ...bound },
      (abortSignal) => work({ abortSignal }),
    );
  const read = async (key: ReturnType<typeof keyOfBaton>, sent: Sent) => {
    const command = new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true });
    return (await client.send(command, sent)).Item;
  };
  const changeBaton = (update: string, condition: string, values: Item) =>
    step('UpdateItem', async (sent) => {
      const holder = nonce();
      try {
        const answer = await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: ownBaton,
            UpdateExpression: update,
            ConditionExpression: condition,
            ExpressionAttributeNames: { '#term': 'term', '#scheduled': 'scheduledMs' },
            ExpressionAttributeValues: { ...values, ':holder': { S: holder } } as Record<
              string,
              { S: string } | { N: string }
            >,
            ReturnValues: 'ALL_NEW',
          }),
          sent,
        );
        return batonIn(answer.Attributes ?? {});
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const item = await read(ownBaton, sent);
        return item?.holder?.S === holder ? batonIn(item) : undefined;
      }
    });

  return {
    load: (names) =>
      step('BatchGetItem', async (sent) => {
        const found = new Map<string, Stored>();
        for (let from = 0; from < names.length; from += LARGEST_BATCH) {
          const keys = names.slice(from, from + LARGEST_BATCH).map(stateKey);
          await loadBatch(client, { tableName, keys, found }, sent);
        }
        return found;
      }),

    save: (name, text, version) =>
      step('PutItem', async (sent) => {
        const writer = nonce();
        try {
          await client.send(
            new PutItemCommand({
              TableName: tableName,
              Item: {
                ...stateKey(name),
                doc: { S: text },
                version: { N: String(version + 1) },
                writer: { S: writer },
              },
              ConditionExpression: version === 0 ? 'attribute_not_exists(version)' : 'version = :version',
              ...(version === 0 ? {} : { ExpressionAttributeValues: { ':version': { N: String(version) } } }),
            }),
            sent,
          );
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          const item = await read(stateKey(name), sent);
          if (item?.writer?.S !== writer) {
            throw new Fault(
              'conflict',
              'DynamoDB',
              'PutItem',
              `${name} is no longer at version ${version}`,
              error,
            );
          }
        }
        return version + 1;
      }),

    takeBaton: (scheduledMs) =>
      changeBaton(
        'SET #term = if_not_exists(#term, :zero) + :one, #scheduled = :scheduled, holder = :holder',
        'attribute_not_exists(#scheduled) OR #scheduled < :scheduled',
        {
          ':zero': { N: '0' },
          ':one': { N: '1' },
          ':scheduled': { N: String(scheduledMs) },
        },
      ),

    keepBaton: (term, { lastRoundMs, unstored = [], healths = {}, blind }) =>
      changeBaton(
        'SET lastRoundMs = :round, holder = :holder, unstored = :unstored, healths = :healths, blind = :blind',
        '#term = :term AND attribute_exists(#scheduled)',
        {
          ':round': { N: String(lastRoundMs) },
          ':term': { N: String(term) },
          ':unstored': { S: unstored.join(' ') },
          ':healths': { S: Object.keys(healths).length === 0 ? '' : JSON.stringify(healths) },
          ':blind': { S: blind === undefined ? '' : JSON.stringify(blind) },
        },
      ),

    readBaton: (controller = own) =>
      step('GetItem', async (sent) => {
        const item = await read(keyOfBaton(controller), sent);
        return item === undefined ? undefined : batonIn(item);
      }),

    // One by one, since the permission for a batch would be one to delete as well.
    record: async (name, entries) => {
      for (const entry of entries) {
        const expiresAt = Math.floor(entry.atMs / 1000) + HISTORY_DAYS * 86_400;
        await step('PutItem', (sent) =>
          client.send(
            new PutItemCommand({
              TableName: tableName,
              Item: {
                ...stateKey(name),
                [TABLE.sortKey]: { S: `${HISTORY}${entry.id}` },
                doc: { S: JSON.stringify(entry) },
                [TABLE.ttl]: { N: String(expiresAt) },
              },
            }),
            sent,
          ),
        );
      }
    },

    history: (name, limit, untilMs) =>
      step('Query', async (sent) => {
        // Ids begin with a time in ISO form, and `~` sorts after every character of one.
        const last = untilMs === undefined ? '~' : `${new Date(untilMs).toISOString()}~`;
        const answer = await client.send(
          new QueryCommand({
            TableName: tableName,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
            ExpressionAttributeValues: {
              ':pk': stateKey(name)[TABLE.partitionKey] as { S: string },
              ':first': { S: HISTORY },
              ':last': { S: `${HISTORY}${last}` },
            },
            ConsistentRead: true,
            ScanIndexForward: false,
            Limit: limit,
          }),
          sent,
        );
        return (answer.Items ?? []).map((item) => JSON.parse(item.doc?.S ?? 'null') as Entry);
      }),

    wake: (controller = own) =>
      step('UpdateItem', async (sent) => {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: keyOfBaton(controller),
            UpdateExpression: 'ADD wake :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
          sent,
        );
      }),
  };
};

/** DynamoDB may leave keys of a batch unprocessed under load; they are asked for again, a few times. */
type Key = ReturnType<typeof stateKey>;

const loadBatch = async (
  client: DynamoDBClient,
  { tableName, keys, found }: { tableName: string; keys: Key[]; found: Map<string, Stored> },
  sent: Sent,
): Promise<void> => {
  let left: Key[] | undefined = keys;
  for (let attempt = 0; left !== undefined && left.length > 0; attempt++) {
    if (attempt === 5) {
      throw new Fault('throttled', 'DynamoDB', 'BatchGetItem', `${left.length} keys stayed unprocessed`);
    }
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
      sent,
    );
    for (const item of answer.Responses?.[tableName] ?? []) {
      const name = (item[TABLE.partitionKey]?.S ?? '').slice('site#'.length);
      found.set(name, { text: item.doc?.S ?? '', version: Number(item.version?.N ?? 0) });
    }
    left = answer.UnprocessedKeys?.[tableName]?.Keys as typeof keys | undefined;
  }
};
