import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterTurn, type Flaps, isSteady } from '../../../../../lambda/core/decision/flaps.ts';

const START_MS = 1_800_000_000_000;
const at = (minutes: number) => START_MS + minutes * 60_000;

/** After turns at these minutes, looked at in each of them as a round does. */
const turned = (...minutes: number[]): Flaps | undefined =>
  minutes.reduce<Flaps | undefined>((flaps, minute) => {
    const kept = flaps !== undefined && isSteady(flaps, at(minute)) ? undefined : flaps;
    return afterTurn(kept, at(minute));
  }, undefined);

describe('more than four turns in ten minutes are told as one', () => {
  const table: [what: string, minutes: number[], flapping: Flaps['flapping'] | undefined][] = [
    ['an outage', [0, 1], undefined],
    ['two outages', [0, 1, 2, 3], undefined],
    ['a third one', [0, 1, 2, 3, 4], { sinceMs: at(0), turns: 5 }],
    ['a third one, the first turn ten minutes ago', [0, 1, 2, 3, 10], undefined],
    ['and a little less', [0.1, 1, 2, 3, 10], { sinceMs: at(0.1), turns: 5 }],
    ['turns go on being counted', [0, 1, 2, 3, 4, 5, 14.9, 24.8], { sinceMs: at(0), turns: 8 }],
    ['steady for ten minutes, and it begins again', [0, 1, 2, 3, 4, 14], undefined],
    ['a turn every ten minutes for ever', [0, 10, 20, 30, 40, 50, 60], undefined],
  ];
  for (const [what, minutes, flapping] of table)
    test(what, () => {
      assert.deepEqual(turned(...minutes)?.flapping, flapping);
    });
});

test('it is steady once it has not turned for ten minutes', () => {
  const flaps = turned(0, 1, 2, 3, 4) as Flaps;
  assert.deepEqual(
    [4, 13.9, 14, 60].map((minute) => isSteady(flaps, at(minute))),
    [false, false, true, true],
  );
});

test('what is kept stays small, however long it flaps', () => {
  const flaps = turned(...Array.from({ length: 1000 }, (_, index) => index / 10));
  assert.deepEqual(flaps, { turnsMs: [at(99.9)], flapping: { sinceMs: at(0), turns: 1000 } });
});

test('a turn that a clock ahead noted for the future counts for nothing', () => {
  assert.equal(isSteady({ turnsMs: [at(60)] }, at(0)), true);
  assert.equal(afterTurn({ turnsMs: [60, 61, 62, 63].map(at) }, at(0)).flapping, undefined);
});
