import { probeBatch } from './batch.ts';
import { heartbeatLine } from './contract.ts';
import type { ProberAnswer } from './core/probe.ts';
import { systemClock } from './edge/clock.ts';
import { checkedEvent } from './prober-event.ts';

/**
 * The Lambda of each vantage: a `ProberEvent` in, a `ProberAnswer` out. It holds no AWS permission, no state and no
 * configuration, since it is the part that reads what strangers send. An event that is not well formed is an error.
 */
export const handler = async (received: unknown): Promise<ProberAnswer> => {
  const event = checkedEvent(received);
  // Before the probes, so that a hard batch does not cost a heartbeat; raw, since `console.log` puts words before the line.
  if (event.heartbeat !== undefined) {
    process.stdout.write(`${JSON.stringify(heartbeatLine(event.heartbeat, systemClock.now()))}\n`);
  }
  return probeBatch(event);
};
