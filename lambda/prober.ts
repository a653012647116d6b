import type { ProberAnswer } from './core/probe/request.ts';
import { probeBatch } from './prober/batch.ts';
import { checkedEvent } from './prober/event.ts';

// undici makes three errors for each connection that ends in order, and nobody reads their stacks; one line says where ours come from.
Error.stackTraceLimit = 1;

/**
 * The Lambda of each vantage: a `ProberEvent` in, a `ProberAnswer` out. It holds no AWS permission, no state and no
 * configuration, since it is the part that reads what strangers send. An event that is not well formed is an error.
 */
export const handler = async (received: unknown): Promise<ProberAnswer> => {
  return probeBatch(checkedEvent(received));
};
