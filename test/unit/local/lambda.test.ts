import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import type { HostedFunction, Outcome } from '../../../local/environment.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { lambdaService } from '../../../local/lambda.ts';

const ACCOUNT = '000000000000';

const fn = (name: string, region: string): HostedFunction & { role: string } => ({
  name,
  region,
  arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`,
  codeDir: '/nowhere',
  handler: 'index.handler',
  memoryMb: 128,
  timeoutSeconds: 3,
  environment: {},
  credentials: accessKeyFor(name, region),
  role: `${name}-role`,
});
const functions = [
  fn('main-controller', 'eu-west-2'),
  fn('main-prober', 'eu-west-2'),
  fn('main-prober', 'eu-west-1'),
];

let gateway: Gateway;
let invoked: { fn: string; region: string; payload: string }[] = [];
let next: Outcome = { payload: '{"ok":true}' };

before(async () => {
  const service = lambdaService({
    accountId: ACCOUNT,
    functions,
    invoke: async ({ name, region }, payload) => {
      invoked.push({ fn: name, region, payload });
      return next;
    },
  });
  gateway = await startGateway({
    port: 0,
    accountId: ACCOUNT,
    functions,
    policies: {
      'main-controller-role': [
        {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Resource: functions.slice(1).map(({ arn }) => arn),
        },
      ],
    },
    resourcePolicies: {},
    services: [service],
  });
});
after(() => gateway.close());

const send = async (input: InvokeCommandInput, region = 'eu-west-1', credentials = OPERATOR) => {
  invoked = [];
  const client = new LambdaClient({ endpoint: gateway.url, region, credentials, maxAttempts: 1 });
  try {
    const answer = await client.send(new InvokeCommand(input));
    const payload = answer.Payload?.length ? JSON.parse(answer.Payload.transformToString()) : undefined;
    return { status: answer.StatusCode, error: answer.FunctionError, payload };
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
    return { status: $metadata.httpStatusCode, name, message };
  } finally {
    client.destroy();
  }
};

describe('Invoke', () => {
  test('runs the function of the region that is called, and answers with what it returned', async () => {
    const answer = await send({ FunctionName: 'main-prober', Payload: Buffer.from('{"probes":[]}') });
    assert.deepEqual(answer, { status: 200, error: undefined, payload: { ok: true } });
    assert.deepEqual(invoked, [{ fn: 'main-prober', region: 'eu-west-1', payload: '{"probes":[]}' }]);
  });

  test('takes a whole ARN, with a qualifier too, and an empty payload', async () => {
    for (const suffix of ['', ':$LATEST']) {
      await send({ FunctionName: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:main-prober${suffix}` });
      assert.deepEqual(invoked, [{ fn: 'main-prober', region: 'eu-west-1', payload: '{}' }]);
    }
  });

  test('answers a failed function with 200 and FunctionError', async () => {
    next = { error: { errorType: 'TypeError', errorMessage: 'oh', trace: ['TypeError: oh'] } };
    const answer = await send({ FunctionName: 'main-prober' });
    next = { payload: '{"ok":true}' };
    const payload = { errorType: 'TypeError', errorMessage: 'oh', trace: ['TypeError: oh'] };
    assert.deepEqual(answer, { status: 200, error: 'Unhandled', payload });
  });

  test('with InvocationType Event, answers 202 and nothing else', async () => {
    const answer = await send({ FunctionName: 'main-prober', InvocationType: 'Event' });
    assert.deepEqual(answer, { status: 202, error: undefined, payload: undefined });
    assert.equal(invoked.length, 1);
  });
});

describe('Invoke is refused', () => {
  const megabytes = (count: number) => Buffer.from(`"${'x'.repeat(count * 1024 * 1024)}"`);
  const cases: [string, InvokeCommandInput, { status: number; name: string; message: RegExp }][] = [
    [
      'for a function that does not exist',
      { FunctionName: 'main-missing' },
      {
        status: 404,
        name: 'ResourceNotFoundException',
        message: /^Function not found: arn:aws:lambda:eu-west-1:000000000000:function:main-missing$/,
      },
    ],
    [
      'for a function of another region',
      { FunctionName: functions[1]!.arn },
      {
        status: 404,
        name: 'ResourceNotFoundException',
        message: /^Functions from 'eu-west-2' are not reachable in this region \('eu-west-1'\)$/,
      },
    ],
    [
      'for a payload that is no JSON',
      { FunctionName: 'main-prober', Payload: Buffer.from('{oh') },
      {
        status: 400,
        name: 'InvalidRequestContentException',
        message: /^Could not parse request body into json/,
      },
    ],
    [
      'for more than 6 MB',
      { FunctionName: 'main-prober', Payload: megabytes(6) },
      { status: 413, name: 'RequestTooLargeException', message: /6291458 byte payload is too large/ },
    ],
    [
      'for an event of more than 1 MB',
      { FunctionName: 'main-prober', InvocationType: 'Event', Payload: megabytes(1) },
      {
        status: 413,
        name: 'RequestTooLargeException',
        message: /Event invocation type \(limit 1048576 bytes\)/,
      },
    ],
  ];
  for (const [title, input, expected] of cases) {
    test(title, async () => {
      const { status, name, message } = await send(input);
      assert.deepEqual([status, name], [expected.status, expected.name]);
      assert.match(String(message), expected.message);
      assert.deepEqual(invoked, []);
    });
  }

  test('to a function whose role does not allow it', async () => {
    const controller = accessKeyFor('main-controller', 'eu-west-2');
    assert.equal((await send({ FunctionName: 'main-prober' }, 'eu-west-1', controller)).status, 200);
    const prober = await send(
      { FunctionName: 'main-prober' },
      'eu-west-1',
      accessKeyFor('main-prober', 'eu-west-1'),
    );
    assert.equal(prober.name, 'AccessDeniedException');
    assert.match(
      String(prober.message),
      /is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-west-1/,
    );
    assert.deepEqual(invoked, []);
  });
});
