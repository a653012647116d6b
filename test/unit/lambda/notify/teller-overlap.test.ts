import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Site } from '../../../../lambda/core/site/site.ts';
import type { World } from '../../../../lambda/ports.ts';

const MINUTE = 60_000;
const PRIMARY = '203.0.113.10';

/** Controllers of processes of their own, which know of each other only what the table holds; the topic takes its time. */
type Overlap = { world: VirtualWorld; seen(): World; start(): void };

const overlapOf = (topicMs: number, sites = 1, given: Partial<Site> = {}): Overlap => {
  const names = Array.from({ length: sites }, (_, index) => virtualSite(`s${index}`, given));
  const world = virtualWorld(virtualConfig(names));
  const seen = (): World => {
    const inner = world.seenBy();
    const publish: World['topic']['publish'] = async (announcement) => {
      await world.clock.sleep(topicMs);
      await inner.topic.publish(announcement);
    };
    return { ...inner, memory: new Map(), topic: { publish } };
  };
  let minute = 0;
  const start = () => {
    const atMs = START_MS + minute++ * MINUTE;
    void runTerm(seen(), new Date(Math.min(atMs, world.clock.now() + 9000)).toISOString());
  };
  return { world, seen, start };
};

const twice = ({ mails }: VirtualWorld): string[] => {
  const ids = mails.map(({ id }) => id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
};

/** Runs `what` of each controller's world once the store holds an announcement of this kind, so many milliseconds later. */
const afterOwed = (overlap: Overlap, kind: string, afterMs: number): void => {
  const { store, clock } = overlap.world;
  const { save } = store;
  let done = false;
  store.save = async (name, text, version) => {
    const stored = await save(name, text, version);
    const { outbox = [] } = JSON.parse(text) as { outbox?: { kind: string }[] };
    if (!done && outbox.some((one) => one.kind === kind)) {
      done = true;
      void clock.sleep(afterMs).then(overlap.start);
    }
    return stored;
  };
};

describe('two controllers that overlap tell each thing once', () => {
  for (const [sites, topicMs] of [
    [1, 10],
    [1, 400],
    [1, 4000],
    [7, 400],
  ] as const)
    test(`a failover at ${sites} sites, where the topic takes ${topicMs} ms`, async () => {
      for (const afterMs of [0, 5, 20, 100, 300, 1000, 3000]) {
        const overlap = overlapOf(topicMs, sites);
        const { world } = overlap;
        overlap.start();
        await world.clock.runUntil(START_MS + 55_000);
        afterOwed(overlap, 'failover', afterMs);
        world.servers.set(PRIMARY, 'refuses');
        await world.clock.runUntil(START_MS + 200_000);
        assert.ok(world.mails.some(({ kind, text }) => kind === 'failover' || /FAILOVER/.test(text)));
        assert.deepEqual(twice(world), [], `${afterMs} ms after it was stored`);
      }
    });

  test('a failover within seconds, where its controller learns that it is over while it is stored', async () => {
    for (const downForSeconds of [0, 1, 2, 3, 4, 5])
      for (const saveMs of [250, 700]) {
        const overlap = overlapOf(10, 1, { confirmEverySeconds: 1, failuresToDown: 1, downForSeconds });
        const { world } = overlap;
        const { save } = world.store;
        world.store.save = async (...given) => {
          await world.clock.sleep(saveMs);
          return save(...given);
        };
        overlap.start();
        await world.clock.runUntil(START_MS + 35_000);
        world.servers.set(PRIMARY, 'refuses');
        await world.clock.runUntil(START_MS + 39_500 + downForSeconds * 1000);
        overlap.start();
        await world.clock.runUntil(START_MS + 100_000);
        const [told, ...again] = world.mails.filter(({ kind }) => kind === 'failover');
        const when = `down for ${downForSeconds} s, saves of ${saveMs} ms`;
        assert.ok(told !== undefined && again.length === 0, when);
        assert.ok(told.toldMs - told.atMs < 6000, `${when}: told after ${told.toldMs - told.atMs} ms`);
      }
  });

  test('an order of a person, which neither of them wrote down', async () => {
    for (const afterMs of [0, 5, 20, 100, 300, 1000, 3000]) {
      const overlap = overlapOf(400);
      const { world } = overlap;
      overlap.start();
      await world.clock.runUntil(START_MS + 55_000);
      afterOwed(overlap, 'hand', afterMs);
      void answerCommand(overlap.seen(), {
        action: 'hold',
        site: 's0.dyn.example.net',
        by: 'ops',
        reason: 'drill',
      });
      await world.clock.runUntil(START_MS + 200_000);
      assert.equal(
        world.mails.filter(({ kind }) => kind === 'hand').length,
        1,
        `${afterMs} ms after it was stored`,
      );
    }
  });

  test('a region that sees nothing, which concerns the deployment as a whole', async () => {
    for (const afterMs of [0, 20, 100, 300, 1000]) {
      const overlap = overlapOf(400);
      const { world } = overlap;
      overlap.start();
      await world.clock.runUntil(START_MS + 55_000);
      afterOwed(overlap, 'vantage-blind', afterMs);
      world.blindVantages.add('eu-west-1');
      world.servers.set(PRIMARY, 'refuses');
      await world.clock.runUntil(START_MS + 200_000);
      assert.ok(world.mails.some(({ kind }) => kind === 'vantage-blind'));
      assert.deepEqual(twice(world), [], `${afterMs} ms after it was stored`);
    }
  });
});

describe('what a controller meant to tell is told by the next one', () => {
  /** A controller whose topic never answers, and which is gone after a minute; then others. Answers when the failover was told. */
  const toldAfterDeath = async (skewMs: number): Promise<number[]> => {
    const overlap = overlapOf(10);
    const { world } = overlap;
    const own = world.seenBy(world.clock.skewed(skewMs));
    const publish = () => new Promise<void>(() => {});
    void runTerm(
      { ...own, memory: new Map(), topic: { publish } },
      new Date(START_MS + skewMs).toISOString(),
    );
    await world.clock.runUntil(START_MS + 40_000);
    world.servers.set(PRIMARY, 'refuses');
    await world.clock.runUntil(START_MS + MINUTE - 5000);
    overlap.start();
    overlap.start();
    await world.clock.runUntil(START_MS + 3 * MINUTE);
    return world.mails.filter(({ kind }) => kind === 'failover').map(({ toldMs }) => toldMs);
  };

  for (const skewMs of [0, 9000, -9000])
    test(`when its topic never answered, and its clock is ${skewMs / 1000} s ahead`, async () => {
      const [toldMs, ...again] = await toldAfterDeath(skewMs);
      assert.ok(toldMs !== undefined, 'the failover was told');
      assert.ok(toldMs <= START_MS + MINUTE + 20_000, new Date(toldMs).toISOString());
      assert.deepEqual(again, []);
    });

  test('when the table takes no claim of what concerns the deployment as a whole', async () => {
    const overlap = overlapOf(10);
    const { world } = overlap;
    overlap.start();
    await world.clock.runUntil(START_MS + 30_000);
    const { save } = world.store;
    world.store.save = async (name, text, version) => {
      if (name !== '*') return save(name, text, version);
      throw new Fault('refused', 'DynamoDB', 'PutItem', 'ValidationException: Item size has exceeded');
    };
    world.blindVantages.add('eu-west-1');
    world.servers.set(PRIMARY, 'refuses');
    await world.clock.runUntil(START_MS + MINUTE);
    assert.equal(world.mails.filter(({ kind }) => kind === 'vantage-blind').length, 1);
  });
});
