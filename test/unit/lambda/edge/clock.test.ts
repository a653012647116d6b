import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { within } from '../../../../lambda/async/deadline.ts';
import type { Clock } from '../../../../lambda/ports.ts';

const late = () => new Error('late');
const otherwise = (error: unknown) => `not: ${error instanceof Error ? error.message : error}`;

describe('work that has a time', () => {
  test('is what it comes to, or what is made of its failure', async () => {
    const clock = virtualClock(0);
    const signals: AbortSignal[] = [];
    const work = (of: () => Promise<string>) => (signal: AbortSignal) => {
      signals.push(signal);
      return of();
    };
    assert.equal(
      await within(
        clock,
        5000,
        work(async () => 'done'),
        { late, otherwise },
      ),
      'done',
    );
    const failing = work(() => Promise.reject(new Error('broken')));
    assert.equal(await within(clock, 5000, failing, { late, otherwise }), 'not: broken');
    await assert.rejects(
      within(clock, 5000, failing, {
        late,
        otherwise: (error) => {
          throw new TypeError('made of it', { cause: error });
        },
      }),
      TypeError,
    );
    await clock.runUntil(60_000);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false, false],
    );
  });

  test('is given up when its time is over, and told so; nobody hears what becomes of it', async () => {
    const clock = virtualClock(0);
    let signal: AbortSignal | undefined;
    let fail = (_: Error) => {};
    let ended: string | undefined;
    const work = (given: AbortSignal) => {
      signal = given;
      return new Promise<string>((_, reject) => {
        fail = reject;
      });
    };
    void within(clock, 2500, work, { late, otherwise }).then((output) => {
      ended = output;
    });
    await clock.runUntil(2499);
    assert.deepEqual([ended, signal?.aborted], [undefined, false]);
    await clock.runUntil(2500);
    assert.deepEqual([ended, signal?.aborted], ['not: late', true]);
    fail(new Error('too late'));
    await clock.runUntil(9000);
    assert.equal(ended, 'not: late');
  });

  test('keeps its time when the process is stopped meanwhile', async () => {
    const clock = virtualClock(0);
    const stoppedUntilMs = 60_000;
    const stopped: Clock = {
      ...clock,
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await clock.sleep(stoppedUntilMs - clock.now(), signal);
      },
    };
    const work = () => clock.sleep(stoppedUntilMs + 3000).then(() => 'done');
    const ran = within(stopped, 5000, work, { late, otherwise });
    await clock.runUntil(stoppedUntilMs + 10_000);
    assert.equal(await ran, 'done');
  });
});
