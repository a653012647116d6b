import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesWithin, emptied, fullBuckets, take } from '../../../lambda/core/buckets.ts';
import { payFor } from '../../../local/route53-limits.ts';

const NOW_MS = 1_800_000_000_000;

test('a burst is free, what follows waits for the refill', () => {
  let { buckets, waitMs } = take(fullBuckets(NOW_MS), NOW_MS, 1500);
  assert.equal(waitMs, 0);
  ({ buckets, waitMs } = take(buckets, NOW_MS, 100));
  assert.equal(waitMs, 1001);
  assert.equal(take(buckets, NOW_MS, 0).waitMs, 0, 'what only reads does not wait for change tokens');
  assert.equal(changesWithin(buckets, NOW_MS, 2000), 100);
  assert.equal(changesWithin(buckets, NOW_MS + 20_000, 0), 1500, 'no more than the burst gathers');
});

test('after a burst of requests each waits a tenth of a second longer', () => {
  let buckets = fullBuckets(NOW_MS);
  const waits = Array.from({ length: 53 }, () => {
    const taken = take(buckets, NOW_MS, 0);
    buckets = taken.buckets;
    return taken.waitMs;
  });
  assert.deepEqual(waits.slice(48), [0, 0, 101, 201, 301]);
});

test('once throttled the buckets count as empty', () => {
  const buckets = emptied(fullBuckets(NOW_MS), NOW_MS);
  assert.equal(take(buckets, NOW_MS, 100).waitMs, 1001);
  assert.equal(changesWithin(buckets, NOW_MS, 2000), 200);
});

test('whoever waits as told is never throttled by the account’s own buckets', () => {
  let ours = fullBuckets(NOW_MS);
  let theirs = {};
  let nowMs = NOW_MS;
  for (let call = 0; call < 500; call++) {
    const changes = (call * 37) % 400;
    const taken = take(ours, nowMs, changes);
    ours = taken.buckets;
    nowMs += taken.waitMs;
    const paid = payFor(theirs, nowMs, 'ChangeResourceRecordSets', changes);
    assert.ok(paid !== undefined, `throttled at call ${call}`);
    theirs = paid;
  }
});
