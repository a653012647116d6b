import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tenure } from '../../../lambda/controller/term.ts';
import type { World } from '../../../lambda/ports.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../virtual/world.ts';

/** The lines of a failover, when the next controller begins so many milliseconds after its intent was saved; saves and listings take so long. */
const failoverLines = async (afterMs: number, saveMs: number, listMs: number): Promise<number> => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  let next: Promise<unknown> | undefined;
  const seen = (): World => {
    const inner = world.seenBy();
    return {
      ...inner,
      zones: {
        ...inner.zones,
        // What is answered is of the moment in which it was asked.
        list: async (id) => {
          const listed = await inner.zones.list(id);
          await world.clock.sleep(listMs);
          return listed;
        },
      },
      store: {
        ...inner.store,
        save: async (name, text, version) => {
          await world.clock.sleep(saveMs);
          const stored = await inner.store.save(name, text, version);
          const { intent } = JSON.parse(text) as { intent?: { reason: string } };
          if (intent?.reason === 'failover') {
            next ??= world.clock
              .sleep(afterMs)
              .then(() => tenure(seen(), new Date(START_MS + 60_000).toISOString()));
          }
          return stored;
        },
      },
    };
  };
  void tenure(seen(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 30_000);
  world.servers.set('203.0.113.10', 'refuses');
  await world.clock.runUntil(START_MS + 120_000);
  assert.ok(next !== undefined, 'the failover was decided');
  return world.lines.filter((line) => line.event === 'switch' && line.reason === 'failover').length;
};

test('a failover is logged once, whenever the next controller begins beside the one that makes it', async () => {
  for (const [saveMs, listMs] of [
    [5, 100],
    [60, 400],
    [200, 0],
  ] as const) {
    for (let afterMs = 0; afterMs < 1000; afterMs += 50) {
      const lines = await failoverLines(afterMs, saveMs, listMs);
      assert.equal(lines, 1, `${afterMs} ms after it, saves of ${saveMs} ms, listings of ${listMs} ms`);
    }
  }
});
