import type { LogLine } from './contract.ts';
import type { KnownDeployment } from './core/deployment.ts';
import { Fault } from './core/fault.ts';
import type { Config } from './core/site.ts';
import type { Intent } from './core/state.ts';
import type { Surgery } from './doctor/account.ts';
import type { Clock } from './edge/clock.ts';
import type { DnsEdge } from './edge/dns.ts';
import type { Store } from './edge/dynamodb.ts';
import type { Addresses } from './edge/ec2.ts';
import type { Probers } from './edge/lambda.ts';
import type { Zones } from './edge/route53.ts';
import type { Topic } from './edge/sns.ts';
import type { Pacer } from './pacer.ts';
import type { Secrets } from './secrets.ts';

/** Everything outside that the controller and the console touch. Tests and the simulator bring their own. */
export type World = {
  config: Config;
  /** Zone name to hosted zone id. */
  zoneIds: Record<string, string>;
  clock: Clock;
  probers: Probers;
  zones: Zones;
  /** Keeps the requests to Route 53 within the account's limits; without it they are sent at once. */
  pacer?: Pacer;
  store: Store;
  topic: Topic;
  /** Where a site moves an Elastic IP. */
  addresses?: Addresses;
  /** Only for who watches: without it no switch is proven, and edits are seen when the zone is listed. */
  dns?: DnsEdge;
  /** Only for who probes: a site whose probe has a secret is not looked at without. */
  secrets?: Secrets;
  /** Without it no daily check is made, and none on demand. */
  surgery?: Surgery;
  log(line: LogLine): void;
  memory: Memory;
  /** When the first interval round after `afterMs` is due, where that is not as in `core/phase.ts`; for tests that are read by people. */
  nextDueMs?(afterMs: number): number;
  /** A text that no other call and no other process answers. */
  nonce(): string;
};

/** What this process told last when nothing could be stored, by kind: milliseconds. It lives as long as the process does. */
export type Memory = Map<string, number> & {
  /** What the last controller knew of the deployment and could not store: the next one goes on from there, and tells nothing twice. */
  deployment?: KnownDeployment;
};

/** ISO 8601 UTC with milliseconds, as every log line has it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/**
 * Logs what an outside system refused or left open. The code is AWS's own where there is one (`AccessDenied`), because that is
 * what people search for; else what we were doing and what came of it (`write-lost`).
 */
export const logFault = (world: World, during: string, fault: Fault, site?: string): void => {
  const named = fault.cause instanceof Error ? fault.cause.name : '';
  const code = /^[A-Z][A-Za-z]+$/.test(named) && !/Error$/.test(named) ? named : `${during}-${fault.code}`;
  const at = isoTime(world.clock.now());
  world.log({
    event: 'error',
    code,
    during,
    message: fault.message,
    at,
    ...(site === undefined ? {} : { site }),
  });
};

/** Runs work as soon as there is room for it: so many at a time, in the order in which they came. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

export const newSlots = (atOnce: number): Slots => {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};

/** Ends with `work`, or after `ms` milliseconds if that takes longer; answers whether it came to its end. */
export const soon = async (clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> => {
  const isOver = new AbortController();
  const ended = work.then(() => true);
  const late = clock.sleep(ms, isOver.signal).then(() => false);
  try {
    return await Promise.race([ended, late]);
  } finally {
    isOver.abort();
  }
};

/** What `work` comes to within `ms` milliseconds; undefined where it takes longer, or the outside kept it from it. */
export const inTime = async <T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> => {
  const found = orUndefined(work);
  return (await soon(clock, ms, found)) ? found : undefined;
};

/** Documents of the state table written side by side. */
export const DOCUMENTS_AT_ONCE = 25;

/** Runs `work` on every item, at most `atOnce` at a time: a thousand sites must not open a thousand connections. */
export const eachOf = async <T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
};

/** What `work` comes to; `undefined` where the outside kept it from it. */
export const orUndefined = async <T>(work: Promise<T>): Promise<T | undefined> => {
  const found = await orFault(work);
  return found instanceof Fault ? undefined : found;
};

/** The same, or the fault with which the outside kept it from it. */
export const orFault = async <T>(work: Promise<T>): Promise<T | Fault> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

/** The log line of a switch that landed; none for a write that moved nothing. */
export const switchLine = (site: string, landed: Intent, atMs: number): LogLine | undefined => {
  const { act, from, to, reason, epoch } = landed;
  if (act !== 'serve' || from === to) return undefined;
  return { event: 'switch', site, from, to, reason, epoch, at: isoTime(atMs) };
};
