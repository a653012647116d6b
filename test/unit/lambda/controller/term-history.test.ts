import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';

const NAME = 'www.dyn.example.net';
const [PRIMARY, STANDBY] = ['203.0.113.10', '198.51.100.20'];

/**
 * What the history has of a night in which the primary dies at this second and the standby half a minute later. Each controller looks at
 * moments of its own, milliseconds from those of the one before it, as on any machine but a virtual one.
 */
const nightOf = async (diesS: number, saveMs: number): Promise<{ atMs: number; event: string }[]> => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const { save } = world.store;
  world.store.save = async (...given) => {
    await world.clock.sleep(saveMs);
    return save(...given);
  };
  const steps: [atS: number, run: () => unknown][] = [
    [diesS, () => world.servers.set(PRIMARY, 'refuses')],
    [diesS + 60, () => world.servers.set(STANDBY, '500')],
    [diesS + 90, () => world.servers.set(STANDBY, 'ok')],
  ];
  for (let minute = 0; minute < 6; minute++) {
    const scheduled = new Date(START_MS + minute * 60_000).toISOString();
    steps.push([minute * 60, () => void runTerm(world.mortal(newLife(), (minute % 3) * 41), scheduled)]);
  }
  for (const [atS, run] of steps.sort(([one], [other]) => one - other)) {
    await world.clock.runUntil(START_MS + atS * 1000);
    run();
  }
  await world.clock.runUntil(START_MS + 360_000);
  const entries = [...(world.store.entries.get(NAME)?.values() ?? [])];
  return entries.map(({ atMs, what, text }) => ({ atMs, event: `${what} ${text.replace(/[0-9]+/g, '#')}` }));
};

describe('while one controller takes over from another, both of which look', () => {
  // By a save that takes long, both note what happens for some seconds.
  for (const saveMs of [0, 900])
    test(`each event is one entry of the history, where a save takes ${saveMs} ms`, async () => {
      for (const diesS of [104, 164]) {
        const entries = await nightOf(diesS, saveMs);
        assert.ok(entries.some(({ event }) => event.startsWith('seen primary was up and is down')));
        for (const [at, { atMs, event }] of entries.entries()) {
          const again = entries.slice(at + 1).find((one) => one.event === event);
          const apartMs = Math.abs((again?.atMs ?? Number.POSITIVE_INFINITY) - atMs);
          assert.ok(apartMs > 20_000, `${event} stands there twice, ${apartMs} ms apart (${diesS})`);
        }
      }
    });
});
