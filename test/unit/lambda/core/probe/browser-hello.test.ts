import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDueMs } from '../../../../../lambda/core/evidence/jitter.ts';
import { isHelloDue, worseHello } from '../../../../../lambda/core/probe/browser-hello.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 29);

test('each site is offered a large hello in one look of each hour, or in two that are close', () => {
  for (const intervalMs of [5_000, 10_000, 60_000]) {
    for (const site of ['www.a.test', 'www.b.test', 'www.c.test']) {
      const hours = Array.from({ length: 24 }, () => 0);
      let dueMs = nextDueMs('main', intervalMs, START_MS - 1);
      for (; dueMs < START_MS + 24 * HOUR_MS; dueMs = nextDueMs('main', intervalMs, dueMs)) {
        const hour = Math.floor((dueMs - START_MS) / HOUR_MS);
        if (isHelloDue(site, dueMs, intervalMs)) hours[hour] = (hours[hour] ?? 0) + 1;
      }
      // The minute of a site may lie where one hour ends and the next begins.
      const sum = hours.reduce((a, b) => a + b, 0);
      assert.ok(sum >= 23 && sum <= 50 && Math.max(...hours) <= 3, `${site}, ${intervalMs}: ${hours}`);
    }
  }
});

test('not all sites are offered it at the same time', () => {
  const sites = Array.from({ length: 600 }, (_, nth) => `www${nth}.site.test`);
  const atOnce = Array.from({ length: 360 }, (_, nth) => START_MS + nth * 10_000).map(
    (startMs) => sites.filter((site) => isHelloDue(site, startMs, 10_000)).length,
  );
  assert.ok(Math.max(...atOnce) < 20, String(Math.max(...atOnce)));
  assert.equal(
    atOnce.reduce((a, b) => a + b, 0),
    sites.length,
  );
});

test('of two outcomes the worse one counts, and none says nothing', () => {
  const [passed, failed] = [
    { outcome: 'passed', detail: 'a' } as const,
    { outcome: 'failed', detail: 'b' } as const,
  ];
  assert.deepEqual(worseHello(passed, failed), failed);
  assert.deepEqual(worseHello(failed, passed), failed);
  assert.deepEqual(worseHello(undefined, passed), passed);
  assert.deepEqual(worseHello(passed, undefined), passed);
  assert.equal(worseHello(undefined, undefined), undefined);
});
