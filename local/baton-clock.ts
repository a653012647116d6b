import { batonKey, TABLE } from '../lambda/contract.ts';
import type { DynamodbService } from './dynamodb.ts';
import type { Call } from './service.ts';
import type { TableSpec } from './specs.ts';

/**
 * The latest moment for which a controller was started on these tables, milliseconds since 1970; 0 where none was. Every event of the
 * schedule that is no later is left alone.
 */
export const latestBatonMs = async (
  dynamodb: Pick<DynamodbService, 'handle'>,
  tables: readonly Pick<TableSpec, 'name' | 'region'>[],
  controllers: number,
): Promise<number> => {
  const asked = tables.flatMap(({ name, region }) =>
    Array.from({ length: controllers }, async (_, at) => {
      const key = { [TABLE.partitionKey]: { S: 'deployment' }, [TABLE.sortKey]: { S: batonKey(at + 1) } };
      const body = Buffer.from(JSON.stringify({ TableName: name, Key: key }));
      const headers = { 'x-amz-target': 'DynamoDB_20120810.GetItem' };
      const call = {
        caller: 'operator',
        service: 'dynamodb',
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
      };
      const reply = await dynamodb.handle({ ...call, region, headers, body } satisfies Call);
      const { Item } = JSON.parse(reply.body.toString()) as { Item?: { scheduledMs?: { N?: string } } };
      return Number(Item?.scheduledMs?.N ?? 0);
    }),
  );
  return Math.max(0, ...(await Promise.all(asked)));
};

/** A moment of which the schedule's next event is a later one: they have whole seconds. Of none it is none. */
export const afterEvent = (scheduledMs: number): number => (scheduledMs === 0 ? 0 : scheduledMs + 1000);
