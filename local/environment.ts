import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { programFile } from '../lib/place.ts';
import type { FromRuntime, FunctionError, Invocation } from './runtime.ts';
import type { FunctionSpec } from './specs.ts';
import { installedClock } from './steady-date.ts';
import type { Warden } from './warden.ts';

/** A function as it is run here: what the template says of it, and the key that its calls are signed with. */
export type HostedFunction = Pick<
  FunctionSpec,
  'name' | 'region' | 'arn' | 'codeDir' | 'handler' | 'memoryMb' | 'timeoutSeconds' | 'environment'
> & { credentials: { accessKeyId: string; secretAccessKey: string } };

/** What an invocation came to: JSON text, or the error that Lambda would answer with. */
export type Outcome = { payload: string; error?: undefined } | { error: FunctionError };

/** One process that serves one invocation at a time and stands still in between. */
export type Environment = {
  /** Never rejects. Call again only after the last answer, and while `usable`. */
  invoke(requestId: string, payload: string): Promise<Outcome>;
  /** Resolves when the code is loaded, or the process ended before. */
  loaded: Promise<void>;
  usable(): boolean;
  /** Ends the process, frozen or not; resolves when it is gone. */
  kill(): Promise<void>;
};

/** Lambda gives a function's code ten seconds to load. */
const INIT_LIMIT_SECONDS = 10;
const RUNTIME = programFile('local/runtime');

/** Starts the process; the first invocation waits for the code to be loaded. `onLine` gets what it prints, line by line. */
export const startEnvironment = (
  fn: HostedFunction,
  endpointUrl: string,
  warden: Warden,
  onLine: (line: string) => void,
): Environment => {
  // Detached: in a session of its own, so that the terminal's Ctrl-C is handled by us and not by a function in mid-write.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', RUNTIME], {
    cwd: fn.codeDir,
    env: variables(fn, endpointUrl),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  if (child.pid !== undefined) warden.watch(child.pid);
  for (const stream of [child.stdout, child.stderr]) if (stream) byLine(stream, onLine);

  let loaded = false;
  let onLoaded = () => {};
  const loading = new Promise<void>((done) => {
    onLoaded = done;
  });
  let usable = true;
  let current: { requestId: string; payload: string; settle: (outcome: Outcome) => void } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const finish = (outcome: Outcome): void => {
    clearTimeout(timer);
    const { settle } = current ?? {};
    current = undefined;
    // Lambda freezes the environment with the answer: what the handler left running must not run on.
    if (usable) child.kill('SIGSTOP');
    settle?.(outcome);
  };
  const end = (outcome: Outcome): void => {
    usable = false;
    child.kill('SIGKILL');
    onLoaded();
    finish(outcome);
  };
  const limit = (seconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const errorMessage = `RequestId: ${current?.requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
      end({ error: { errorType: 'Sandbox.Timedout', errorMessage } });
    }, seconds * 1000);
  };
  const run = (): void => {
    if (!current) return;
    limit(fn.timeoutSeconds);
    const { requestId, payload } = current;
    const deadlineMs = Date.now() + fn.timeoutSeconds * 1000;
    // When this fails the process is ending, and its exit settles the invocation.
    const clockOffsetMs = installedClock()?.offsetMs();
    const invocation: Invocation = { requestId, functionArn: fn.arn, deadlineMs, clockOffsetMs, payload };
    child.send(invocation, () => {});
  };

  child.on('message', (message: FromRuntime) => {
    if (message.kind === 'ready') {
      loaded = true;
      onLoaded();
      run();
    } else if (message.kind === 'init-error' || message.kind === 'fatal') {
      end({ error: message.error });
    } else if (message.requestId === current?.requestId) {
      finish(message.kind === 'result' ? { payload: message.payload } : { error: message.error });
    }
  });
  const gone = new Promise<void>((done) => {
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      end({ error: { errorType: 'Runtime.StartError', errorMessage: error.message } });
      done();
    });
    child.on('exit', (code, signal) => {
      end({
        error: { errorType: 'Runtime.ExitError', errorMessage: exitText(current?.requestId, code, signal) },
      });
      done();
    });
  });

  return {
    invoke: (requestId, payload) =>
      new Promise((settle) => {
        current = { requestId, payload, settle };
        if (!loaded) return limit(INIT_LIMIT_SECONDS);
        child.kill('SIGCONT');
        run();
      }),
    loaded: loading,
    usable: () => usable,
    kill: () => {
      usable = false;
      child.kill('SIGKILL');
      return gone;
    },
  };
};

/** What Lambda gives a function, and nothing of ours: a function must not work here because of the operator's shell. */
const variables = (fn: HostedFunction, endpointUrl: string): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TZ: 'UTC',
  LANG: 'en_US.UTF-8',
  // As on Lambda, no such folder exists: the SDK must not find the operator's ~/.aws.
  HOME: '/home/sbx_user1051',
  AWS_REGION: fn.region,
  AWS_DEFAULT_REGION: fn.region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: fn.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  LAMBDA_TASK_ROOT: fn.codeDir,
  _HANDLER: fn.handler,
  // So that sites with a certificate from the operator's own authority can be probed.
  ...(process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: resolve(process.env.NODE_EXTRA_CA_CERTS) }),
  ...fn.environment,
  AWS_ACCESS_KEY_ID: fn.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: fn.credentials.secretAccessKey,
  AWS_SESSION_TOKEN: 'local',
  AWS_ENDPOINT_URL: endpointUrl,
});

const exitText = (
  requestId: string | undefined,
  code: number | null,
  signal: NodeJS.Signals | null,
): string => {
  const how = signal === null ? `exit status ${code}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  const what = code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${how}`;
  return `RequestId: ${requestId} Error: ${what}`;
};

const byLine = (stream: NonNullable<ChildProcess['stdout']>, onLine: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest.trim() !== '') onLine(rest);
  });
};
