import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { World } from '../../../../lambda/ports.ts';
import { silenceText } from '../../../../lambda/status/silence.ts';

/** A console over two controllers, whose last rounds are this long ago; it tells whom it woke. */
const consoleOver = (agoS: [number, number | undefined]) => {
  const config = virtualConfig([virtualSite('www'), virtualSite('shop')], { sitesPerController: 1 });
  const virtual = virtualWorld(config);
  const woken: (number | undefined)[] = [];
  const baton = (seconds: number | undefined) =>
    seconds === undefined
      ? undefined
      : { term: 1, scheduledMs: START_MS, lastRoundMs: START_MS - seconds * 1000, wake: 0 };
  const store: World['store'] = {
    ...virtual.store,
    readBaton: async (controller = 1) => baton(agoS[controller - 1]),
    wake: async (controller) => void woken.push(controller),
  };
  const ask = async (event: unknown) => {
    const answer = answerCommand({ ...virtual.seenBy(), store }, event);
    await virtual.clock.runUntil(virtual.clock.now() + 1000);
    return answer;
  };
  return { ask, woken };
};

test('while all controllers look, the oldest last round is told', async () => {
  const { ask } = consoleOver([5, 9]);
  const { silentControllers, message, decidedAt } = await ask({ action: 'status' });
  assert.equal(silentControllers, 0);
  assert.equal(decidedAt, '2026-11-21T23:59:51.000Z');
  assert.equal(
    message,
    'The last round started at 2026-11-21 23:59:51 UTC or later. 2 sites have no records yet.',
  );
});

test('one silent controller makes only its own sites unknown, and is named', async () => {
  const { ask } = consoleOver([5, 3600]);
  const { ok, message } = await ask({ action: 'status' });
  assert.equal(ok, false);
  assert.match(
    message,
    /^The controller main-controller-2 is silent: its last noted round started at 2026-11-21 23:00:00 UTC\./,
  );
  assert.doesNotMatch(message, /main-controller is/);
});

test('a last round that is still to come says nothing of now: the controller counts as silent', async () => {
  const { ask } = consoleOver([5, -3600]);
  const { ok, message } = await ask({ action: 'status' });
  assert.equal(ok, false);
  assert.match(
    message,
    /^The controller main-controller-2 is silent: its last noted round started at 2026-11-22 01:00/,
  );
  const near = consoleOver([5, -5]);
  assert.equal((await near.ask({ action: 'status' })).silentControllers, 0, 'clocks may differ by seconds');
});

test('a site is asked of its own controller alone', async () => {
  const { ask } = consoleOver([5, undefined]);
  assert.equal((await ask({ action: 'status', site: 'www.dyn.example.net' })).silentControllers, 0);
  const second = await ask({ action: 'status', site: 'shop.dyn.example.net' });
  assert.equal(
    second.message,
    'The controller main-controller-2 was not started yet, so no health is known. 1 site has no records yet.',
  );
});

test('a controller without a round is new, or has been without one for too long', () => {
  const config = virtualConfig([virtualSite('www')]);
  const found = (agoS: number) => [
    { number: 1, sites: config.sites, lastRoundMs: 0, startedMs: START_MS - agoS * 1000, silent: true },
  ];
  assert.equal(
    silenceText(config, found(4), START_MS),
    'The controller was started at 2026-11-21 23:59:56 UTC, and its first round is not noted yet. So no health is known.',
  );
  assert.equal(
    silenceText(config, found(600), START_MS),
    'The controller is silent: it was started at 2026-11-21 23:50:00 UTC, and no round of it is noted. So no health is known.',
  );
});

test('in its first second a controller is not told as silent', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 50);
  const asked = answerCommand(world.seenBy(), { action: 'status' });
  await world.clock.runUntil(START_MS + 80);
  const { ok, message } = await asked;
  assert.equal(ok, false);
  assert.match(
    message,
    /^The controller was started at 2026-11-22 00:00:00 UTC, and its first round is not noted/,
  );
});

test('an order wakes the controllers of its sites and no others', async () => {
  const { ask, woken } = consoleOver([5, 5]);
  const hold = { action: 'hold', forSeconds: 3600, by: 'ops', reason: 'look' };
  await ask({ ...hold, site: 'shop.dyn.example.net' });
  assert.deepEqual(woken, [2]);
});
