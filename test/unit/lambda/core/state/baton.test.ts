import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refuseEvent } from '../../../../../lambda/core/state/baton.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 18, 59, 30);
const at = (offsetMs: number) => new Date(NOW_MS + offsetMs).toISOString();

describe('events that may take the baton', () => {
  const offsets = [0, -30_000, -60_000, -150_000, 1000, 10_000];
  for (const offset of offsets) {
    test(`${offset / 1000} s from now`, () => {
      assert.equal(refuseEvent(at(offset), NOW_MS), undefined);
    });
  }

  test('the form in which the schedule writes it', () => {
    assert.equal(refuseEvent('2026-11-22T18:59:00Z', NOW_MS), undefined);
  });
});

describe('events that may not', () => {
  const refused: [title: string, scheduledTime: unknown, word: RegExp][] = [
    ['older than 150 s', at(-150_001), /scheduled 150 s ago/],
    ['an hour late', at(-3_600_000), /scheduled 3600 s ago/],
    ['further than 10 s ahead', at(10_001), /scheduled 10 s ahead/],
    ['next year', at(86_400_000 * 365), /ahead/],
    ['no time', undefined, /received scheduledTime undefined/],
    ['null', null, /received scheduledTime null/],
    ['a number', NOW_MS, /received scheduledTime 17/],
    ['not a time', 'soon', /received scheduledTime "soon"/],
    ['the placeholder as it was typed', '<aws.scheduler.scheduled-time>', /received scheduledTime "<aws/],
    ['an empty text', '', /received scheduledTime ""/],
    [
      'lists nested 100,000 deep',
      JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)),
      /received scheduledTime a value that is nested too deep/,
    ],
    ['an object', {}, /received scheduledTime \{\}/],
  ];
  for (const [title, scheduledTime, word] of refused) {
    test(title, () => {
      assert.match(refuseEvent(scheduledTime, NOW_MS) ?? 'it was taken', word);
    });
  }
});
