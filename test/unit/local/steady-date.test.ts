import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { steadyClock } from '../../../local/steady-date.ts';

const MINUTE_MS = 60_000;

/** A machine whose wall clock can be set, apart from the one that only runs. */
const machine = () => {
  let [wall, steady] = [1_700_000_000_000, 5_000];
  const pass = (ms: number) => {
    wall += ms;
    steady += ms;
  };
  const set = (ms: number) => {
    wall += ms;
  };
  const clock = () =>
    steadyClock(
      () => wall,
      () => steady,
    );
  return { pass, set, clock, wall: () => wall };
};

describe('the clock of the local cloud', () => {
  test('goes on when the machine is set back, and follows when it is set ahead or wakes', () => {
    const { pass, set, clock, wall } = machine();
    const { now } = clock();
    const begun = wall();
    pass(MINUTE_MS);
    assert.equal(now(), begun + MINUTE_MS);
    set(-10 * MINUTE_MS);
    pass(MINUTE_MS);
    assert.equal(now(), begun + 2 * MINUTE_MS);
    set(30 * MINUTE_MS);
    assert.equal(now(), wall());
    assert.equal(wall(), begun + 22 * MINUTE_MS);
  });

  test('is the same for a process that joins later', () => {
    const { pass, set, clock } = machine();
    const host = clock();
    set(-5 * MINUTE_MS);
    const joined = clock();
    assert.equal(joined.now(), host.now() - 5 * MINUTE_MS);
    joined.join(host.offsetMs());
    pass(MINUTE_MS);
    assert.equal(joined.now(), host.now());
    // One that is behind takes nothing away.
    host.join(Number.NEGATIVE_INFINITY);
    assert.equal(joined.now(), host.now());
  });

  test('is what Date shows once it is installed, in every way of asking it', () => {
    const module = JSON.stringify(new URL('../../../local/steady-date.ts', import.meta.url).href);
    const code = `const { installSteadyDate, installedClock } = await import(${module});
      const before = new Date(0);
      const clock = installSteadyDate();
      clock.join(clock.offsetMs() + 3_600_000);
      const asked = [Date.now(), new Date().getTime(), +new Date(), Date.parse(Date())];
      class Mine extends Date {}
      console.log(JSON.stringify({
        shown: asked.map((ms) => Math.round((ms - clock.now()) / 2000)),
        ahead: Math.round((Date.now() - (performance.timeOrigin + performance.now())) / 60_000),
        given: [new Date(7).getTime(), new Date('1970-01-01T00:00:01Z').getTime(), Date.UTC(1970, 0, 1)],
        kinds: [before instanceof Date, new Date() instanceof Date, new Mine() instanceof Mine, new Mine() instanceof Date],
        same: installedClock() === clock,
      }));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(stdout || `"${stderr}"`), {
      shown: [0, 0, 0, 0],
      ahead: 60,
      given: [7, 1000, 0],
      kinds: [true, true, true, true],
      same: true,
    });
  });
});
