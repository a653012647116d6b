/**
 * What runs inside one execution environment: it loads the handler as Lambda's nodejs24.x does and answers one invocation
 * at a time over IPC. Entry point of a child process; import its types only. Error names and texts are those of AWS's
 * own runtime client (npm aws-lambda-ric 4).
 */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installSteadyDate } from './steady-date.ts';

/** An invocation as the host sends it. `payload` is JSON text. */
export type Invocation = {
  requestId: string;
  functionArn: string;
  deadlineMs: number;
  /** Of the host's steady clock, where it has one. */
  clockOffsetMs: number | undefined;
  payload: string;
};

/** What a failed invocation answers, as Lambda spells it. */
export type FunctionError = { errorType: string; errorMessage: string; trace?: string[] };

export type FromRuntime =
  | { kind: 'ready' }
  | { kind: 'init-error'; error: FunctionError }
  | { kind: 'result'; requestId: string; payload: string }
  | { kind: 'error'; requestId: string; error: FunctionError }
  | { kind: 'fatal'; error: FunctionError };

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

const CALLBACKS_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify ' +
  'this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
  'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

const functionError = (thrown: unknown, errorType?: string): FunctionError =>
  thrown instanceof Error
    ? {
        errorType: errorType ?? thrown.name,
        errorMessage: thrown.message,
        trace: (thrown.stack ?? '').split('\n'),
      }
    : { errorType: errorType ?? typeof thrown, errorMessage: String(thrown), trace: [] };

const tell = (message: FromRuntime, then?: () => void): void => {
  // The host is gone when this throws or fails, and then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, undefined, () => then?.());
  else then?.();
};

const load = async (taskRoot: string, handlerString: string): Promise<Handler> => {
  const [, moduleName, path] = /^([^.]*)\.(.*)$/.exec(basename(handlerString)) ?? [];
  if (moduleName === undefined || path === undefined)
    throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const folder = handlerString.slice(0, -basename(handlerString).length);
  const stem = resolve(taskRoot, folder, moduleName);
  const file = ['', '.js', '.mjs', '.cjs'].map((extension) => stem + extension).find(existsSync);
  if (file === undefined) {
    throw named(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${moduleName}' in ${join(taskRoot, folder)}`,
    );
  }
  const loaded = await importModule(file);
  const handler = member(loaded, path) ?? member((loaded as { default?: unknown }).default, path);
  if (handler === undefined) {
    throw named('Runtime.HandlerNotFound', `${handlerString} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${handlerString} is not a function`);
  }
  if (handler.length >= 3) throw named('Runtime.CallbackHandlerDeprecated', CALLBACKS_REMOVED);
  return handler as Handler;
};

const importModule = async (file: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', `Error: ${(error as Error).message}`);
    }
    throw error;
  }
};

const member = (from: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      from,
    );

const stringify = (value: unknown): string => {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? 'null';
  } catch {
    throw named('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
};

const context = (invocation: Invocation): Record<string, unknown> => ({
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  invokedFunctionArn: invocation.functionArn,
  awsRequestId: invocation.requestId,
  getRemainingTimeInMillis: () => invocation.deadlineMs - Date.now(),
});

const answer = async (handler: Handler, invocation: Invocation): Promise<void> => {
  try {
    const payload = stringify(await handler(JSON.parse(invocation.payload), context(invocation)));
    tell({ kind: 'result', requestId: invocation.requestId, payload });
  } catch (error) {
    tell({ kind: 'error', requestId: invocation.requestId, error: functionError(error) });
  }
};

const start = async (): Promise<void> => {
  // Before the handler's code is loaded: it may keep what it finds.
  const clock = installSteadyDate();
  // A child that outlives its host would go on writing to DNS and state with nobody watching.
  process.on('disconnect', () => process.exit(0));
  if (!process.connected) process.exit(0);
  // Lambda's runtime ends the environment with these codes; what the invocation answers names the error.
  process.on('uncaughtException', (error) => {
    tell({ kind: 'fatal', error: functionError(error) }, () => process.exit(129));
  });
  process.on('unhandledRejection', (reason) => {
    const error = functionError(String(reason), 'Runtime.UnhandledPromiseRejection');
    tell({ kind: 'fatal', error }, () => process.exit(128));
  });
  try {
    const handler = await load(process.env.LAMBDA_TASK_ROOT ?? '', process.env._HANDLER ?? '');
    process.on('message', (invocation: Invocation) => {
      clock.join(invocation.clockOffsetMs ?? Number.NEGATIVE_INFINITY);
      void answer(handler, invocation);
    });
    tell({ kind: 'ready' });
  } catch (error) {
    tell({ kind: 'init-error', error: functionError(error) }, () => process.exit(1));
  }
};

await start();
