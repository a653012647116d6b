export type FunctionSpec = {
  name: string;
  region: string;
  arn: string;
  /** The asset directory inside the assembly, an absolute path. */
  codeDir: string;
  handler: string;
  runtime: string;
  architecture: string;
  memoryMb: number;
  timeoutSeconds: number;
  environment: Record<string, string>;
  /** Physical name of the role. */
  role: string;
};

export type ScheduleSpec = {
  name: string;
  region: string;
  rateSeconds: number;
  target: { function: string; region: string };
  /** Physical name of the role that the scheduler assumes to invoke the target. */
  role: string;
  /** JSON text; context attributes such as `<aws.scheduler.scheduled-time>` are still in place. */
  input: string;
  /** EventBridge Scheduler's defaults where the template is silent: 185 attempts, 86,400 s. */
  retryAttempts: number;
  maxEventAgeSeconds: number;
};

export type TopicSpec = {
  name: string;
  arn: string;
  region: string;
  /** The sender's name of its mails. */
  displayName?: string;
  subscriptions: SubscriptionSpec[];
};

/** Who is subscribed to a topic. `filter`: which messages it gets; all without one. */
export type SubscriptionSpec = {
  protocol: string;
  endpoint: string;
  filter?: { policy: Record<string, unknown>; scope: 'MessageAttributes' | 'MessageBody' };
};

/** An alarm of CloudWatch: no more of it is played here than that it can be muted. */
export type AlarmSpec = { name: string; region: string };

export type KeySpec = { name: string; type: 'S' | 'N' | 'B' };

export type TableSpec = {
  name: string;
  region: string;
  partitionKey: KeySpec;
  sortKey?: KeySpec;
  /** The attribute that holds an item's expiry, in epoch seconds. */
  ttl?: string;
};

export type ZoneSpec = {
  /** Lower case, without the trailing dot. */
  name: string;
  id: string;
  /** Set when a stack makes the zone; without it the zone exists already and is known by id alone. */
  logicalId?: string;
};

/** Files and directories of the assembly, by the object key under which a deployment would upload them. */
export type Assets = Map<string, { path: string; packaging: string }>;
