import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { TABLE, tableName } from '../../lambda/contract.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { newStack, type Placement } from './stack.ts';

/**
 * Holds, history and announcements owed: one table, which outlives its stack and cannot be deleted in passing. It is
 * alone in the stack for the sake of a first deployment that fails. In a stack with more in it, the failure of anything
 * else would have to delete the table, which its protection forbids, or leave it behind, where its name stands in the
 * way of the next try.
 */
export const newStateStack = (place: Placement, config: Config): Stack => {
  const { deployment, homeRegion } = config;
  const stack = newStack(place('state', homeRegion), {
    config,
    region: homeRegion,
    description: `Switchover ${deployment}: remembers holds, history and what is owed to people.`,
  });
  new TableV2(stack, 'State', {
    tableName: tableName(deployment),
    partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: TABLE.sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: TABLE.ttl,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  return stack;
};
