import { eventsTopicName } from '../lambda/contract.ts';
import type { AlertEvent } from '../lambda/core/messages/event.ts';
import { controllerName, shardConfigs, shardNumber } from '../lambda/core/site/shard.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { functionFailure, type Happening, type LocalEvent, type Ready, readLine } from './events.ts';
import type { CallRecord } from './gateway.ts';
import type { FunctionLine } from './hosting.ts';
import { trackReadiness } from './readiness.ts';
import type { FunctionError } from './runtime.ts';
import type { Message } from './sns.ts';
import { StorageTrouble } from './storage.ts';

/** Turns what the parts of the local cloud report into what is shown. */
export type Watcher = {
  printed(line: FunctionLine): void;
  failed(fn: { name: string; region: string }, error: FunctionError): void;
  published(message: Message): void;
  called(record: CallRecord): void;
  trouble(code: string, message: string): void;
  /** The schedule is about to start a controller; `answered` is what the one before it came to. */
  ticked(answered: string): void;
  /** The event to show once every site that can be served is in DNS. */
  whenReady(ready: Ready): void;
  /** From here on nothing is shown: what fails while everything is being stopped is no news. */
  stop(): void;
};

/** Ticks of the schedule without a look after which somebody has to know: on AWS the alarm on silence says so. */
const SILENT_TICKS = 3;

export type Watching = {
  config: Config;
  tickSeconds: number;
  /** Milliseconds on a clock that nobody sets. */
  steady?: () => number;
  /** Whether the zone lists address records at a name. */
  listed(zone: string, name: string): boolean;
  /** Whether the alarms on silence are muted: then no silence is told. */
  muted?: () => boolean;
  onEvent(happening: Happening): void;
};

export const watch = ({
  config,
  tickSeconds,
  steady = () => performance.now(),
  listed,
  muted = () => false,
  onEvent,
}: Watching): Watcher => {
  const readiness = trackReadiness(config.sites, listed);
  // A controller speaks of its own sites: where it tells their number alone, that is the number of these.
  const controllers = new Map(
    shardConfigs(config).map((own) => [controllerName(config.deployment, shardNumber(own)), own]),
  );
  let ready: Ready | undefined;
  let stopped = false;
  /** On a clock that nobody sets: when something was looked at last. */
  let lookedMs = steady();

  const show = (happening: Happening): void => {
    if (stopped) return;
    onEvent(happening);
    if (happening.event !== 'round') return;
    lookedMs = steady();
    readiness.saw(happening.site, happening.healths);
  };
  const showReady = (): void => {
    if (ready && readiness.justReached()) show(ready);
  };
  return {
    printed: (line) => {
      const own = controllers.get(line.function) ?? config;
      for (const happening of readLine(own, line, timestamp())) show(happening);
      showReady();
    },
    failed: (fn, error) => show(functionFailure(fn, error, timestamp())),
    published: (message) => show(isForMachines(config, message) ? alert(message) : announcement(message)),
    called: (record) => {
      if (record.defect) show(defect(record, record.defect));
      if (record.operation === 'ChangeResourceRecordSets') showReady();
    },
    trouble: (code, message) => show({ event: 'error', code, message, at: timestamp() }),
    ticked: (answered) => {
      const silentMs = steady() - lookedMs;
      if (config.sites.length === 0 || muted()) return;
      if (silentMs < SILENT_TICKS * Math.max(tickSeconds, config.intervalSeconds) * 1000) return;
      const message = `No controller has looked at any site for ${Math.round(silentMs / 1000)} s. What the last one answered: ${answered}`;
      show({ event: 'error', code: 'Silence', message, at: timestamp() });
    },
    whenReady: (event) => {
      ready = event;
      showReady();
    },
    stop: () => {
      stopped = true;
    },
  };
};

const timestamp = (): string => new Date().toISOString();

const isForMachines = ({ deployment }: Config, { topicArn }: Message): boolean =>
  topicArn.endsWith(`:${eventsTopicName(deployment)}`);

const alert = ({ text, at }: Message): LocalEvent => ({
  event: 'alert',
  alert: JSON.parse(text) as AlertEvent,
  at,
});

const announcement = ({ attributes, subject, text, at }: Message): LocalEvent => ({
  event: 'announcement',
  kind: attributes.kind ?? '',
  site: attributes.site ?? '',
  subject,
  text,
  at,
});

/** Never how AWS behaves: a fault of this local cloud, shown so that it is not taken for one of the functions. */
const defect = ({ service, operation, caller }: CallRecord, error: Error): LocalEvent => {
  const isOfPlace = error instanceof StorageTrouble;
  return {
    event: 'error',
    code: isOfPlace ? 'StorageTrouble' : 'LocalCloudDefect',
    message: `${service} ${operation} for ${caller}: ${isOfPlace ? error.message : (error.stack ?? error.message)}`,
    at: timestamp(),
  };
};
