import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answered,
  changesWithin,
  fullBuckets,
  refusedCall,
  take,
} from '../../../../../lambda/core/zone/rate-limit.ts';
import { payFor } from '../../../../../local/route53-limits.ts';

const NOW_MS = 1_800_000_000_000;

test('a burst is free, what follows waits for the refill', () => {
  let { buckets, waitMs } = take(fullBuckets(NOW_MS), NOW_MS, 1450);
  assert.equal(waitMs, 0);
  buckets = answered(buckets, NOW_MS, 1450);
  ({ buckets, waitMs } = take(buckets, NOW_MS, 100));
  assert.equal(waitMs, 1001);
  buckets = answered(buckets, NOW_MS, 100);
  assert.equal(take(buckets, NOW_MS, 0).waitMs, 0, 'what only reads does not wait for change tokens');
  assert.equal(changesWithin(buckets, NOW_MS, 2000), 100);
  assert.equal(changesWithin(buckets, NOW_MS + 20_000, 0), 1450, 'no more than the burst gathers');
});

test('after a burst of requests each waits a tenth of a second longer', () => {
  let buckets = fullBuckets(NOW_MS);
  const waits = Array.from({ length: 48 }, () => {
    const taken = take(buckets, NOW_MS, 0);
    buckets = taken.buckets;
    return taken.waitMs;
  });
  assert.deepEqual(waits.slice(43), [0, 0, 101, 201, 301]);
});

test('a refused call takes nothing, and proves that there is less than it needed', () => {
  const asked = answered(take(fullBuckets(NOW_MS), NOW_MS, 1000).buckets, NOW_MS, 1000);
  const buckets = refusedCall(asked, NOW_MS, 1000);
  assert.equal(changesWithin(buckets, NOW_MS, 0), 500);
  assert.equal(take(buckets, NOW_MS, 0).waitMs, 101, 'it may have been the requests that were short');
  const inDebt = answered(take(asked, NOW_MS, 1000).buckets, NOW_MS, 1000);
  assert.equal(changesWithin(refusedCall(inDebt, NOW_MS, 1000), NOW_MS, 0), 450, 'no more than it had');
});

test('controllers that share an account each have their part of what comes back', () => {
  let ours = answered(take(fullBuckets(NOW_MS, 4), NOW_MS, 1450).buckets, NOW_MS, 1450);
  assert.equal(changesWithin(ours, NOW_MS + 1000, 0), 25);
  ours = answered(take(ours, NOW_MS, 100).buckets, NOW_MS, 100);
  assert.equal(changesWithin(ours, NOW_MS + 4000, 0), 0);
  assert.equal(changesWithin(ours, NOW_MS + 8000, 0), 100);
});

test('whoever waits as told is never throttled by the account’s own buckets', () => {
  let ours = fullBuckets(NOW_MS);
  let theirs = {};
  let nowMs = NOW_MS;
  for (let call = 0; call < 500; call++) {
    const changes = (call * 37) % 400;
    const taken = take(ours, nowMs, changes);
    nowMs += taken.waitMs;
    ours = answered(taken.buckets, nowMs, changes);
    const paid = payFor(theirs, nowMs, 'ChangeResourceRecordSets', changes);
    assert.ok(paid !== undefined, `throttled at call ${call}`);
    theirs = paid;
  }
});

test('nor by calls that arrive up to half a second late, each by another while', () => {
  let ours = fullBuckets(NOW_MS);
  let theirs = {};
  let [nowMs, arrivedMs] = [NOW_MS, NOW_MS];
  for (let call = 0; call < 500; call++) {
    const changes = (call * 37) % 400;
    const taken = take(ours, nowMs, changes);
    nowMs += taken.waitMs;
    ours = answered(taken.buckets, nowMs, changes);
    arrivedMs = Math.max(arrivedMs, nowMs + ((call * 271) % 499));
    const paid = payFor(theirs, arrivedMs, 'ChangeResourceRecordSets', changes);
    assert.ok(paid !== undefined, `throttled at call ${call}`);
    theirs = paid;
  }
});

test('a batch that is long on its way to a full account costs the time until it is answered', () => {
  const taken = take(fullBuckets(NOW_MS), NOW_MS, 900).buckets;
  const arrivedMs = NOW_MS + 3000;
  const theirs = payFor({}, arrivedMs, 'ChangeResourceRecordSets', 900);
  const ours = answered(taken, arrivedMs, 900);
  const { waitMs } = take(ours, arrivedMs, 700);
  assert.equal(waitMs, 1501);
  assert.ok(payFor(theirs ?? {}, arrivedMs + waitMs, 'ChangeResourceRecordSets', 700));
});
