import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slownessOf } from '../../../local/slowness.ts';
import { observe, StepFailed } from '../../../local/story.ts';

describe('how slow the machine is', () => {
  const rows: [synthesisMs: number | undefined, load: number, cores: number, times: number, says: RegExp][] =
    [
      [4_000, 0.3, 2, 1, /^$/],
      [7_200, 0.3, 2, 1.2, /^$/],
      [
        18_000,
        1,
        2,
        3,
        /took 18 s where 6 s are usual, and its load is 1\.0 on 2 cores\. .* 3\.0 times as long/,
      ],
      [6_000, 8, 2, 4, /load is 8\.0 on 2 cores/],
      // Until it has ended nobody knows how long it takes, and the load tells.
      [undefined, 8, 2, 4, /^This machine is slow now: its load is 8\.0 on 2 cores/],
      [undefined, 0.3, 2, 1, /^$/],
      [600_000, 90, 2, 5, /5\.0 times as long; try again when it has less to do\.$/],
    ];
  for (const [synthesisMs, load, cores, times, says] of rows)
    test(`synthesis ${synthesisMs} ms, load ${load} on ${cores} cores`, () => {
      const found = slownessOf(synthesisMs, { load, cores });
      assert.equal(found.times, times);
      assert.match(found.said, says);
    });
});

test('a step that is not seen is named with what was seen, after as long as the machine needs', async () => {
  const awaited: string[] = [];
  const stage = { patience: 0.02, awaited: (what: string) => awaited.push(what), seen: () => {} };
  await assert.rejects(
    observe(stage, 'the page', 'standby', async () => 'primary'),
    (error) =>
      error instanceof StepFailed &&
      /^the page: expected standby, saw primary after 0 s$/.test(error.message),
  );
  assert.deepEqual(awaited, ['the page: standby']);
});
