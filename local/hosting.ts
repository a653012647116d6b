import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Environment, type HostedFunction, type Outcome, startEnvironment } from './environment.ts';
import { startWarden } from './warden.ts';

/** One line that a function printed. */
export type FunctionLine = { function: string; region: string; line: string };

/** Runs functions as Lambda does: any number at once, each execution environment reused but frozen between invocations. */
export type Hosting = {
  /** Never rejects: what goes wrong in the function is its outcome. `payload` is JSON text. */
  invoke(fn: HostedFunction, payload: string): Promise<Outcome>;
  /** Ends every process; invocations under way end with an error. */
  close(): Promise<void>;
};

export type HostingOptions = {
  /** Where the functions find AWS, e.g. `http://127.0.0.1:4566`. */
  endpointUrl: string;
  /** Environment variables on top of those of the template: where else the functions find this cloud. */
  variables?: Record<string, string>;
  onLog(line: FunctionLine): void;
};

/** Lambda answers at most 6 MB and a little more. */
const ANSWER_LIMIT_BYTES = 6_291_556;

/** Loading is nothing but work for the processor: with more at once than cores, all of them take longer, and none is sooner done. */
const LOADING_AT_ONCE = availableParallelism();

type Waiting = { fn: HostedFunction; take(environment: Environment | undefined): void };

const STOPPED: Outcome = {
  error: { errorType: 'Runtime.ExitError', errorMessage: 'The local cloud has stopped.' },
};

export const startHosting = ({ endpointUrl, variables, onLog }: HostingOptions): Hosting => {
  const warden = startWarden();
  const all = new Set<Environment>();
  const free = new Map<string, Environment[]>();
  /** Invocations that wait for an environment, the oldest first. */
  const waiting: Waiting[] = [];
  /** How many were started for a function, by ARN. */
  const environmentsOf = new Map<string, number>();
  let loading = 0;
  let closed = false;

  const freeOf = (fn: HostedFunction): Environment | undefined => {
    const environments = free.get(fn.arn) ?? [];
    for (let next = environments.pop(); next; next = environments.pop()) {
      if (next.usable()) return next;
      all.delete(next);
    }
    return undefined;
  };
  const start = (fn: HostedFunction): Environment => {
    const here = { ...fn, environment: { ...fn.environment, ...variables } };
    const environment = startEnvironment(here, endpointUrl, warden, (line) =>
      onLog({ function: fn.name, region: fn.region, line }),
    );
    all.add(environment);
    loading += 1;
    environmentsOf.set(fn.arn, (environmentsOf.get(fn.arn) ?? 0) + 1);
    void environment.loaded.then(() => {
      loading -= 1;
      if (!closed && waiting.length > 0) startNext();
    });
    return environment;
  };
  /** The function with the fewest environments goes first, so that a region with many invocations does not keep the others waiting. */
  const startNext = (): void => {
    const has = ({ fn }: Waiting): number => environmentsOf.get(fn.arn) ?? 0;
    const next = waiting.reduce((first, each) => (has(each) < has(first) ? each : first));
    waiting.splice(waiting.indexOf(next), 1);
    next.take(start(next.fn));
  };
  /** As on Lambda, an invocation gets whatever is there first: an environment of its own, or one that another is done with. */
  const obtain = async (fn: HostedFunction): Promise<Environment | undefined> => {
    const known = freeOf(fn);
    if (known !== undefined || closed) return known;
    if (loading < LOADING_AT_ONCE) return start(fn);
    return new Promise((take) => waiting.push({ fn, take }));
  };
  const giveBack = (fn: HostedFunction, environment: Environment): void => {
    if (!environment.usable()) return void all.delete(environment);
    const next = waiting.find((each) => each.fn.arn === fn.arn);
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      next.take(environment);
      return;
    }
    const environments = free.get(fn.arn);
    if (environments) environments.push(environment);
    else free.set(fn.arn, [environment]);
  };

  return {
    invoke: async (fn, payload) => {
      const environment = closed ? undefined : await obtain(fn);
      if (environment === undefined) return STOPPED;
      const outcome = await environment.invoke(randomUUID(), payload);
      giveBack(fn, environment);
      return outcome.error ? outcome : withinLimit(outcome.payload);
    },
    close: async () => {
      closed = true;
      for (const { take } of waiting.splice(0)) take(undefined);
      await Promise.all([...all].map((environment) => environment.kill()));
      warden.close();
    },
  };
};

const withinLimit = (payload: string): Outcome =>
  Buffer.byteLength(payload) <= ANSWER_LIMIT_BYTES
    ? { payload }
    : {
        error: {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${ANSWER_LIMIT_BYTES} bytes).`,
        },
      };
