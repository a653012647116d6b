import { randomUUID } from 'node:crypto';
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

export const startHosting = ({ endpointUrl, variables, onLog }: HostingOptions): Hosting => {
  const warden = startWarden();
  const all = new Set<Environment>();
  const free = new Map<string, Environment[]>();
  let closed = false;

  const obtain = (fn: HostedFunction): Environment => {
    const waiting = free.get(fn.arn) ?? [];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (next.usable()) return next;
      all.delete(next);
    }
    const here = { ...fn, environment: { ...fn.environment, ...variables } };
    const environment = startEnvironment(here, endpointUrl, warden, (line) =>
      onLog({ function: fn.name, region: fn.region, line }),
    );
    all.add(environment);
    return environment;
  };
  const giveBack = (fn: HostedFunction, environment: Environment): void => {
    if (!environment.usable()) return void all.delete(environment);
    const waiting = free.get(fn.arn);
    if (waiting) waiting.push(environment);
    else free.set(fn.arn, [environment]);
  };

  return {
    invoke: async (fn, payload) => {
      if (closed)
        return { error: { errorType: 'Runtime.ExitError', errorMessage: 'The local cloud has stopped.' } };
      const environment = obtain(fn);
      const outcome = await environment.invoke(randomUUID(), payload);
      giveBack(fn, environment);
      return outcome.error ? outcome : withinLimit(outcome.payload);
    },
    close: async () => {
      closed = true;
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
