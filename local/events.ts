import type { LogLine } from '../lambda/contract.ts';
import type { AlertEvent } from '../lambda/core/messages/event.ts';
import type { Health } from '../lambda/core/site/health.ts';
import type { Config } from '../lambda/core/site/site.ts';
import type { FunctionError } from './runtime.ts';

export type { Health };

/** Said once: where everything is. */
export type Ready = {
  event: 'ready';
  /** `HOST:PORT` of the name server. */
  dns: string;
  aws: string;
  /** The state directory. */
  state: string;
  /** Zone name to hosted zone id. */
  zones: Record<string, string>;
  /** Names; the probers' by region. */
  functions: {
    controller: string;
    console: string;
    status: string;
    /** Where there is a channel to post to. */
    notifier?: string;
    probers: Record<string, string>;
  };
  operator: { accessKeyId: string; secretAccessKey: string };
};

/** What happens in the local cloud, as `npm start -- --json` prints it. `at` is ISO 8601 UTC with milliseconds. */
export type LocalEvent =
  | Ready
  | { event: 'round'; at: string; site: string; vantages: string[]; healths: Record<string, Health> }
  | Extract<LogLine, { event: 'switch' | 'published' }>
  | { event: 'announcement'; kind: string; site: string; subject: string; text: string; at: string }
  /** An event for machines, as it was published: docs/event.schema.json. */
  | { event: 'alert'; alert: AlertEvent; at: string }
  | { event: 'error'; code: string; message: string; at: string };

/** What a function printed that is no event: for people, never part of `--json`. */
export type Output = { event: 'output'; function: string; region: string; line: string; at: string };

/** Everything that is shown. */
export type Happening = LocalEvent | Output;

const KINDS: readonly string[] = [
  'round',
  'switch',
  'published',
  'error',
  'note',
  'heartbeat',
  'due',
  'probe',
] satisfies LogLine['event'][];

/** Reads one line that a function printed; `at` is when it came. A heartbeat happens to nobody: none. */
export const readLine = (
  config: Config,
  from: { function: string; region: string; line: string },
  at: string,
): Happening[] => {
  const output: Output = { event: 'output', ...from, at };
  const said = parse(from.line);
  if (said === undefined) return [output];
  if (!KINDS.includes(String(said.event))) return [output];
  const line = said as LogLine;
  switch (line.event) {
    case 'round':
      return roundOf(config, line);
    case 'switch':
      return [pick(line, ['event', 'site', 'from', 'to', 'reason', 'epoch', 'at'])];
    case 'published':
      return [pick(line, ['event', 'site', 'epoch', 'at'])];
    case 'error': {
      const message = line.site === undefined ? line.message : `${line.site}: ${line.message}`;
      return [{ event: 'error', code: line.code, message, at: line.at }];
    }
    case 'note':
      return [{ ...output, line: line.message, at: line.at }];
    case 'due':
    case 'probe':
    case 'heartbeat':
      return [];
  }
};

/** What a failed invocation of a function is to those who watch. */
export const functionFailure = (
  fn: { name: string; region: string },
  error: FunctionError,
  at: string,
): LocalEvent => ({
  event: 'error',
  code: error.errorType,
  message: `${fn.name} in ${fn.region}: ${error.errorMessage}`,
  at,
});

/** One event a site that was looked at, with the health of each of its servers in the order of the configuration. */
const roundOf = (config: Config, line: Extract<LogLine, { event: 'round' }>): LocalEvent[] => {
  const { sites: troubled, healthy, vantages, at } = line;
  const allSeen =
    typeof healthy === 'number' && healthy + Object.keys(troubled).length === config.sites.length;
  return config.sites.flatMap((site): LocalEvent[] => {
    const told = troubled[site.name];
    const isHealthy = typeof healthy === 'number' ? allSeen : healthy.includes(site.name);
    if (told === undefined && !isHealthy) return [];
    const healths = Object.fromEntries(
      site.servers.map((server): [string, Health] => [
        server.name,
        told === undefined ? 'up' : (told[server.name] ?? 'unknown'),
      ]),
    );
    return [{ event: 'round', at, site: site.name, vantages, healths }];
  });
};

const parse = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Only these, in this order: what a function adds to its log line is not promised to those who read ours. */
const pick = <T, K extends keyof T>(from: T, keys: K[]): Pick<T, K> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
