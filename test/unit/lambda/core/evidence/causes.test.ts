import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Causes,
  causesAfter,
  causeText,
  changedCause,
} from '../../../../../lambda/core/evidence/causes.ts';
import type { Look, Sighting } from '../../../../../lambda/core/evidence/judge.ts';
import type { Health } from '../../../../../lambda/core/site/health.ts';

const VANTAGES = ['eu', 'us', 'ap'];
const seen = (code: string, more: Partial<Sighting> = {}): Sighting => ({
  outcome: code === 'ok' ? 'passed' : 'failed',
  code,
  detail: `the phrase of ${code}`,
  totalMs: 14.2,
  ...more,
});
/** What each vantage saw in a round that started then; one without a code was not asked. */
const look = (startMs: number, codes: (string | undefined)[], full = true): Look => ({
  startMs,
  full,
  sightings: Object.fromEntries(
    codes.flatMap((code, at) =>
      code === undefined ? [] : [[VANTAGES[at] ?? '', { primary: seen(code, { status: 200 }) }]],
    ),
  ),
});
const after = (before: Causes | undefined, one: Look, health: Health = 'down'): Causes =>
  causesAfter(before, 'primary', one, { health, vantageCount: 3 });

describe('the causes of a server', () => {
  test('are the last that each vantage saw, since when it has seen that', () => {
    const first = after(undefined, look(1000, ['refused', 'refused', 'timeout-connect']));
    const second = after(first, look(3000, ['refused', 'reset', undefined]));
    assert.deepEqual(
      Object.entries(second.byVantage).map(([vantage, { code, sinceMs }]) => [vantage, code, sinceMs]),
      [
        ['eu', 'refused', 1000],
        ['us', 'reset', 3000],
        ['ap', 'timeout-connect', 1000],
      ],
    );
    assert.equal(causeText(second, 'reset'), 'reset: the phrase of reset');
    assert.equal(causeText(second, 'closed'), 'closed');
  });

  test('of one that passes say the status and the time', () => {
    const passed = after(undefined, look(1000, ['ok', 'ok', 'ok']), 'up');
    assert.equal(passed.byVantage.eu?.phrase, 'status 200 in 14 ms');
    assert.equal(passed.failing, undefined);
  });

  test('change once for each new cause that a quorum agrees on, and only while it is down', () => {
    const refused = after(undefined, look(1000, ['refused', 'refused', 'refused']));
    const mixed = after(refused, look(3000, ['refused', 'status', 'timeout-connect']));
    assert.equal(changedCause(refused, mixed), undefined);
    const status = after(mixed, look(5000, ['status', 'status', 'refused']));
    assert.equal(changedCause(mixed, status), 'status: the phrase of status; before: refused');
    const back = after(status, look(7000, ['refused', 'refused', 'refused']));
    assert.equal(changedCause(status, back), undefined, 'a cause that comes back was told');
    const again = after(back, look(9000, ['status', 'status', 'status']));
    assert.equal(changedCause(back, again), undefined);
    const up = after(again, look(11_000, ['ok', 'ok', 'ok']), 'up');
    assert.equal(up.failing, undefined, 'the next outage begins anew');
  });

  test('note a vantage that differs for a minute, and not a blip', () => {
    let causes = after(undefined, look(0, ['ok', 'ok', 'timeout-connect']), 'up');
    assert.equal(causes.dissenting, undefined);
    causes = after(causes, look(59_000, ['ok', 'ok', 'timeout-connect']), 'up');
    assert.equal(causes.dissenting, undefined);
    causes = after(causes, look(60_000, ['ok', 'ok', 'timeout-connect']), 'up');
    assert.deepEqual(causes.dissenting, ['ap']);
    causes = after(causes, look(70_000, ['ok'], false), 'up');
    assert.deepEqual(causes.dissenting, ['ap'], 'a look of one vantage says nothing of the others');
    causes = after(causes, look(80_000, ['ok', 'ok', 'ok']), 'up');
    assert.equal(causes.dissenting, undefined);
  });

  test('know the certificate that ends first, and take one that is renewed for it after an hour', () => {
    const ends = (startMs: number, expiresMs: number): Look => ({
      startMs,
      full: false,
      sightings: { eu: { primary: seen('ok', { certificateExpiresMs: expiresMs }) } },
    });
    const hour = 3_600_000;
    let causes = after(undefined, ends(0, 90 * hour), 'up');
    causes = after(causes, ends(1000, 50 * hour), 'up');
    assert.equal(causes.certificate?.expiresMs, 50 * hour);
    causes = after(causes, ends(hour, 90 * hour), 'up');
    assert.equal(causes.certificate?.expiresMs, 50 * hour, 'behind one address there may be two');
    causes = after(causes, ends(hour + 1001, 90 * hour), 'up');
    assert.equal(causes.certificate?.expiresMs, 90 * hour);
  });
});
