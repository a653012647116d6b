import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  afterMove,
  afterWaiting,
  calm,
  type Damping,
  mayMoveAt,
} from '../../../../../lambda/core/decision/damping.ts';

const MINUTE = 60_000;
const START_MS = 1_800_000_000_000;
const at = (minutes: number) => START_MS + minutes * MINUTE;

/** Moves at these minutes, allowed or not. */
const moved = (...minutes: number[]): Damping =>
  minutes.reduce((damping, minute) => afterMove(damping, at(minute)), calm);

/** Minutes from `minute` until a move may be made. */
const waitAt = (damping: Damping, minute: number): number =>
  Math.max(0, mayMoveAt(damping, at(minute)) - at(minute)) / MINUTE;

/** A site that something would move in every minute: the minutes at which it does move. */
const swinging = (minutes: number): number[] => {
  const moves: number[] = [];
  let damping = calm;
  for (let minute = 0; minute < minutes; minute++) {
    if (waitAt(damping, minute) > 0) damping = afterWaiting(damping, at(minute));
    else {
      damping = afterMove(damping, at(minute));
      moves.push(minute);
    }
  }
  return moves;
};

test('a site that nobody moved may move', () => {
  assert.equal(waitAt(calm, 0), 0);
});

describe('more than two moves in thirty minutes are too many', () => {
  const waits: [title: string, damping: Damping, minute: number, wait: number][] = [
    ['one move', moved(0), 1, 0],
    ['two moves', moved(0, 1), 2, 0],
    ['three moves: the next waits five minutes from the last', moved(0, 1, 2), 2, 5],
    ['three moves, some of the wait is over', moved(0, 1, 2), 5, 2],
    ['three moves, the wait is over', moved(0, 1, 2), 7, 0],
    ['three moves, the first of them thirty minutes ago', moved(0, 20, 29), 30, 0],
    ['three moves, the first of them a little less ago', moved(0.1, 20, 29), 30, 4],
    ['three moves in more than thirty minutes', moved(0, 15, 31), 32, 0],
  ];
  for (const [title, damping, minute, wait] of waits) {
    test(title, () => {
      assert.equal(waitAt(damping, minute), wait);
    });
  }
});

test('the wait doubles from five minutes to four hours, and no further', () => {
  const moves = swinging(40 * 60);
  const waits = moves.slice(1).map((minute, index) => minute - (moves[index] ?? 0));
  assert.deepEqual(waits.slice(0, 2), [1, 1], 'the first three moves are free');
  assert.deepEqual(waits.slice(2, 12), [5, 10, 20, 40, 80, 160, 240, 240, 240, 240]);
});

test('thirty quiet minutes forget it all', () => {
  const busy = moved(0, 1, 2, 7, 17);
  assert.equal(waitAt(busy, 17), 20);
  assert.equal(waitAt(busy, 46), 0, 'the wait is over');
  assert.equal(waitAt(afterMove(busy, at(46)), 46), 40, 'but not forgotten');
  assert.equal(waitAt(busy, 47), 0);
  assert.equal(waitAt(afterMove(busy, at(47)), 47), 0, 'it begins anew');
  assert.equal(waitAt(afterMove(afterMove(busy, at(47)), at(48)), 48), 0);
  assert.equal(waitAt(moved(0, 1, 2, 7, 17, 47, 48, 49), 49), 5);
});

test('time in which something would have moved it is not quiet', () => {
  let damping = moved(0, 1, 2, 7, 17, 37);
  for (let minute = 38; minute < 77; minute++) {
    assert.equal(waitAt(damping, minute), 77 - minute, `at minute ${minute}`);
    damping = afterWaiting(damping, at(minute));
  }
  assert.equal(waitAt(damping, 77), 0);
  assert.equal(waitAt(afterMove(damping, at(77)), 77), 80);
});

test('a value is never changed in place', () => {
  const before = moved(0, 1);
  const copy = structuredClone(before);
  afterMove(before, at(2));
  afterWaiting(before, at(2));
  mayMoveAt(before, at(99));
  assert.deepEqual(before, copy);
  assert.deepEqual(calm, { movesMs: [], waits: 0, lastDueMs: 0 });
});
