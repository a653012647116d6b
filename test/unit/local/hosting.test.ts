import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostedFunction } from '../../../local/environment.ts';
import { type FunctionLine, type Hosting, startHosting } from '../../../local/hosting.ts';
import { installSteadyDate } from '../../../local/steady-date.ts';

/** One bundle with a handler for each behaviour; `{ do: … }` in the event chooses. */
const BUNDLE = `
let ticks = 0;
let served = 0;
const behaviours = {
  echo: (event) => event,
  now: () => [Date.now(), new Date().getTime()],
  environment: () => process.env,
  context: (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }),
  pid: () => ({ pid: process.pid, served }),
  tick: () => { setInterval(() => { ticks += 1; }, 10); return ticks; },
  ticks: () => ticks,
  print: () => { process.stdout.write('{"a":"\\u2028"}\\nsecond'); process.stdout.write(' half\\n'); console.error('bad'); },
  throw: () => { throw new TypeError('no such thing'); },
  reject: () => { Promise.reject(new Error('unheard')); return new Promise(() => {}); },
  exit: () => process.exit(3),
  leave: () => process.exit(0),
  hang: () => new Promise(() => {}),
  spin: () => { for (;;); },
  wait: ({ ms }) => new Promise((done) => setTimeout(done, ms, process.pid)),
  cycle: () => { const me = {}; me.me = me; return me; },
  large: ({ bytes }) => 'x'.repeat(bytes),
};
exports.handler = async (event, context) => { served += 1; return behaviours[event.do](event, context); };
exports.old = (event, context, callback) => callback(null, 1);
exports.notAFunction = 7;
exports.nested = { handler: async () => 'nested' };
`;

let folder: string;
let hosting: Hosting;
const lines: FunctionLine[] = [];

const fn = (name: string, changes: Partial<HostedFunction> = {}): HostedFunction => ({
  name,
  region: 'eu-west-2',
  arn: `arn:aws:lambda:eu-west-2:000000000000:function:${name}`,
  codeDir: folder,
  handler: 'index.handler',
  memoryMb: 128,
  timeoutSeconds: 10,
  environment: { COLOUR: 'blue' },
  credentials: { accessKeyId: `${name}@eu-west-2`, secretAccessKey: 'secret' },
  ...changes,
});

const ask = async (of: HostedFunction, event: unknown): Promise<unknown> => {
  const outcome = await hosting.invoke(of, JSON.stringify(event));
  return outcome.error ?? JSON.parse(outcome.payload);
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosting-'));
  await writeFile(join(folder, 'index.cjs'), BUNDLE);
  await writeFile(join(folder, 'broken.cjs'), 'this is not code');
  await writeFile(join(folder, 'missing.cjs'), 'require("no-such-package")');
  await writeFile(join(folder, 'throwing.cjs'), 'throw new RangeError("at load")');
  hosting = startHosting({ endpointUrl: 'http://127.0.0.1:1', onLog: (line) => lines.push(line) });
});
after(async () => {
  await hosting.close();
  await rm(folder, { recursive: true });
});

describe('an invocation', () => {
  test('gets the event and answers JSON', async () => {
    assert.deepEqual(await ask(fn('a'), { do: 'echo', n: [1, 'ü'] }), { do: 'echo', n: [1, 'ü'] });
    assert.equal(await ask(fn('a'), { do: 'print' }), null);
  });

  test('gets the context that Lambda gives', async () => {
    const context = (await ask(fn('a'), { do: 'context' })) as Record<string, unknown>;
    assert.equal(context.functionName, 'a');
    assert.equal(context.memoryLimitInMB, '128');
    assert.equal(context.invokedFunctionArn, fn('a').arn);
    assert.match(String(context.awsRequestId), /^[\da-f-]{36}$/);
    const remaining = Number(context.remaining);
    assert.ok(remaining > 5000 && remaining <= 10_000, `remaining ${remaining}`);
  });

  test('gets the environment of the template and of Lambda, and nothing of the shell', async () => {
    process.env.SECRET_OF_THE_SHELL = '1';
    const environment = (await ask(fn('fresh'), { do: 'environment' })) as Record<string, string>;
    delete process.env.SECRET_OF_THE_SHELL;
    assert.equal(environment.COLOUR, 'blue');
    assert.equal(environment.AWS_REGION, 'eu-west-2');
    assert.equal(environment.AWS_ACCESS_KEY_ID, 'fresh@eu-west-2');
    assert.equal(environment.AWS_ENDPOINT_URL, 'http://127.0.0.1:1');
    assert.equal(environment.TZ, 'UTC');
    assert.equal(environment.SECRET_OF_THE_SHELL, undefined);
    assert.equal(environment.NODE_OPTIONS, undefined);
  });

  test('reuses a free environment and starts another when none is free', async () => {
    const warm = fn('pool');
    const first = (await ask(warm, { do: 'pid' })) as { pid: number };
    const again = (await ask(warm, { do: 'pid' })) as { pid: number; served: number };
    assert.deepEqual([again.pid, again.served], [first.pid, 2]);
    const pids = await Promise.all([1, 2].map(() => ask(warm, { do: 'wait', ms: 300 })));
    assert.notEqual(pids[0], pids[1]);
    assert.ok(pids.includes(first.pid));
  });
});

test('invocations that come at once take what is free first, and no process each', async () => {
  const busy = fn('busy');
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(busy, { do: 'pid' })));
  const pids = new Set((answers as { pid: number }[]).map(({ pid }) => pid));
  assert.ok(pids.size < 50, `${pids.size} processes`);
});

