import { controllerName, shardConfigs, shardNumber } from '../lambda/core/shard.ts';
import type { Config } from '../lambda/core/site.ts';
import { functionFailure, type Happening, type LocalEvent, type Ready, readLine } from './events.ts';
import type { CallRecord } from './gateway.ts';
import type { FunctionLine } from './hosting.ts';
import { trackReadiness } from './readiness.ts';
import type { FunctionError } from './runtime.ts';
import type { Message } from './sns.ts';

/** Turns what the parts of the local cloud report into what is shown. */
export type Watcher = {
  printed(line: FunctionLine): void;
  failed(fn: { name: string; region: string }, error: FunctionError): void;
  published(message: Message): void;
  called(record: CallRecord): void;
  trouble(code: string, message: string): void;
  /** The event to show once every site that can be served is in DNS. */
  whenReady(ready: Ready): void;
  /** From here on nothing is shown: what fails while everything is being stopped is no news. */
  stop(): void;
};

/** `listed` says whether the zone lists address records at a name. */
export const watch = (
  config: Config,
  listed: (zone: string, name: string) => boolean,
  onEvent: (happening: Happening) => void,
): Watcher => {
  const readiness = trackReadiness(config.sites, listed);
  // A controller speaks of its own sites: where it tells their number alone, that is the number of these.
  const controllers = new Map(
    shardConfigs(config).map((own) => [controllerName(config.deployment, shardNumber(own)), own]),
  );
  let ready: Ready | undefined;
  let stopped = false;

  const show = (happening: Happening): void => {
    if (stopped) return;
    onEvent(happening);
    if (happening.event === 'round') readiness.saw(happening.site, happening.healths);
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
    published: (message) => show(announcement(message)),
    called: (record) => {
      if (record.defect) show(defect(record, record.defect));
      if (record.operation === 'ChangeResourceRecordSets') showReady();
    },
    trouble: (code, message) => show({ event: 'error', code, message, at: timestamp() }),
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

const announcement = ({ attributes, subject, text, at }: Message): LocalEvent => ({
  event: 'announcement',
  kind: attributes.kind ?? '',
  site: attributes.site ?? '',
  subject,
  text,
  at,
});

/** Never how AWS behaves: a fault of this local cloud, shown so that it is not taken for one of the functions. */
const defect = ({ service, operation, caller }: CallRecord, error: Error): LocalEvent => ({
  event: 'error',
  code: 'LocalCloudDefect',
  message: `${service} ${operation} for ${caller}: ${error.stack ?? error.message}`,
  at: timestamp(),
});
