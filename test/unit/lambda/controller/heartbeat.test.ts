import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { World } from '../../../../lambda/ports.ts';

/** Minutes in which the alarm on silence was told that the work gets done, in a quarter of an hour. The primary dies in the third. */
const beats = async (wrap: (seen: World, world: VirtualWorld) => World): Promise<number[]> => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const minutes: number[] = [];
  const seen = (): World => {
    const inner = wrap(world.seenBy(), world);
    return {
      ...inner,
      probers: {
        probe: async (vantage, event) => {
          if (event.heartbeat === undefined) return inner.probers.probe(vantage, event);
          minutes.push(Math.floor((world.clock.now() - START_MS) / 60_000));
          return [];
        },
      },
    };
  };
  for (let minute = 0; minute < 15; minute += 1) {
    if (minute === 2) world.servers.set('203.0.113.10', 'refuses');
    void runTerm(seen(), new Date(START_MS + minute * 60_000).toISOString());
    await world.clock.runUntil(START_MS + (minute + 1) * 60_000);
  }
  return [...new Set(minutes)];
};

const ALL = Array.from({ length: 15 }, (_, minute) => minute);

describe('the alarm on silence is told that the work gets done', () => {
  test('each minute while all is well, a failover included', async () => {
    assert.deepEqual(await beats((seen) => seen), ALL);
  });

  test('each minute also while a move cannot be made, since people are told that it is not', async () => {
    const refuse = async () => {
      throw new Fault('denied', 'Route 53', 'ChangeResourceRecordSets', 'AccessDenied: no');
    };
    const seen = await beats((inner, { clock }) => ({
      ...inner,
      zones: {
        ...inner.zones,
        change: clock.now() < START_MS + 100_000 ? inner.zones.change : refuse,
      },
    }));
    assert.deepEqual(seen, ALL);
  });

  test('no more once the topic has taken nothing for five minutes: nobody hears of anything then', async () => {
    const seen = await beats((inner, { clock }) => ({
      ...inner,
      topic: {
        publish: async (announcement) => {
          if (clock.now() < START_MS + 100_000) return inner.topic.publish(announcement);
          await clock.sleep(8000);
          throw new Fault('lost', 'SNS', 'Publish', 'no answer');
        },
      },
    }));
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('nor once the topic of events has taken nothing for as long: a pager hears of nothing then', async () => {
    const seen = await beats((inner, { clock }) => ({
      ...inner,
      events: {
        publish: async (event) => {
          if (clock.now() < START_MS + 100_000) return inner.events.publish(event);
          throw new Fault('gone', 'SNS', 'Publish', 'no such topic');
        },
      },
    }));
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('nor while the topic takes nothing and nothing can be stored, though no controller knows of the one before', async () => {
    const lost = async (): Promise<never> => {
      throw new Fault('lost', 'the outside', 'any', 'no answer');
    };
    const seen = await beats((inner, { clock }) =>
      clock.now() < START_MS + 100_000
        ? inner
        : { ...inner, topic: { publish: lost }, store: { ...inner.store, save: lost } },
    );
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
