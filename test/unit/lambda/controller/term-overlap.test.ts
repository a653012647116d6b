import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ServerBehaviour,
  START_MS,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Site } from '../../../../lambda/core/site/site.ts';
import type { World } from '../../../../lambda/ports.ts';

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
              .then(() => runTerm(seen(), new Date(START_MS + 60_000).toISOString()));
          }
          return stored;
        },
      },
    };
  };
  void runTerm(seen(), new Date(START_MS).toISOString());
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

/** When the site was moved, seconds after the start. Its server behaves so from a moment on. */
const movedAt = async (
  given: Partial<Site>,
  { how, fromS, startS }: { how: ServerBehaviour; fromS: number; startS: readonly number[] },
  intervalSeconds: number,
): Promise<number> => {
  const world = virtualWorld(virtualConfig([virtualSite('www', given)], { intervalSeconds }));
  const events = [
    ...startS.map((atS) => {
      const scheduled = new Date(START_MS + atS * 1000).toISOString();
      return { atS, run: () => void runTerm(world.seenBy(), scheduled) };
    }),
    { atS: fromS, run: () => void world.servers.set('203.0.113.10', how) },
  ].sort((a, b) => a.atS - b.atS);
  for (const { atS, run } of events) {
    await world.clock.runUntil(START_MS + atS * 1000);
    run();
  }
  await world.clock.runUntil(world.clock.now() + 90_000);
  const move = world.lines.find((line) => line.event === 'switch' && line.reason === 'failover');
  return move === undefined ? Number.POSITIVE_INFINITY : (Date.parse(move.at) - START_MS) / 1000;
};

test('a controller counts on from the failed looks that its predecessor noted', async () => {
  const site = { failuresToDown: 5, downForSeconds: 0, confirmEverySeconds: 5 };
  // Failed looks start at 80, 85, 90 and 95 s. The last one is not noted before the next controller begins.
  const night = { how: 'refuses', fromS: 75, startS: [0, 60, 98] } as const;
  const movedS = await movedAt(site, night, 10);
  assert.ok(movedS < 104, `moved after ${movedS} s`);
});

test('a controller looks at once at a site of which its predecessor had no more than the first doubt', async () => {
  const site = { failuresToDown: 3, downForSeconds: 10, confirmEverySeconds: 2 };
  // One vantage looks at 60 s and has no answer at 63 s. All look then; the next controller begins before they have any.
  const night = { how: 'hangs', fromS: 50, startS: [0, 58, 64.5] } as const;
  const movedS = await movedAt(site, night, 60);
  assert.ok(movedS < 79, `moved after ${movedS} s`);
});

type Night = { startS: readonly number[]; diesS: number; saveMs: number; listMs: number };

/**
 * The mails after a death, with controllers that begin so many seconds after the start and never learn that they are over: the table
 * refuses what is asked of the baton.
 */
const sideBySide = async ({ startS, diesS, saveMs, listMs }: Night): Promise<[kind: string, s: number][]> => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  let refuses = false;
  const seen = (): World => {
    const { store, zones, ...inner } = world.seenBy();
    const guarded =
      <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
      async (...given: Given): Promise<T> => {
        if (refuses) throw new Fault('throttled', 'DynamoDB', 'UpdateItem', 'slow down');
        return call(...given);
      };
    return {
      ...inner,
      zones: {
        ...zones,
        list: async (id) => {
          const listed = await zones.list(id);
          await world.clock.sleep(listMs);
          return listed;
        },
      },
      store: {
        ...store,
        save: async (...given) => {
          await world.clock.sleep(saveMs);
          return store.save(...given);
        },
        keepBaton: guarded(store.keepBaton),
        readBaton: guarded(store.readBaton),
      },
    };
  };
  for (const atS of startS) {
    await world.clock.runUntil(START_MS + atS * 1000);
    void runTerm(seen(), new Date(START_MS + atS * 1000).toISOString());
    await world.clock.runUntil(START_MS + atS * 1000 + 30_000);
    refuses = true;
  }
  const diesMs = START_MS + diesS * 1000;
  await world.clock.runUntil(diesMs);
  world.servers.set('203.0.113.10', 'refuses');
  await world.clock.runUntil(diesMs + 60_000);
  const mails = world.mails.filter(({ toldMs }) => toldMs > diesMs);
  return mails.map(({ kind, toldMs }) => [kind, (toldMs - diesMs) / 1000]);
};

test('of controllers that decide side by side each move is told once, in time, and by who made it', async () => {
  for (const [saveMs, listMs] of [
    [5, 100],
    [200, 20],
  ] as const)
    for (const startS of [
      [0, 60],
      [0, 47, 97.3],
    ])
      for (let diesS = 131; diesS < 141; diesS += 2.3) {
        const mails = await sideBySide({ startS, diesS, saveMs, listMs });
        const told = mails.filter(([kind]) => ['failover', 'found'].includes(kind));
        const when = `${JSON.stringify({ startS, diesS, saveMs, listMs })}: ${JSON.stringify(mails)}`;
        assert.deepEqual(
          told.map(([kind]) => kind),
          ['failover'],
          when,
        );
        assert.ok((told[0]?.[1] ?? 99) < 24, when);
      }
});

test('while the table takes no saves nothing moves back, although the baton is answered', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www', { failback: { afterSeconds: 10 } })]));
  const { save } = world.store;
  let refuses = false;
  world.store.save = async (...given) => {
    if (refuses) throw new Fault('denied', 'DynamoDB', 'PutItem', 'AccessDeniedException');
    return save(...given);
  };
  const moves = (): string[] =>
    world.lines.flatMap((line) => (line.event === 'switch' && line.from !== null ? [line.reason] : []));
  const until = async (second: number) => {
    for (let minute = Math.ceil(world.clock.now() / 60_000) * 60_000; minute < START_MS + second * 1000; ) {
      await world.clock.runUntil(minute);
      void runTerm(world.seenBy(), new Date(minute).toISOString());
      minute += 60_000;
    }
    await world.clock.runUntil(START_MS + second * 1000);
  };
  await until(30);
  world.servers.set('203.0.113.10', 'refuses');
  await until(70);
  refuses = true;
  world.servers.set('203.0.113.10', 'ok');
  await until(300);
  assert.deepEqual(moves(), ['failover']);
  refuses = false;
  await until(420);
  assert.deepEqual(moves(), ['failover', 'failback']);
});
