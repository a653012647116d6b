import { TABLE } from '../lambda/contract.ts';
import { DEPLOYMENT } from '../lambda/core/state/deployment-state.ts';
import type { Answer, Sent, Service } from './virtual-wire.ts';

type Value = { S?: string; N?: string };
type Item = Record<string, Value>;
/** What `lambda/edge/dynamodb.ts` sends, as far as it is read here. */
type Command = {
  Key: Item;
  Item: Item;
  RequestItems: Record<string, { Keys: Item[] }>;
  UpdateExpression: string;
  ConditionExpression?: string;
  ExpressionAttributeValues: Item;
  Limit: number;
};

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };
const done = (body: object): Answer => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(body) });
const REFUSED: Answer = {
  status: 400,
  headers: JSON_TYPE,
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
    message: 'The conditional request failed',
  }),
};

const keyOf = (item: Item): string => `${item[TABLE.partitionKey]?.S} ${item[TABLE.sortKey]?.S}`;
const operationOf = ({ headers }: Sent): string => (headers['x-amz-target'] ?? '').replace(/^.*\./, '');
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce(
    (sum, [name, { S, N }]) => sum + name.length + Buffer.byteLength(S ?? N ?? ''),
    0,
  );

/** The state table at the far end of the wire, and its largest items. */
export type VirtualTable = Service & {
  /** Bytes of the largest item so far, by kind, as DynamoDB counts them towards 400 KB. */
  largest: Map<string, number>;
  /** Units of 1 KB that writes took, for which AWS bills. */
  writeUnits: number;
};

const kindOf = (item: Item): string => {
  const [whose = '', what = ''] = keyOf(item).split(' ');
  if (whose === 'deployment') return 'baton';
  if (what.startsWith('history#')) return 'history';
  return whose === `site#${DEPLOYMENT}` ? 'deployment' : 'site';
};

/**
 * DynamoDB's protocol as far as the store speaks it. Conditions are held as the store means them: the version of a
 * document, the term and the schedule of a baton.
 */
export const virtualTable = (tookMs: number): VirtualTable => {
  const items = new Map<string, Item>();
  const table: VirtualTable = {
    largest: new Map(),
    writeUnits: 0,
    tookMs,
    operationOf: (sent) => `DynamoDB ${operationOf(sent)}`,
    async answer(sent) {
      const command = JSON.parse(sent.body.toString()) as Command;
      const act = OPERATIONS[operationOf(sent)];
      if (act === undefined) throw new Error(`Expected a known operation, received ${operationOf(sent)}.`);
      return act(command);
    },
  };
  const put = (item: Item): void => {
    items.set(keyOf(item), item);
    const size = sizeOf(item);
    table.largest.set(kindOf(item), Math.max(size, table.largest.get(kindOf(item)) ?? 0));
    table.writeUnits += Math.ceil(size / 1024);
  };
  const number = (value: Value | undefined): number => Number(value?.N ?? 0);
  const OPERATIONS: Record<string, (command: Command) => Answer> = {
    BatchGetItem: ({ RequestItems }) =>
      done({
        Responses: Object.fromEntries(
          Object.entries(RequestItems).map(([name, { Keys }]) => [
            name,
            Keys.flatMap((key) => items.get(keyOf(key)) ?? []),
          ]),
        ),
        UnprocessedKeys: {},
      }),
    GetItem: ({ Key }) => {
      const Item = items.get(keyOf(Key));
      return done(Item === undefined ? {} : { Item });
    },
    PutItem: ({ Item, ConditionExpression, ExpressionAttributeValues }) => {
      const before = number(items.get(keyOf(Item))?.version);
      const expected = number(ExpressionAttributeValues?.[':version']);
      if (ConditionExpression !== undefined && before !== expected) return REFUSED;
      put(Item);
      return done({});
    },
    UpdateItem: ({ Key, UpdateExpression, ExpressionAttributeValues: values }) => {
      const before = items.get(keyOf(Key)) ?? Key;
      const term = number(before.term);
      const after = ((): Item | undefined => {
        if (UpdateExpression.startsWith('ADD wake'))
          return { ...before, wake: { N: String(number(before.wake) + 1) } };
        const holder = values[':holder'] as Value;
        if (':scheduled' in values) {
          const scheduledMs = values[':scheduled'] as Value;
          if (number(before.scheduledMs) >= number(scheduledMs)) return undefined;
          return { ...before, term: { N: String(term + 1) }, scheduledMs, holder };
        }
        if (term !== number(values[':term'])) return undefined;
        const { ':round': lastRoundMs, ':unstored': unstored, ':healths': healths, ':blind': blind } = values;
        return { ...before, lastRoundMs, holder, unstored, healths, blind } as Item;
      })();
      if (after === undefined) return REFUSED;
      put(after);
      return done({ Attributes: after });
    },
  };
  return table;
};
