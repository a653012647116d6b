import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentIn, secondsIn } from '../../../bin/times.ts';

test('lengths of time', () => {
  const cases: [string, number | undefined][] = [
    ['30s', 30],
    ['20m', 1200],
    ['2h', 7200],
    ['3d', 259_200],
    ['2', undefined],
    ['h', undefined],
    ['1.5h', undefined],
    ['-2h', undefined],
    ['02h', undefined],
    ['2w', undefined],
  ];
  for (const [text, seconds] of cases) assert.equal(secondsIn(text), seconds, text);
});

test('moments, in UTC unless they say otherwise', () => {
  const nowMs = Date.parse('2026-11-22T12:00:00Z');
  const cases: [string, string | undefined][] = [
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22 03:14', '2026-11-22T03:14:00.000Z'],
    ['2026-11-22 03:14:07 UTC', '2026-11-22T03:14:07.000Z'],
    ['2026-11-22T03:14:07.250Z', '2026-11-22T03:14:07.250Z'],
    ['2026-11-22T04:14+01:00', '2026-11-22T03:14:00.000Z'],
    ['11:59', '2026-11-22T11:59:00.000Z'],
    ['12:01:30 UTC', '2026-11-21T12:01:30.000Z'],
    ['20m', '2026-11-22T11:40:00.000Z'],
    ['2026-13-22 03:14', undefined],
    ['2026-02-31', undefined],
    ['2026-02-29 03:14', undefined],
    ['2028-02-29 03:14', '2028-02-29T03:14:00.000Z'],
    ['2026-04-31T03:14+01:00', undefined],
    ['25:00', undefined],
    ['22/11/2026', undefined],
    ['', undefined],
  ];
  for (const [text, iso] of cases) {
    const ms = momentIn(text, nowMs);
    assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), iso, text);
  }
});
