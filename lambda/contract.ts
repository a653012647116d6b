import type { Embedded } from './core/evidence/metrics.ts';
import { controllerName, numbered } from './core/site/shard.ts';

/**
 * Names that the stacks (`lib/`), the functions (`lambda/`) and the local cloud (`local/`) must spell alike. Nothing
 * here is typed a second time anywhere.
 */

/** Environment variables that the stacks set and the entry points read. */
export const ENV = {
  /** JSON object: zone name to hosted zone id. Zones may be made by the stack, so ids are known at deploy time only. */
  zoneIds: 'SWITCHOVER_ZONE_IDS',
  tableName: 'SWITCHOVER_TABLE',
  topicArn: 'SWITCHOVER_TOPIC_ARN',
  /** The topic of events for machines. */
  eventsArn: 'SWITCHOVER_EVENTS_ARN',
  /** `127.0.0.1:5300`: set by the local cloud alone, which answers there as resolver, parent and name server (`dnsEdge`). */
  dns: 'SWITCHOVER_DNS',
} as const;

/** Beside `index.cjs` in the bundles of the controller and the console: the resolved `Config`. */
export const CONFIG_FILE = 'config.json';

/** The handler of every bundle: file `index.cjs`, export `handler`. */
export const HANDLER = 'index.handler';

export const functionNames = (deployment: string) => ({
  /** The first controller; `controllerName` has the others. */
  controller: controllerName(deployment),
  console: `${deployment}-console`,
  /** Only looks, and may do nothing else: who may call this one alone cannot move a site. */
  status: `${deployment}-status`,
  prober: `${deployment}-prober`,
  /** Where channels are configured: posts events to them. */
  notifier: `${deployment}-notifier`,
});

/**
 * The role of a function, where a role in another account has to know it by name before it is there. IAM knows no regions, so the
 * region is part of it: two deployments of one name in two regions have two.
 */
export const functionRoleName = (functionName: string, homeRegion: string): string =>
  `${functionName}-${homeRegion}`;

export const stackNames = (deployment: string) => ({
  state: `${deployment}-state`,
  zones: `${deployment}-zones`,
  control: `${deployment}-control`,
  vantage: (region: string) => `${deployment}-vantage-${region}`,
  deadMan: (region: string) => `${deployment}-dead-man-${region}`,
  /** In another account, which has a zone of ours. */
  zoneRoles: (account: string) => `${deployment}-zone-roles-${account}`,
});

export const tableName = (deployment: string) => `${deployment}-state`;
export const topicName = (deployment: string) => `${deployment}-alerts`;
/** The topic of events for machines; mails go to the other one. */
export const eventsTopicName = (deployment: string) => `${deployment}-events`;
/** The queue of events that reached no channel, and the alarm on it. */
export const undeliveredName = (deployment: string) => `${deployment}-undelivered`;
/** The mute rule of CloudWatch that `silence --all` makes in each region with alarms of ours, and `unsilence --all` removes. */
export const muteRuleName = (deployment: string) => `${deployment}-silence-all`;
/** `controller` is a controller's number, here and below. */
export const deadManNames = (deployment: string, controller = 1) => ({
  topic: `${deployment}-dead-man`,
  alarm: numbered(`${deployment}-silence`, controller),
});
/**
 * The function that a controller calls once a minute while it gets its work done; the alarm on silence counts these
 * calls. Each controller may call its own and nobody else may: what a prober that was taken over prints is counted
 * nowhere.
 */
export const heartbeatFunction = (deployment: string, controller = 1) =>
  numbered(`${deployment}-heartbeat`, controller);
export const scheduleName = (deployment: string, controller = 1) =>
  numbered(`${deployment}-minute`, controller);
/** The sort key under which a controller's baton is stored. */
export const batonKey = (controller = 1) => numbered('baton', controller);

/** The table has a string partition key and a string sort key; `expiresAt` (epoch seconds) is its TTL attribute. */
export const TABLE = { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' } as const;

/** What EventBridge Scheduler sends to the controller each minute. */
export type ScheduleEvent = {
  /** ISO 8601 UTC, from the context attribute `<aws.scheduler.scheduled-time>`. */
  scheduledTime: string;
};

export { controllerName, heartbeatName } from './core/site/shard.ts';
export { SITE_RECORD_TYPES } from './core/zone/records.ts';
export { roleRecordName } from './core/zone/role-record.ts';

/**
 * The controller's log: one JSON object a line on stdout, with a `level` before it (lambda/edge/log.ts). CloudWatch
 * keeps them, the local timeline reads them.
 * `at` is ISO 8601 UTC with milliseconds.
 */
export type LogLine =
  | {
      event: 'round';
      /** Start of the round. */
      at: string;
      vantages: string[];
      /** Sites with a server that is not up: server name to health. */
      sites: Record<string, Record<string, 'up' | 'down' | 'unknown'>>;
      /** The other sites looked at, all of whose servers are up: their names up to fifty, else their number. */
      healthy: string[] | number;
    }
  /** A site has moved. Counted in CloudWatch. */
  | ({
      event: 'switch';
      site: string;
      from: string | null;
      to: string;
      reason: string;
      epoch: number;
      at: string;
    } & Partial<Embedded>)
  /** A move became due: it is made, or told as not made. Counted in CloudWatch. */
  | ({ event: 'due'; site: string; to: string; reason: string; at: string } & Embedded)
  /** What a vantage measured of a server, for CloudWatch to keep. */
  | ({ event: 'probe'; at: string; code?: string | undefined } & Embedded)
  | { event: 'published'; site: string; epoch: number; at: string }
  | { event: 'error'; code: string; message: string; at: string; site?: string; during?: string }
  | { event: 'note'; message: string; at: string; [key: string]: unknown }
  /** Printed by the function of the dead-man alarm, for people: what the controller had to say of its last minute. */
  | { event: 'heartbeat'; heartbeat: unknown; at: string };
