import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Buckets, changeTokens, payFor } from '../../../local/route53-limits.ts';

/** Calls until one is throttled, at one moment. */
const callsUntilThrottled = (
  start: Buckets,
  now: number,
  action: string,
  tokens: number,
): [number, Buckets] => {
  let buckets = start;
  for (let calls = 0; ; calls += 1) {
    const paid = payFor(buckets, now, action, tokens);
    if (paid === undefined) return [calls, buckets];
    buckets = paid;
  }
};

test('an account makes 50 calls at once and 10 a second after that, whatever they are', () => {
  const [first, empty] = callsUntilThrottled({}, 0, 'GetChange', 0);
  assert.equal(first, 50);
  assert.equal(
    payFor(empty, 0, 'ListResourceRecordSets', 0),
    undefined,
    'the bucket for all actions is shared',
  );
  assert.equal(callsUntilThrottled(empty, 1000, 'ListResourceRecordSets', 0)[0], 10);
  assert.equal(callsUntilThrottled(empty, 3_600_000, 'GetChange', 0)[0], 50, 'a bucket does not overflow');
});

test('changes have 1,500 tokens and regain 100 a second; an UPSERT costs two', () => {
  assert.equal(changeTokens(['CREATE', 'DELETE', 'UPSERT']), 4);
  const [calls, empty] = callsUntilThrottled({}, 0, 'ChangeResourceRecordSets', 400);
  assert.equal(calls, 3);
  assert.ok(payFor(empty, 0, 'ChangeResourceRecordSets', 300), '1,500 are 3 times 400 and 300');
  assert.equal(payFor(empty, 990, 'ChangeResourceRecordSets', 400), undefined);
  assert.ok(payFor(empty, 1000, 'ChangeResourceRecordSets', 400));
});

test('a throttled call costs nothing', () => {
  const buckets = payFor({}, 0, 'ChangeResourceRecordSets', 1000)!;
  const before = structuredClone(buckets);
  assert.equal(payFor(buckets, 0, 'ChangeResourceRecordSets', 501), undefined);
  assert.deepEqual(buckets, before);
  assert.ok(payFor(buckets, 0, 'ChangeResourceRecordSets', 500));
});
