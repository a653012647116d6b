import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { lambdaHeart, lambdaProbers, readAnswer } from '../../../../lambda/edge/lambda.ts';
import { OPERATOR } from '../../../../local/credentials.ts';

const EVENT: ProberEvent = { probes: [], deadlineMs: 1_000 };
const TIMEOUT = { timeout: 20_000 };

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
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result = await lambdaProbers('main-prober', { place: { endpoint, credentials: OPERATOR } })
    .probe('eu-west-2', EVENT)
    .catch((error: unknown) => error);
  return { result, asked };
};

test(
  'a prober that Lambda killed for its memory saw nothing: a fault, not a failed server',
  TIMEOUT,
  async (t) => {
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
  },
);

/** What another function may answer in the prober's place, and how it is shown. */
const MISFITS: [payload: string, shown: string][] = [
  ['', 'nothing'],
  ['<html>', '<html>'],
  ['null', 'null'],
  ['"text"', '"text"'],
  ['{}', '{}'],
  ['[]', '[]'],
  ['['.repeat(100_000) + ']'.repeat(100_000), 'a value that is nested too deep to be shown'],
  ['{"statusCode":200,"body":"Hello from Lambda!"}', '{"statusCode":200,"body":"Hello from Lambda!"}'],
  ['{"observations":"x"}', '{"observations":"x"}'],
  ['{"observations":[null]}', 'null'],
  ['{"observations":[{}]}', '{}'],
];

test('an answer that is none is a fault, which says what was received and what to do', TIMEOUT, async (t) => {
  for (const [payload, shown] of MISFITS) {
    const { result } = await invoked(t, (response) => response.end(payload));
    assert.ok(result instanceof Fault, payload);
    assert.equal(result.code, 'lost');
    const words = `Lambda Invoke: expected observations from main-prober in eu-west-2, received ${shown}; deploy again`;
    assert.equal(result.message, words);
  }
});

test('however much was received, little of it is told', TIMEOUT, async (t) => {
  const junk = 'x'.repeat(6_000_000);
  for (const payload of [junk, JSON.stringify(junk), JSON.stringify({ observations: [{ detail: junk }] })]) {
    const { result } = await invoked(t, (response) => response.end(payload));
    assert.ok(result instanceof Fault);
    assert.match(result.message, /received ["{x].*\.\.\.; deploy again$/);
    assert.ok(result.message.length < 200, result.message);
    assert.throws(() => readAnswer(payload, EVENT, 'a prober'), { name: 'Fault', code: 'lost' });
  }
});

test('a connection that is reset is tried once more, and no second time', TIMEOUT, async (t) => {
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

test('a heartbeat goes to the function of the alarm, in its region, and to no prober', TIMEOUT, async (t) => {
  const asked: string[] = [];
  let broken = false;
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${/\/(eu-[a-z]+-\d)\//.exec(request.headers.authorization ?? '')?.[1]}`);
    if (broken) response.setHeader('X-Amz-Function-Error', 'Unhandled');
    request.resume().on('end', () => response.end(broken ? '{"errorType":"Oops"}' : 'null'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = { endpoint, credentials: OPERATOR };
  const heart = lambdaHeart('main-heartbeat', 'eu-west-1', { place });
  const probers = lambdaProbers('main-prober', { place, heart });
  const event = { ...EVENT, heartbeat: { deployment: 'main', roundsDecided: 6 } };
  assert.deepEqual(await probers.probe('eu-west-2', event), []);
  assert.deepEqual(asked, ['/2015-03-31/functions/main-heartbeat/invocations eu-west-1']);
  broken = true;
  await assert.rejects(probers.probe('eu-west-2', event), (error: Error) => {
    assert.ok(error instanceof Fault);
    assert.match(error.message, /main-heartbeat in eu-west-1 failed: .*Oops/);
    return true;
  });
});
