import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Fault } from '../../../lambda/core/fault.ts';
import { lambdaProbers } from '../../../lambda/edge/lambda.ts';

const EVENT = { probes: [], deadlineMs: 1_000 };

/** What an Invoke comes to when Lambda answers so; `asked` is how often it was asked. */
const invoked = async (t: TestContext, answer: (response: ServerResponse, asked: number) => void) => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => answer(response, asked));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const result = await lambdaProbers('main-prober')
    .probe('eu-west-2', EVENT)
    .catch((error: unknown) => error);
  return { result, asked };
};

test('a prober that Lambda killed for its memory saw nothing: a fault, not a failed server', async (t) => {
  const { result } = await invoked(t, (response) => {
    response.setHeader('X-Amz-Function-Error', 'Unhandled');
    response.end(
      JSON.stringify({
        errorType: 'Runtime.OutOfMemory',
        errorMessage: 'Error: Runtime exited with signal: killed',
      }),
    );
  });
  assert.ok(result instanceof Fault);
  assert.equal(result.code, 'lost');
  assert.match(result.message, /main-prober in eu-west-2 failed: .*OutOfMemory/);
});

test('an answer that is none is a fault as well', async (t) => {
  const { result } = await invoked(t, (response) => response.end('<html>'));
  assert.ok(result instanceof Fault);
});

test('a connection that is reset is tried once more, and no second time', async (t) => {
  const { result, asked } = await invoked(t, (response, count) => {
    if (count === 1) response.socket?.resetAndDestroy();
    else response.end(JSON.stringify({ observations: [] }));
  });
  assert.deepEqual(result, []);
  assert.equal(asked, 2);
  const always = await invoked(t, (response) => response.socket?.resetAndDestroy());
  assert.ok(always.result instanceof Fault);
  assert.equal(always.asked, 2);
});
