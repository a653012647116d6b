import { isoTime } from './core/base/time.ts';
import { systemClock } from './edge/clock.ts';
import { printLine } from './edge/log.ts';

/** More than any heartbeat has: whoever calls this by mistake must not fill the log. */
const LONGEST = 1000;

/**
 * Being called is all that this function is for: the alarm on silence counts its invocations (`AWS/Lambda`, which nothing but AWS
 * writes), and goes off when none come. What it is called with is printed for people.
 */
export const handler = async (event: unknown): Promise<null> => {
  const text = JSON.stringify(event) ?? 'null';
  const heartbeat = text.length <= LONGEST ? event : `${text.slice(0, LONGEST)}...`;
  printLine({ event: 'heartbeat', heartbeat, at: isoTime(systemClock.now()) });
  return null;
};
