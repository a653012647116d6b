import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { type Ended, runTerm } from '../../../../lambda/controller/term.ts';

const PRIMARY = '203.0.113.10';

/** Sites that are looked at each minute, with a controller each minute; `ended` says when each was done, in seconds after its start. */
const running = (intervalSeconds = 60) => {
  const world = virtualWorld(virtualConfig([virtualSite('www')], { intervalSeconds }));
  const ended: (Ended & { afterS: number })[] = [];
  const until = async (seconds: number) => {
    for (
      let s = (world.clock.now() - START_MS) / 1000;
      s < seconds;
      s = (world.clock.now() - START_MS) / 1000
    ) {
      if (s % 60 === 0) {
        const startedMs = world.clock.now();
        void runTerm(world.seenBy(), new Date(startedMs).toISOString()).then((each) =>
          ended.push({ ...each, afterS: (world.clock.now() - startedMs) / 1000 }),
        );
      }
      await world.clock.runUntil(START_MS + Math.min(seconds, (Math.floor(s / 60) + 1) * 60) * 1000);
    }
  };
  const rounds = () => world.lines.filter(({ event }) => event === 'round').length;
  const moves = () => world.lines.flatMap((line) => (line.event === 'switch' ? [line.reason] : []));
  return { world, until, ended, rounds, moves };
};

describe('with one look a minute', () => {
  test('a controller ends once it has looked, and each looks', async () => {
    const { until, ended, rounds } = running();
    await until(600);
    const before = rounds();
    ended.length = 0;
    await until(1200);
    assert.equal(rounds() - before, 10);
    assert.deepEqual(
      ended.map((each) => each.ended),
      Array(10).fill('nothing-due'),
    );
    for (const { afterS } of ended) assert.ok(afterS <= 3, `${afterS} s`);
  });

  test('a primary that dies is found by the next controller, which stays until all is done and told', async () => {
    const { world, until, ended, moves } = running();
    await until(610);
    world.servers.set(PRIMARY, 'refuses');
    await until(655);
    assert.deepEqual(moves(), ['created']);
    await until(690);
    assert.deepEqual(moves(), ['created', 'failover']);
    assert.ok(world.mails.some(({ kind }) => kind === 'failover'));
    ended.length = 0;
    await until(1800);
    // The dead primary is looked at by all vantages, and that is all there is to do.
    assert.equal(ended.at(-1)?.ended, 'nothing-due');
  });

  test('a controller stays while a message waits for its topic, and while the table takes no save', async () => {
    for (const away of ['topic', 'table'] as const) {
      const { world, until, ended } = running();
      await until(610);
      ended.length = 0;
      world.servers.set(PRIMARY, 'refuses');
      if (away === 'topic') world.topicAway = true;
      else world.store.away = true;
      await until(900);
      assert.ok(ended.length > 0 && ended.every((each) => each.ended !== 'nothing-due'), away);
    }
  });

  test('an order that comes while no controller runs is followed by the next', async () => {
    const { world, until, moves } = running();
    await until(630);
    const pin = {
      action: 'pin',
      site: 'www.dyn.example.net',
      server: 'standby',
      reason: 'a test',
      by: 'ann',
    };
    const answering = answerCommand(world.seenBy(), pin);
    await until(640);
    const answer = await answering;
    assert.equal(answer.ok, true, JSON.stringify(answer));
    await until(690);
    assert.deepEqual(moves().length, 2);
    await until(900);
    assert.deepEqual(moves().length, 2);
  });
});

test('with looks within the minute a controller stays until its successor is there', async () => {
  const { until, ended } = running(30);
  await until(600);
  assert.deepEqual([...new Set(ended.map((each) => each.ended))], ['succeeded']);
});
