import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keepClock } from '../../../local/keep-clock.ts';
import { steadyClock } from '../../../local/steady-date.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.parse('2026-11-30T12:00:00Z');

/** A state that keeps one moment, and a clock that stands still. */
const begun = (notedMs: number, canWrite = true) => {
  const notes: number[] = [];
  const state = {
    notedMs: () => notedMs,
    note: (ms: number) => {
      if (!canWrite) throw new Error('the disk is full');
      notes.push(ms);
    },
  };
  const clock = steadyClock(
    () => NOW_MS,
    () => 0,
  );
  return { clock, notes, ...keepClock(clock, state) };
};

describe('the time of a state directory', () => {
  test('goes on where the last start left off, which is said', () => {
    const { clock, notes, remark, stop } = begun(NOW_MS + 11 * MINUTE_MS);
    assert.equal(clock.now(), NOW_MS + 11 * MINUTE_MS);
    assert.match(remark ?? '', /was 11 min ahead of this machine's clock.*goes on from there/);
    stop();
    assert.deepEqual(notes, [clock.now(), clock.now()]);
  });

  test('is that of the machine after a start that was earlier, or of which nothing is known', () => {
    for (const notedMs of [0, NOW_MS - MINUTE_MS, NOW_MS]) {
      const { clock, remark, stop } = begun(notedMs);
      assert.deepEqual([clock.now(), remark], [NOW_MS, undefined]);
      stop();
    }
  });

  test('is kept without a word when it is a second ahead, as clocks that are adjusted are', () => {
    const { clock, remark, stop } = begun(NOW_MS + 1_000);
    assert.deepEqual([clock.now(), remark], [NOW_MS + 1_000, undefined]);
    stop();
  });

  test('goes on where nothing can be written', () => {
    const { clock, notes, stop } = begun(NOW_MS + MINUTE_MS, false);
    stop();
    assert.deepEqual([clock.now(), notes], [NOW_MS + MINUTE_MS, []]);
  });
});