test('an invocation that still waits for a process when the cloud stops is told so', async () => {
  const own = startHosting({ endpointUrl: 'http://127.0.0.1:1', onLog: () => {} });
  const outcomes = Array.from({ length: 50 }, () => own.invoke(fn('waiting'), '{"do":"hang"}'));
  await own.close();
  for (const outcome of await Promise.all(outcomes))
    assert.equal(outcome.error?.errorType, 'Runtime.ExitError');
});

test('nothing runs between two invocations', async () => {
  const ticking = fn('ticking');
  await ask(ticking, { do: 'tick' });
  await sleep(400);
  const ticks = Number(await ask(ticking, { do: 'ticks' }));
  // Unfrozen, the timer of 10 ms would have fired some forty times.
  assert.ok(ticks < 10, `${ticks} ticks`);
});

test('what a function prints is delivered line by line, from both streams', async () => {
  lines.length = 0;
  await ask(fn('printing'), { do: 'print' });
  for (let turn = 0; turn < 100 && lines.length < 3; turn += 1) await sleep(10);
  assert.deepEqual(lines.map(({ line }) => line).sort(), ['bad', 'second half', '{"a":"\u2028"}']);
  assert.deepEqual([lines[0]?.function, lines[0]?.region], ['printing', 'eu-west-2']);
});

describe('a failure is told as Lambda tells it', () => {
  const cases: [string, Partial<HostedFunction>, unknown, { errorType: string; errorMessage: RegExp }][] = [
    ['thrown', {}, { do: 'throw' }, { errorType: 'TypeError', errorMessage: /^no such thing$/ }],
    [
      'timeout',
      { timeoutSeconds: 0.3 },
      { do: 'hang' },
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: /^RequestId: [\da-f-]{36} Error: Task timed out after 0\.30 seconds$/,
      },
    ],
    [
      'busy for ever',
      { timeoutSeconds: 0.3 },
      { do: 'spin' },
      { errorType: 'Sandbox.Timedout', errorMessage: /timed out/ },
    ],
    [
      'exit',
      {},
      { do: 'exit' },
      { errorType: 'Runtime.ExitError', errorMessage: /Error: Runtime exited with error: exit status 3$/ },
    ],
    [
      'exit 0',
      {},
      { do: 'leave' },
      { errorType: 'Runtime.ExitError', errorMessage: /Error: Runtime exited without providing a reason$/ },
    ],
    [
      'unhandled rejection',
      {},
      { do: 'reject' },
      { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: /^Error: unheard$/ },
    ],
    [
      'no JSON',
      {},
      { do: 'cycle' },
      { errorType: 'Runtime.JSONStringifyError', errorMessage: /^Unable to stringify/ },
    ],
    [
      'too large',
      {},
      { do: 'large', bytes: 6_291_560 },
      { errorType: 'Function.ResponseSizeTooLarge', errorMessage: /6291556 bytes/ },
    ],
    [
      'callback',
      { handler: 'index.old' },
      {},
      { errorType: 'Runtime.CallbackHandlerDeprecated', errorMessage: /callback-based/ },
    ],
    [
      'not exported',
      { handler: 'index.none' },
      {},
      { errorType: 'Runtime.HandlerNotFound', errorMessage: /^index\.none is undefined or not exported$/ },
    ],
    [
      'not a function',
      { handler: 'index.notAFunction' },
      {},
      { errorType: 'Runtime.HandlerNotFound', errorMessage: /not a function/ },
    ],
    [
      'no module',
      { handler: 'nowhere.handler' },
      {},
      { errorType: 'Runtime.ImportModuleError', errorMessage: /Cannot find module 'nowhere'/ },
    ],
    [
      'no package',
      { handler: 'missing.handler' },
      {},
      { errorType: 'Runtime.ImportModuleError', errorMessage: /no-such-package/ },
    ],
    [
      'syntax',
      { handler: 'broken.handler' },
      {},
      { errorType: 'Runtime.UserCodeSyntaxError', errorMessage: /^SyntaxError/ },
    ],
    [
      'thrown at load',
      { handler: 'throwing.handler' },
      {},
      { errorType: 'RangeError', errorMessage: /^at load$/ },
    ],
  ];
  for (const [index, [title, changes, event, expected]] of cases.entries()) {
    test(title, async () => {
      const error = (await ask(fn(`failing-${index}`, changes), event)) as {
        errorType: string;
        errorMessage: string;
      };
      assert.equal(error.errorType, expected.errorType);
      assert.match(error.errorMessage, expected.errorMessage);
    });
  }

  test('after a crash or a timeout the next invocation has a new environment', async () => {
    const crashing = fn('crashing', { timeoutSeconds: 2 });
    const before = (await ask(crashing, { do: 'pid' })) as { pid: number };
    await ask(crashing, { do: 'exit' });
    const next = (await ask(crashing, { do: 'pid' })) as { pid: number; served: number };
    assert.notEqual(next.pid, before.pid);
    assert.equal(next.served, 1);
  });
});

test('a nested export is found', async () => {
  assert.equal(await ask(fn('nested', { handler: 'index.nested.handler' }), {}), 'nested');
});

test("a function has the host's clock, also when the machine's was set back since", async () => {
  const clock = installSteadyDate();
  const wallMs = performance.timeOrigin + performance.now();
  clock.join(clock.offsetMs() + 300_000);
  for (const shown of (await ask(fn('clock'), { do: 'now' })) as number[])
    assert.ok(shown >= wallMs + 299_000, `${shown - wallMs} ms ahead of the machine`);
});
