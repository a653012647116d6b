import type { LogLine } from './contract.ts';
import type { Config } from './core/site.ts';
import type { Clock } from './edge/clock.ts';
import type { Store } from './edge/dynamodb.ts';
import type { Probers } from './edge/lambda.ts';
import type { Zones } from './edge/route53.ts';
import type { Topic } from './edge/sns.ts';

/** Everything outside that the controller and the console touch. Tests and the simulator bring their own. */
export type World = {
  config: Config;
  /** Zone name to hosted zone id. */
  zoneIds: Record<string, string>;
  clock: Clock;
  probers: Probers;
  zones: Zones;
  store: Store;
  topic: Topic;
  log(line: LogLine): void;
  /** What this process told last when nothing could be stored, by kind: milliseconds. It lives as long as the process does. */
  memory: Map<string, number>;
  /** A text that no other call and no other process answers. */
  nonce(): string;
};

/** ISO 8601 UTC with milliseconds, as every log line has it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
