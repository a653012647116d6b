import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { type Ended, runTerm } from '../../../../lambda/controller/term.ts';
import type { World } from '../../../../lambda/ports.ts';

const broken = (): never => {
  throw new TypeError('a defect of ours');
};

/** One controller's time in a world one of whose calls meets a defect. */
const watchWith = async (change: (seen: World) => Partial<World>): Promise<[VirtualWorld, Ended]> => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const seen = world.seenBy();
  const ended = runTerm({ ...seen, ...change(seen) }, new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 200_000);
  return [world, await ended];
};

const cases: [name: string, change: (seen: World) => Partial<World>][] = [
  [
    'the heartbeat',
    ({ probers }) => ({
      probers: { probe: (v, event) => (event.heartbeat === undefined ? probers.probe(v, event) : broken()) },
    }),
  ],
  ['the teller', () => ({ topic: { publish: async () => broken() } })],
  ['the baton', ({ store }) => ({ store: { ...store, readBaton: broken, keepBaton: broken } })],
  ['the history', ({ store }) => ({ store: { ...store, record: broken } })],
  ['asking after a change', ({ zones }) => ({ zones: { ...zones, changeStatus: broken } })],
];

describe('a defect of ours beside the rounds', () => {
  for (const [name, change] of cases) {
    test(`in ${name} ends neither the watch nor the process, and is logged`, async () => {
      const [world, { ended, rounds }] = await watchWith(change);
      assert.equal(ended, 'hard-limit');
      assert.ok(rounds > 10, `only ${rounds} rounds`);
      assert.equal(world.listing().find((r) => r.type === 'A')?.values[0], '203.0.113.10');
      assert.ok(world.lines.some((line) => line.event === 'error' && line.code === 'internal'));
    });
  }
});

test('what a controller was looking at when a newer one took the baton is not decided upon', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const seen = world.seenBy();
  const decidedMs: number[] = [];
  const slow: World = {
    ...seen,
    probers: {
      probe: async (vantage, event) => {
        await world.clock.sleep(8000);
        return seen.probers.probe(vantage, event);
      },
    },
    log: (line) => {
      if (line.event === 'round') decidedMs.push(world.clock.now());
    },
  };
  const first = runTerm(slow, new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 60_000);
  void runTerm(world.seenBy(), new Date(START_MS + 60_000).toISOString());
  await world.clock.runUntil(START_MS + 100_000);
  assert.equal((await first).ended, 'succeeded');
  assert.ok(decidedMs.length > 3);
  // It looks at the baton every five seconds; its looks at the site take eight.
  assert.deepEqual(
    decidedMs.filter((ms) => ms > START_MS + 65_200),
    [],
  );
});
