import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { dynamodbClient, dynamodbStore } from '../../../../lambda/edge/dynamodb.ts';
import { LIMITS, type Limits } from '../../../../lambda/edge/limits.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { everyCall } from './every-call.ts';
import { closing, faultOf, saying, startServer } from './route53-fixture.ts';

const TIMEOUT = { timeout: 20_000 };
const HEAD = { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' };

/** What a service may do that has no end. */
const STALLS: [what: string, answer: (response: ServerResponse) => unknown][] = [
  ['silence', () => {}],
  ['a head and then silence', (response) => response.writeHead(200, HEAD).flushHeaders()],
  ['half a body and then silence', (response) => response.writeHead(200, HEAD).write('{"Item":')],
  [
    'a drip of bytes',
    (response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.writeHead(200).on('close', () => clearInterval(timer));
    },
  ],
];

describe('a call to AWS is given up', { concurrency: true }, () => {
  for (const [what, answer] of STALLS) {
    test(`after its time, whatever is met: ${what}`, TIMEOUT, async (t) => {
      const { url, close } = await startServer(answer);
      t.after(close);
      const calls = everyCall(url, { callMs: 300 });
      await Promise.all(
        calls.map(async ([name, , ask]) => {
          const fault = await faultOf(ask());
          assert.equal(fault.code, 'lost', name);
          assert.match(fault.message, /expected a whole answer within 300 ms, received none/, name);
        }),
      );
    });
  }

  test(
    'within the time that the simulated cloud assumes, and no sooner than half of it',
    TIMEOUT,
    async (t) => {
      const { url, close } = await startServer(() => {});
      t.after(close);
      for (const index of everyCall(url).keys()) {
        const clock = virtualClock(0);
        const [name, patienceMs, ask] = everyCall(url, { clock })[index] ?? assert.fail();
        let ended: unknown;
        ask().then(
          () => assert.fail(`${name} was answered`),
          (error: unknown) => {
            ended = error;
          },
        );
        await clock.runUntil(patienceMs / 2);
        assert.equal(ended, undefined, `${name} had not half of ${patienceMs} ms`);
        await clock.runUntil(patienceMs);
        assert.match(String(ended), /received none/, `${name} was not over after ${patienceMs} ms`);
      }
    },
  );
});

describe('an attempt that stalls', { concurrency: true }, () => {
  for (const [what, stall] of STALLS.slice(0, 3)) {
    test(`is ended before the call is, and made again: ${what}`, TIMEOUT, async (t) => {
      let asked = 0;
      const { url, close } = await startServer((response) => {
        asked += 1;
        return asked === 1 ? stall(response) : saying(200, '{"Item":{"term":{"N":"7"}}}')(response);
      });
      t.after(close);
      const place = { endpoint: url, region: 'eu-west-2', credentials: OPERATOR };
      const client = dynamodbClient(place, { ...LIMITS.store, answerMs: 150 });
      closing.push(() => client.destroy());
      const store = dynamodbStore(client, 'table', () => 'nonce', { callMs: 15_000 });
      assert.equal((await store.readBaton())?.term, 7);
      assert.equal(asked, 2);
    });
  }

  test('leaves time for the others: all attempts of a call fit into its time', () => {
    for (const [name, limits] of Object.entries<Limits>(LIMITS)) {
      const { connectMs, answerMs, attempts, callMs } = limits;
      assert.ok(connectMs <= answerMs && attempts * answerMs <= callMs, name);
    }
  });
});

test('nothing is sent to AWS but with an end', () => {
  const edge = new URL('../../../../lambda/edge/', import.meta.url);
  const sends = readdirSync(edge)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file, edge), 'utf8'))
    .filter((source) => source.includes("'@aws-sdk/"))
    .flatMap((source) => [...source.matchAll(/\.send\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g)]);
  assert.ok(sends.length >= 15, `${sends.length} were found`);
  for (const [text] of sends) assert.match(text, /abortSignal|sent,?\s*\)$/);
});
